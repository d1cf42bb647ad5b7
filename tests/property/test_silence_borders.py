"""Borders of silence against a slow clock that looks at every minute.

Code electoral L. 49 counts from "la veille du scrutin à zéro heure": the eve, 00:00, as clocks
of the polling place show it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.syntax.silence.clocks import instant
from tamis.syntax.silence.reading import shipped
from tamis.syntax.silence.windows import Border, Window, windows

FILE = Path(tamis.__file__).parent / "syntax/silence/rules.toml"
RAW: dict[str, Any] = {one["code"]: one for one in tomllib.loads(FILE.read_text())["jurisdiction"]}
MINUTE = dt.timedelta(minutes=1)
TICK = dt.timedelta(microseconds=1)
ZONES = (
    *("Europe/Paris", "America/Sao_Paulo", "Africa/Cairo", "America/Asuncion", "Asia/Beirut"),
    *("Atlantic/Azores", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Gaza"),
    *("Pacific/Chatham", "America/St_Johns", "Asia/Kathmandu", "America/Scoresbysund"),
)


def slow_instant(day: dt.date, minutes: int, zone: str) -> dt.datetime:
    """The first minute at which clocks show that time, or a later one, looked for one by one."""
    wanted = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    moment = (wanted - dt.timedelta(hours=16)).replace(tzinfo=dt.UTC)
    while moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        moment += MINUTE
    return moment


@given(
    st.dates(dt.date(1980, 1, 1), dt.date(2037, 12, 1)),
    st.integers(0, 1440),
    st.sampled_from(ZONES),
)
@settings(max_examples=60, deadline=None)
def test_a_local_time_is_the_first_minute_that_shows_it(
    day: dt.date, minutes: int, zone: str
) -> None:
    assert instant(day, minutes, zone) == slow_instant(day, minutes, zone)


@pytest.mark.parametrize(
    ("day", "minutes", "zone", "utc"),
    [
        # Clocks went from 00:00 to 01:00: the day began at 01:00.
        ("2017-10-15", 0, "America/Sao_Paulo", "2017-10-15T03:00"),
        ("2017-10-15", 30, "America/Sao_Paulo", "2017-10-15T03:00"),
        # Clocks went from 01:00 back to 00:00: midnight came twice.
        ("2017-10-29", 0, "Atlantic/Azores", "2017-10-29T00:00"),
        ("2017-10-29", 30, "Atlantic/Azores", "2017-10-29T00:30"),
        # A day that never was.
        ("2011-12-30", 0, "Pacific/Apia", "2011-12-30T10:00"),
        ("2017-03-26", 150, "Europe/Paris", "2017-03-26T01:00"),
    ],
)
def test_days_on_which_clocks_change(day: str, minutes: int, zone: str, utc: str) -> None:
    expected = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert instant(dt.date.fromisoformat(day), minutes, zone) == expected
    assert slow_instant(dt.date.fromisoformat(day), minutes, zone) == expected


def slow_border(
    code: str, rule: dict[str, Any], name: str, place: str, days: list[dt.date]
) -> tuple[dt.datetime, dt.datetime] | None:
    """The span of a border as the file's own words give it."""
    anchor = rule.get(name)
    if anchor is None or anchor["at"] == "any":
        return None
    held = RAW[code]
    places = {one["name"]: one for one in held["territories"]}
    national = [one for one in held["territories"] if one["zone"] == held["zone"]]
    whole = {"name": held["name"], "zone": held["zone"], **(national[0] if national else {})}
    clock = anchor.get("clock", "local")
    chosen = {"national": [whole], "last": list(places.values())}.get(
        clock, [places.get(place, whole)]
    )
    spans = [_slow_span(anchor, one, days) for one in chosen]
    shift = dt.timedelta(hours=anchor.get("hours", 0))
    return max(one[0] for one in spans) + shift, max(one[1] for one in spans) + shift


def _slow_span(
    anchor: dict[str, Any], place: dict[str, Any], days: list[dt.date]
) -> tuple[dt.datetime, dt.datetime]:
    first, last = (one + dt.timedelta(days=place.get("days", 0)) for one in (days[0], days[-1]))
    day = first if anchor.get("voting_day") == "first" else last
    time = anchor.get("time")
    if "open" in anchor["at"]:
        day, time = first, time or place.get("opens")
    elif "close" in anchor["at"]:
        time = time or place.get("closes")
    elif anchor["at"] == "weekday":
        day -= dt.timedelta(days=1)
        while day.strftime("%A") != anchor["weekday"]:
            day -= dt.timedelta(days=1)
    day += dt.timedelta(days=anchor.get("days", 0))
    if time is None:
        return slow_instant(day, 0, place["zone"]), slow_instant(day, 1440, place["zone"])
    hour, minute = map(int, time.split(":"))
    found = slow_instant(day, hour * 60 + minute, place["zone"])
    return found, found


def check_window(one: Window, days: list[dt.date]) -> None:
    code, place = one.jurisdiction.code, one.territory.name
    (rule,) = (rule for rule in RAW[code]["rule"] if rule["id"] == one.rule.rule_id)
    spans = [slow_border(code, rule, name, place, days) for name in ("start", "end")]
    for border, span in zip((one.start, one.end), spans, strict=True):
        assert (border.low_at, border.high_at) == (span or (None, None)), one
    start, end = one.start, one.end
    begun = start.state == "any_time"
    if start.high_at is not None and start.low_at is not None:
        begun = True
        assert one.state(start.low_at - TICK) == "before"
        is_short = end.low_at is not None and end.low_at <= start.high_at
        if not is_short:
            later = "inside" if end.low_at is not None else "not_established"
            assert one.state(start.high_at) == later
            assert one.state(start.high_at + TICK) == later
        if start.low_at < start.high_at:
            assert one.state(start.low_at) in {"unsure", "not_established"}
    _check_end(one, end, begun=begun)


def _check_end(one: Window, end: Border, *, begun: bool) -> None:
    if end.low_at is None or end.high_at is None:
        return
    assert one.state(end.high_at) == "after"
    assert one.state(end.high_at + TICK) == "after"
    if begun and end.low_at == end.high_at:
        start_high = one.start.high_at
        is_begun = start_high is None or start_high < end.low_at
        assert one.state(end.low_at - TICK) == ("inside" if is_begun else "unsure")
    elif end.low_at < end.high_at:
        assert one.state(end.high_at - TICK) in {"unsure", "not_established"}


# Days after changes of clocks in the north and the south, and days on which votes were held.
DAYS = ("2017-05-07", "2019-03-31", "2018-10-28", "2026-03-29", "2024-06-09", "2026-11-01")


@pytest.mark.parametrize("day", DAYS)
def test_every_border_of_every_rule_just_before_at_and_after(day: str) -> None:
    days = [dt.date.fromisoformat(day)]
    seen = set()
    for held in shipped().jurisdictions.values():
        for one in windows(held, days):
            check_window(one, days)
            seen.add(one.rule.rule_id)
    assert len(seen) >= 47


@given(
    st.sampled_from(sorted(shipped().jurisdictions)),
    st.dates(dt.date(2010, 1, 1), dt.date(2035, 12, 1)),
    st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_votes_of_one_or_more_days_over_the_years(code: str, day: dt.date, count: int) -> None:
    days = [day + dt.timedelta(days=number) for number in range(count)]
    for one in windows(shipped().jurisdictions[code], days):
        check_window(one, days)
