"""Times of the incident as whole numbers, written out without locale or time-zone data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

OFFSET_S = 7200  # the invented country keeps UTC+2 in summer
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_FR = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """A UTC calendar time as seconds since 1970."""
    return int((datetime(year, month, day, hour, minute, tzinfo=UTC) - _EPOCH).total_seconds())


POLLING_DAY = "2021-08-22"  # a Sunday; no national vote known to us was held on it
POLLS_OPEN_AT = seconds(2021, 8, 22, 6)  # 08:00 there
POLLS_CLOSE_AT = seconds(2021, 8, 22, 18)
SILENCE_FROM_AT = seconds(2021, 8, 20, 22)  # Saturday 00:00 there
LEAK_AT = seconds(2021, 8, 20, 18, 35)  # the board post that hands out the archive
FIRST_HASHTAG_AT = LEAK_AT + 14 * 60
BEGIN_AT = seconds(2021, 8, 6, 4)  # background chatter begins
END_AT = seconds(2021, 8, 22, 10)  # the last post collected
COLLECTED_AT = seconds(2021, 8, 24, 9)


def moment(at_s: float) -> datetime:
    """The UTC datetime."""
    return _EPOCH + timedelta(seconds=at_s)


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return moment(number * 86_400).strftime("%Y-%m-%d")


def iso(at_s: int) -> str:
    """`2021-08-20T18:35:00Z`."""
    day, rest = divmod(at_s, 86_400)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day(day)}T{hour:02d}:{minute:02d}:{second:02d}Z"


def iso_local(at_s: int, offset_s: int = OFFSET_S) -> str:
    """`2021-08-20T20:35:00+02:00`."""
    sign = "-" if offset_s < 0 else "+"
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return (
        moment(at_s + offset_s).strftime("%Y-%m-%dT%H:%M:%S") + f"{sign}{hours:02d}:{minutes:02d}"
    )


def mail_date(at_s: int, offset_s: int = OFFSET_S) -> str:
    """The date of RFC 5322: `Fri, 20 Aug 2021 20:35:00 +0200`."""
    t = moment(at_s + offset_s)
    sign = "-" if offset_s < 0 else "+"
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return (
        f"{_DAYS[t.weekday()]}, {t.day} {_MONTHS[t.month - 1]} {t.year:04d} "
        f"{t.hour:02d}:{t.minute:02d}:{t.second:02d} {sign}{hours:02d}{minutes:02d}"
    )


def from_line_date(at_s: int) -> str:
    """The date on an mbox separator: `Fri Aug 20 18:35:00 2021`."""
    t = moment(at_s)
    return (
        f"{_DAYS[t.weekday()]} {_MONTHS[t.month - 1]} {t.day:2d} "
        f"{t.hour:02d}:{t.minute:02d}:{t.second:02d} {t.year:04d}"
    )


def spoken_fr(at_s: int) -> str:
    """`20 août 2021 à 20:35`, as mail programs write above a quotation."""
    t = moment(at_s + OFFSET_S)
    return f"{t.day} {_MONTHS_FR[t.month - 1]} {t.year} à {t.hour:02d}:{t.minute:02d}"


def spoken_en(at_s: int) -> str:
    """`Fri, Aug 20, 2021 at 8:35 PM`, as mail programs write above a quotation."""
    t = moment(at_s + OFFSET_S)
    half = "PM" if t.hour >= 12 else "AM"
    return (
        f"{_DAYS[t.weekday()]}, {_MONTHS[t.month - 1]} {t.day}, {t.year} "
        f"at {t.hour % 12 or 12}:{t.minute:02d} {half}"
    )
