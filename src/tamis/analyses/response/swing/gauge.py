"""The swing gauge of a case: rows of table `swing` from its polls and its polling days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.analyses.response.silence import votes
from tamis.analyses.response.swing import regions
from tamis.analyses.response.swing.averages import RECENT, WHOLE, average, matchup, questions
from tamis.analyses.response.swing.errors import Spread, spreads
from tamis.analyses.response.swing.tails import TAILS, below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tamis.analyses.response.swing.averages import Average, Question

NAME = "response.swing"
READS = ("poll",)
WRITES = ("swing",)
VERSION = 2
# The settings of the case come in their place.
PARAMS: dict[str, Any] = {"polling_days": (), "jurisdictions": (), "leak_at": ""}
# From nothing to the largest effect that anybody has claimed for a leak (538 on the letter of
# 28 October 2016: 3 to 4 points; AAPOR 2017 found mixed evidence at best).
EFFECTS = (0.0, 1.0, 2.0, 3.0, 4.0)
# A margin that is printed as 0.0.
_LEVEL = 0.05
LIMITS = (
    "No forecast, and no finding that anything moved anybody: the effects are supposed, from none "
    "to the largest that anybody has claimed. Polls of one time share errors that no mean removes; "
    "the history is of US races. The exact share depends on the tail; the swing that is needed "
    "does not."
)


@dataclass(frozen=True, slots=True)
class _Vote:
    """One vote: its day, its electors, the questions on it and the pair that is looked at."""

    day: dt.date
    electors: Mapping[str, int]
    rank: int
    asked: Sequence[Question]
    pair: tuple[str, str]


def gauge(rows: Iterable[Mapping[str, Any]], params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of `swing`, without the columns of the run; none without polls on the vote.

    Input     `rows` are those of table `poll`; `params` the case's polling_days, jurisdictions
              and leak_at
    Output    rows of the vote after the leak, or else the last one: before the leak and with all
              polls, for the whole and by regions, under each spread, tail and effect
    Source    margins over the polls' historical error, as Silver (538, 2016) and Jennings and
              Wlezien (Nature Human Behaviour 2, 2018) measure it; we give no probability of a
              result, and effects as a range that includes nothing
    Limits    as in `LIMITS`
    """
    days = votes(dt.date.fromisoformat(str(day)) for day in params["polling_days"])
    if not days:
        return []
    leak, number = _leak(params), _chosen(days, params)
    day = days[number][-1]
    # Before a later vote the second place is what decides.
    rank = 2 if number < len(days) - 1 else 1
    asked, pair = matchup(questions(rows), day, rank, is_runoff=number > 0)
    if pair is None:
        return []
    electors: Mapping[str, int] = {}
    for place in params["jurisdictions"]:
        electors = electors or regions.weights(str(place).upper(), day.year)
    vote = _Vote(day, electors, rank, asked, pair)
    moments = {"last": day}
    if leak is not None and leak.astimezone(dt.UTC).date() <= day:
        # A poll of the day of the leak may have been asked after it.
        moments["before_leak"] = leak.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    return [row for name, on in moments.items() for row in _moment(vote, name, on)]


def _leak(params: Mapping[str, Any]) -> dt.datetime | None:
    return dt.datetime.fromisoformat(params["leak_at"]) if params["leak_at"] else None


def _chosen(days: Sequence[tuple[dt.date, ...]], params: Mapping[str, Any]) -> int:
    """Which vote the gauge is about: the first after the leak, or else the last one."""
    leak = _leak(params)
    if leak is None:
        return len(days) - 1
    on = leak.astimezone(dt.UTC).date()
    return next((n for n, vote in enumerate(days) if vote[-1] >= on), len(days) - 1)


def left_out(rows: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> str | None:
    """Why polls of a case say nothing on its vote, or how many of them do not; None else."""
    asked = questions(rows)
    if not asked:
        return None
    days = votes(dt.date.fromisoformat(str(day)) for day in params["polling_days"])
    if not days:
        return "the case states no polling_days (case.toml), so that no poll is on a vote"
    number = _chosen(days, params)
    day = days[number][-1]
    late = sum(one.last_day > day for one in asked)
    after = f"{late:,} of {len(asked):,} questions were asked after the vote of {day}"
    near = [one for one in asked if day - RECENT <= one.last_day <= day]
    why = _why_none(near, day, is_last=number == len(days) - 1, is_runoff=number > 0)
    return "; ".join(one for one in (why, after if late else None) if one) or None


def _why_none(
    near: Sequence[Question], day: dt.date, *, is_last: bool, is_runoff: bool
) -> str | None:
    """Why the questions of the last weeks before a vote give no gauge; None where they do."""
    if not near:
        return f"no poll ended in the {RECENT.days} days before the vote of {day}"
    if not any(one.region == WHOLE for one in near):
        return f"no poll before the vote of {day} is of the whole: all are of regions"
    if not is_last and not any(len(one.shares) > 2 for one in near):
        return f"no question before the vote of {day} is of more than two candidates"
    if is_last and is_runoff and not any(len(one.shares) == 2 for one in near):
        return f"no question before the vote of {day} is between two candidates"
    return None


def _moment(vote: _Vote, name: str, on: dt.date) -> Iterator[dict[str, Any]]:
    whole = average([one for one in vote.asked if one.region == WHOLE], vote.pair, on)
    if whole is None:
        return
    days_left = (vote.day - whole.last_day).days
    first, second = vote.pair if whole.margin >= 0 else vote.pair[::-1]
    shared = {
        "vote_day": vote.day.isoformat(),
        "moment": name,
        "last_poll_day": whole.last_day.isoformat(),
        "days_left": days_left,
        "leader": first,
        "runner_up": second,
        "margin_points": abs(whole.margin),
        "undecided_points": whole.undecided,
        "pollsters": list(whole.pollsters),
        "span_days": whole.span_days,
        "sentence": _sentence(first, second, whole, vote),
        "limits": LIMITS,
    }
    for spread in spreads(days_left):
        for tail in TAILS:
            for effect in EFFECTS:
                yield {
                    **shared,
                    "scope": "whole",
                    **_spread(spread),
                    "tail": tail,
                    "effect_points": effect,
                    "kept_share": below(tail, (abs(whole.margin) - effect) / spread.points),
                    "bare_regions": [],
                }
    yield from _by_region(vote, on, shared)


def _by_region(vote: _Vote, on: dt.date, shared: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    electors = vote.electors
    if not regions.is_regional(vote.asked, electors):
        return
    pair = (shared["leader"], shared["runner_up"])
    margin, bare = regions.margins(vote.asked, pair, on, sorted(electors))
    for name, sizes in regions.SPREADS.items():
        basis = (
            f"{sizes[0]:g} points that all regions share and {sizes[1]:g} of each region; every "
            "region gives all its electors to its winner"
        )
        for tail in TAILS:
            for effect in EFFECTS:
                yield {
                    **shared,
                    "scope": "regions",
                    **_spread(Spread(name, sizes[0], basis)),
                    "tail": tail,
                    "effect_points": effect,
                    "kept_share": regions.kept_share(margin, electors, sizes, tail, effect),
                    "bare_regions": list(bare),
                }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "spread": spread.name,
        "spread_points": spread.points,
        "spread_basis": spread.basis,
    }


def _sentence(first: str, second: str, whole: Average, vote: _Vote) -> str:
    margin = abs(whole.margin)
    known = [one for one in spreads((vote.day - whole.last_day).days) if one.name == "history"]
    history = (
        f"in US races, means of polls so long before the vote were {known[0].points:g} points off "
        "(root mean square)"
        if known
        else "how far polls so long before a vote are off is not in the shipped history"
    )
    place = "" if vote.rank == 1 else " for the second place"
    if margin < _LEVEL:
        return (
            f"The last polls show a tie{place} between {first} and {second}: no swing is needed; "
            f"{history}, and any effect that is supposed here, above {EFFECTS[0]:g} and up to "
            f"{EFFECTS[-1]:g} points, would decide it."
        )
    closes = "would not close it" if margin > EFFECTS[-1] else "would close it at its upper end"
    return (
        f"For a tie{place} the margin between {first} and {second} in the last polls would have to "
        f"move by {margin:.1f} points; {history}; the range of effects that is supposed here, "
        f"{EFFECTS[0]:g} to {EFFECTS[-1]:g} points, {closes}."
    )
