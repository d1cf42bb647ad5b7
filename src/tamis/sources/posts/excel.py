"""Tables of posts in Excel workbooks (.xlsx, .xlsm), their columns known by name as in `table`.

Input     a workbook whose sheets have names in their first row; each sheet with the columns of a
          table of posts is read, other sheets are named in the note
Output    as `table`. Excel keeps 15 digits of a number: a longer id stored as one is rejected.
          Dates are wall times without a zone.
Missing   byte_start: rows of a packed sheet have no byte addresses
Errors    FormatError when no sheet shows a table of posts, or its times name no zone and none was
          given; entities in the XML and bombs are refused
Limits    Formulas are not computed: their last stored value is read. Hidden rows and sheets are
          read like others.
Source    ISO/IEC 29500-1 §18: cells, shared strings, number formats, both date systems
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.leak.documents.zip_package import Package, names_in
from tamis.sources.posts.excel_sheets import Workbook
from tamis.sources.posts.gather import Gather
from tamis.sources.posts.row_taking import table_batches
from tamis.sources.posts.stamps import assumed_zone, refuse_without_zone
from tamis.sources.posts.table_columns import recognise, refuse
from tamis.sources.posts.table_posts import TablePosts, times
from tamis.sources.posts.table_rows import Row, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.table_columns import Columns

_LOOKED_AT = 1000


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a workbook, by the names of its parts."""
    if not glimpse.head.startswith(b"PK"):
        return 0
    return 40 if any(name.startswith("xl/workbook.xml") for name in names_in(glimpse)) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The rows of its tables in batches, last the file's row of `intake_count`."""
    zone = assumed_zone(source)
    workbook = Workbook(Package(stream))
    gather = Gather(source, READER.name, times)
    told: list[str] = []
    refused: FormatError | None = None
    changed = 0
    before: TablePosts | None = None
    for name, sheet in workbook.sheets():
        head = next(sheet, ())
        names = _names(head)
        columns = recognise(names, source.options.get("columns")) if names else None
        if columns is None or columns.missing:
            told.append(f"sheet {name!r} holds no table of posts")
            if columns is not None and refused is None:
                refused = refuse(source.name, names, columns)
            continue
        before = TablePosts(gather, source, names, columns, before)
        taker = _Sheet(before, names)
        rows = _rows(sheet, len(names))
        early = list(islice(rows, _LOOKED_AT))
        if zone is None:
            _check(source.name, names, columns, early)
        for made in table_batches(Rows(names, iter(())), gather, taker, chain(early, rows)):
            yield {table: batch for table, batch in made.items() if table != "intake_count"}
        changed += taker.posts.changed_count
    if before is None:
        raise refused or FormatError(f"{source.name}: no sheet of the workbook shows a table")
    if changed:
        told.append(f"{changed} post ids came again with other content; each is kept")
    yield {**gather.flush(), **gather.counts("; ".join(told) or None)}


class _Sheet:
    def __init__(self, posts: TablePosts, names: tuple[str, ...]) -> None:
        self.posts = posts
        self._names = names

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add one row."""
        self.posts.add(Row(start, end, tuple(cells[name] for name in self._names)))

    def note(self) -> str | None:
        """Nothing by itself."""
        return None


def _names(head: tuple[Any, ...]) -> tuple[str, ...]:
    """The names in the first row, each once; a column without one gets its rank."""
    names: list[str] = []
    for rank, cell in enumerate(head, 1):
        name = str(cell).strip() if cell not in {None, ""} else f"column {rank}"
        names.append(name if name not in names else f"{name} ({rank})")
    return tuple(names)


def _rows(sheet: Iterator[tuple[Any, ...]], width: int) -> Iterator[Row]:
    for cells in sheet:
        if not any(cell not in {None, ""} for cell in cells):
            yield Row(None, None, ())
        elif any(cell not in {None, ""} for cell in cells[width:]):
            why = f"the row has {len(cells)} columns where the first row names {width}"
            yield Row(None, None, (), why)
        else:
            yield Row(None, None, (*cells, *[None] * (width - len(cells)))[:width])


def _check(file: str, names: tuple[str, ...], columns: Columns, early: list[Row]) -> None:
    column = columns.roles["time"]
    at = names.index(column)
    refuse_without_zone(file, column, [row.values[at] for row in early if row.values])


READER = PostReader(
    platform="excel",
    recognises=recognises,
    read=read,
    keeps="as a table, from every sheet that holds one",
    cannot_know="as a table; byte addresses of rows; digits of ids that Excel rounded",
    sampling="unknown unless told",
)
