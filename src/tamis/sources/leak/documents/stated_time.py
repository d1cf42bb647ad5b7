"""Times as PDF and EXIF write them: a moment where a zone stands with them, otherwise nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_PDF = re.compile(
    r"\s*(?:D:)?(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?\s*"
    r"(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)",
    re.ASCII,
)
_EXIF = re.compile(r"\s*(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)\s*", re.ASCII)
_OFFSET = re.compile(r"\s*(?:(Z)|([+-])(\d\d):?(\d\d))\s*", re.ASCII)
_LONGEST = 64


def pdf_time(text: str) -> datetime | None:
    """The moment of a PDF date such as `D:20170505101112+02'00'`.

    Missing   None when it states no zone, or is no date
    Source    ISO 32000-1 §7.9.4; minutes and seconds that are left out are 0. A date without an
              hour is no moment, whatever zone stands behind it.
    """
    match = _PDF.match(text[:_LONGEST])
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in match.groups()[:6])
    return _moment((year, month, day, hour, minute, second), match.groups()[6:])


def exif_time(text: str, offset: str | None) -> datetime | None:
    """The moment of an EXIF date, which has a zone only where an offset tag stands beside it.

    Missing   None without an offset, or when it is no date
    Source    Exif 2.31 (CIPA DC-008) §4.6.5: DateTime, OffsetTime.
    """
    match = _EXIF.fullmatch(text[:_LONGEST])
    zone = _OFFSET.fullmatch((offset or "")[:_LONGEST])
    if match is None or zone is None:
        return None
    year, month, day, hour, minute, second = (int(one) for one in match.groups())
    return _moment((year, month, day, hour, minute, second), zone.groups())


def _moment(
    parts: tuple[int, int, int, int, int, int], zone: tuple[str | None, ...]
) -> datetime | None:
    is_utc, sign, hours, minutes = zone
    offset = timedelta()
    if is_utc is None:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        offset = -offset if sign == "-" else offset
    year, month, day, hour, minute, second = parts
    try:
        # A leap second is told as the second before it.
        stated = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone(offset))
        return stated.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
