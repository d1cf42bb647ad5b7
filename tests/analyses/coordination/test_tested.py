"""From tables of actions and kept pairs to tables of significance and clusters."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tamis import records
from tamis.analyses.coordination.clusters.rows import LIMITS, MERGED, SECOND_LIMITS
from tamis.analyses.coordination.significance.columns import (
    Asked,
    kept_pairs,
    placebo,
    significance,
)
from tamis.analyses.coordination.significance.encoded import (
    Texts,
    encoded,
    pairs_of,
    platform_mark,
    without,
)
from tamis.analyses.coordination.significance.layer import Actions, layer_of
from tamis.analyses.coordination.significance.readings import readings
from tamis.analyses.coordination.significance.tested import Kept, Outcome, judged_layers
from tamis.simulate.worlds import PlantedPlan, World, planted

RUN = {"run_id": "r", "analysis_version": "significance 1"}
TIME = pa.timestamp("us", tz="UTC")
ACTIONS = pa.schema([("object_id", pa.string()), ("account_id", pa.string()), ("acted_at", TIME)])
SOURCES = pa.schema(
    [("object_id", pa.string()), ("publisher_id", pa.string()), ("published_at", TIME)]
)
PAIRS = pa.schema(
    [
        ("layer", pa.string()),
        ("window_s", pa.float64()),
        ("account_a", pa.string()),
        ("account_b", pa.string()),
        ("evidence_count", pa.int64()),
    ]
)
LOOKS = pa.schema(
    [
        ("layer", pa.string()),
        ("window_s", pa.float64()),
        ("min_weight", pa.int64()),
        ("account_count", pa.int64()),
    ]
)
LEFT_OUT = pa.schema(
    [("layer", pa.string()), ("window_s", pa.float64()), ("object_id", pa.string())]
)
CREATED = pa.schema([("account_id", pa.string()), ("created_at", TIME)])


def _table(schema: pa.Schema, rows: Any = ()) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [[] for _ in schema]
    return pa.table(
        {f.name: pa.array(c, f.type) for f, c in zip(schema, columns, strict=True)}, schema
    )


def _kept(pairs: Any, looks: Any, left_out: Any = (), created: Any = ()) -> Kept:
    return Kept(
        _table(PAIRS, pairs),
        _table(LEFT_OUT, left_out),
        _table(LOOKS, looks),
        _table(CREATED, created),
    )


def _world() -> World:
    return planted(3, PlantedPlan(actions=20_000, cells=2))


def _texts(world: World, mark: str = ":") -> tuple[pa.Table, pa.Table]:
    """The world as tables, names in the reverse order of the codes."""
    names = [f"x{mark}a{world.account_count - n:06}" for n in range(world.account_count)]
    things = [f"o{world.object_count - n:06}" for n in range(world.object_count)]
    actions = pa.table(
        {
            "object_id": pa.array(things).take(pa.array(world.objects)),
            "account_id": pa.array(names).take(pa.array(world.accounts)),
            "acted_at": pa.array(world.times, TIME),
        }
    ).cast(ACTIONS)
    sources = pa.table(
        {
            "object_id": pa.array(things),
            "publisher_id": pa.array([None if c < 0 else f"p{c}" for c in world.origins.tolist()]),
            "published_at": pa.array(world.published, TIME),
        }
    ).cast(SOURCES)
    return actions, sources


def _of_world(world: World, *, shuffled: bool = False) -> tuple[Outcome, Any, Any]:
    """What the joined tables say, and what the arrays themselves say."""
    actions, sources = _texts(world)
    plain = Actions(
        *(world.objects, world.accounts, world.times, world.object_count, world.account_count),
        *(world.origins, world.published),
    )
    pairs = kept_pairs(plain, 10_000_000, 2)
    name = [f"x:a{world.account_count - n:06}" for n in range(world.account_count)]
    rows = [
        ("co_repost", 10.0, *sorted((name[a], name[b])), 7) for a, b in np.sort(pairs, 1).tolist()
    ]
    if shuffled:
        order = np.random.default_rng(1).permutation(actions.num_rows)
        actions = actions.take(pa.array(order))
    known = encoded({"co_repost": actions}, {"co_repost": sources})
    found = judged_layers(known, _kept(rows, [("co_repost", 10.0, 2, 0)]), RUN)
    moved = placebo(plain, 10_000_000, 2)
    direct = significance(layer_of(plain), 10_000_000, pairs, Asked(1, moved))
    return found, direct, rows


def test_the_planted_cells_come_out_as_clusters_and_the_rows_are_those_of_the_arrays() -> None:
    world = _world()
    found, direct, rows = _of_world(world)
    for name in ("co_action_significance", "co_action_significance_total"):
        table = found.significance if name == "co_action_significance" else found.totals
        records.table(name).check(table)
    assert [row[2:4] for row in rows] == list(
        zip(
            found.significance["account_a"].to_pylist(),
            found.significance["account_b"].to_pylist(),
            strict=True,
        )
    )
    for name in ("common_count", "independent_count", "p_burst", "p_family"):
        assert found.significance[name].to_pylist() == pytest.approx(direct[name].to_pylist())
    first = [row for row in found.clusters.to_pylist() if row["grade"] == "first"]
    members: dict[str, set[str]] = {}
    for row in found.members.to_pylist():
        members.setdefault(row["cluster_id"], set()).add(row["account_id"])
    truth = {
        frozenset(f"x:a{world.account_count - one:06}" for one in cell) for cell in world.cells
    }
    assert {frozenset(members[row["cluster_id"]]) for row in first} == truth
    assert all(row["platforms"] == ["x"] for row in first)
    assert all(row["evidence_count"] >= 7 * row["edge_count"] for row in first)
    total = found.totals.to_pylist()[0]
    assert total["unexplained_count"] >= sum(row["edge_count"] for row in first)
    assert total["placebo_factor"] >= 1.0
    assert total["pair_count"] == len(rows)


def test_the_order_of_the_rows_changes_nothing() -> None:
    world = _world()
    one, other = _of_world(world)[0], _of_world(world, shuffled=True)[0]
    for name in Outcome._fields:
        assert getattr(one, name).equals(getattr(other, name)), name


def _small() -> tuple[dict[str, pa.Table], list[tuple[Any, ...]]]:
    """Accounts a, b, c act on one object within a second; d and e stand apart."""
    rows = [("o", name, 1_000_000 * at) for at, name in enumerate(("a", "b", "c"), 1)]
    rows += [("p", "d", 5_000_000), ("q", "e", 9_000_000_000)]
    actions = _table(ACTIONS, rows)
    pairs = [("co_link", 10.0, *pair, 1) for pair in itertools.combinations("abc", 2)]
    return {"co_link": actions}, pairs


def test_one_object_shared_by_three_is_explained_and_said_so() -> None:
    """By hand: one match each, 5 accounts, 10 possible pairs, two looks: nothing can stand out."""
    tables, pairs = _small()
    looks = [("co_link", 10.0, 1, 5), ("co_text", 60.0, 2, 4)]
    found = judged_layers(encoded(tables, {}), _kept(pairs, looks), RUN)
    rows = found.significance.to_pylist()
    assert [row["common_count"] for row in rows] == [1, 1, 1]
    assert [row["p_family"] for row in rows] == [1.0, 1.0, 1.0]
    assert all(row["reading"].startswith("May be chance") for row in rows)
    assert found.clusters.num_rows == found.members.num_rows == 0
    linked, text = found.totals.to_pylist()
    assert (linked["test_count"], linked["unexplained_count"]) == (10 * 2, 0)
    assert (text["test_count"], text["pair_count"]) == (6 * 2, 0)
    assert text["placebo_factor"] is None


def test_nothing_kept_and_nothing_there_are_answers() -> None:
    empty = judged_layers(encoded({}, {}), _kept([], []), RUN)
    assert [getattr(empty, name).num_rows for name in Outcome._fields] == [0, 0, 0, 0]
    tables = {"co_link": _table(ACTIONS), "co_text": _table(ACTIONS, [("o", "a", 1)])}
    alone = judged_layers(encoded(tables, {}), _kept([], [("co_text", 60.0, 2, 1)]), RUN)
    assert alone.significance.num_rows == 0
    assert alone.totals["test_count"].to_pylist() == [0]


def test_objects_left_out_of_the_network_are_left_out_of_the_test() -> None:
    tables, pairs = _small()
    looks = [("co_link", 10.0, 1, 5)]
    known = encoded(tables, {})
    kept = without(known.actions["co_link"], known.objects["co_link"], pa.array(["o"]))
    assert len(kept.times) == 2
    found = judged_layers(known, _kept(pairs, looks, [("co_link", 10.0, "o")]), RUN)
    assert found.significance["common_count"].to_pylist() == [0, 0, 0]
    with pytest.raises(ValueError, match="no action in any layer"):
        pairs_of(known.accounts, _table(PAIRS, [("co_link", 10.0, "a", "nobody", 1)]))


def test_layers_share_their_accounts_and_know_their_publishers() -> None:
    tables = {
        "co_link": _table(ACTIONS, [("o", "b", 5), ("n", "a", 3)]),
        "co_repost": _table(ACTIONS, [("o", "c", 7), ("m", "b", 9)]),
    }
    sources = {"co_repost": _table(SOURCES, [("o", "z", 6), ("other", "y", 1), ("m", None, None)])}
    known = encoded(tables, sources)
    assert known.accounts.to_pylist() == ["a", "b", "c"]
    assert known.objects["co_repost"].to_pylist() == ["m", "o"]
    repost = known.actions["co_repost"]
    assert (repost.accounts.tolist(), repost.objects.tolist()) == ([1, 2], [0, 1])
    assert repost.origins is not None
    assert repost.origins[0] == -1
    assert repost.origins[1] >= 0
    assert layer_of(repost).onsets.tolist() == [9, 6]
    assert known.actions["co_link"].origins is None
    assert list(Texts(known.accounts)[1:]) == ["b", "c"]


@pytest.mark.parametrize(
    ("accounts", "mark"),
    [
        (["x:1", "4chan:2"], ":"),
        (["fb_1", "ig_2"], "_"),
        (["fb_1", "5067ece9"], None),
        ([f"{'abcdefghijklmnopqrstuvwxyz'[n]}_1" for n in range(26)], None),
        ([], None),
    ],
)
def test_a_platform_is_named_only_where_every_id_names_one(
    accounts: list[str], mark: str | None
) -> None:
    assert platform_mark(pa.array(accounts, pa.string())) == mark


def _chances(**columns: float) -> pa.Table:
    given = {"p_burst": 1e-9, "p_hours": 1e-9, "p_reaction": 1e-9, "p_value": 1e-9, **columns}
    return pa.table(
        {
            **{name: [value] for name, value in given.items()},
            "independent_count": [7],
            "expected": [0.25],
        }
    )


def test_a_reading_says_what_the_p_values_allow_and_no_more() -> None:
    (called,) = readings(_chances(p_family=1e-30, p_seen_family=1e-30), 45).to_pylist()
    assert called == (
        "Not explained by bursts, hours, reactions, sessions or sources, known or inferred "
        "(p below 1e-06 after correction over 45 possible pairs): independent matches: 7, matches "
        "expected: 0.25; another cause that only these accounts meet is not excluded."
    )
    (weak,) = readings(_chances(p_family=0.4, p_seen_family=0.01), 45).to_pylist()
    assert weak.startswith(
        "Not explained by bursts, hours, reactions, sessions or known publishers"
    )
    assert "weaker" in weak
    assert "p = 0.01 after" in weak
    (many,) = readings(_chances(p_family=0.09, p_seen_family=0.09, p_value=0.002), 45).to_pylist()
    assert many == (
        "Not rare enough among so many pairs (p = 0.002 for this pair, p = 0.09 after correction "
        "over 45 possible pairs): independent matches: 7, matches expected: 0.25."
    )
    ones = {"p_family": 1.0, "p_seen_family": 1.0}
    (hours,) = readings(_chances(**ones, p_hours=0.3, p_value=0.3), 45).to_pylist()
    assert hours.startswith("May be chance: explained by shared hours (p = 0.3);")
    (joint,) = readings(_chances(p_family=1.0, p_seen_family=1.0, p_value=0.8), 45).to_pylist()
    assert "together (p = 0.8)" in joint


def test_a_second_grade_cluster_is_labelled_as_weaker() -> None:
    """Four accounts meet on things of one circle of others: an unseen source may explain it."""
    rows, pairs = [], list(itertools.combinations("abcd", 2))
    rng = np.random.default_rng(4)
    for thing in range(24):
        start = 100_000_000_000 * thing
        rows += [(f"o{thing}", name, start + at * 1_000_000) for at, name in enumerate("abcd")]
        before = rng.integers(3_600_000_000, 80_000_000_000, 5).tolist()
        rows += [(f"o{thing}", f"f{at}", start - early) for at, early in enumerate(before)]
    known = encoded({"co_link": _table(ACTIONS, rows), "co_text": _table(ACTIONS, rows)}, {})
    kept = [(layer, 10.0, *pair, 12) for layer in ("co_link", "co_text") for pair in pairs]
    looks = [("co_link", 10.0, 2, 9), ("co_text", 10.0, 2, 9)]
    created = [("a", 5), ("nobody", 6), ("b", None)]
    found = judged_layers(known, _kept(kept, looks, (), created), RUN)
    clusters = found.clusters.to_pylist()
    assert [row["grade"] for row in clusters] == ["second"] * 3
    assert {row["layer"] for row in clusters} == {"co_link", "co_text", MERGED}
    assert all(row["member_count"] == 4 for row in clusters)
    assert all(row["limits"] == SECOND_LIMITS != LIMITS for row in clusters)
    assert all("weaker" in row["detail"] for row in clusters)
    assert sorted(row["evidence_count"] for row in clusters) == [72, 72, 144]
    assert all(row["created_known_count"] == 1 for row in clusters)
    assert found.totals["weaker_count"].to_pylist() == [6, 6]
    assert found.totals["unexplained_count"].to_pylist() == [0, 0]
