"""Whole columns of ids, lists and times at once; only what is odd is looked at value by value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.syntax.clock import MICROS, UnreadableTimeError, iso_column, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOTHING = pa.array(["", "nan", "none", "null", "na", "n/a", "\\n"])
_SPOILT = r"^[+-]?\d(?:[.,]\d+)?[eE]\+\d+$|^\d{1,30}\.0+$"
_UNITS = (
    (1e11, 1_000_000, "seconds since 1970"),
    (1e14, 1_000, "milliseconds since 1970"),
    (1e17, 1, "microseconds since 1970"),
)
_LATEST_US = 4_102_444_800_000_000
_BEFORE = "a time before 1970: no post is that old"
_FIRST_DAY, _LAST_DAY = 19_000_101, 21_001_231


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
        return _one_by_one(column or [], lambda given: native_id(given, what), pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type):
        return Read(column.cast(pa.string()))
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _one_by_one(column.to_pylist(), lambda given: native_id(given, what), pa.string())
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if pc.any(pc.match_substring_regex(text, _SPOILT)).as_py():
        return _one_by_one(text.to_pylist(), lambda given: native_id(given, what), pa.string())
    nothing = pc.is_in(pc.utf8_lower(text), _NOTHING)
    return Read(pc.if_else(nothing, pa.scalar(None, pa.string()), text))


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


def times(column: Any, zone: str | None) -> Read:
    """A column of times in UTC, and how many were read as what.

    Missing   NULL: no time, one without a zone where none was named, one before 1970, or no
              readable one
    """
    read = _read_times(column, zone)
    early = pc.fill_null(pc.less(read.values.cast(pa.int64()), 0), False)
    if not pc.any(early).as_py():
        return read
    rows = np.flatnonzero(early.to_numpy(zero_copy_only=False))
    kept = pc.if_else(early, pa.scalar(None, read.values.type), read.values)
    why = tuple((int(row), _BEFORE) for row in rows[:20])
    # Only where all were read in one way can a time be that early: numbers below 0 are refused.
    read_as = {how: _valid(kept) for how in read.read_as}
    return Read(kept, (*read.reasons, *why), read_as)


def _read_times(column: Any, zone: str | None) -> Read:
    if isinstance(column, list):
        column = _numbers(column)
    if isinstance(column, list):
        return _moments(column, zone)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        found = pc.cast(column, MICROS, safe=False)
        return Read(found, read_as={"timestamps with a zone": _valid(found)})
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _epochs(column, zone)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _texts(column.cast(pa.string()), zone)
    return _moments(column.to_pylist(), zone)


def _epochs(column: pa.Array, zone: str | None) -> Read:
    known = column.is_valid().to_numpy(zero_copy_only=False)
    numbers = column.fill_null(0).to_numpy(zero_copy_only=False)
    if numbers.dtype.kind == "f":
        known &= np.isfinite(numbers)
        numbers = np.where(known, numbers, 0)
    elif np.any((numbers >= _FIRST_DAY) & (numbers <= _LAST_DAY) & known):
        return _moments(column.to_pylist(), zone)
    known &= numbers >= 0
    found = np.zeros(len(numbers), np.int64)
    size = np.abs(numbers.astype(np.float64))
    below = 0.0
    read_as = {}
    for bound, factor, name in _UNITS:
        here = known & (size < bound) & (size >= below)
        below = bound
        if here.any():
            read_as[name] = int(here.sum())
            scaled = numbers[here] * factor
            found[here] = np.rint(scaled) if scaled.dtype.kind == "f" else scaled
    known &= (size < below) & (np.abs(found) < _LATEST_US)
    late = column.is_valid().to_numpy(zero_copy_only=False) & ~known
    reasons = [
        (int(row), _BEFORE if numbers[row] < 0 else "the number is no time")
        for row in np.flatnonzero(late)[:20]
    ]
    return Read(pa.array(found, pa.int64(), mask=~known).cast(MICROS), tuple(reasons), read_as)


def _texts(column: pa.Array, zone: str | None) -> Read:
    try:
        return _epochs(pc.cast(column, pa.int64()), zone)
    except pa.ArrowInvalid:
        pass
    try:
        return _epochs(pc.cast(column, pa.float64()), zone)
    except pa.ArrowInvalid:
        pass
    if zone is None:
        found = iso_column(column.to_pylist())
        if found.null_count == column.null_count:
            return Read(found, read_as={"ISO 8601 with an offset": _valid(found)})
    return _moments(column.to_pylist(), zone)


def _moments(values: list[Any], zone: str | None) -> Read:
    def one(given: Any) -> int | None:
        if given is None or given == "":
            return None
        if isinstance(given, (datetime, date)):
            given = given.isoformat()
        return moment(given, zone).at_us

    read = _one_by_one(values, one, pa.int64())
    name = "ISO 8601 with an offset" if zone is None else f"ISO 8601, {zone} where none is stated"
    found = read.values.cast(MICROS)
    return Read(found, read.reasons, {name: _valid(found)} if _valid(found) else {})


def _one_by_one(values: list[Any], function: Callable[[Any], Any], kind: pa.DataType) -> Read:
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


def _numbers(values: list[Any]) -> Any:
    for kind in (pa.string(), pa.int64(), pa.float64()):
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            continue
    return values


def _valid(column: pa.Array) -> int:
    return len(column) - int(column.null_count)
