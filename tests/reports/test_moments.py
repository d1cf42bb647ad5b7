from __future__ import annotations

import datetime as dt
import re

import pytest

from tamis.errors import SettingsError
from tamis.reports.moments import Clock, duration, stated

NOON = dt.datetime(2031, 7, 1, 12, 0, tzinfo=dt.UTC)


def words(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_a_moment_is_told_in_utc_and_in_the_zone_beside() -> None:
    assert words(Clock().show(NOON)) == "2031-07-01 12:00:00 UTC"
    assert words(Clock("Europe/Paris").show(NOON)) == "2031-07-01 12:00:00 UTC (14:00 CEST)"
    late = NOON + dt.timedelta(hours=11, milliseconds=5)
    assert words(Clock("Europe/Paris").show(late)).endswith("23:00:00.005 UTC (02 Jul 01:00 CEST)")
    assert words(Clock("America/Sao_Paulo").show(NOON)).endswith("(09:00 UTC-03)")
    assert words(Clock().show(None)) == "unknown"


def test_an_interval_tells_both_ends_unless_they_are_one_second() -> None:
    clock = Clock()
    assert words(clock.interval(NOON, NOON)) == words(clock.show(NOON))
    second = words(clock.interval(NOON, NOON + dt.timedelta(microseconds=999_999)))
    assert second == "2031-07-01 12:00:00 UTC, to the second"
    hour = words(clock.interval(NOON, NOON + dt.timedelta(hours=1)))
    assert hour == "between 2031-07-01 12:00:00 UTC and 2031-07-01 13:00:00 UTC"
    half = clock.interval(NOON + dt.timedelta(milliseconds=500), NOON + dt.timedelta(seconds=1))
    assert "between" in half


def test_a_date_is_shown_in_the_zone_its_sender_stated() -> None:
    assert words(stated(NOON, -7 * 3600)) == "2031-07-01 05:00:00-07:00"
    assert words(stated(NOON, None)) == "2031-07-01 12:00:00 UTC, no zone stated"
    assert words(stated(None, 0)) == "no readable Date"
    assert stated(NOON, 10**9), "an absurd offset is no reason to stop"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (4.5, "4.5 s"),
        (-16, "\N{MINUS SIGN}16 s"),
        (600, "10 min"),
        (36_000, "10 h"),
        (864_000, "10 days"),
        (None, "unknown"),
    ],
)
def test_spans_of_time(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told


def test_an_unknown_zone_is_a_setting_to_correct() -> None:
    with pytest.raises(SettingsError, match="display_zone"):
        Clock("Europe/Nowhere").show(NOON)
