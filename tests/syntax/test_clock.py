from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tamis.errors import InputError
from tamis.syntax.clock import (
    X_EPOCH_MS,
    X_FIRST_TIMED_ID,
    UnreadableTimeError,
    check_zone,
    iso_column,
    moment,
    snowflake_us,
)


def at(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


EVENING = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "precision"),
    [
        ("2017-05-05T18:49:00Z", 1),
        ("2017-05-05T20:49:00.000+02:00", 0.001),
        ("2017-05-05 18:49 UTC", 60),
        ("2017-05-05T20:49+0200", 60),
        ("1494010140", 1),
        ("1494010140.0", 0.1),
        (1494010140, 1),
        (1494010140.0, 1),
        (1494010140000, 0.001),
        (1494010140000000, 1e-6),
        ("Fri May 05 18:49:00 +0000 2017", 1),
        ("Fri, 05 May 2017 20:49:00 +0200", 1),
    ],
)
def test_one_time_in_many_forms(value: str | float, precision: float) -> None:
    found = moment(value)
    assert at(found.at_us) == EVENING
    assert found.precision_s == pytest.approx(precision)
    assert found.low_us == found.at_us
    assert found.high_us - found.low_us == max(round(precision * 1e6) - 1, 0)


@pytest.mark.parametrize(
    "value",
    ["2017-05-05T18:49:00", "05/05/2017", "20170505", "yesterday", "", "2017-13-01T00:00:00Z",
     "2017-05-05T18:49:00+99:00", 1e30, "9999-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_certain_time_is_refused(value: str | float) -> None:
    with pytest.raises(UnreadableTimeError):
        moment(value)


def test_a_wall_time_asks_for_its_zone_and_never_takes_the_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import time

    seen = set()
    for zone in ("UTC", "Europe/Paris"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        with pytest.raises(UnreadableTimeError, match="--assume-zone") as refused:
            moment("2017-05-05 20:49:00")
        seen.add(str(refused.value))
        assert at(moment("2017-05-05 20:49:00", "Europe/Paris").at_us) == EVENING
    monkeypatch.undo()
    time.tzset()
    assert len(seen) == 1


def test_a_repeated_hour_is_an_interval_over_both_readings() -> None:
    found = moment("2017-10-29 02:30:00", "Europe/Paris")
    assert at(found.low_us) == datetime(2017, 10, 29, 0, 30, tzinfo=UTC)
    assert at(found.high_us) == datetime(2017, 10, 29, 1, 30, 0, 999_999, tzinfo=UTC)


def test_a_skipped_hour_is_refused() -> None:
    with pytest.raises(UnreadableTimeError, match="never was"):
        moment("2017-03-26 02:30:00", "Europe/Paris")


def test_a_zone_that_does_not_exist_is_refused_with_an_example() -> None:
    assert check_zone("Europe/Paris") == "Europe/Paris"
    for name in ("CEST+2", "../etc/passwd", ""):
        with pytest.raises(InputError, match="Europe/Paris"):
            check_zone(name)


def test_a_column_keeps_good_values_beside_bad_ones() -> None:
    column = iso_column(["2017-05-05T18:49:00.000Z", None, "2017-05-05T18:49:00", "no time"])
    assert column.to_pylist() == [EVENING, None, None, None]


def test_ids_of_x_carry_their_time_since_2010() -> None:
    ids = np.array([1394735776701816833, 20, X_FIRST_TIMED_ID], dtype=np.int64)
    times = snowflake_us(ids, X_EPOCH_MS, X_FIRST_TIMED_ID)
    assert at(int(times[0])).replace(microsecond=0) == datetime(2021, 5, 18, 19, 24, 56, tzinfo=UTC)
    assert times[1] == -1
    assert at(int(times[2])).year == 2010
