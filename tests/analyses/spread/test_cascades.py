from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from test_spread import act, at, post

from tamis import records
from tamis.analyses.spread import amplification
from tamis.analyses.spread.cascades import early, tree
from tamis.engines import open_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]


def run(tmp_path: Path, posts: Rows, actions: Rows, **params: Any) -> Tables:
    told = {**amplification.PARAMS, **params, "run_id": "r", "analysis_version": "a/1"}
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for name, rows in (("post", posts), ("action", actions)):
            engine.register(name, records.table(name).build(rows), records.table(name).schema)
        engine.run(amplification.build(told), keep=amplification.ANALYSIS.writes, params=told)
        out = {}
        for name in amplification.ANALYSIS.writes:
            made = engine.fetch(name)
            record = records.table(name)
            out[name] = record.check(made.select(record.schema.names).cast(record.schema))
        return {name: table.to_pylist() for name, table in out.items()}


def brute(parents: Sequence[int]) -> tuple[int, int, int, float]:
    """Size, depth, breadth and mean distance from the distances of all pairs (Floyd, Warshall)."""
    count = len(parents)
    far = np.full((count, count), 10**6)
    for node, parent in enumerate(parents):
        far[node, node] = 0
        if parent >= 0:
            far[node, parent] = far[parent, node] = 1
    for middle in range(count):
        far = np.minimum(far, far[:, [middle]] + far[[middle], :])
    levels = Counter(far[list(parents).index(-1)].tolist())
    return count, max(levels), max(levels.values()), float(far.sum() / (count * (count - 1)))


def shape(parents: Sequence[int]) -> tuple[int, int, int, float]:
    _, size, depth, breadth, virality = tree.shapes(np.array(parents, np.int64))
    top = list(parents).index(-1)
    return int(size[top]), int(depth[top]), int(breadth[top]), float(virality[top])


@pytest.mark.parametrize("n", [2, 3, 10, 60])
def test_stars_and_chains(n: int) -> None:
    star = shape([-1] + [0] * (n - 1))
    chain = shape([-1, *range(n - 1)])
    assert star[:3] == (n, 1, max(1, n - 1))
    assert star[3] == pytest.approx(2 * (n - 1) / n)
    assert chain[:3] == (n, n - 1, 1)
    assert chain[3] == pytest.approx((n + 1) / 3)


@pytest.mark.parametrize("seed", range(25))
def test_random_trees_in_any_order_against_brute_force(seed: int) -> None:
    dice = random.Random(seed)
    n = dice.randint(2, 40)
    names = list(range(n))
    dice.shuffle(names)
    parents = [-1] * n
    for i in range(1, n):
        parents[names[i]] = names[dice.randint(max(0, i - dice.choice([1, 3, n])), i - 1)]
    assert shape(parents) == pytest.approx(brute(parents))


def test_many_trees_at_once_and_cycles_are_cut() -> None:
    parents = tree.without_cycles(np.array([1, 2, 0, 0, -1, 4, 4], np.int64))
    assert (parents == -1).sum() == 2
    root, size, *_ = tree.shapes(parents)
    assert sorted(size[size > 0].tolist()) == [3, 4]
    assert len(set(root[:4].tolist())) == 1


def beta_binomial(total: int, x: int, a: float, b: float) -> float:
    def beta(one: float, other: float) -> float:
        return math.gamma(one) * math.gamma(other) / math.gamma(one + other)

    return math.comb(total, x) * beta(x + a, total - x + b) / beta(a, b)


@pytest.mark.parametrize(("total", "others", "k"), [(9, 4, 0.7), (40, 12, 3.0), (7, 1, 1.0)])
def test_the_tail_is_that_of_a_beta_binomial_and_of_a_binomial(
    total: int, others: int, k: float
) -> None:
    for least in range(total + 2):
        if least * (others + 1) <= total:
            assert early.share_tail(total, others, 1 / k, least) == 1.0
            continue
        known = sum(beta_binomial(total, x, k, k * others) for x in range(least, total + 1))
        assert early.share_tail(total, others, 1 / k, least) == pytest.approx(known, rel=1e-9)
        share = 1 / (others + 1)
        known = sum(
            math.comb(total, x) * share**x * (1 - share) ** (total - x)
            for x in range(least, total + 1)
        )
        assert early.share_tail(total, others, 0.0, least) == pytest.approx(known, rel=1e-9)


def reposted(root: str, lags: Sequence[tuple[str, float]], begin: float) -> Rows:
    return [
        act("repost", f"x:{root[2:]}r{i}", root, account, begin + lag)
        for i, (account, lag) in enumerate(lags)
    ]


def test_a_cascade_by_hand(tmp_path: Path) -> None:
    """b and c repost a's post; d, who spoke to c before, reposts after c; e quotes, f reposts e."""
    posts = [post("x:1", 0, account_id="x:a"), post("x:9", 50, account_id="x:e")]
    actions = [
        act("mention", "x:0", None, "x:d", -500) | {"target_account_id": "x:c"},
        act("mention", "x:8", None, "x:c", 900) | {"target_account_id": "x:b"},
        act("repost", "x:2", "x:1", "x:b", 5),
        act("repost", "x:3", "x:1", "x:c", 10),
        act("repost", "x:4", "x:1", "x:d", 30),
        act("quote", "x:9", "x:1", "x:e", 50),
        act("repost", "x:10", "x:9", "x:f", 60),
    ]
    found = run(tmp_path, posts, actions)
    (row,) = found["cascade"]
    assert row["post_id"] == "x:1"
    assert (row["post_count"], row["account_count"], row["depth"], row["breadth"]) == (6, 5, 2, 3)
    # a-b a-c a-e 1; d under c, f under e.
    parents = [-1, 0, 0, 2, 0, 4]
    assert row["virality"] == pytest.approx(brute(parents)[3])
    assert (row["grade"], row["via_count"], row["related_count"]) == ("inferred", 0, 1)
    assert (row["direct_count"], row["untimed_count"], row["last_at"]) == (4, 0, at(60))
    early_rows = {(r["post_id"], r["window_s"]): r for r in found["amplification"]}
    assert early_rows["x:1", 60.0]["early_count"] == 3
    assert early_rows["x:9", 60.0]["early_count"] == 1
    assert early_rows["x:1", 60.0]["p_value"] is None


def test_carriers_of_one_instant_are_no_parents_of_each_other(tmp_path: Path) -> None:
    actions = [
        act("mention", "x:0", None, "x:c", -500) | {"target_account_id": "x:b"},
        act("repost", "x:2", "x:1", "x:b", 10),
        act("repost", "x:3", "x:1", "x:c", 10),
    ]
    (row,) = run(tmp_path, [post("x:1", 0)], actions)["cascade"]
    assert (row["grade"], row["depth"]) == ("star", 1)


def test_an_intermediate_post_that_the_platform_names_is_the_parent(tmp_path: Path) -> None:
    actions = [
        act("repost", "b:2", "b:1", "b:b", 5),
        act("repost", "b:3", "b:1", "b:c", 9) | {"via_post_id": "b:2"},
        act("repost", "b:4", "b:1", "b:d", 12) | {"via_post_id": "b:gone"},
    ]
    (row,) = run(tmp_path, [post("b:1", 0)], actions)["cascade"]
    assert (row["via_count"], row["direct_count"], row["depth"]) == (1, 2, 2)
    assert (row["related_count"], row["grade"]) == (0, "partly")


def test_posts_that_quote_each_other_in_a_circle_end(tmp_path: Path) -> None:
    actions = [
        act("quote", "x:1", "x:2", "x:a", 5),
        act("quote", "x:2", "x:1", "x:b", 6),
        act("repost", "x:3", "x:1", "x:c", 7),
    ]
    rows = run(tmp_path, [post("x:1", 5), post("x:2", 6)], actions)["cascade"]
    (row,) = rows
    assert row["post_count"] == 4  # the first post of the circle stands at the top once more


def test_nobody_passed_anything_on(tmp_path: Path) -> None:
    assert run(tmp_path, [post("x:1", 0)], []) == {
        "amplification": [], "early_account": [], "cascade": [],
    }  # fmt: skip
    assert run(tmp_path, [], [act("repost", "x:2", "x:1", "x:b", 5)])["cascade"][0]["depth"] == 1


def test_the_same_action_in_two_files_and_a_repost_of_a_quote_count_once(tmp_path: Path) -> None:
    one = act("repost", "x:2", "x:1", "x:b", 5)
    again = {**one, "source_item_id": "f2"}
    also = act("quote", "x:2", "x:0", "x:b", 5)
    rows = run(tmp_path, [post("x:1", 0), post("x:0", -9)], [one, again, also])["cascade"]
    assert [(row["post_id"], row["post_count"]) for row in rows] == [("x:1", 2)]


def world(seed: int, size: float, *, authors: int = 60, posts: int = 12) -> tuple[Rows, Rows]:
    """Authors of their own fame; counts negative binomial with that size, Poisson for inf."""
    rng = np.random.default_rng(seed)
    made, acts = [], []
    second = mean = 0.0
    for author, index in itertools.product(range(authors), range(posts)):
        mean = math.exp(rng.normal(0.5, 1.0)) if index == 0 else mean
        second += 400
        made.append(post(f"x:{author}p{index}", second, account_id=f"x:a{author}"))
        rate = mean if math.isinf(size) else rng.gamma(size, mean / size)
        delays = rng.uniform(1, 59, rng.poisson(rate))
        lags = [(f"x:f{rng.integers(10**9)}", float(lag)) for lag in delays]
        acts += reposted(made[-1]["post_id"], lags, second)
    made.append(post("x:last", second + 999))
    acts.append(act("repost", "x:lastr", "x:last", "x:z", second + 2_000))
    return made, acts


@pytest.mark.parametrize("size", [0.7, 2.0, math.inf])
def test_worlds_with_nothing_in_them_have_no_more_small_p_values_than_promised(
    size: float, tmp_path: Path
) -> None:
    tests = small = very = found = 0
    for seed in range(6):
        posts, actions = world(seed, size)
        rows = [r for r in run(tmp_path, posts, actions)["amplification"] if r["window_s"] == 60]
        tests += 60 * 12
        small += sum((r["p_value"] or 1) <= 0.05 for r in rows)
        very += sum((r["p_value"] or 1) <= 0.005 for r in rows)
        found += sum((r["q_value"] or 1) <= 0.05 for r in rows)
    assert small <= 0.05 * tests + 3 * math.sqrt(0.05 * tests)
    assert very <= 0.005 * tests + 3 * math.sqrt(0.005 * tests)
    assert found <= 3


def test_a_planted_minute_is_found_and_named_first(tmp_path: Path) -> None:
    posts, actions = world(3, 2.0)
    root = posts[12 * 7 + 4]
    begin = 400.0 * (12 * 7 + 5)
    usual = max(
        Counter(
            a["target_post_id"] for a in actions if a["target_post_id"].startswith("x:7p")
        ).values(),
        default=0,
    )
    lags = [(f"x:boost{i}", 2.0 + i / 4) for i in range(15 + 4 * usual)]
    planted = [
        {**a, "post_id": f"x:boosted{i}", "action_id": f"boost{i}"}
        for i, a in enumerate(reposted(root["post_id"], lags, begin))
    ]
    rows = run(tmp_path, posts, [*actions, *planted])["amplification"]
    rows = sorted((r for r in rows if r["p_value"] is not None), key=lambda r: r["p_value"])
    assert rows[0]["post_id"] == root["post_id"]
    assert rows[0]["q_value"] < 0.01
    assert {r["post_id"] for r in rows if r["q_value"] < 0.05} == {root["post_id"]}


def crowd(seed: int, keen: int) -> tuple[Rows, Rows]:
    """Forty posts, forty carriers of two hundred each in chance order; keen ones are early."""
    dice = random.Random(seed)
    posts, actions = [], []
    for index in range(40):
        begin = index * 5_000.0
        posts.append(post(f"x:{index}", begin, account_id="x:author"))
        who = dice.sample(range(200), 40)
        lags = [(f"x:n{n}", float(dice.randint(5, 3_000))) for n in who]
        if index % 2:
            lags += [(f"x:keen{k}", float(dice.randint(1, 4))) for k in range(keen)]
        actions += reposted(f"x:{index}", lags, begin)
    return posts, actions


def test_accounts_that_are_first_again_and_again(tmp_path: Path) -> None:
    posts, actions = crowd(1, 4)
    rows = run(tmp_path, posts, actions)["early_account"]
    keen = {row["account_id"]: row for row in rows if row["account_id"].startswith("x:keen")}
    assert len(keen) == 4
    for row in keen.values():
        assert (row["root_count"], row["first_count"]) == (20, 20)
        assert row["expected"] == pytest.approx(20 * 10 / 44)
        assert row["p_value"] == pytest.approx((10 / 44) ** 20, rel=1e-6)
        assert row["q_value"] < 1e-9
    assert not [r for r in rows if r["q_value"] < 0.05 and r["account_id"] not in keen]


def test_a_crowd_in_chance_order_has_nobody_who_is_first_too_often(tmp_path: Path) -> None:
    tests = small = 0
    for seed in range(5):
        rows = run(tmp_path, *crowd(seed, 0))["early_account"]
        tests += rows[0]["test_count"]
        small += sum(row["p_value"] <= 0.05 for row in rows)
        assert not [row for row in rows if row["q_value"] <= 0.05]
    assert 0 < small <= 0.05 * tests + 3 * math.sqrt(0.05 * tests)


def test_whole_seconds_make_nobody_first_who_may_be_later(tmp_path: Path) -> None:
    """Eleven reposts in one second: none of them is surely among the first ten."""
    posts, actions = [], []
    for index in range(4):
        posts.append(post(f"x:{index}", index * 100.0, account_id="x:author"))
        actions += reposted(f"x:{index}", [(f"x:n{n}", 7.0) for n in range(11)], index * 100.0)
    assert run(tmp_path, posts, actions)["early_account"] == []
