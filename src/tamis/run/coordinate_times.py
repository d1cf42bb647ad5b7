"""Whole columns of times at once, in whatever way they are written; which way is told."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.run.coordinate_columns import NO_WORDS, NOTHING, Read, one_by_one
from tamis.syntax.clock import MICROS, UnreadableTimeError, iso_column, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = (
    (1e11, 1_000_000, "seconds since 1970"),
    (1e14, 1_000, "milliseconds since 1970"),
    (1e17, 1, "microseconds since 1970"),
)
# Nanoseconds of 2003 to 2099 only: other numbers of that length are ids or mistakes.
_NANOSECONDS = (1_050_000_000_000_000_000, 4_100_000_000_000_000_000)
_LATEST_US = 4_102_444_800_000_000
# Later times are of real posts; a table without any counts from a start of its own.
_EIGHTIES_US = 315_532_800_000_000
_BEFORE = "a time before 1970: no post is that old"
_ZERO = "the time 0 (1970-01-01), which programs write where they know none"
_NO_TIME = "is no time in seconds, milliseconds, microseconds or nanoseconds since 1970"
_ISO = "ISO 8601 with an offset"
_NANOS = "nanoseconds since 1970"
# A number, or a date that begins with a letter or ends with a year: not ISO 8601.
_OTHER_TEXT = r"^\s*(?:[+-]?\d+(?:\.\d*)?\s*$|[A-Za-z]|\d{1,2} [A-Z])"
# The steps in which a clock may have been read: a lag below its step says nothing.
_STEPS_S = (86_400, 3_600, 60)
_FIRST_DAY, _LAST_DAY = 19_000_101, 21_001_231


class Clock:
    """The times of one table, chunk by chunk, and what is said of all of them."""

    def __init__(self, zone: str | None) -> None:
        """Read times that state no zone in `zone`, or not at all."""
        self._zone = zone
        self._read_as: Counter[str] = Counter()
        self._span: tuple[datetime, datetime] | None = None
        self._steps = set(_STEPS_S)
        self._is_dated = False

    def read(self, column: Any) -> Read:
        """The times of one chunk."""
        found = times(column, self._zone, is_dated=self._is_dated)
        self._read_as.update(found.read_as)
        self._is_dated = self._is_dated or is_recent(found.values)
        ends = pc.min_max(found.values).as_py()
        if ends["min"] is not None:
            low, high = self._span or (ends["min"], ends["max"])
            self._span = (min(low, ends["min"]), max(high, ends["max"]))
            micros = found.values.drop_null().cast(pa.int64()).to_numpy()
            self._steps = {one for one in self._steps if not np.any(micros % (one * 1_000_000))}
        return found

    def told(self) -> dict[str, Any]:
        """How times were read, from when to when, and the step in which all of them are."""
        return {
            "time_read_as": dict(self._read_as),
            "first_at": None if self._span is None else str(self._span[0]),
            "last_at": None if self._span is None else str(self._span[1]),
            "time_step_s": max(self._steps, default=None) if self._span else None,
        }


def times(column: Any, zone: str | None, *, is_dated: bool = False) -> Read:
    """A column of times in UTC, and how many were read as what.

    Input     is_dated: other rows of the table have times since 1980, so that 0 means none
    Missing   NULL: no time, one without a zone where none was named, one before 1970, 0 in a
              table of real times, or no readable one
    """
    read = _read_times(column, zone)
    micros = read.values.cast(pa.int64()).fill_null(1).to_numpy(zero_copy_only=False)
    is_dated = is_dated or is_recent(read.values)
    early = micros < (1 if is_dated else 0)
    rows = np.flatnonzero(early)
    if not len(rows):
        return read
    kept = pc.if_else(pa.array(early), pa.scalar(None, read.values.type), read.values)
    why = tuple((int(row), _BEFORE if micros[row] else _ZERO) for row in rows[:20])
    return Read(kept, (*read.reasons, *why), _without(read.read_as, len(rows)))


def _without(read_as: Mapping[str, int], count: int) -> dict[str, int]:
    """The ways of reading without rows that were dropped: zeros are seconds where any are."""
    left = dict(read_as)
    for name in sorted(left, key=lambda name: name != _UNITS[0][2]):
        lost = min(left[name], count)
        left[name] -= lost
        count -= lost
    return {name: number for name, number in left.items() if number}


def is_recent(values: pa.Array) -> bool:
    """Whether some time is since 1980."""
    latest = pc.max(values.cast(pa.int64())).as_py()
    return latest is not None and latest > _EIGHTIES_US


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
    tiny = known & (size >= _NANOSECONDS[0]) & (size < _NANOSECONDS[1])
    if tiny.any():
        read_as[_NANOS] = int(tiny.sum())
        found[tiny] = numbers[tiny] // 1_000
    known &= tiny | ((size < below) & (np.abs(found) < _LATEST_US))
    late = column.is_valid().to_numpy(zero_copy_only=False) & ~known
    reasons = [
        (int(row), _BEFORE if numbers[row] < 0 else f"the number {column[int(row)]} {_NO_TIME}")
        for row in np.flatnonzero(late)[:20]
    ]
    return Read(pa.array(found, pa.int64(), mask=~known).cast(MICROS), tuple(reasons), read_as)


def _texts(column: pa.Array, zone: str | None) -> Read:
    nothing = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(column)), NOTHING)
    column = pc.if_else(nothing, pa.scalar(None, pa.string()), column)
    for kind in (pa.int64(), pa.float64()):
        try:
            return _epochs(pc.cast(column, kind), zone)
        except pa.ArrowInvalid:
            continue
    if zone is None:
        found = iso_column(column.to_pylist())
        if (
            found.null_count == column.null_count
            and not pc.any(pc.match_substring_regex(column, _OTHER_TEXT)).as_py()
        ):
            return Read(found, read_as={_ISO: _valid(found)})
    return _moments(column.to_pylist(), zone)


def _moments(values: list[Any], zone: str | None) -> Read:
    read_as: Counter[str] = Counter()

    def one(given: Any) -> int | None:
        plain = _plain_time(given)
        if plain is None:
            return None
        at = moment(plain, zone).at_us
        if at < 0:
            raise UnreadableTimeError(_BEFORE)
        read_as[_way(plain, zone)] += 1
        return at

    read = one_by_one(values, one, pa.int64())
    return Read(read.values.cast(MICROS), read.reasons, dict(read_as))


def _plain_time(given: Any) -> str | float | None:
    """A cell as text or number; None where it says that there is no time.

    Errors    UnreadableTimeError for what is neither: true, a time of day without a day, a list.
    """
    if given is None or (isinstance(given, str) and given.strip().lower() in NO_WORDS):
        return None
    if isinstance(given, Decimal) and given.is_finite():
        return int(given) if given == int(given) else float(given)
    if isinstance(given, (datetime, date)):
        return given.isoformat()
    if isinstance(given, (str, int, float)) and not isinstance(given, bool):
        return None if given != given else given  # noqa: PLR0124  # NaN alone differs from itself
    raise UnreadableTimeError(f"{str(given)[:40]} ({type(given).__name__}) is no time of a day")


def _way(given: str | float, zone: str | None) -> str:
    """How a time that could be read was read."""
    if isinstance(given, str) and re.search(_OTHER_TEXT, given) is None:
        return _ISO if zone is None else f"ISO 8601, {zone} where none is stated"
    try:
        size = abs(float(given))
    except ValueError:
        return "dates in English words with an offset"
    return next((name for bound, _, name in _UNITS if size < bound), _NANOS)


def _numbers(values: list[Any]) -> Any:
    for kind in (pa.string(), pa.int64(), pa.float64()):
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            continue
    return values


def _valid(column: pa.Array) -> int:
    return len(column) - int(column.null_count)
