"""Communities, portraits and rows of clusters, against slow and obvious versions."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis import records
from tamis.analyses.coordination.clusters import communities as groups
from tamis.analyses.coordination.clusters.communities import (
    RESOLUTION,
    communities,
    core_numbers,
    members_of,
    stability,
)
from tamis.analyses.coordination.clusters.portrait import portrait
from tamis.analyses.coordination.clusters.rows import MERGED, Names, Network, cluster_rows
from tamis.analyses.coordination.significance.judge import _judge
from tamis.analyses.coordination.significance.layer import Actions, layer_of
from tamis.analyses.coordination.walk import compiled
from tamis.errors import PlanError

RUN = {"run_id": "r", "analysis_version": "cluster 1"}


def _clique(*members: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(sorted(members), 2))


def _label_of(pairs: np.ndarray, labels: np.ndarray) -> dict[int, int]:
    return dict(zip(pairs.ravel().tolist(), labels.ravel().tolist(), strict=True))


def _quality(pairs: np.ndarray, label: dict[int, int]) -> float:
    inside = sum(label[a] == label[b] for a, b in pairs.tolist())
    sizes = np.bincount(list(label.values()))
    return float(inside - RESOLUTION * (sizes * (sizes - 1) / 2).sum())


def test_two_groups_joined_by_one_pair_are_two_groups() -> None:
    pairs = np.asarray([*_clique(0, 1, 2, 3, 4), *_clique(10, 11, 12, 13), (4, 10), (20, 21)])
    groups = members_of(pairs, communities(pairs))
    assert [group.tolist() for group in groups] == [[0, 1, 2, 3, 4], [10, 11, 12, 13]]
    assert members_of(pairs[:0], communities(pairs[:0])) == []


@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=50),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=120)
def test_communities_are_connected_repeatable_and_nobody_gains_by_leaving(
    drawn: list[tuple[int, int]], random: object
) -> None:
    unique = {(min(pair), max(pair)) for pair in drawn if pair[0] != pair[1]}
    if not unique:
        return
    pairs = np.asarray(sorted(unique))
    label = _label_of(pairs, communities(pairs))
    shuffled = list(unique)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = np.asarray([pair[::-1] for pair in shuffled])
    assert _label_of(again, communities(again)) == label
    for one in set(label.values()):
        members = {node for node, mine in label.items() if mine == one}
        reached, ahead = set(), [min(members)]
        while ahead:
            node = ahead.pop()
            reached.add(node)
            ahead += [
                other
                for a, b in unique
                for other in ((b,) if a == node else (a,) if b == node else ())
                if other in members and other not in reached
            ]
        assert reached == members
    best = _quality(pairs, label)
    assert best >= _quality(pairs, {node: at for at, node in enumerate(label)}) - 1e-9
    alone = max(label.values()) + 1
    for node in label:
        assert _quality(pairs, {**label, node: alone}) <= best + 1e-9


def test_the_core_is_where_everybody_has_many_partners() -> None:
    pairs = np.asarray([*_clique(0, 1, 2, 3), (3, 4), (4, 5), (7, 8)])
    members = np.asarray([0, 1, 2, 3, 4, 5])
    assert core_numbers(pairs, members).tolist() == [3, 3, 3, 3, 1, 1]


def test_stability_is_the_mean_best_overlap() -> None:
    group = np.asarray([1, 2, 3, 4])
    others = [[np.asarray([1, 2, 3]), np.asarray([4, 9])], [np.asarray([1, 2, 3, 4])], []]
    assert stability(group, others) == pytest.approx((3 / 4 + 1 + 0) / 3)
    assert stability(group, []) == 1.0


def _world() -> tuple[Actions, np.ndarray]:
    """Accounts 0 to 3 act within seconds on ten objects; others use eight of them at leisure."""
    rows = [(t, a, 1_000 + t * 9_000 + 2 * a) for t in range(10) for a in range(4)]
    rows += [(t, 4 + n, 3_000 + t * 9_000 + 700 * n) for t in range(8) for n in range(6)]
    objects, accounts, seconds = (np.asarray(column) for column in zip(*rows, strict=True))
    actions = Actions(
        objects.astype(np.int32), accounts.astype(np.int32), seconds * 1_000_000, 10, 10
    )
    return actions, np.asarray(_clique(0, 1, 2, 3))


def test_a_portrait_says_what_members_and_others_did() -> None:
    actions, pairs = _world()
    found = portrait(layer_of(actions), 10_000_000, np.asarray([0, 1, 2, 3]), pairs)
    assert found.objects.tolist() == list(range(10))
    assert found.object_members.tolist() == [4] * 10
    assert found.object_counts.tolist() == [10] * 4
    assert found.lags_s.tolist() == [0.0, 2.0, 4.0, 6.0]
    assert found.density == 1.0
    assert found.cores.tolist() == [3] * 4
    assert found.member_within == 1.0
    assert found.crowd_within == 0.0
    assert found.crowd_objects == 8
    assert (found.first, found.last) == (1_000_000_000, (1_000 + 81_000 + 6) * 1_000_000)


def _networks() -> list[Network]:
    actions, pairs = _world()
    layer = layer_of(actions)
    chances = np.full(len(pairs), 1e-9)
    weak = np.asarray([1e-9, 1e-9, 0.9, 1e-9, 0.9, 0.9])
    return [
        Network("co_link", 10.0, layer, pairs, chances),
        Network("co_repost", 10.0, layer, pairs, weak),
    ]


def test_rows_fit_their_tables_and_layers_are_merged() -> None:
    names = Names(
        [f"x:{n}" for n in range(10)],
        {"co_link": [f"l{n}" for n in range(10)], "co_repost": [f"p{n}" for n in range(10)]},
        {0: 5, 2: 9},
    )
    clusters, members = cluster_rows(_networks(), names, RUN)
    assert [(row["layer"], row["member_count"]) for row in clusters] == [
        ("co_link", 4),
        ("co_repost", 3),
        (MERGED, 4),
    ]
    merged = clusters[2]
    assert merged["layers"] == ["co_link", "co_repost"]
    assert merged["p_value"] == 1e-6
    assert (merged["created_known_count"], merged["created_last_at"]) == (2, 9)
    assert "nobody" not in merged["detail"]
    assert records.table("cluster").build(clusters).num_rows == 3
    table = records.table("cluster_member").build(members)
    assert table.num_rows == 11
    assert set(table["role"].to_pylist()) == {"core"}
    other, _ = cluster_rows(_networks()[::-1], names, RUN)
    assert {row["cluster_id"] for row in other} == {row["cluster_id"] for row in clusters}


def test_layers_of_different_codes_are_not_merged() -> None:
    actions, pairs = _world()
    other = Network(
        "co_text", 10.0, layer_of(actions._replace(account_count=99)), pairs, np.ones(len(pairs))
    )
    with pytest.raises(PlanError, match="share their account codes"):
        cluster_rows([*_networks(), other], Names([], {}, {}), RUN)


def test_kept_machine_code_is_dropped_when_a_file_it_calls_changes(tmp_path: Path) -> None:
    """numba alone looks at the file of the function only, and then runs old code."""
    folder = Path(compiled.__file__).parents[2]
    assert _judge._cache._cache_file._source_stamp == compiled._stamp(folder)
    (tmp_path / "a.py").write_text("x = 1")
    before = compiled._stamp.__wrapped__(tmp_path)
    (tmp_path / "a.py").write_text("x = 12")
    assert compiled._stamp.__wrapped__(tmp_path) != before


def test_graphs_and_their_mergers_are_those_of_a_slow_count() -> None:
    """Neighbours ascend whatever the order of pairs, and what labels join is added up once."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        ends = np.array(sorted(itertools.combinations(range(12), 2)))[rng.permutation(66)[:30]]
        ends = np.concatenate([ends, [[3, 3]]])  # a pair with itself is none
        weights = rng.integers(1, 9, len(ends)).astype(np.float64)
        graph = groups._graph(ends, weights, np.ones(12))
        told: dict[int, dict[int, float]] = {node: {} for node in range(12)}
        for (one, other), weight in zip(ends.tolist()[:-1], weights, strict=False):
            told[one][other] = told[other][one] = weight
        labels = rng.integers(0, 4, 12)
        labels[:4] = range(4)
        joined: Counter[tuple[int, int]] = Counter()
        for node in range(12):
            span = slice(graph.starts[node], graph.starts[node + 1])
            assert graph.neighbours[span].tolist() == sorted(told[node])
            assert dict(zip(graph.neighbours[span], graph.weights[span], strict=True)) == told[node]
            for other, weight in told[node].items():
                joined[labels[node], labels[other]] += weight
        whole = groups._merged(graph, labels, 4)
        assert whole.sizes.tolist() == np.bincount(labels).tolist()
        for label in range(4):
            span = slice(whole.starts[label], whole.starts[label + 1])
            right = {other: joined[label, other] for other in range(4)
                     if other != label and joined[label, other]}  # fmt: skip
            assert dict(zip(whole.neighbours[span], whole.weights[span], strict=True)) == right
