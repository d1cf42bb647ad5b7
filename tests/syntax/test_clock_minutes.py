"""A time read by its minute is the time read by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax import clock
from tamis.syntax.clock import Moment, UnreadableTimeError, moment

ZONES = (
    *("UTC", "Europe/Paris", "America/New_York", "America/St_Johns", "Australia/Lord_Howe"),
    *("Asia/Kathmandu", "Africa/Casablanca", "Asia/Pyongyang", "Pacific/Apia", None),
)
OFFSETS = ("", "Z", "+02:00", "-0330", "+25:00", "+00", " Z", "utc")
# Days on which clocks were changed somewhere above, and any others.
DAYS = st.sampled_from(
    [
        "2017-03-26",
        "2017-10-29",
        "2011-11-06",
        "2018-05-05",
        "2015-08-15",
        "2011-12-30",
        "1979-12-31",
    ]
) | st.dates().map(str)


def plainly(text: str, zone: str | None) -> Moment | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_minute", lambda *_: None)
        try:
            return clock._read.__wrapped__(text, zone)
        except UnreadableTimeError as error:
            return str(error)


@given(
    day=DAYS,
    hour=st.integers(0, 24),
    minute=st.integers(0, 60),
    second=st.integers(0, 60),
    fraction=st.sampled_from(["", ".5", ",25", ".123456", ".1234567", ".000"]),
    offset=st.sampled_from(OFFSETS),
    zone=st.sampled_from(ZONES),
    mark=st.sampled_from("T "),
)
def test_seconds_of_a_minute_only_add_up(
    *, day: str, hour: int, minute: int, second: int, fraction: str, offset: str, zone: str | None,
    mark: str,
) -> None:  # fmt: skip
    text = f"{day}{mark}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    try:
        found: Moment | str = moment(text, zone)
    except UnreadableTimeError as error:
        found = str(error)
    assert found == plainly(text, zone)


@given(st.integers(-(10**18), 10**18) | st.integers(18_000_000, 22_000_000))
def test_whole_seconds_are_what_their_text_is(number: int) -> None:
    outcomes = []
    for given_number in (number, str(number), f" {number}"):
        try:
            outcomes.append(moment(given_number))
        except UnreadableTimeError as error:
            outcomes.append(str(error))
    assert outcomes[1] == outcomes[2]
    if number >= 0 or not isinstance(outcomes[0], str):
        assert outcomes[0] == outcomes[1]
    if 21_001_231 < number < 4_102_444_800:
        at = number * 1_000_000
        assert outcomes[0] == Moment(at, at, at + 999_999, 1.0)
