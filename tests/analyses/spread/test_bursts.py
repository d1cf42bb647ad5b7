"""Bursts: the automaton worked by hand, ties, and minutes against a slow Poisson law."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.spread.bursts.kernel import bursts
from tamis.analyses.spread.bursts.minutes import surprising
from tamis.analyses.spread.bursts.states import burst_rows, gaps, states
from tamis.plan import Partition

PARAMS = {
    "least": 3,
    "scaling": 2.0,
    "gamma": 1.0,
    "levels": 2,
    "p_most": 0.01,
    "least_in_minute": 5,
}


def test_kleinberg_worked_by_hand() -> None:
    """Nine gaps: 20, then six of 1, then 14 and 20 seconds.

    n = 9, T = 60: rates 0.15 (calm) and 0.30 (burst); a step up costs ln 9 = 2.1972.
    Calm costs 0.15 x + 1.8971 a gap, a burst 0.30 x + 1.2040: a burst is cheaper by
    0.6931 - 0.15 x. A gap of 1 saves 0.5431, and six of them 3.2589, more than the step up.
    A gap of 14 or 20 costs 1.4069 or 2.3069 more in a burst: the way goes down at once.
    """
    waits = np.array([20.0, *[1.0] * 6, 14.0, 20.0])
    assert waits.sum() == 60
    assert states(waits, 2.0, 1.0, 2).tolist() == [0, 1, 1, 1, 1, 1, 1, 0, 0]
    [[level, first, last, weight]] = burst_rows(waits, 2.0, 1.0, 2).tolist()
    assert (level, first, last) == (1, 1, 6)
    assert weight == pytest.approx(6 * (math.log(2) - 0.15))
    # n = 6, T = 60: a gap of 1 saves 0.6931 - 0.1; three of them 1.7794, less than ln 6 = 1.7918.
    waits = np.array([20.0, *[1.0] * 3, 14.0, 23.0])
    assert not states(waits, 2.0, 1.0, 2).any()


@given(
    st.lists(st.floats(0.01, 50), min_size=1, max_size=7),
    st.sampled_from([1.5, 2.0, 3.0]),
    st.sampled_from([0.3, 1.0]),
    st.integers(2, 3),
)
def test_the_cheapest_way_is_that_of_trying_every_way(
    waits: list[float], scaling: float, gamma: float, levels: int
) -> None:
    def cost(way: tuple[int, ...]) -> float:
        base, toll = len(waits) / sum(waits), gamma * math.log(len(waits))
        total, before = 0.0, 0
        for gap, level in zip(waits, way, strict=True):
            rate = base * scaling**level
            total += rate * gap - math.log(rate) + toll * max(0, level - before)
            before = level
        return total

    every = itertools.product(range(levels), repeat=len(waits))
    found = tuple(states(np.array(waits), scaling, gamma, levels).tolist())
    assert cost(found) == pytest.approx(min(map(cost, every)), abs=1e-9)


def test_tied_times_are_spread_over_what_the_clock_hides() -> None:
    times = np.array([0.0, 60.0, 60.0, 60.0, 120.0])
    assert gaps(times, 60.0).tolist() == [60.0, 20.0, 20.0, 20.0]
    assert gaps(times, 1.0) == pytest.approx([60.0, 1 / 3, 1 / 3, 59 + 1 / 3])
    assert (gaps(np.array([0.0, 0.0, 0.1]), 1.0) > 0).all()
    assert not len(gaps(np.array([3.0]), 1.0))


def test_minutes_are_read_beside_the_objects_own_hours() -> None:
    """Ten posts a minute each day at noon are usual; the same ten at midnight are not."""
    noon = [
        d * 86_400 + 43_200 + m * 60 + 6 * n for d in range(5) for m in range(60) for n in range(10)
    ]
    night = [3 * 86_400 + 5 + 6 * n for n in range(10)]
    times = np.sort(np.array(noon + night, float))
    rows = {row[0]: row for row in surprising(times, 5).tolist()}
    usual, odd = rows[2 * 86_400 + 43_200.0], rows[3 * 86_400.0]
    assert usual[1] == odd[1] == 10
    assert usual[3] > math.log(0.05)
    assert odd[3] < math.log(1e-6)
    expected = odd[2]
    tail = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(10, 60))
    assert odd[3] == pytest.approx(math.log(tail), rel=1e-6)


def _posts(seconds: list[float], thing: int = 0, place: int = 0) -> pa.Table:
    count = len(seconds)
    return pa.table(
        {
            "object_number": np.full(count, thing, np.int32),
            "platform_number": np.full(count, place, np.int32),
            "at_us": (np.array(seconds) * 1e6).astype(np.int64),
            "precision_s": np.full(count, 1.0),
        }
    )


def test_objects_and_platforms_are_looked_at_each() -> None:
    rng = np.random.default_rng(3)
    calm = rng.uniform(0, 5 * 86_400, 200).tolist()
    burst = (2 * 86_400 + rng.uniform(0, 600, 80)).tolist()
    table = pa.concat_tables([_posts(calm + burst), _posts(calm, 1, 1), _posts(burst, 1, 0)])
    table = table.take(rng.permutation(len(table)))
    rows = bursts(table, PARAMS, Partition()).to_pylist()
    scopes = {(r["object_number"], r["platform_number"]) for r in rows if r["method"] == "states"}
    # Object 0 is on one platform only, so that its platform says what the whole does.
    assert {(0, -1), (1, -1)} <= scopes
    assert (0, 0) not in scopes
    [widest] = [
        r
        for r in rows
        if r["object_number"] == 0 and r["method"] == "states" and r["post_count"] >= 70
    ]
    assert 2 * 86_400 - 7_200 < widest["started_us"] / 1e6 < 2 * 86_400 + 60
    assert 2 * 86_400 + 540 < widest["ended_us"] / 1e6 < 2 * 86_400 + 9_000
    assert widest["usual"] < 10
    assert any(r["method"] == "minutes" and r["p_value"] < 1e-4 for r in rows)


def test_an_even_rate_has_no_surprising_minute_and_few_posts_no_row() -> None:
    surprised = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = bursts(_posts(rng.uniform(0, 86_400, 2_000).tolist()), PARAMS, Partition())
        surprised += "minutes" in rows["method"].to_pylist()
    assert surprised <= 2  # at 1 % for each object, 2 or fewer of 40 in 99 of 100 tries
    assert not bursts(_posts([0.0, 1.0]), PARAMS, Partition()).num_rows
    assert not bursts(_posts([]), PARAMS, Partition()).num_rows


def test_a_life_of_one_hour_gives_minutes_without_a_chance_to_compare_with() -> None:
    """All posts in one second: shown, with its ties, but nothing says what would be usual.

    Where the collection goes no further either, its begin would be the burst: no row.
    """
    assert not bursts(_posts([7_200.0] * 50), PARAMS, Partition()).num_rows
    calm = _posts([600.0 * n for n in range(300)], 1)
    table = pa.concat_tables([_posts([7_200.0] * 50), calm])
    [row] = bursts(table, PARAMS, Partition()).to_pylist()
    assert (row["method"], row["post_count"], row["tied_count"]) == ("minutes", 50, 49)
    assert row["p_value"] is None
    rows = bursts(_posts([0.0, *[7_200.0] * 50]), PARAMS, Partition()).to_pylist()
    assert all(r["p_value"] < 1e-4 for r in rows if r["method"] == "minutes")


def test_a_daily_rhythm_has_lively_stretches_and_no_surprising_minute() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        times = rng.uniform(0, 7 * 86_400, 2_400)
        wave = (1 + 0.95 * np.sin(2 * np.pi * times / 86_400)) / 2
        kept = np.sort(times[rng.uniform(size=len(times)) < wave])
        methods = bursts(_posts(kept.tolist()), PARAMS, Partition())["method"].to_pylist()
        assert "minutes" not in methods
        assert "states" in methods  # a limit, and printed: the automaton knows no hour


def test_posts_at_even_distances_and_two_posts_are_no_burst() -> None:
    assert not bursts(_posts([600.0 * n for n in range(300)]), PARAMS, Partition()).num_rows
    for few in ([0.0], [0.0, 0.0], [0.0, 100.0]):
        assert not bursts(_posts(few), {**PARAMS, "least": 2}, Partition()).num_rows
