"""What a table of polls calls its columns, and which of them are answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Names are compared in lower case with everything but letters and digits as "_".
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "poll_id": ("poll_id", "id"),
    "question_id": ("question_id",),
    "pollster": ("pollster", "pollster_name", "nom_institut", "institut", "institute", "firm"),
    "race": ("type_simple", "race", "election"),
    "region": ("region", "state", "location"),
    "round_name": ("round_name", "round", "tour"),
    "hypothesis": ("hypothesis", "hypothese"),
    "population": ("population",),
    "first_day": ("first_day", "field_start", "start_date", "startdate", "debut_enquete", "start"),
    "last_day": (
        *("last_day", "field_end", "end_date", "enddate", "fin_enquete", "end", "polldate"),
        "date",
    ),
    "sample": ("sample", "sample_size", "samplesize", "number_of_observations", "echantillon", "n"),
    "option": ("option_name", "candidate", "candidat", "answer"),
    "share": ("intentions", "pct", "percent", "percentage", "share_percent"),
    "election_day": ("election_day", "electiondate", "election_date"),
}
UNDECIDED = ("undecided", "dont_know", "don_t_know", "not_sure", "unsure", "nsp", "abstention")
OTHER = ("other", "others", "autre", "autres")
# Columns of numbers that are no answers.
_NO_ANSWERS = frozenset(
    (
        *("", "question_iteration", "pollster_rating_id", "rating", "weight", "grade", "year"),
        *("sous_echantillon", "erreur_sup", "erreur_inf", "margin", "margin_of_error", "moe"),
        *("margin_poll", "lead", "cand3_pct"),
    )
)
_PAIRS = tuple((f"cand{n}_name", f"cand{n}_pct", f"cand{n}_actual") for n in (1, 2))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a row each meaning stands; answers are columns, named pairs, or rows of their own.

    `named` holds (name, share, result) columns of candidates whose names stand in the row.
    """

    places: Mapping[str, int]
    answers: Mapping[str, int]
    named: tuple[tuple[int, int, int | None], ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether each row is one answer."""
        return "option" in self.places and "share" in self.places


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def layout(head: Sequence[str], rows: Sequence[Sequence[str]], told: str | None) -> Layout:
    """What the columns of a table mean.

    Input     `told` is the investigator's word, such as `last_day=ended,candidates=smith+jones`
    Errors    FormatError when there is no pollster, no date or no answer.
    """
    names = [plain(name) for name in head]
    own, candidates = _told(told)
    places: dict[str, int] = {}
    for meaning, known in MEANINGS.items():
        wanted = (own[meaning],) if meaning in own else known
        place = next((names.index(name) for name in wanted if name in names), None)
        if place is not None:
            places[meaning] = place
    for need in ("pollster", "last_day"):
        if need not in places:
            raise FormatError(
                f"no column is the {need.replace('_', ' ')} of a poll; name it with --columns "
                f"{need}=NAME, or add one (a poll without dates cannot be weighed)"
            )
    named = tuple(
        (names.index(name), names.index(share), names.index(result) if result in names else None)
        for name, share, result in _PAIRS
        if name in names and share in names
    )
    answers = {} if named else _answers(names, rows, set(places.values()), candidates)
    found = Layout(places, answers, named)
    if not found.is_long and not named and len(answers) < 2:
        raise FormatError(
            "no two columns hold percentages of candidates: a list of polls without results "
            "cannot be weighed; name the columns with --columns candidates=FIRST+SECOND"
        )
    return found


def _told(told: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    own: dict[str, str] = {}
    candidates: tuple[str, ...] = ()
    for part in (told or "").split(","):
        meaning, _, name = part.strip().partition("=")
        if not part.strip():
            continue
        if meaning == "candidates" and name:
            candidates = tuple(plain(one) for one in name.split("+"))
        elif meaning in MEANINGS and name:
            own[meaning] = plain(name)
        else:
            raise FormatError(
                f"--columns: {part.strip()[:60]!r}; expected candidates=FIRST+SECOND or one of "
                f"{', '.join(MEANINGS)} with =NAME"
            )
    return own, candidates


def _answers(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    taken: set[int],
    candidates: tuple[str, ...],
) -> dict[str, int]:
    """The columns of answers: those named, or those that hold shares from 0 to 100 alone."""
    if candidates:
        wanted = (*candidates, *UNDECIDED, *OTHER)
        return _once([(name, place) for place, name in enumerate(names) if name in wanted])
    chosen = [
        (name, place)
        for place, name in enumerate(names)
        if place not in taken
        and name not in _NO_ANSWERS
        and not name.endswith(("_id", "_count"))
        and _are_shares(row[place] for row in rows if place < len(row))
    ]
    return _once(chosen)


def _once(chosen: Sequence[tuple[str, int]]) -> dict[str, int]:
    """The columns by name.

    Errors    FormatError when two answers bear one name.
    """
    found: dict[str, int] = {}
    for name, place in chosen:
        if name in found:
            raise FormatError(
                f"two columns of answers are called {name[:40]!r}; give each another name"
            )
        found[name] = place
    return found


def _are_shares(cells: Iterable[str]) -> bool:
    """Whether a column is one of answers: a cell that is wrong costs its row, not the column.

    Half of what stands there are shares, or all of it are numbers of that size (one is negative).
    """
    found = [number(cell) for cell in cells if not is_empty(cell)]
    shares = sum(one is not None and 0 <= one <= 100 for one in found)
    is_near = all(one is not None and abs(one) <= 100 for one in found)
    return bool(found) and (shares * 2 >= len(found) or is_near)


def is_empty(cell: str) -> bool:
    """Whether a cell says nothing."""
    return cell.strip().lower() in {"", "na", "n/a", "nan", "null", "none", "-", "--", "—"}


def count(cell: str) -> int | None:
    """How many were asked: 1861, and 1,861, 1.861 or 1 861, where marks part thousands."""
    text = cell.strip()
    if re.fullmatch(r"\d{1,3}([., '\u00a0\u2009\u202f]\d{3})+", text):
        text = re.sub(r"\D", "", text)
    found = number(text)
    return int(found) if found is not None and found >= 1 else None


def number(cell: str) -> float | None:
    """The number in a cell, a percent sign and a decimal comma taken for what they are."""
    text = cell.strip().removesuffix("%").strip().replace(",", ".")
    if re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})", text) is None:
        return None
    return float(text)
