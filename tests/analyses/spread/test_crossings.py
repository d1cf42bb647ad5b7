"""First sights by scope, their order against the null, bridges: by hand and the slow way."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spread_rows import act, at, mark, post, thing

from tamis import records
from tamis.analyses.spread.crossings import tables
from tamis.analyses.spread.crossings.precedence import (
    Pair,
    at_least,
    chance,
    clock_shift,
    counted,
    shifted,
)
from tamis.engines import open_engine
from tamis.run.crossings import crossings_of

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]
RUN = {"run_id": "r1", "analysis_version": "spread.crossing/1"}
PARAMS = {**tables.PARAMS, "least_accounts": 1, "draws": 40}


def run(tmp_path: Path, **given_tables: Rows) -> dict[str, Rows]:
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for name in tables.READS:
            record = records.table(name)
            engine.register(name, record.build(given_tables.get(name, ())), record.schema)
        made = crossings_of(engine, PARAMS, RUN)
        found = {}
        for name, held in made.items():
            schema = records.table(name).schema
            rows = records.table(name).check(engine.fetch(held).cast(schema)).to_pylist()
            keys = [tuple(row[key] for key in records.table(name).key) for row in rows]
            assert len(keys) == len(set(keys))
            found[name] = sorted(
                rows, key=lambda r: str([r[k] for k in records.table(name).paging])
            )
    return found


def _story() -> dict[str, Rows]:
    """A board at 0 s; on X an answer at 30 s, an English post at 60 s, a French one at 90 s."""
    posts = [
        post("board:1", 0, width=0.5, container_id="board:pol"),
        post("x:2", 60, width=0.5, account_id="x:a", language_declared="en-GB"),
        post("x:3", 90, account_id="x:b", language_declared="fr"),
        post("x:4", 95, account_id="x:b", language_declared="und"),
        post("x:5", 99, account_id="x:c", language_declared="en"),
        post("x:6", 10, account_id="x:d", language_declared="de"),
    ]
    marks = [mark(f"x:{n}", "hashtag:leak") for n in (2, 3, 4, 5)]
    marks += [mark("board:1", "hashtag:leak"), mark("x:6", "hashtag:leak", "inherited")]
    members = [
        {"account_id": f"x:{name}", "community_id": f"x:c-{n}", "basis": "repost_graph",
         "tie_count": 1, "inside_share": 1.0, **RUN}
        for name, n in (("a", 1), ("b", 2), ("c", 1))
    ]  # fmt: skip
    return {
        "post": posts,
        "post_object": marks,
        "object": [thing("hashtag:leak")],
        "action": [act("reply", "x:5", "x:2", "x:c", 99)],
        "community_member": members,
    }


def test_first_sights_and_crossings_by_hand(tmp_path: Path) -> None:
    found = run(tmp_path, **_story())
    sights = {(r["dimension"], r["scope"]): r for r in found["first_sight_scope"]}
    assert {key: (r["place"], r["post_id"], r["post_count"]) for key, r in sights.items()} == {
        ("platform", "board"): (1, "board:1", 1),
        ("platform", "x"): (2, "x:2", 4),
        ("container", "board:pol"): (1, "board:1", 1),
        ("language", "en"): (1, "x:2", 2),
        ("language", "fr"): (2, "x:3", 1),
        ("community", "x:c-1"): (1, "x:2", 2),
        ("community", "x:c-2"): (2, "x:3", 2),
    }
    assert sights["platform", "x"]["introduction_count"] == 2  # x:c answers x:a
    assert all(r["is_certain"] and r["rival_count"] == 0 for r in sights.values())
    steps = {(r["dimension"], r["to_scope"]): r for r in found["crossing"]}
    assert set(steps) == {("platform", "x"), ("language", "fr"), ("community", "x:c-2")}
    step = steps["platform", "x"]
    assert (step["origin_scope"], step["from_scope"], step["place"]) == ("board", "board", 2)
    assert (step["lag_low_s"], step["lag_high_s"], step["origin_lag_s"]) == (59.5, 60.5, 60.0)
    assert step["is_order_certain"]
    assert (step["crossed_low_at"], step["account_id"]) == (at(60), "x:a")
    (order,) = [r for r in found["crossing_order"] if r["dimension"] == "platform"]
    assert (order["scope_a"], order["scope_b"], order["reading"]) == ("board", "x", "too_few")
    assert (order["a_first_count"], order["median_lag_s"], order["p_a"]) == (1, 60.0, None)


def slow_scopes(posts: Rows, marks: Rows) -> dict[tuple[str, str], tuple[Any, ...]]:
    """For every object and platform, look at every post."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for object_id in {one["object_id"] for one in marks}:
        own = {m["post_id"] for m in marks
               if m["object_id"] == object_id and m["role"] != "inherited"}  # fmt: skip
        carriers = [p for p in posts if p["post_id"] in own]
        known = [p for p in carriers if p["posted_high_at"] is not None]
        if not known:
            continue

        def key(p: dict[str, Any]) -> tuple[Any, ...]:
            return (p["posted_low_at"] or p["posted_high_at"], p["posted_high_at"], p["post_id"])

        firsts = []
        for platform in {p["platform"] for p in known}:
            here = [p for p in carriers if p["platform"] == platform]
            first = min((p for p in known if p["platform"] == platform), key=key)
            rivals = sum(
                p is not first
                and not (p["posted_low_at"] and first["posted_high_at"] < p["posted_low_at"])
                for p in here
            )
            firsts.append((key(first), platform, first["post_id"], rivals, len(here)))
        for place, (_, platform, *rest) in enumerate(sorted(firsts), 1):
            found[object_id, platform] = (place, *rest)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_first_sights_by_scope_against_the_slow_way(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    posts = []
    for n in range(150):
        known = rng.random() < 0.9
        one = post(
            f"{rng.choice(('x', 'board', 'chat'))}:{n}",
            rng.randrange(300) if known else None,
            width=rng.choice((0, 1, 60)),
            account_id=f"x:{rng.randrange(40)}",
        )
        if known and rng.random() < 0.1:
            one |= {"posted_at": None, "posted_low_at": None}
        posts.append(one)
    marks = [
        mark(p["post_id"], f"url:{rng.randrange(12)}", rng.choice(("in_text", "card", "inherited")))
        for p in posts
        for _ in range(2)
    ]
    marks = list({(m["post_id"], m["object_id"]): m for m in marks}.values())
    things = [thing(f"url:{n}") for n in range(12)]
    rows = run(tmp_path, post=posts, post_object=marks, object=things)["first_sight_scope"]
    found = {
        (r["object_id"], r["scope"]): (
            *(r["place"], r["post_id"], r["rival_count"], r["post_count"]),
        )
        for r in rows
        if r["dimension"] == "platform"
    }
    slow = slow_scopes(posts, marks)
    introduced = {r["object_id"] for r in rows}
    assert found == {key: value for key, value in slow.items() if key[0] in introduced}
    assert introduced == {key[0] for key in slow}


def pair(objects: list[list[tuple[int, bool]]], width: int = 0) -> Pair:
    """Introductions as (second, is it scope a), in order of time."""
    rows = [one for each in objects for one in sorted(each)]
    low = np.asarray([second * 1_000_000 for second, _ in rows], np.int64)
    ends = np.cumsum([0, *(len(each) for each in objects)])
    is_a = np.asarray([a for _, a in rows], np.bool_)
    return Pair(ends, low, low + width, is_a, np.arange(len(objects)))


@given(st.lists(st.floats(0, 1), max_size=9), st.integers(0, 10))
@settings(deadline=None)
def test_the_tail_is_the_sum_over_all_ways_the_coins_can_fall(
    chances: list[float], count: int
) -> None:
    slow = sum(
        float(np.prod([p if up else 1 - p for p, up in zip(chances, sides, strict=True)]))
        for sides in itertools.product((False, True), repeat=len(chances))
        if sum(sides) >= count
    )
    assert at_least(np.asarray(chances), count) == pytest.approx(slow, abs=1e-9)


def test_the_null_is_the_share_of_labels_and_lags_of_permuted_labels() -> None:
    """By hand: a has 3 of 4 introductions, at 0, 10, 20 and 30 s; b is in each place alike."""
    both = pair([[(0, True), (10, True), (20, True), (30, False)]] * 400)
    found = chance(both, 400, 1)
    assert found.a_expected == 300.0
    assert found.a_null_low == pytest.approx(300 - 1.96 * np.sqrt(75), abs=4)
    assert found.a_null_high == pytest.approx(300 + 1.96 * np.sqrt(75), abs=4)
    # b at place 1, 2, 3 or 4: lags of 10 (twice), 20 and 30 s.
    assert 10 <= found.null_lag_s <= 20
    assert counted(both).a_first_count == 400
    assert found.p_a == pytest.approx(0.75**400, rel=1e-6)
    assert found.p_b == 1.0


def _independent(rng: np.random.Generator, rates: tuple[float, float], count: int) -> Pair:
    """Both scopes introduce every object at random times of one day, without knowing another."""
    objects = []
    while len(objects) < count:
        numbers = rng.poisson(rates)
        if numbers.min() > 0:
            times = [
                (int(second), a)
                for a, n in ((True, numbers[0]), (False, numbers[1]))
                for second in rng.integers(0, 86_400, n)
            ]
            objects.append(times)
    return pair(objects)


def test_a_scope_that_posts_ten_times_as_much_is_not_called_first() -> None:
    rng = np.random.default_rng(7)
    called = 0
    for _ in range(60):
        both = _independent(rng, (10.0, 1.0), 60)
        assert counted(both).a_first_count > counted(both).b_first_count
        found = chance(both, 20, 1)
        called += 2 * min(found.p_a, found.p_b) < 0.05
    assert called <= 8  # of 60 tests at 5 %; 9 or more have a chance below 0.005


def test_a_scope_that_follows_the_other_is_called_second_however_much_it_posts() -> None:
    rng = np.random.default_rng(8)
    objects = []
    for _ in range(60):
        begin = int(rng.integers(0, 80_000))
        objects.append([(begin, False), *((begin + 60 * n, True) for n in range(1, 12))])
    both = pair(objects)
    found = chance(both, 50, 1)
    assert found.p_b < 1e-9
    assert found.a_thinned_high_share < 0.5


def test_a_misread_zone_shows_as_a_pile_of_lags_and_nothing_else_does() -> None:
    rng = np.random.default_rng(9)
    honest, wrong = [], []
    for _ in range(200):
        begin = int(rng.integers(0, 80_000))
        lag = int(rng.exponential(200 if rng.random() < 0.3 else 20_000))
        honest.append([(begin, True), (begin + lag, False)])
        wrong.append([(begin, True), (begin + lag + 4 * 3600, False)])
    assert clock_shift(pair(honest)) is None
    assert clock_shift(pair(wrong)) == 4 * 3600
    assert clock_shift(pair([[(t, not a) for t, a in one] for one in wrong])) == -4 * 3600
    put_back, right = shifted(pair(wrong), 4 * 3600), counted(pair(honest))
    assert put_back == right
    assert clock_shift(pair([])) is None


def test_repeated_bridges_stand_beside_what_chance_gives(tmp_path: Path) -> None:
    """x:quick brings ten objects from a board before eight others do; x:late is last each time."""
    posts, marks = [], []
    for n in range(10):
        told = [(f"board:{n}-0", "board:anon", 0), (f"x:{n}-1", "x:quick", 100)]
        told += [(f"x:{n}-{k}", f"x:w{k}", 100 + 10 * k) for k in range(2, 9)]
        told += [(f"x:{n}-9", "x:late", 900)]
        for post_id, account, second in told:
            posts.append(post(post_id, 10_000 * n + second, account_id=account))
            marks.append(mark(post_id, f"url:{n}"))
    lasting = [
        {"account_id": p["account_id"], "platform": p["platform"], "native_id": "1",
         "scope": "thread" if p["account_id"] == "board:anon" else "global", "source_item_id": "f"}
        for p in posts
    ]  # fmt: skip
    found = run(tmp_path, post=posts, post_object=marks, account=lasting,
                object=[thing(f"url:{n}") for n in range(10)])  # fmt: skip
    (row,) = found["bridge_account"]
    assert (row["account_id"], row["dimension"], row["scope"]) == ("x:quick", "platform", "x")
    assert (row["crossing_count"], row["object_count"]) == (10, 10)
    assert row["expected"] == pytest.approx(10 / 9)
    assert row["p_value"] == pytest.approx((1 / 9) ** 10)
    assert row["q_value"] == pytest.approx(9 * (1 / 9) ** 10)


def test_what_one_post_brings_counts_once(tmp_path: Path) -> None:
    """x:quick's one post has a link, its domain, a hashtag and six more: that is one coin."""
    posts, marks = [], []
    for account, second in [
        ("board:a", 0),
        ("x:quick", 100),
        *((f"x:w{k}", 200) for k in range(8)),
    ]:
        post_id = f"{account.split(':')[0]}:{account[2:]}"
        posts.append(post(post_id, second, account_id=account))
        marks += [mark(post_id, f"url:{n}") for n in range(9)]
    lasting = [
        {"account_id": p["account_id"], "platform": p["platform"], "native_id": "1",
         "scope": "global", "source_item_id": "f"}
        for p in posts
    ]  # fmt: skip
    found = run(tmp_path, post=posts, post_object=marks, account=lasting,
                object=[thing(f"url:{n}") for n in range(9)])  # fmt: skip
    assert len(found["crossing"]) == 9
    assert found["bridge_account"] == []


def test_no_post_one_post_and_one_platform_give_plain_tables(tmp_path: Path) -> None:
    assert set(map(len, run(tmp_path).values())) == {0}
    found = run(tmp_path, post=[post("x:1", 0)], post_object=[mark("x:1", "url:u")],
                object=[thing("url:u")])  # fmt: skip
    assert [r["scope"] for r in found["first_sight_scope"]] == ["x"]
    assert not found["crossing"]
    assert not found["crossing_order"]
