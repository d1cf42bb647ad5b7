"""Times that exports state in their own ways: X ids, English dates, zone letters, US dates."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.sources.posts.told import When
from tamis.syntax.clock import (
    X_EPOCH_MS,
    X_FIRST_TIMED_ID,
    Moment,
    UnreadableTimeError,
    check_zone,
    moment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.registry import Source

_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_ENGLISH = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d) (\d{4})"
)
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")
# Zone abbreviations that stand for one offset in every zone of the tz database from 2007 to 2030.
# Left out as ambiguous: CST, CDT, IST, KST, MSK, PST (several offsets there), AST, BST and SST
# (several in use elsewhere); a time with one of these needs a zone that a person names.
ABBREVIATIONS = {
    **dict.fromkeys(("UTC", "GMT", "WET"), "+00:00"),
    **dict.fromkeys(("CET", "WEST", "WAT"), "+01:00"),
    **dict.fromkeys(("CEST", "EET", "CAT", "SAST"), "+02:00"),
    **dict.fromkeys(("EEST", "EAT"), "+03:00"),
    **dict.fromkeys(("AWST", "HKT"), "+08:00"),
    "JST": "+09:00",
    "ACST": "+09:30",
    "AEST": "+10:00",
    "ACDT": "+10:30",
    "AEDT": "+11:00",
    "NZST": "+12:00",
    "NZDT": "+13:00",
    "ADT": "-03:00",
    "EDT": "-04:00",
    "EST": "-05:00",
    "MDT": "-06:00",
    "MST": "-07:00",
    "PDT": "-07:00",
    "AKDT": "-08:00",
    "AKST": "-09:00",
    "HST": "-10:00",
}
_SLACK_US = 2_000_000


def assumed_zone(source: Source) -> str | None:
    """The zone that the investigator named, once it is known to exist."""
    zone: str | None = source.options.get("assume_zone")
    return check_zone(zone) if zone is not None else None


def iso_of_english(text: Any) -> str | None:
    """`Wed Nov 01 06:00:00 +0000 2017` as ISO; another text as it came; None for none."""
    if type(text) is not str:
        return None
    if len(text) == 30 and text[19:26] == " +0000 ":
        month = _MONTHS.get(text[4:7])
        if month is not None:
            return f"{text[26:]}-{month}-{text[8:10]}T{text[11:19]}Z"
    found = _ENGLISH.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return text
    return f"{found[6]}-{_MONTHS[found[1]]}-{found[2]}T{found[3]}{found[4]}:{found[5]}"


def iso_of_us(text: str) -> str:
    """`10/1/2017 19:58` (month first) as ISO without a zone.

    Errors    UnreadableTimeError for another form, or a month above twelve
    """
    found = _US.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= 12:
        raise UnreadableTimeError(
            f"the time {text[:40]!r} is no date in US form (10/1/2017 19:58, month first)"
        )
    month, day, year, hour, minute, second = found.groups()
    made = f"{year}-{int(month):02}-{int(day):02} {int(hour):02}:{minute}"
    return f"{made}:{second}" if second else made


def carried_by_x(native: str) -> Moment | None:
    """The time inside an id of X, to the millisecond; None for an id counted upwards."""
    if not native.isdigit() or not X_FIRST_TIMED_ID <= int(native) < 1 << 63:
        return None
    at = ((int(native) >> 22) + X_EPOCH_MS) * 1000
    return Moment(at, at, at + 999, 0.001)


def reconciled(stated: Moment | None, carried: Moment | None, clock: str) -> When | None:
    """One time from what the row states and what its id carries.

    Output    the id's where both agree (finer), the stated one with an interval over both where
              they differ by more than two seconds
    """
    if carried is None:
        return When(stated, clock) if stated is not None else None
    if stated is None:
        return When(carried, "id_derived")
    if agree(stated, carried):
        return When(carried, "id_derived")
    low, high = min(stated.low_us, carried.low_us), max(stated.high_us, carried.high_us)
    return When(Moment(stated.at_us, low, high, stated.precision_s), clock)


def agree(stated: Moment, carried: Moment) -> bool:
    """Whether two readings of one time are at most two seconds apart."""
    return stated.low_us - _SLACK_US <= carried.at_us <= stated.high_us + _SLACK_US


def refuse_without_zone(file: str, column: str, given: Iterable[Any]) -> None:
    """Refuse a file if all these values are wall times that name no zone."""
    values = [one for one in given if one]
    if values and all(_is_without_zone(one) for one in values):
        raise zoneless(file, column, values[0])


def zoneless(file: str, column: str, example: Any) -> FormatError:
    """The refusal of times without a zone, with what to say."""
    return FormatError(
        f"{file}: the times in column {column!r} (such as {str(example)[:40]!r}) name no time "
        "zone, and none is guessed. Say in which zone they were written, for example "
        "--assume-zone Europe/Paris or --assume-zone UTC"
    )


def _is_without_zone(given: Any) -> bool:
    if isinstance(given, datetime):
        return given.tzinfo is None
    try:
        moment(given)
    except UnreadableTimeError as error:
        return "names no zone" in str(error)
    return False
