"""`tamis show`: rows of one table, filtered by an expression, in four forms."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from tamis import records
from tamis.engines.expression import parse_expression
from tamis.errors import InputError, WithheldError
from tamis.plan import Query, identifier
from tamis.run import withhold
from tamis.syntax.visible import escape_json, show_hidden

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tamis.case import CaseView

_TABLE_ROWS = 50
_CELL_CHARACTERS = 60
# A spreadsheet runs a cell that begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Listing:
    """What to show: a table, an expression over its columns, a limit, and the form."""

    table: str
    where: str | None = None
    limit: int | None = None
    form: str = "table"
    also_at: tuple[dt.datetime, ...] = ()


def select_rows(view: CaseView, listing: Listing) -> pa.Table:
    """The rows of the listing, in the table's paging order.

    Errors    InputError for an unknown table; ExpressionError for an expression outside the
              allowed language; WithheldError for comment on polls while a rule on polls runs.
    """
    known = records.tables()
    if listing.table not in known:
        raise InputError(f"no table is called {listing.table!r}; there are: {', '.join(known)}")
    record = known[listing.table]
    condition = _condition(view, listing)
    limit = listing.limit
    if listing.form == "table" and limit is None:
        limit = _TABLE_ROWS
    columns = ", ".join(identifier(column.name) for column in record.columns)
    order = ", ".join(identifier(name) for name in dict.fromkeys((*record.paging, *record.key)))
    bound = "" if limit is None else f" LIMIT {int(limit)}"
    sql = (
        f"SELECT {columns} FROM {identifier(record.name)} "  # noqa: S608  names via identifier()
        f"WHERE {condition} ORDER BY {order}{bound}"
    )
    return view.query(Query("shown_rows", sql))


def _condition(view: CaseView, listing: Listing) -> str:
    """The expression that rows must meet, and that they are not withheld now.

    Errors    as `select_rows`
    """
    condition = "TRUE"
    if listing.where is not None:
        names = [column.name for column in records.table(listing.table).columns]
        condition = parse_expression(listing.where, names)
    if listing.table not in {*withhold.TABLES, "figure"}:
        return condition
    reason = withhold.withheld(view, listing.also_at)
    if reason is None:
        return condition
    if listing.table in withhold.TABLES:
        raise WithheldError(f"table {listing.table}: {reason}")
    return f"({condition}) AND NOT starts_with(figure_id, '{withhold.FIGURES}')"


def count_rows(view: CaseView, listing: Listing) -> int:
    """How many rows the expression selects, whatever the limit."""
    record = records.table(listing.table)
    condition = _condition(view, listing)
    sql = f"SELECT count(*) AS row_count FROM {identifier(record.name)} WHERE {condition}"  # noqa: S608
    counted: int = view.query(Query("counted_rows", sql)).column(0)[0].as_py()
    return counted


def write_rows(view: CaseView, listing: Listing, output: Path | None, screen: TextIO) -> str:
    """A line for people about what was written; the rows go to `output` or `screen`.

    Errors    InputError when parquet is asked for without a file.
    """
    rows = select_rows(view, listing)
    if listing.form == "parquet":
        if output is None:
            raise InputError("parquet is a binary file: say where with -o FILE")
        pq.write_table(rows, output, compression="zstd")
    elif output is not None:
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(format_rows(rows, listing.form))
    else:
        screen.writelines(format_rows(rows, listing.form, is_seen=screen.isatty()))
    total = count_rows(view, listing)
    hidden = ""
    if listing.table == "figure" and (reason := withhold.withheld(view, listing.also_at)):
        hidden = f"; figures on polls are {reason}"
    if rows.num_rows < total:
        return (
            f"{rows.num_rows:,} of {total:,} rows shown; --limit N or --as jsonl shows more{hidden}"
        )
    return f"{total:,} rows{hidden}"


def write_counts(view: CaseView, screen: TextIO) -> None:
    """The tables of the case with their row counts and meanings, one line each."""
    for name, record in records.tables().items():
        count = view.row_count(name)
        if count:
            screen.write(f"{name:<20} {count:>12,}  {record.meaning}\n")


def format_rows(
    rows: pa.Table, form: str, *, is_seen: bool = False, is_whole: bool = False
) -> Iterator[str]:
    """The lines of rows as table, csv or jsonl.

    What a terminal shows (`is_seen`) is fit to be seen in csv as well; `is_whole` cuts no cell of
    the table form.
    """
    if form == "jsonl":
        return _jsonl(rows)
    if form == "csv":
        return (show_hidden(line.rstrip("\r\n")) + "\n" if is_seen else line for line in _csv(rows))
    return _aligned(rows, None if is_whole else _CELL_CHARACTERS)


def _jsonl(rows: pa.Table) -> Iterator[str]:
    for batch in rows.to_batches(max_chunksize=10_000):
        yield from map(json_line, batch.to_pylist())


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON that no terminal obeys."""
    option = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return escape_json(orjson.dumps(row, option=option).decode())


def _csv(rows: pa.Table) -> Iterator[str]:
    yield _csv_line(rows.column_names)
    for batch in rows.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            yield _csv_line(map(_for_spreadsheet, row.values()))


def _csv_line(values: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()


def _for_spreadsheet(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list):
        value = " | ".join(map(str, value))
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _aligned(rows: pa.Table, limit: int | None) -> Iterator[str]:
    shown = [[_cell(value, limit) for value in row.values()] for row in rows.to_pylist()]
    lines = [rows.column_names, *shown]
    widths = [max(len(line[i]) for line in lines) for i in range(rows.num_columns)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"


def _cell(value: Any, limit: int | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    elif hasattr(value, "isoformat"):
        value = value.isoformat()
    return show_hidden(str(value), limit=limit)
