"""Times of posts: many at once, always with an interval, never with a guessed zone.

A post's time is posted_at with the interval it may lie in: [low, high], both inclusive.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.errors import InputError

MICROS = pa.timestamp("us", tz="UTC")
X_EPOCH_MS = 1_288_834_974_657
# The first id that carries its time (4 November 2010); smaller ids were counted upwards.
X_FIRST_TIMED_ID = 29_700_859_247

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
# Most of them, so that a minute is worked out once.
_USUAL = re.compile(
    r"((?:19[89]|20\d)\d-\d{2}-\d{2}[T ]\d{2}:\d{2}):([0-5]\d)([.,]\d{1,9})?"
    r"(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
# Thu Nov 02 06:00:00 +0000 2017 (X v1.1) and Thu, 02 Nov 2017 06:00:00 +0000 (RFC 5322).
_ENGLISH = re.compile(
    r"(?:[A-Z][a-z]{2},? )?(?:(?P<m1>[A-Z][a-z]{2}) (?P<d1>\d{1,2}) (?P<t1>\d{2}:\d{2}:\d{2}) "
    r"(?P<o1>[+-]\d{4}) (?P<y1>\d{4})|(?P<d2>\d{1,2}) (?P<m2>[A-Z][a-z]{2}) (?P<y2>\d{4}) "
    r"(?P<t2>\d{2}:\d{2}:\d{2}) (?P<o2>[+-]\d{4}|GMT|UTC))"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
# Epoch units by magnitude: seconds reach 1e11 in the year 5138, milliseconds begin in 1973.
_UNITS = ((1e11, 1_000_000, 1.0), (1e14, 1_000, 0.001), (1e17, 1, 1e-6))
# Nanoseconds of 2003 to 2099 only: other numbers of that length are ids or mistakes.
_NANOSECONDS = (1.05e18, 4.1e18)
_FIRST_DAY, _LAST_DAY = 19_000_101, 21_001_231
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 4_102_444_800_000_000  # 2100-01-01: anything later is no time of a post


class Moment(NamedTuple):
    """One time in microseconds since 1970 UTC, with its interval and resolution."""

    at_us: int
    low_us: int
    high_us: int
    precision_s: float


class UnreadableTimeError(ValueError):
    """A value that is no time; its text says why, for the `rejected` table."""


def iso_column(values: list[str | None]) -> pa.Array:
    """ISO 8601 texts with an offset as UTC timestamps; NULL where a value is NULL or unreadable.

    Input     texts; the fast way takes the whole column, one bad value costs a slower pass
    """
    texts = pa.array(values, pa.string())
    try:
        return pc.cast(texts, MICROS)
    except pa.ArrowInvalid:
        return pa.array([_micros_or_none(value) for value in values], pa.int64()).cast(MICROS)


def snowflake_us(ids: np.ndarray, epoch_ms: int, first_timed: int) -> np.ndarray:
    """Microseconds since 1970 that ids carry in their upper bits; -1 where an id carries none.

    Input     int64 ids; `epoch_ms` of the platform; the first id that was made from a clock
    """
    timed = ids >= first_timed
    return np.where(timed, ((ids >> 22) + epoch_ms) * 1000, -1)


def moment(value: str | float, zone: str | None = None) -> Moment:
    """The time that one cell of a table holds.

    Input     an ISO text with offset, an epoch number in s, ms, us or ns (by magnitude), or, with a
              `zone` that a person named, an ISO text without offset
    Errors    UnreadableTimeError: no time, no zone, or a wall time that the zone skipped
    Limits    An hour repeated when clocks go back gives an interval over both readings.
    """
    if isinstance(value, (int, float)):
        return _epoch(float(value), value if isinstance(value, int) else None)
    usual = _USUAL.fullmatch(value)
    if usual is not None:
        minute, second, fraction, offset = usual.groups()
        known = _minute(minute, offset, None if offset else zone)
        if known is not None:
            return _within(known, second, fraction)
    return _read(value, zone)


@lru_cache(maxsize=1 << 12)
def _read(value: str, zone: str | None) -> Moment:
    """The same of any text: whole minutes and days come again and again."""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _epoch(float(text), int(text) if text.isdecimal() else None, text)
    found = _ISO.fullmatch(text) or _ISO.fullmatch(_as_iso(text))
    if found is None:
        raise UnreadableTimeError(
            f"the time {text[:40]!r} is neither ISO 8601 (2017-05-05T20:49:00+02:00) nor an epoch "
            "number"
        )
    return _from_iso(found, text, zone)


def order(one: Moment, other: Moment) -> int | None:
    """-1 where `one` is surely earlier, 1 where it is surely later, None where neither is sure.

    Two times whose intervals share so much as one instant have no order: not even where both
    are the same interval.
    """
    if one.high_us < other.low_us:
        return -1
    return 1 if other.high_us < one.low_us else None


def widened(
    at: np.ndarray, unit: np.ndarray, carried: np.ndarray, tolerance_us: int
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high ends of stated times, widened to hold the time that the post's id carries.

    Input     microseconds: `at`, the resolution `unit` of each, `carried` by the id (-1: none)
    Source    an id made from a clock is evidence against a stated time that differs by more than
              `tolerance_us`; which of the two is wrong is not known, so the interval holds both
    """
    low, high = at, at + unit - 1
    differ = (carried >= 0) & (np.abs(carried - at) > tolerance_us)
    low = np.where(differ, np.minimum(low, carried), low)
    return low, np.where(differ, np.maximum(high, carried + 999), high)


def check_zone(name: str) -> str:
    """`name` itself, once it is a time zone that is known here.

    Errors    InputError with an example of what to write.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"{name!r} is no time zone: write a name such as Europe/Paris or UTC"
        ) from error
    return name


@lru_cache(maxsize=1 << 14)
def _minute(minute: str, offset: str | None, zone: str | None) -> tuple[int, int] | None:
    """The first and last reading of a minute's beginning, None where `moment` has to say why not.

    Since 1980 clocks were set at full minutes only: within one, seconds only add up.
    """
    try:
        begin = _from_iso(_ISO.fullmatch(f"{minute}:00{offset or ''}"), minute, zone)  # type: ignore[arg-type]
    except UnreadableTimeError:
        return None
    return begin.at_us, begin.high_us - 999_999


def _within(minute: tuple[int, int], second: str, fraction: str | None) -> Moment:
    """A second of a minute, with its decimals."""
    first, last = minute
    step, precision = int(second) * 1_000_000, 1.0
    if fraction is not None:
        digits = min(len(fraction) - 1, 6)
        precision = 10.0**-digits
        step += int(fraction[1:7].ljust(6, "0"))
    rest = max(round(precision * 1_000_000) - 1, 0)
    return Moment(first + step, first + step, last + step + rest, precision)


def _epoch(number: float, exact: int | None, text: str = "") -> Moment:
    if exact is not None and exact > _LAST_DAY and exact * 1_000_000 < _LATEST:
        at = exact * 1_000_000
        return Moment(at, at, at + 999_999, 1.0)
    if exact is not None and _FIRST_DAY <= exact <= _LAST_DAY:
        raise UnreadableTimeError(
            f"{exact} may be a date (YYYYMMDD) or seconds since 1970: write it as 2017-05-05"
        )
    for bound, factor, resolution in _UNITS:
        if abs(number) < bound:
            at = exact * factor if exact is not None else round(number * factor)
            decimals = len(text.partition(".")[2]) if text else 0
            precision = resolution
            if exact is None and (decimals or number != int(number)):
                precision = max(resolution * 10.0**-decimals if decimals else 1e-6, 1e-6)
            return _spread(at, precision)
    if _NANOSECONDS[0] <= number < _NANOSECONDS[1]:
        return _spread(exact // 1000 if exact is not None else round(number / 1000), 1e-6)
    raise UnreadableTimeError(f"the number {number:g} is too large for a time")


def _as_iso(text: str) -> str:
    """The two English forms rewritten as ISO; any other text comes back empty."""
    found = _ENGLISH.fullmatch(text)
    if found is None:
        return ""
    side = "1" if found["m1"] else "2"
    month, day, clock, offset, year = (found[name + side] for name in "mdtoy")
    if month not in _MONTHS:
        return ""
    return f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{clock}{offset}"


def _from_iso(found: re.Match[str], text: str, zone: str | None) -> Moment:
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    digits = len(fraction) if fraction else 0
    precision = 10.0 ** -min(digits, 6) if digits else 1.0 if second else 60.0 if hour else 86_400.0
    try:
        wall = datetime(  # noqa: DTZ001 - the zone is joined below, or the value refused
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "0")[:6].ljust(6, "0")),
        )
    except ValueError as error:
        raise UnreadableTimeError(f"the time {text[:40]!r} does not exist: {error}") from error
    if offset is not None:
        return _spread(_micros(wall.replace(tzinfo=UTC)) - _offset_us(offset), precision)
    if zone is None:
        raise UnreadableTimeError(
            f"the time {text[:40]!r} names no zone, and none is guessed: give the zone it was "
            "written in with --assume-zone, for example --assume-zone Europe/Paris"
        )
    return _in_zone(wall, zone, precision)


def _in_zone(wall: datetime, zone: str, precision: float) -> Moment:
    """The moment of a wall time in a zone, as an interval where clocks were set back."""
    place = ZoneInfo(zone)
    readings = [_micros(wall.replace(tzinfo=place, fold=fold)) for fold in (0, 1)]
    back = (_EPOCH + timedelta(microseconds=readings[0])).astimezone(place)
    if back.replace(tzinfo=None) != wall:
        raise UnreadableTimeError(
            f"the time {wall.isoformat(sep=' ')} never was in {zone}: clocks were set forward; "
            "check that this is the zone it was written in"
        )
    first, last = min(readings), max(readings)
    low, high = _spread(first, precision), _spread(last, precision)
    return Moment(first, low.low_us, high.high_us, precision)


def _spread(at: int, precision: float) -> Moment:
    """A truncated reading: the true time lies from it up to just before the next one."""
    if not -_LATEST < at < _LATEST:
        raise UnreadableTimeError("the time lies outside the years 1840 to 2100")
    return Moment(at, at, at + max(round(precision * 1_000_000) - 1, 0), precision)


def _offset_us(text: str) -> int:
    if text.upper() in {"Z", "UTC", "GMT"}:
        return 0
    digits = text[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    if seconds > 86_400:
        raise UnreadableTimeError(f"the offset {text} is larger than a day")
    return (-seconds if text[0] == "-" else seconds) * 1_000_000


def _micros(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def _micros_or_none(value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return moment(value).at_us
    except UnreadableTimeError:
        return None
