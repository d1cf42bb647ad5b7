"""Opinion polls from a table in CSV: an answer a column, an answer a row, or named pairs."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.poll_layouts import (
    MEANINGS,
    OTHER,
    UNDECIDED,
    Layout,
    count,
    is_empty,
    layout,
    number,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

_LARGEST_BYTES = 64 << 20
# Shares are rounded: each by half a point at most, and all of them seldom to one side.
_ROUNDING, _MOST_ROUNDING = 0.5, 2.0
_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ].*)?")
_SLASHED = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}|\d\d)")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")
_WORDS = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(MEANINGS['pollster'])}|cand1_pct)(?![^\W_])".encode(), re.IGNORECASE
)
# Shares from 0 to 1 never sum to more than this.
_WHOLE = 1.05
_TEXTS = ("poll_id", "pollster", "race", "round_name", "hypothesis", "population")


def recognises(glimpse: Glimpse) -> int:
    """60 for a table whose header names a pollster, 5 for any table: it is told what it lacks.

    Polls are added with `--kind polls`.
    """
    line = glimpse.head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    commas = max(map(line.count, (b",", b";", b"\t")))
    if _WORDS.search(line) and commas >= 3:
        return 60
    return 5 if commas >= 2 and not line.lstrip().startswith((b"{", b"[", b"<")) else 0


@dataclass(slots=True)
class _Question:
    """One question: what its row states, and its answers in percent."""

    row: dict[str, Any]
    first: int
    last: int
    position: int
    answers: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    trouble: str | None = None


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """One row an answer of each usable question, the others with the reason, and the counts.

    Errors    FormatError when the file is no table of polls, or larger than 64 MiB.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("a file of polls is at most 64 MiB")
    head, rows = _table(data)
    told = source.options.get("columns")
    found = layout(head, [row for row, _, _ in rows], told)
    questions = _questions(found, head, rows)
    usable, rejected = [], []
    for one in questions:
        reason = one.trouble or _trouble(one)
        if reason is None:
            usable += list(_answer_rows(one, source.item_id))
        else:
            rejected.append(_rejected(one, source.item_id, reason))
    intake = {
        "source_item_id": source.item_id,
        "reader": READER.name,
        "row_count": len(questions),
        "used_count": len(questions) - len(rejected),
        "rejected_count": len(rejected),
        "skipped_count": 0,
        "post_count": 0,
        "action_count": 0,
        "note": f"{len(rows)} lines hold {len(questions)} questions of polls{_columns(found)}",
    }
    for table, made in (("poll", usable), ("rejected", rejected), ("intake_count", [intake])):
        for batch in records.table(table).build(made).to_batches():
            yield {table: batch}


def _columns(found: Layout) -> str:
    """Which columns were taken for answers, so that one too many or too few is seen."""
    names = ", ".join(list(found.answers)[:20])
    return f"; columns taken for answers: {names}" if names else ""


_Row = tuple[list[str], int, int]


def _table(data: bytes) -> tuple[list[str], list[_Row]]:
    """The header and the rows of a table, each with the bytes that it takes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError("expected UTF-8 text; save the table as CSV in UTF-8") from None
    skipped = len(data) - len(text.encode())
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    place = [skipped]

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            place[0] += len(line.encode())
            yield line

    rows: list[_Row] = []
    reader = csv.reader(lines(), delimiter=delimiter)
    start = place[0]
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((row, start, place[0]))
            start = place[0]
    except csv.Error as problem:
        raise FormatError(f"expected a table as CSV: {problem}") from None
    if not rows:
        raise FormatError("expected a header row and a row a poll; the file is empty")
    return rows[0][0], rows[1:]


def _questions(found: Layout, head: Sequence[str], rows: Sequence[_Row]) -> list[_Question]:
    """The questions of a table, in its order."""
    is_day_first = _day_first(found, rows)
    questions: dict[str, _Question] = {}
    for position, (cells, start, end) in enumerate(rows, 1):
        row = cells + [""] * (len(head) - len(cells))
        stated = {name: row[place].strip() for name, place in found.places.items()}
        if found.is_long:
            name = "\x1f".join(stated.get(key, "") for key in (*_TEXTS, "region", "last_day"))
        else:
            name = f"{stated.get('question_id', '')}\x1f{position}"
        one = questions.get(name)
        if one is None:
            one = _Question({}, start, end, position)
            one.row, one.trouble = _stated(stated, name, is_day_first=is_day_first)
            one.trouble = _too_long(cells, head) or one.trouble
            questions[name] = one
        one.first, one.last = min(one.first, start), max(one.last, end)
        for option, share, result in _cells(found, row, stated):
            if is_empty(share):
                continue
            percent = number(share)
            if percent is None or not 0 <= percent <= 100:
                one.trouble = one.trouble or f"{share[:40]!r} is no percentage from 0 to 100"
            elif option in one.answers:
                one.trouble = one.trouble or f"the answer {option[:40]!r} stands twice"
            else:
                one.answers[option] = (percent, number(result) if result else None)
    return list(questions.values())


def _too_long(cells: Sequence[str], head: Sequence[str]) -> str | None:
    if not any(cell.strip() for cell in cells[len(head) :]):
        return None
    return (
        f"the row has {len(cells)} cells and the header {len(head)}: a cell that holds a comma, a "
        "decimal comma too, needs quotation marks around it"
    )


def _cells(
    found: Layout, row: Sequence[str], stated: Mapping[str, str]
) -> Iterator[tuple[str, str, str | None]]:
    """Answer, share and result as they stand in a row."""
    if found.named:
        for name, share, result in found.named:
            yield row[name].strip(), row[share], None if result is None else row[result]
    elif found.is_long:
        yield stated["option"] or "no name", stated["share"], None
    else:
        for option, place in found.answers.items():
            yield option, row[place], None


def _stated(
    stated: Mapping[str, str], name: str, *, is_day_first: bool | None
) -> tuple[dict[str, Any], str | None]:
    """What a row states besides its answers, and what is wrong with that."""
    row: dict[str, Any] = {key: stated.get(key) or None for key in _TEXTS}
    row["pollster"] = row["pollster"] or "not stated"
    row["question_id"] = hashlib.sha256(name.encode()).hexdigest()[:24]
    region = stated.get("region", "")
    row["region"] = "*" if is_empty(region) or region.upper() in {"US", "USA"} else region
    row["sample_count"] = count(stated.get("sample", ""))
    trouble = None
    for key in ("first_day", "last_day", "election_day"):
        row[key] = None
        if is_empty(stated.get(key, "")):
            continue
        try:
            row[key] = _day(stated[key], is_day_first=is_day_first).isoformat()
        except ValueError as problem:
            trouble = str(problem)
    if trouble is None and row["last_day"] is None:
        trouble = (
            "the poll has no date of its last day of fieldwork; a poll without dates cannot be "
            "weighed: add the date as YYYY-MM-DD"
        )
    if trouble is None and row["first_day"] is not None and row["first_day"] > row["last_day"]:
        trouble = "the fieldwork ends before it begins; correct the dates"
    return row, trouble


def _day_first(found: Layout, rows: Sequence[_Row]) -> bool | None:
    """Whether dates with slashes put the day first; None where the file does not decide."""
    places = [found.places[name] for name in ("first_day", "last_day") if name in found.places]
    firsts, seconds = [0], [0]
    for row, _, _ in rows:
        for place in places:
            if place < len(row) and (match := _SLASHED.fullmatch(row[place].strip())):
                firsts.append(int(match[1]))
                seconds.append(int(match[2]))
    if (max(firsts) > 12) == (max(seconds) > 12):
        return None
    return max(firsts) > 12


def _day(text: str, *, is_day_first: bool | None) -> dt.date:
    """A day.

    Errors    ValueError saying what was expected.
    """
    expected = "expected a date as YYYY-MM-DD"
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _SLASHED.fullmatch(text):
        if is_day_first is None:
            raise ValueError(f"{text[:20]!r}: month or day first? {expected}")
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if is_day_first else (second, first)
        year += 0 if year >= 100 else 2000 if year < 70 else 1900
    elif match := _DOTTED.fullmatch(text):  # with dots the day comes first
        day, month, year = (int(part) for part in match.groups())
    else:
        raise ValueError(f"{text[:20]!r} is no date; {expected}")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"{text[:20]!r} is no day of the calendar; {expected}") from None


def _trouble(one: _Question) -> str | None:
    """Why a question cannot be used; None where it can."""
    named = [name for name in one.answers if _kind(name) == "candidate"]
    if len(named) < 2:
        return "fewer than two candidates have a percentage"
    total = sum(percent for percent, _ in one.answers.values())
    if total <= _WHOLE:
        return (
            f"the answers sum to {total:g} per cent: they look like shares from 0 to 1; write "
            "percentages from 0 to 100"
        )
    slack = min(_MOST_ROUNDING, _ROUNDING * len(one.answers))
    if total > 100 + slack:
        return (
            f"the answers sum to {total:g} per cent, more than rounding explains: correct them, "
            "or leave out what counts somebody twice"
        )
    return None


def _answer_rows(one: _Question, item_id: str) -> Iterator[dict[str, Any]]:
    for name, (percent, result) in one.answers.items():
        yield {
            **one.row,
            "option_name": name,
            "option_kind": _kind(name),
            "answer_share": percent / 100,
            "result_share": None if result is None else result / 100,
            "source_item_id": item_id,
            "byte_start": one.first,
            "byte_end": one.last,
        }


def _kind(name: str) -> str:
    known = plain(name)
    return "undecided" if known in UNDECIDED else "other" if known in OTHER else "candidate"


def _rejected(one: _Question, item_id: str, reason: str) -> dict[str, Any]:
    answers = ", ".join(f"{name} {percent:g}" for name, (percent, _) in one.answers.items())
    return {
        "source_item_id": item_id,
        "byte_start": one.first,
        "position": one.position,
        "reason": reason,
        "sample": ascii(f"{one.row['pollster']}: {answers}")[1:-1][:200],
    }


READER = ContextReader(
    name="polls",
    kind="polls",
    recognises=recognises,
    read=read,
    keeps="each answer of each question with pollster, days, region, round and sample",
    cannot_know="how a poll was weighted, who paid, and polls that nobody published",
)
