"""Times as documents write them: a moment only where the format or the value states a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TICKS_FROM = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_FROM = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TICKS = 0x7FFF_FFFF_FFFF_FFFF


def zoned(written: str) -> datetime | None:
    """The moment of an ISO 8601 time that carries its offset; None for any other text."""
    try:
        found = datetime.fromisoformat(written.strip()[:64])
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def ticks(count: int) -> datetime | None:
    """The moment of a Windows FILETIME (tenths of a microsecond since 1601, in UTC).

    Missing   None for zero, which means "not set", and for what lies outside the calendar
    """
    if not 0 < count <= _MAX_TICKS:
        return None
    try:
        return _TICKS_FROM + timedelta(microseconds=count // 10)
    except OverflowError:
        return None


def unix(seconds: int) -> datetime | None:
    """The moment of a count of seconds since 1970, None for zero."""
    return _UNIX_FROM + timedelta(seconds=seconds) if 0 < seconds < 1 << 33 else None


def shown(moment: datetime) -> str:
    """A moment as text, in UTC and with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
