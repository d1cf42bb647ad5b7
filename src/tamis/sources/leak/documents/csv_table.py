"""Tables of values as text (CSV, TSV): the text, the dialect, the columns, cells that compute."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import text, text_charset
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.magic import media_type

if TYPE_CHECKING:
    from typing import BinaryIO

_DELIMITERS = (",", ";", "\t", "|")
_NAMED = re.compile(r"\.(?:csv|tsv|tab)$", re.IGNORECASE)
_SAMPLE = 65_536
_SAMPLE_ROWS = 50
_MAX_COLUMNS = 500
_MAX_SHOWN = 50
_FORMULA = re.compile(r"\s*(?:[=@]|[+-](?![\d.,\s]*[%\d]?[\d.,\s]*$))\S")


@dataclass(slots=True)
class Survey:
    """What the rows of a table hold."""

    delimiter: str
    row_count: int = 0
    widths: Counter[int] = field(default_factory=Counter)
    first_row: list[str] = field(default_factory=list)
    formula_count: int = 0
    formulas: list[tuple[int, int, str]] = field(default_factory=list)
    problem: str | None = None


def recognises(glimpse: Glimpse) -> int:
    """30 for text called CSV or TSV whose lines share a delimiter, 12 without the name."""
    if media_type(glimpse.head) not in {None, "text/plain"}:
        return 0
    if not text_charset.looks_like_text(glimpse.head):
        return 0
    is_named = _NAMED.search(glimpse.name) is not None
    sample = text_charset.decode(glimpse.head[:8192]).text
    delimiter = dialect(sample, is_whole=glimpse.size_bytes <= 8192)
    if delimiter is None:
        return 0
    if is_named:
        return 30
    # Without the name only what is plainly a table: several lines of several equal cells.
    rows = list(csv.reader(io.StringIO(sample), delimiter=delimiter))[:-1]
    return (
        12 if len(rows) >= 5 and len({len(row) for row in rows}) == 1 and len(rows[0]) >= 3 else 0
    )


def dialect(sample: str, *, is_whole: bool = False) -> str | None:
    """The character that parts the cells: the one by which most lines have equal cells.

    Missing   None when no line holds any of them
    Limits    Quotes are double quotes, as nearly every program writes them.
    """
    best: tuple[float, int, str] | None = None
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(sample), delimiter=delimiter))
        except csv.Error:
            continue
        kept = [len(row) for row in rows[: _SAMPLE_ROWS + 1] if row]
        kept = kept if is_whole or len(kept) < 2 else kept[:-1]
        if not kept or max(kept) < 2:
            continue
        width, count = Counter(kept).most_common(1)[0]
        score = (count / len(kept) if width > 1 else 0.0, width, delimiter)
        if width > 1 and (best is None or score[:2] > best[:2]):
            best = score
    return best[2] if best else None


def survey(table: str, delimiter: str) -> Survey:
    """Rows, columns and cells that a spreadsheet would compute when it opens the table.

    Source    OWASP, CSV injection: cells that begin with =, +, -, @; numbers with a sign are none.
    """
    found = Survey(delimiter)
    try:
        for row in csv.reader(io.StringIO(table), delimiter=delimiter):
            if not row:
                continue
            found.row_count += 1
            found.widths[len(row)] += 1
            if found.row_count == 1:
                found.first_row = row[:_MAX_COLUMNS]
            for column, cell in enumerate(row, 1):
                if cell[:1] in _STARTS and _FORMULA.match(cell[:200]):
                    found.formula_count += 1
                    if len(found.formulas) < _MAX_SHOWN:
                        found.formulas.append((found.row_count, column, cell))
    except csv.Error as problem:
        found.problem = f"its cells are counted up to row {found.row_count:,} only ({problem})"
    return found


_STARTS = {"=", "+", "-", "@", "\t", "\r", " "}


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document row with the text as it stands, and what the table looks like."""
    facts = Facts(sink)
    decoded = text.decode(stream, source, facts)
    delimiter = dialect(decoded.text[:_SAMPLE], is_whole=len(decoded.text) <= _SAMPLE) or ","
    found = survey(decoded.text, delimiter)
    facts.add("csv", "delimiter", {"\t": "tab"}.get(delimiter, delimiter))
    facts.add("csv", "row count", found.row_count)
    facts.add("csv", "column count", found.widths.most_common(1)[0][0] if found.widths else 0)
    facts.add("csv", "first row", " | ".join(found.first_row))
    odd = found.row_count - max(found.widths.values(), default=0)
    facts.add("csv", "rows of another width", odd or None)
    facts.add("csv", "formula cells", found.formula_count or None)
    for row, column, cell in found.formulas:
        facts.add("csv", f"formula in row {row}, column {column}", cell)
    if found.problem:
        facts.note(found.problem)
    sink.row("document", {"kind": "table", "is_encrypted": False, **text.kept(decoded.text, facts)})
    facts.close("text/tab-separated-values" if delimiter == "\t" else "text/csv")


READER = LeakReader(
    name="csv",
    media_types=("text/csv", "text/tab-separated-values"),
    recognises=recognises,
    read=read,
    keeps="the text, charset, delimiter, first row, counts, and cells that begin a formula",
    cannot_know="what the columns mean, and the type of a value: all of it is text",
    is_streaming=True,
)
