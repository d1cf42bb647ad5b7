"""Habits that programs often have: worked cases, and no verdict."""

from __future__ import annotations

import math

import numpy as np

from tamis import records
from tamis.analyses.coordination.automation import (
    LIMITS,
    automation_rows,
    commonest_share,
    interval_entropy,
    quiet_hours,
)

HOUR = 3_600 * 1_000_000
RUN = {"run_id": "r", "analysis_version": "automation 1"}


def test_a_clock_has_no_entropy_and_two_equal_kinds_of_pause_have_one_bit() -> None:
    assert interval_entropy(np.arange(30) * HOUR) == 0.0
    pauses = np.asarray([10, 1_000] * 10) * 1_000_000
    assert math.isclose(
        interval_entropy(np.cumsum(pauses)[:-1].astype(np.int64)), 1.0, abs_tol=0.01
    )


def test_quiet_hours_go_around_midnight() -> None:
    assert quiet_hours(np.asarray([20, 22, 26]) * HOUR) == 17.0
    assert quiet_hours(np.asarray([22, 23, 24 + 7]) * HOUR) == 14.0
    assert quiet_hours(np.arange(24) * HOUR) == 0.0


def test_the_commonest_piece_is_counted_among_all() -> None:
    assert commonest_share("ABABAB") == 0.5
    assert commonest_share("AB") == 0.0


def test_rows_tell_how_common_a_figure_is_and_never_what_the_account_is() -> None:
    rng = np.random.default_rng(2)
    accounts, times = [], []
    for account in range(12):
        steps = np.full(40, HOUR) if account == 0 else rng.exponential(HOUR, 40)
        accounts += [account] * 40
        times += np.cumsum(steps).tolist()
    accounts += [12] * 5
    times += [0] * 5
    columns = {
        "accounts": np.asarray(accounts),
        "times": np.asarray(times).astype(np.int64),
        "contents": np.where(np.asarray(accounts) == 0, 1, np.arange(len(accounts))),
        "kinds": np.zeros(len(accounts), np.int64),
    }
    rows = automation_rows(columns, [f"x:{n}" for n in range(13)], ["T"], RUN)
    assert records.table("automation").build(rows).num_rows == 4 * 12
    mine = {row["indicator"]: row for row in rows if row["account_id"] == "x:0"}
    assert mine["interval_entropy"]["base_share"] == 1 / 12
    assert mine["duplicate_share"]["measured"] == 39 / 40
    assert mine["duplicate_share"]["base_share"] == 1 / 12
    assert mine["interval_entropy"]["compared_count"] == 12
    assert not {row["account_id"] for row in rows} & {"x:12"}
    for row in rows:
        assert row["limits"] == LIMITS
        assert "bot" not in row["detail"].lower()


def test_without_content_nothing_is_said_about_duplicates() -> None:
    columns = {
        "accounts": np.zeros(30, np.int64),
        "times": np.arange(30) * HOUR,
        "contents": np.full(30, -1),
        "kinds": np.zeros(30, np.int64),
    }
    rows = automation_rows(columns, ["x:0"], ["T"], RUN)
    assert {row["indicator"] for row in rows} == {
        "interval_entropy",
        "quiet_hours",
        "action_string",
    }
    empty = {name: column[:0] for name, column in columns.items()}
    assert automation_rows(empty, [], ["T"], RUN) == []
