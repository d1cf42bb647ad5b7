"""The walk against an obvious implementation: every pair of actions, one after the other."""

from __future__ import annotations

from itertools import combinations
from math import ceil, log, sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.coordination.co_action import WEIGHTS, merged
from tamis.analyses.coordination.walk.kernel import walk
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.engines import open_engine
from tamis.plan import Partition, needed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.engines import Engine

Action = tuple[str, str, str, int]  # object, account, post, µs
SECOND = 1_000_000
LAYER = "co_object"
RESULTS = ("co_action", "co_action_evidence", "co_action_total", "co_action_left_out")

# Few names and few moments, so that ties, duplicates, self-pairs and window borders are common;
# names whose text order differs from their length and from their bytes as numbers.
ACTIONS_GIVEN = st.lists(
    st.tuples(
        st.sampled_from(["o", "", "object-with-a-longer-name", "ö", "o2"]),
        st.sampled_from(["a", "b", "aa", "10", "9", "é", "account-number-1"]),
        st.sampled_from(["p1", "p2", "p3", "p4"]),
        st.one_of(
            st.integers(0, 12).map(lambda second: second * SECOND),
            st.integers(0, 12 * SECOND),
            st.sampled_from([2_999_999, 3_000_000, 3_000_001, 6_000_000, 6_000_001]),
        ),
    ),
    max_size=30,
)
WINDOWS = st.sampled_from([0.0, 1.0, 3.0, 2.5, 0.000001, 100.0])


def _table(actions: Iterable[Action]) -> pa.Table:
    rows = list(actions)
    return pa.table(
        {
            "object_id": [row[0] for row in rows],
            "account_id": [row[1] for row in rows],
            "post_id": [row[2] for row in rows],
            "acted_at": pa.array([row[3] for row in rows], pa.int64()).cast(
                ACTIONS.field("acted_at").type
            ),
            "source_item_id": pa.array(["0"] * len(rows), pa.string()),
            "byte_start": pa.array(range(len(rows)), pa.int64()),
        },
        schema=ACTIONS,
    )


def _by_hand(actions: list[Action], window_s: float) -> dict[tuple[str, str], dict[str, Any]]:
    """Every in-window pair of actions of two accounts, by pair of accounts."""
    window = round(window_s * SECOND)
    pairs: dict[tuple[str, str], list[tuple[Action, Action]]] = {}
    for one, other in combinations(actions, 2):
        if one[0] == other[0] and one[1] != other[1] and abs(one[3] - other[3]) <= window:
            first, second = sorted((one, other), key=lambda action: action[1].encode())
            pairs.setdefault((first[1], second[1]), []).append((first, second))
    found = {}
    vectors = _vectors(actions)
    for key, held in pairs.items():
        lags = sorted(b[3] - a[3] for a, b in held)
        quarter = ceil(len(lags) / 4)
        shared = {a[0] for a, _ in held}
        mine, theirs = vectors[key[0]], vectors[key[1]]
        length = sqrt(sum(v * v for v in mine.values()) * sum(v * v for v in theirs.values()))
        found[key] = {
            "lag_low_s": lags[quarter - 1] / SECOND,
            "lag_high_s": lags[-quarter] / SECOND,
            "object_count_a": len(mine),
            "object_count_b": len(theirs),
            "cosine": sum(mine[name] * theirs[name] for name in shared) / length,
            "jaccard": len(shared) / (len(mine) + len(theirs) - len(shared)),
            "shared_count": len(shared),
            "pair_count": len(held),
            "message_count_a": len({a[2] for a, _ in held}),
            "message_count_b": len({b[2] for _, b in held}),
            "lag_median_s": median(lags) / SECOND,
            "a_first_share": sum(1 if lag > 0 else 0.5 if lag == 0 else 0 for lag in lags)
            / len(lags),
        }
    return found


def _vectors(actions: list[Action]) -> dict[str, dict[str, float]]:
    """TF-IDF of each account over objects, as scikit-learn smooths it."""
    accounts = {action[1] for action in actions}
    users: dict[str, set[str]] = {}
    for name, account, _, _ in actions:
        users.setdefault(name, set()).add(account)
    vectors: dict[str, dict[str, float]] = {account: {} for account in accounts}
    for name, account, _, _ in actions:
        idf = log((1 + len(accounts)) / (1 + len(users[name]))) + 1
        vectors[account][name] = vectors[account].get(name, 0.0) + idf
    return vectors


def _weight(edge: dict[str, Any], kind: str) -> int:
    if kind == "distinct_objects":
        return int(edge["shared_count"])
    if kind == "co_pairs":
        return int(edge["pair_count"])
    return max(int(edge["message_count_a"]), int(edge["message_count_b"]))


def _params(window_s: float, min_weight: int, kind: str, limit: int = 10**6) -> dict[str, Any]:
    return {
        "windows_s": (window_s,),
        "min_weight": min_weight,
        "weights": (kind,),
        "layer": LAYER,
        "layers": (LAYER,),
        "evidence_limit": limit,
        "pair_budget": 10**9,
        "object_limit": 10**9,
        "threads": 2,
    }


def _results(
    engine: Engine,
    walked: pa.Table,
    table: pa.Table,
    params: dict[str, Any],
    *,
    of_parts: bool = False,
) -> dict[str, list[Any]]:
    engine.register(f"{LAYER}_action", table, ACTIONS)
    engine.register(f"{LAYER}_walked", walked)
    engine.run(
        needed(merged(params)[1:], of_parts=of_parts),
        RESULTS,
        {"run_id": "r", "analysis_version": "v"},
    )
    return {name: engine.fetch(name).to_pylist() for name in RESULTS}


def _assert_same(found: dict[str, list[Any]], actions: list[Action], params: Any) -> None:
    window_s, kind = params["windows_s"][0], params["weights"][0]
    expected = _by_hand(actions, window_s)
    kept = {
        pair: edge for pair, edge in expected.items() if _weight(edge, kind) >= params["min_weight"]
    }
    (total,) = found["co_action_total"]
    assert total["pair_count"] == sum(edge["pair_count"] for edge in expected.values())
    assert total["left_out_pair_count"] == 0
    assert total["action_count"] == len(actions)
    assert total["account_count"] == len({action[1] for action in actions})
    assert total["object_count"] == len({action[0] for action in actions})
    assert found["co_action_left_out"] == []
    assert len(found["co_action"]) == len(kept)
    for row in found["co_action"]:
        edge = kept[row["account_a"], row["account_b"]]
        assert row["weight"] == _weight(edge, kind)
        for name, value in edge.items():
            assert row[name] == pytest.approx(value, rel=1e-9), name
    if params["evidence_limit"] >= 10**6:
        assert len(found["co_action_evidence"]) == sum(e["pair_count"] for e in kept.values())
    for row in found["co_action_evidence"]:
        one = actions[row["byte_start_a"]]
        other = actions[row["byte_start_b"]]
        assert (one[1], other[1]) == (row["account_a"], row["account_b"])
        assert one[0] == other[0] == row["object_id"]
        assert (one[2], other[2]) == (row["post_id_a"], row["post_id_b"])
        assert row["lag_s"] == pytest.approx((other[3] - one[3]) / SECOND)
        assert abs(other[3] - one[3]) <= round(window_s * SECOND)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Engine]:
    scratch = tmp_path_factory.mktemp("walk")
    with open_engine("duckdb", allowed=[], scratch=scratch, threads=1, memory_gib=1) as opened:
        yield opened


@settings(max_examples=150, deadline=None)
@given(
    actions=ACTIONS_GIVEN,
    window_s=WINDOWS,
    min_weight=st.integers(1, 3),
    kind=st.sampled_from(WEIGHTS),
)
def test_whole_input(
    engine: Engine, actions: list[Action], window_s: float, min_weight: int, kind: str
) -> None:
    params = _params(window_s, min_weight, kind)
    walked = walk(_table(actions), params, Partition())
    _assert_same(_results(engine, walked, _table(actions), params), actions, params)


@settings(max_examples=100, deadline=None)
@given(
    actions=ACTIONS_GIVEN,
    window_s=WINDOWS,
    min_weight=st.integers(1, 3),
    kind=st.sampled_from(WEIGHTS),
    width_s=st.sampled_from([1, 3, 5]),
)
def test_objects_split_in_time_with_a_halo(
    engine: Engine,
    actions: list[Action],
    window_s: float,
    min_weight: int,
    kind: str,
    width_s: int,
) -> None:
    params = _params(window_s, min_weight, kind)
    table = _table(actions)
    walked = []
    for low in range(0, 13, width_s):
        high = low + width_s
        rows = [
            at
            for at, action in enumerate(actions)
            if (low - window_s) * SECOND <= action[3] <= (high + window_s) * SECOND
        ]
        part = Partition(is_whole=False, core_low=float(low), core_high=float(high))
        walked.append(walk(table.take(pa.array(rows, pa.int64())), params, part))
    found = _results(engine, pa.concat_tables(walked), table, params, of_parts=True)
    _assert_same(found, actions, params)


@settings(max_examples=60, deadline=None)
@given(actions=ACTIONS_GIVEN, limit=st.integers(0, 12))
def test_an_evidence_limit_shows_the_strongest_edges_whole(
    engine: Engine, actions: list[Action], limit: int
) -> None:
    params = _params(3.0, 1, "co_pairs", limit)
    table = _table(actions)
    found = _results(engine, walk(table, params, Partition()), table, params)
    _assert_same(found, actions, params)
    assert len(found["co_action_evidence"]) <= limit
    counts: dict[tuple[str, str], int] = {}
    for row in found["co_action_evidence"]:
        pair = (row["account_a"], row["account_b"])
        counts[pair] = counts.get(pair, 0) + 1
    edges = {(row["account_a"], row["account_b"]): row for row in found["co_action"]}
    strengths = {pair: (row["shared_count"], row["pair_count"]) for pair, row in edges.items()}
    for pair, count in counts.items():
        assert count == edges[pair]["pair_count"]
        stronger = [other for other, value in strengths.items() if value >= strengths[pair]]
        assert set(stronger) <= counts.keys()
    hidden = strengths.keys() - counts.keys()
    if hidden:
        best = max(strengths[pair] for pair in hidden)
        tied = [pair for pair in strengths if strengths[pair] == best]
        held = sum(edges[pair]["pair_count"] for pair in (*counts, *tied))
        assert held > limit


@settings(max_examples=60, deadline=None)
@given(actions=ACTIONS_GIVEN, windows=st.lists(WINDOWS, min_size=1, max_size=3, unique=True))
def test_several_windows_in_one_call_are_each_their_own(
    actions: list[Action], windows: list[float]
) -> None:
    params = {**_params(1.0, 1, "co_pairs"), "windows_s": tuple(windows)}
    walked = walk(_table(actions), params, Partition())
    for window_s in windows:
        alone = walk(_table(actions), {**params, "windows_s": (window_s,)}, Partition())
        here = walked.filter(pa.compute.equal(walked.column("window_s"), window_s))
        assert here.to_pylist() == alone.to_pylist()


@settings(max_examples=100, deadline=None)
@given(
    actions=ACTIONS_GIVEN,
    window_s=WINDOWS,
    limit=st.integers(1, 12),
    width_s=st.sampled_from([1, 4, 100]),
    kind=st.sampled_from(WEIGHTS),
)
def test_what_is_left_out_is_named_and_the_rest_is_as_if_it_never_was(
    engine: Engine,
    actions: list[Action],
    window_s: float,
    limit: int,
    width_s: int,
    kind: str,
) -> None:
    """The same whether objects come whole or in parts: only the sum over the parts decides."""
    params = {**_params(window_s, 1, kind), "object_limit": limit}
    window = round(window_s * SECOND)
    sizes: dict[str, int] = {}
    for one, other in combinations(actions, 2):
        if one[0] == other[0] and abs(one[3] - other[3]) <= window:
            sizes[one[0]] = sizes.get(one[0], 0) + 1
    large = {name: count for name, count in sizes.items() if count > limit}
    table = _table(actions)
    whole = walk(table, params, Partition())
    parts = []
    for low in range(0, 13, width_s):
        high = low + width_s
        near = [
            at
            for at, action in enumerate(actions)
            if (low - window_s) * SECOND <= action[3] <= (high + window_s) * SECOND
        ]
        part = Partition(is_whole=False, core_low=float(low), core_high=float(high))
        parts.append(walk(table.take(pa.array(near, pa.int64())), params, part))
    walked = pa.concat_tables(parts)
    for result, of_parts in ((whole, False), (whole, True), (walked, True)):
        found = _results(engine, result, table, params, of_parts=of_parts)
        told = {row["object_id"]: row for row in found["co_action_left_out"]}
        assert {name: row["pair_count"] for name, row in told.items()} == large
        for name, row in told.items():
            assert row["action_count"] == sum(action[0] == name for action in actions)
        rest = _by_hand([a for a in actions if a[0] not in large], window_s)
        every = _by_hand(actions, window_s)
        counts = {(row["account_a"], row["account_b"]): row for row in found["co_action"]}
        assert counts.keys() == rest.keys()
        for pair, edge in rest.items():
            for name in ("shared_count", "pair_count", "lag_median_s", "message_count_b"):
                assert counts[pair][name] == pytest.approx(edge[name])
        hidden = sum(e["pair_count"] for e in every.values()) - sum(
            e["pair_count"] for e in rest.values()
        )
        assert found["co_action_total"][0]["left_out_pair_count"] == hidden
        assert {row["object_id"] for row in found["co_action_evidence"]}.isdisjoint(large)
