"""Local times as instants: where a border falls when clocks are changed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

_MINUTE = dt.timedelta(minutes=1)


def instant(day: dt.date, minutes: int, zone: str) -> dt.datetime:
    """The first instant at which clocks in `zone` show `minutes` of `day`, or later, in UTC.

    Where clocks are put forward over that time it is the instant of the change; where they are
    put back and show it twice, it is the first of the two.

    Errors    OverflowError outside the years 1 to 9999.
    """
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    place = ZoneInfo(zone)
    first = wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
    if first.astimezone(place).replace(tzinfo=None) == wall:
        return first
    # In a gap the earlier reading lies after the change, the later one before it.
    low = wall.replace(tzinfo=place, fold=1).astimezone(dt.UTC)
    while first - low > _MINUTE:
        middle = low + (first - low) / 2
        middle = middle.replace(second=0, microsecond=0)
        middle = max(middle, low + _MINUTE)
        if middle >= first:
            break
        if middle.astimezone(place).replace(tzinfo=None) >= wall:
            first = middle
        else:
            low = middle
    return first
