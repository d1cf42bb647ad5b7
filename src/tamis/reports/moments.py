"""Moments and intervals as a reader sees them: UTC first, the reader's own zone beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tamis.errors import SettingsError
from tamis.reports.markup import Markup, join, tag


@dataclass(frozen=True, slots=True)
class Clock:
    """How moments are written: always in UTC, and in one display zone."""

    zone_name: str = "UTC"

    @property
    def zone(self) -> dt.tzinfo:
        """The display zone.

        Errors    SettingsError when no such zone exists.
        """
        try:
            return ZoneInfo(self.zone_name)
        except (ZoneInfoNotFoundError, ValueError) as problem:
            raise SettingsError(
                f"display_zone {self.zone_name!r} is no time zone: "
                "write a name such as Europe/Paris in case.toml"
            ) from problem

    def show(self, moment: dt.datetime | None, precision: str = "seconds") -> Markup:
        """One moment in UTC, and in the display zone where that differs."""
        if moment is None:
            return Markup('<span class="none">unknown</span>')
        utc = moment.astimezone(dt.UTC)
        if moment.microsecond and precision == "seconds":
            precision = "milliseconds"
        text = f"{utc.replace(tzinfo=None).isoformat(' ', precision)} UTC"
        local = utc.astimezone(self.zone)
        beside = None
        if local.utcoffset() != dt.timedelta(0):
            short = local.strftime("%H:%M" if local.date() == utc.date() else "%d %b %H:%M")
            beside = tag("span", f" ({short} {_abbreviation(local)})", class_="zone")
        return join(tag("time", text, datetime=utc.isoformat()), beside)

    def interval(self, low: dt.datetime | None, high: dt.datetime | None) -> Markup:
        """The times between which something happened; one moment where both agree."""
        if low is None and high is not None:
            return join("not later than ", self.show(high))
        if low is None or high is None or low == high:
            return self.show(low or high)
        if low.replace(microsecond=0) == high.replace(microsecond=0) == low:
            return join(self.show(low), ", to the second")
        return join("between ", self.show(low), " and ", self.show(high))


def stated(moment: dt.datetime | None, offset_s: int | None) -> Markup:
    """A sender's Date as the sender stated it, in the zone the sender stated."""
    if moment is None:
        return Markup('<span class="none">no readable Date</span>')
    utc = moment.astimezone(dt.UTC)
    if offset_s is None:
        text = f"{utc.replace(tzinfo=None).isoformat(' ', 'seconds')} UTC, no zone stated"
    else:
        local = utc.astimezone(_fixed(offset_s))
        text = local.isoformat(" ", "seconds")
    return tag("time", text, datetime=utc.isoformat())


def duration(seconds: float | None) -> str:
    """A span of time in the unit a person would use."""
    if seconds is None:
        return "unknown"
    size = abs(seconds)
    sign = "\N{MINUS SIGN}" if seconds < 0 else ""
    for limit, divisor, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if size < limit:
            return f"{sign}{size / divisor:.3g} {unit}"
    return f"{sign}{size / 86_400:,.4g} days"


def _abbreviation(local: dt.datetime) -> str:
    """CEST or the like; an offset where the zone has no abbreviation."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def _fixed(offset_s: int) -> dt.timezone:
    day = 86_399
    return dt.timezone(dt.timedelta(seconds=max(-day, min(day, offset_s))))
