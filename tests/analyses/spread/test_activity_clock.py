"""Sets of offsets on simulated accounts whose offset is known, and what is told of nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from clock_world import ZONES, account
from flow_tables import START, post, tables_of

from tamis.analyses.spread.activity_clock import ANALYSIS, clocks
from tamis.analyses.spread.clock_change import decided, is_summer
from tamis.analyses.spread.quiet_hours import BINS, WINDOW, profiles, quiet
from tamis.plan import Partition

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("sleeper",) * 16 + ("rotating", "nights", "office", "program")


def _rows(name: str, seconds: Any) -> pa.Table:
    halves, posts = np.unique((seconds // 1800).astype(np.int64), return_counts=True)
    names = {"account_id": [name] * len(halves), "language": ["xx"] * len(halves)}
    return pa.table({**names, "half": halves, "posts": posts})


def _told(tables: list[pa.Table]) -> list[dict[str, Any]]:
    return list(clocks(pa.concat_tables(tables), {}, Partition()).to_pylist())


def test_the_sets_hold_the_true_offset_and_programs_get_none() -> None:
    """120 accounts in twelve zones, over a winter and a spring; one in five keeps odd hours."""
    rng = np.random.default_rng(11)
    tables, truth = [], {}
    for number in range(120):
        kind, zone = KINDS[number % 20], ZONES[int(rng.integers(len(ZONES)))]
        seconds, winter = account(kind, zone, rng, 160)
        truth[f"a{number:03}"] = (kind, winter)
        tables.append(_rows(f"a{number:03}", seconds))
    outcomes: Counter[tuple[str, str]] = Counter()
    sizes = []
    held = 0
    for row in _told(tables):
        kind, winter = truth[row["account_id"]]
        outcomes[kind, row["outcome"]] += 1
        if row["outcome"] == "told":
            sizes.append(len(row["offsets"]))
            held += winter in row["offsets"]
    assert held / len(sizes) >= 0.95
    assert np.mean(sizes) < 12
    assert outcomes["sleeper", "told"] >= 0.9 * 96
    assert outcomes["program", "no_quiet_hours"] == 6
    assert outcomes["rotating", "told"] == 0


def test_a_window_is_quiet_as_a_plain_loop_says() -> None:
    rng = np.random.default_rng(2)
    active = rng.poisson(rng.uniform(0, 6, (60, BINS)) * (rng.random((60, BINS)) < 0.6))
    found = quiet(active)
    for row in range(60):
        total = active[row].sum() * WINDOW / BINS
        for start in range(BINS):
            held = sum(active[row, (start + n) % BINS] for n in range(WINDOW))
            tail = sum(
                np.exp(-total) * total**k / float(np.prod(np.arange(1, k + 1), dtype=float))
                for k in range(int(held) + 1)
            )
            wanted = tail * BINS < 0.01 and held <= 0.25 * total
            assert found.windows[row, start] == wanted


def test_the_quiet_stretch_goes_round_midnight() -> None:
    active = np.full((1, BINS), 10)
    active[0, [*range(44, 48), *range(10)]] = 0  # 22:00 to 05:00
    found = quiet(active)
    # A window may hold one busy half hour, so that half an hour is added at either end.
    assert (found.start[0], found.hours[0], found.center[0]) == (21.5, 8.0, 1.5)


@pytest.mark.parametrize(
    ("day", "rule", "wanted"),
    [
        ("2017-03-26T00:30", "eu", False),
        ("2017-03-26T01:00", "eu", True),
        ("2017-10-29T00:30", "eu", True),
        ("2017-10-29T01:00", "eu", False),
        ("2017-03-12T08:00", "us", True),
        ("2017-11-05T08:00", "us", False),
        ("2017-01-15T00:00", "south", True),
        ("2017-06-15T00:00", "south", False),
    ],
)
def test_summer_time_begins_and_ends_as_the_law_says(day: str, rule: str, wanted: bool) -> None:  # noqa: FBT001
    half = np.asarray([np.datetime64(day, "s").astype(np.int64) // 1800])
    assert is_summer(half, rule)[0] == wanted


@pytest.mark.parametrize(
    ("scores", "can", "name"),
    [
        ((9.0, 8.9, -9.0), (True, False, False), "eu_or_us"),  # the other cannot be asked
        ((8.9, 9.0, -9.0), (False, True, False), "eu_or_us"),
        ((9.0, -4.0, -9.0), (True, True, False), "eu"),
        ((-4.0, 9.0, -9.0), (True, True, False), "us"),
        ((9.0, 8.9, 9.5), (True, True, True), "south"),
        ((7.9, 1.0, 1.0), (True, True, True), "unclear"),
        ((-9.0, -9.0, -9.0), (True, True, True), "none"),
        ((9.0, 9.0, 9.0), (False, False, False), None),
    ],
)
def test_a_rule_is_named_where_its_neighbour_is_worse(
    scores: tuple[float, ...], can: tuple[bool, ...], name: str | None
) -> None:
    assert decided(np.asarray([scores]), np.asarray([can]))[0] == [name]


def test_europe_and_america_change_clocks_a_fortnight_apart() -> None:
    """210 posts each: what a fortnight of them says never moves a European to America."""
    rng = np.random.default_rng(101)
    tables = []
    for number in range(60):
        seconds, _ = account("sleeper", ("Europe/London", "Europe/Paris")[number % 2], rng, 190)
        kept = seconds[np.sort(rng.choice(len(seconds), 210, replace=False))]
        tables.append(_rows(f"a{number:03}", kept))
    told = [row for row in _told(tables) if row["outcome"] == "told"]
    assert len(told) > 50
    assert all(row["dst_rule"] != "us" for row in told)
    assert sum(0.0 in row["offsets"] or 1.0 in row["offsets"] for row in told) >= 0.97 * len(told)


def test_half_hours_are_counted_by_day() -> None:
    found = profiles(np.array([0, 0, 1]), np.array([1, 1 + BINS, 2]), 2)
    assert (found[0, 1], found[1, 2], found.sum()) == (2, 1, 3)


def test_too_few_posts_uncertain_clocks_and_copies_give_no_row(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    seconds, _ = account("sleeper", "Europe/Paris", rng, 60)
    moments = [float(one - seconds[0]) for one in seconds[:210]]

    def posts(name: str, count: int, first: int, **more: Any) -> list[dict[str, Any]]:
        return [post(first + n, name, moments[n], **more) for n in range(count)]

    rows = [
        *posts("x:full", 205, 0),
        *posts("x:few", 199, 1_000),
        *posts("x:local", 205, 2_000, clock="exporter_local"),
        *posts("x:copies", 110, 3_000),
        *posts("x:copies", 110, 3_000, source_item_id="f2"),
    ]
    made = tables_of(ANALYSIS, tmp_path, post=rows)["activity_clock"]
    assert [row["account_id"] for row in made] == ["x:full"]
    assert made[0]["post_count"] == 205
    days = {(START + timedelta(seconds=one)).date() for one in moments[:205]}
    assert made[0]["day_count"] == len(days)
    assert "country" in made[0]["limits"]
