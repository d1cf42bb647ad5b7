"""Small tables as CSV: a delimiter that is found, rows as pairs, and what cannot be a row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tamis.errors import FormatError
from tamis.sources.context.json_members import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DELIMITERS = ",;\t|"


def rows_of(text: str, reject: Callable[[str, str], None]) -> Iterator[Pairs]:
    """The rows of a table with a header, each as pairs of a column's name and its cell.

    Input     `reject(reason, sample)` hears of each row that is none
    Errors    FormatError when the header is no CSV
    Limits    a quote that is not closed would swallow every row behind it: its line is rejected,
              and reading goes on with the next. Where a later quote closes it, the rows between
              stand in one cell.
    """
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    # strict=False and NUL bytes gone: the module raises on few things then, caught below.
    lines = text.replace("\0", "").splitlines(keepends=True)
    begin = 0
    names: list[str] | None = None
    while begin < len(lines):
        rows = csv.reader(lines[begin:], delimiter=delimiter)
        before = begin
        while True:
            start = begin + rows.line_num
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as problem:
                if names is None:
                    raise FormatError(f"the header row is no CSV ({problem})") from None
                reject(f"the row is no CSV ({problem})", f"line {start + 1}")
                continue
            end = begin + rows.line_num
            if end - start > 1 and end == len(lines) and _is_open(lines[start:end]):
                reject("a quote is not closed", lines[start])
                before = start + 1
                break
            if names is None:
                names = row
            elif len(row) > len(names):
                reject("the row has more cells than the header", delimiter.join(row))
            elif any(row):
                yield Pairs(zip(names, row, strict=False))
        begin = before


def _is_open(lines: list[str]) -> bool:
    """Whether the quotes of these lines do not pair up."""
    return sum(line.count('"') for line in lines) % 2 == 1
