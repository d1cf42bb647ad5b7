"""Which question the gauge is about, and the mean of the last polls that asked it."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WHOLE = "*"
# The mean takes the last poll of each pollster of so many days, more days until there are enough.
SPANS = (3, 7, 14, 21)
LEAST_POLLSTERS = 3
RECENT = dt.timedelta(days=21)
_POPULATIONS = ("likely", "registered", "inscrits", "adults")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of one poll: the shares of its candidates, in points."""

    question_id: str
    source_item_id: str
    pollster: str
    region: str
    race: str | None
    round_name: str | None
    population: str | None
    last_day: dt.date
    sample: int
    shares: Mapping[str, float]
    undecided: float

    def rivals(self, rank: int) -> tuple[str, ...]:
        """The two candidates on either side of a place: first and second, or second and third."""
        ordered = sorted(self.shares, key=lambda name: (-self.shares[name], name))
        return tuple(sorted(ordered[rank - 1 : rank + 1]))


@dataclass(frozen=True, slots=True)
class Average:
    """The mean margin of the last polls of each pollster, in points."""

    margin: float
    undecided: float
    span_days: int
    last_day: dt.date
    pollsters: tuple[str, ...]


def questions(rows: Iterable[Mapping[str, Any]]) -> list[Question]:
    """The questions of table `poll`; those of parts of the population are left out.

    A population named with a dash, such as `Likely Voters - Democrat`, is such a part.
    """
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["source_item_id"], row["question_id"]), []).append(row)
    made = []
    for (item_id, question_id), answers in sorted(found.items()):
        one = answers[0]
        if " - " in (one["population"] or ""):
            continue
        shares = {
            row["option_name"]: row["answer_share"] * 100
            for row in answers
            if row["option_kind"] == "candidate"
        }
        undecided = sum(row["answer_share"] for row in answers if row["option_kind"] == "undecided")
        made.append(
            Question(
                question_id=question_id,
                source_item_id=item_id,
                pollster=one["pollster"],
                region=one["region"],
                race=one["race"],
                round_name=one["round_name"],
                population=one["population"],
                last_day=dt.date.fromisoformat(one["last_day"]),
                sample=one["sample_count"] or 0,
                shares=shares,
                undecided=undecided * 100,
            )
        )
    return made


def matchup(
    asked: Sequence[Question], vote_day: dt.date, rank: int = 1, *, is_runoff: bool
) -> tuple[list[Question], tuple[str, str] | None]:
    """The questions on the vote of a day, and the two candidates whose margin is looked at.

    In the last of several votes of an election only questions with two candidates count. Of
    several races and rounds that are asked at once, the one with most questions in the last three
    weeks is taken, and of its pairs of rivals the one that most of its last questions have. `rank`
    1 is the first place; 2 the second, which decides who comes into the next vote.
    """
    usable = [one for one in asked if vote_day - RECENT <= one.last_day <= vote_day]
    usable = [one for one in usable if len(one.shares) == 2 or not is_runoff]
    # Whoever asks only for a later vote between two says nothing on the second place of this one.
    usable = [one for one in usable if len(one.shares) > rank]
    groups: dict[tuple[str, str, bool], list[Question]] = {}
    for one in usable:
        groups.setdefault(_group(one), []).append(one)
    if not groups:
        return [], None
    name = max(groups, key=lambda key: (len(groups[key]), key))
    chosen = groups[name]
    whole = [one for one in chosen if one.region == WHOLE] or chosen
    newest = max(one.last_day for one in whole)
    last = [one for one in whole if newest - one.last_day < dt.timedelta(days=SPANS[1])]
    pairs = Counter(pair for one in last if len(pair := one.rivals(rank)) == 2)
    if not pairs:
        return [], None
    first, second = max(pairs, key=lambda pair: (pairs[pair], pair))
    # Earlier questions of the same round and pair belong to the path before the last weeks.
    kept = [
        one
        for one in asked
        if one.last_day <= vote_day and _group(one) == name and {first, second} <= one.shares.keys()
    ]
    return kept, (first, second)


def _group(one: Question) -> tuple[str, str, bool]:
    """Questions that can be compared: of one race and round, with two candidates or with more."""
    return one.race or "", one.round_name or "", len(one.shares) == 2


def average(
    asked: Iterable[Question], pair: tuple[str, str], on: dt.date, spans: Sequence[int] = SPANS
) -> Average | None:
    """The mean of each pollster's last poll up to a day; None without one in the spans.

    Where a pollster asked twice in one poll, of as many and of the same people, its mean counts.
    """
    known = [one for one in asked if one.last_day <= on]
    if not known:
        return None
    newest = max(one.last_day for one in known)
    chosen: dict[str, list[Question]] = {}
    span = spans[0]
    for span in spans:
        chosen = {}
        for one in known:
            if newest - one.last_day >= dt.timedelta(days=span):
                continue
            before = chosen.get(one.pollster)
            if before is None or _rank(one) > _rank(before[0]):
                chosen[one.pollster] = [one]
            elif _rank(one) == _rank(before[0]):
                before.append(one)
        if len(chosen) >= LEAST_POLLSTERS:
            break
    means = [
        statistics.fmean(one.shares[pair[0]] - one.shares[pair[1]] for one in some)
        for some in chosen.values()
    ]
    undecided = [statistics.fmean(one.undecided for one in some) for some in chosen.values()]
    return Average(
        margin=statistics.fmean(means),
        undecided=statistics.fmean(undecided),
        span_days=span,
        last_day=newest,
        pollsters=tuple(sorted(chosen)),
    )


def _rank(one: Question) -> tuple[dt.date, int, int, int]:
    """The newest first; then those who will vote before all, fewer candidates, larger samples."""
    told = (one.population or "").lower()
    place = next((n for n, word in enumerate(_POPULATIONS) if word in told), len(_POPULATIONS))
    return one.last_day, -place, -len(one.shares), one.sample
