"""The compiled walk in its parts, where a property test would rarely look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tamis.analyses.coordination.walk import text
from tamis.analyses.coordination.walk.kernel import walk
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.errors import PlanError
from tamis.plan import Partition

PARAMS: dict[str, Any] = {
    "windows_s": (60.0,),
    "min_weight": 2,
    "weights": ("distinct_objects", "co_pairs", "distinct_messages"),
    "layer": "co_link",
    "evidence_limit": 0,
    "pair_budget": 10**9,
    "object_limit": 10**9,
    "threads": 2,
}


def _actions(objects: Any, accounts: Any, posts: Any, seconds: Any) -> pa.Table:
    times = pa.array(np.asarray(seconds, np.int64) * 1_000_000)
    count = len(times)
    return pa.table(
        {
            "object_id": pa.array(objects, pa.string()),
            "account_id": pa.array(accounts, pa.string()),
            "post_id": pa.array(posts, pa.string()),
            "acted_at": times.cast(ACTIONS.field("acted_at").type),
            "source_item_id": pa.nulls(count, pa.string()),
            "byte_start": pa.nulls(count, pa.int64()),
        },
        schema=ACTIONS,
    )


def test_texts_keep_their_identity_over_chunks_and_threads() -> None:
    rng = np.random.default_rng(1)
    words = [f"{'x' * (number % 40)}{number % 5_000}" for number in rng.integers(0, 9_999, 40_000)]
    words[7] = ""
    column = pa.chunked_array([words[:3], [], words[3:20_000], words[20_000:]], pa.string())
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        codes = text.coded(text.chunks_of(column.cast(kind)), 2)
        names = np.asarray(words, object)
        first = {word: code for code, word in reversed(list(zip(codes.of_row, names, strict=True)))}
        assert len(first) == codes.distinct.rows == len(set(words))
        assert all(first[word] == code for code, word in zip(codes.of_row, words, strict=True))


def test_sliced_columns_are_read_from_where_they_begin() -> None:
    column = pa.chunked_array([pa.array(["skip", "a", "b", "a", "skip"]).slice(1, 3)])
    codes = text.coded(text.chunks_of(column), 1)
    assert codes.of_row.tolist() == [0, 1, 0]
    assert bytes(codes.distinct.data) == b"ab"


def test_two_texts_with_the_same_hash_stay_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        text, "hashed", lambda parts, _: np.zeros(sum(part.rows for part in parts), np.uint64)
    )
    codes = text.coded(text.chunks_of(pa.chunked_array([["a", "b", "a", "c"]])), 1)
    assert codes.of_row[0] == codes.of_row[2]
    assert len(set(codes.of_row.tolist())) == codes.distinct.rows == 3


def test_posts_with_the_same_hash_are_told_apart_by_their_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        text, "hashed", lambda parts, _: np.zeros(sum(part.rows for part in parts), np.uint64)
    )
    count = 40
    table = _actions(
        [f"o{number}" for number in range(count) for _ in "ab"],
        ["a", "b"] * count,
        [f"{side}{number // 2 if side == 'a' else 0}" for number in range(count) for side in "ab"],
        [number * 1_000 for number in range(count) for _ in "ab"],
    )
    edge = walk(table, PARAMS, Partition()).to_pylist()[1]
    assert (edge["pair_count"], edge["message_count_a"], edge["message_count_b"]) == (40, 20, 1)


def test_threads_and_large_accounts_change_nothing() -> None:
    rng = np.random.default_rng(3)
    count = 30_000
    table = _actions(
        [f"o{number}" for number in rng.integers(0, 300, count)],
        [f"a{number}" for number in rng.zipf(1.3, count) % 400],
        [f"p{number}" for number in rng.integers(0, count, count)],
        rng.integers(0, 20_000, count),
    )
    keys = [("kind", "ascending"), ("account_a", "ascending"), ("account_b", "ascending")]
    one = walk(table, {**PARAMS, "threads": 1}, Partition()).sort_by(keys)
    many = walk(table, {**PARAMS, "threads": 3}, Partition()).sort_by(keys)
    assert one.num_rows > 500
    assert many.equals(one)
    split = walk(table, PARAMS, Partition(is_whole=False))
    pairs = split.filter(pa.compute.equal(split.column("kind"), "part"))
    counts = pairs.group_by(["account_a", "account_b"]).aggregate(
        [("lag_us", "count"), ("object_id", "count_distinct"), ("post_id_a", "count_distinct")]
    )
    expected = {tuple(row.values())[:2]: tuple(row.values())[2:] for row in counts.to_pylist()}
    for row in one.filter(pa.compute.equal(one.column("kind"), "edge")).to_pylist():
        found = (row["pair_count"], row["shared_count"], row["message_count_a"])
        assert expected[row["account_a"], row["account_b"]] == found


@pytest.mark.parametrize("count", [2, 15, 16, 17, 40, 300])
def test_messages_and_lags_of_few_and_many_pairs(count: int) -> None:
    rng = np.random.default_rng(count)
    mine = [(f"o{n}", "a", f"p{rng.integers(0, count // 2 + 1)}", 100 * n) for n in range(count)]
    lags = rng.integers(-9, 10, count)
    theirs = [
        (f"o{n}", "b", f"q{rng.integers(0, count)}", 100 * n + int(lags[n])) for n in range(count)
    ]
    table = _actions(*zip(*mine, *theirs, strict=True))
    (edge,) = (row for row in walk(table, PARAMS, Partition()).to_pylist() if row["kind"] == "edge")
    assert edge["message_count_a"] == len({row[2] for row in mine})
    assert edge["message_count_b"] == len({row[2] for row in theirs})
    assert (edge["shared_count"], edge["lag_median_s"]) == (count, np.median(lags))
    quarter = (count + 3) // 4
    ends = (edge["lag_low_s"], edge["lag_high_s"])
    assert ends == (np.sort(lags)[quarter - 1], np.sort(lags)[count - quarter])


def test_a_pair_budget_refuses_before_any_work_and_names_the_object() -> None:
    table = _actions(
        ["viral"] * 2_000 + ["quiet"] * 2, ["a", "b"] * 1_001, ["p"] * 2_002, [0] * 2_002
    )
    with pytest.raises(PlanError, match=r"1,999,001 pairs.*'viral' alone holds 1,999,000"):
        walk(table, {**PARAMS, "pair_budget": 1_000_000}, Partition())


def test_null_is_refused_where_an_action_needs_a_value() -> None:
    table = _actions(["o"], ["a"], ["p"], [0])
    broken = table.set_column(1, "account_id", pa.array([None], pa.string()))
    with pytest.raises(ValueError, match="NULL"):
        walk(broken, PARAMS, Partition())


def test_no_actions_give_a_total_of_none() -> None:
    rows = walk(_actions([], [], [], []), PARAMS, Partition()).to_pylist()
    assert [(row["kind"], row["pair_count"]) for row in rows] == [("total", 0)]
