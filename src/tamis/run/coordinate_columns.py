"""Whole columns of ids and lists at once; only what is odd is looked at value by value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.syntax.clock import UnreadableTimeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NO_WORDS = ("", "nan", "none", "null", "na", "n/a", "\\n")
NOTHING = pa.array(NO_WORDS)
_SPOILT = r"^[+-]?\d(?:[.,]\d+)?[eE]\+\d+$|^\d{1,30}\.0+$"


@dataclass(frozen=True, slots=True)
class Read:
    """A column read: NULL where a value is missing or unusable, with the reasons of some rows.

    `rows` says which row each value is of, where a row may hold several values or none;
    `empty` counts rows without any.
    """

    values: pa.Array
    reasons: tuple[tuple[int, str], ...] = ()
    read_as: Mapping[str, int] = field(default_factory=dict)
    rows: pa.Array | None = None
    empty: int = 0


def ids(column: Any, what: str) -> Read:
    """A column of ids as text.

    Input     an Arrow array, or a list of Python values
    Missing   NULL: nothing there, or a number that lost its last digits
    """
    if isinstance(column, list):
        column = _typed(column)
    if column is None or isinstance(column, list):
        return one_by_one(column or [], lambda given: _one_id(given, what), pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type):
        return Read(column.cast(pa.string()))
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = _decoded(column)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return one_by_one(column.to_pylist(), lambda given: _one_id(given, what), pa.string())
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if pc.any(pc.match_substring_regex(text, _SPOILT)).as_py():
        return one_by_one(text.to_pylist(), lambda given: native_id(given, what), pa.string())
    nothing = pc.is_in(pc.utf8_lower(text), NOTHING)
    return Read(pc.if_else(nothing, pa.scalar(None, pa.string()), text))


def _one_id(given: Any, what: str) -> str | None:
    if isinstance(given, bool):
        raise UnusableRowError(f"the {what} is true or false, which names nothing")
    return native_id(given, what)


def _decoded(column: pa.Array) -> Any:
    """Bytes as text where all of them are; else as they are, to be refused one by one."""
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return column


def objects(column: Any) -> Read:
    """A column of objects: an id in each cell, or a list of ids where a cell is a list."""
    if not isinstance(column, list):
        if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            return ids(column, "object id")
        column = column.to_pylist()
    elif not any(isinstance(cell, list) for cell in column):
        return ids(column, "object id")
    cells = [dict.fromkeys(cell) if isinstance(cell, list) else (cell,) for cell in column]
    each = ids([entry for cell in cells for entry in cell], "object id")
    rows = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
    why = tuple((int(rows[at]), reason) for at, reason in each.reasons)
    empty = sum(not cell for cell in cells)
    return Read(each.values, why, rows=pa.array(rows, pa.int64()), empty=empty)


def listed(column: Any) -> Read:
    """A column of lists of objects, however they are written, one value each."""
    values: list[str] = []
    rows: list[int] = []
    given = column if isinstance(column, list) else column.to_pylist()
    empty = 0
    for row, cell in enumerate(given):
        found = list(dict.fromkeys(entries(cell)))
        empty += not found
        values += found
        rows += [row] * len(found)
    return Read(pa.array(values, pa.string()), rows=pa.array(rows, pa.int64()), empty=empty)


def one_by_one(values: list[Any], function: Callable[[Any], Any], kind: pa.DataType) -> Read:
    """What the function makes of each value; NULL and the reason where it refuses one."""
    found: list[Any] = []
    reasons: list[tuple[int, str]] = []
    for row, given in enumerate(values):
        try:
            found.append(function(given))
        except (UnusableRowError, UnreadableTimeError) as problem:
            found.append(None)
            reasons.append((row, str(problem)))
    return Read(pa.array(found, kind), tuple(reasons))


def _typed(values: list[Any]) -> Any:
    """The values as an Arrow column where they are all text; the list itself otherwise."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return values
