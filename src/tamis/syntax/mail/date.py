"""Dates of mail headers become instants, or nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{2,12}\.?\s{0,9},?\s{0,9})?"  # day of the week: ignored
    r"(?P<day>\d{1,2})(?:\s{1,9}|-)(?P<month>[A-Za-z]{3,9})\.?(?:\s{1,9}|-)(?P<year>\d{2,6})"
    r",?\s{1,9}(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d{1,9})?)?"
    r"\s{0,9}(?P<zone>[+-]\d{4}|[+-]\d{2}:\d{2}|[A-Za-z]{1,9})?"
)
_ASCTIME = re.compile(
    r"\s*(?:[A-Za-z]{3,9},?\s{1,9})?(?P<month>[A-Za-z]{3,9})\s{1,9}(?P<day>\d{1,2}),?\s{1,9}"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s{1,9}"
    r"(?:(?P<zone>[+-]\d{4}|[A-Za-z]{1,9})\s{1,9})?(?P<year>\d{4})"
    r"(?:\s{1,9}(?P<zone_after>[+-]\d{4}))?"
)
_ZONES = {
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
_COMMENT = re.compile(r"\([^()]*\)")
_LONGEST = 512  # a date that needs more characters is none


def parse(value: str) -> tuple[datetime, int | None] | None:
    """The instant in UTC and the offset in seconds that a Date states; None when unreadable.

    Missing   The offset is None for -0000 and for zone words without a fixed meaning: the time
              then counts as UTC, the zone of the sender is unknown.
    Source    RFC 5322 section 3.3 and, for obsolete zones and years, section 4.3. A second of 60
              counts as the next minute's first. asctime order and dashes are read as well.
    Limits    What the sender wrote; it proves nothing. Years outside 1900-2200 are unreadable.
    """
    text = value[:_LONGEST]
    if len(value) > _LONGEST and value[_LONGEST:].strip():
        return None
    if "(" in text:
        text = _COMMENT.sub(" ", text)
    match = _DATE.match(text) or _ASCTIME.match(text)
    if match is None:
        return None
    month = _MONTHS.get(match["month"][:3].lower())
    if month is None:
        return None
    zone = match["zone"] or match.groupdict().get("zone_after")
    offset, is_stated = _offset(zone)
    second = int(match["second"] or 0)
    try:
        local = datetime(
            _year(match["year"]),
            month,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            59 if second == 60 else second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    if not 1900 <= local.year <= 2200:
        return None
    leap = timedelta(seconds=1 if second == 60 else 0)
    return local + leap - timedelta(seconds=offset), offset if is_stated else None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    if len(digits) == 3:
        return year + 1900
    return year if year < 10_000 else 0


def _offset(zone: str | None) -> tuple[int, bool]:
    if zone is None:
        return 0, False
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if minutes > 59 or hours > 23:
            return 0, False
        seconds = hours * 3600 + minutes * 60
        return (-seconds if zone[0] == "-" else seconds), zone != "-0000"
    hours_of_word = _ZONES.get(zone.lower())
    return (0, False) if hours_of_word is None else (hours_of_word * 3600, True)
