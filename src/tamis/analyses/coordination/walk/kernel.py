"""The kernel of the co-action analysis: one layer's actions in, pairs of accounts out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.walk import pairs
from tamis.analyses.coordination.walk.groups import Rule, kept_edges
from tamis.analyses.coordination.walk.schema import WALKED
from tamis.analyses.coordination.walk.sorting import (
    Sorted,
    largest_object,
    pair_counts,
    sorted_actions,
)
from tamis.analyses.coordination.walk.text import (
    Texts,
    chunks_of,
    coded,
    identities,
    reversed_pairs,
    together,
)
from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.coordination.walk.text import Array
    from tamis.plan import Partition

_ALWAYS = 2**62
_MICROSECONDS = 1_000_000
_SLICE = 500_000
_COLUMNS = 3


class Ready(NamedTuple):
    """One layer's actions encoded and sorted, and what is left of the input beside them."""

    table: pa.Table
    actions: Sorted
    posts: Array
    accounts: Texts
    objects: Texts
    core: tuple[int, int]
    threads: int


def walk(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    """Totals, kept pairs of accounts and pairs of actions, for each window asked for.

    Input     the columns of `schema.ACTIONS`, objects whole or split in time with a halo
    Output    the columns of `schema.WALKED`
    Errors    PlanError when more pairs of actions lie within a window than `pair_budget`
    """
    ready = _ready(table, params, part)
    del table
    found = []
    for window_s in params["windows_s"]:
        window = round(float(window_s) * _MICROSECONDS)
        total = _within_budget(ready, window, params)
        rows = [_rows("total", window_s, 1, pair_count=pa.array([total], pa.int64()))]
        if part.is_whole:
            rows += _kept(ready, window, params)
        else:
            early, late = pairs.all_pairs(ready.actions, window, ready.core, total)
            rows += _pair_rows("part", ready, window, early, late)
        found += rows
    return pa.concat_tables(found)


def _ready(table: pa.Table, params: Mapping[str, Any], part: Partition) -> Ready:
    threads = int(params.get("threads") or os.cpu_count() or 1)
    # One column a thread: each of them has stretches that only one thread can do.
    inner = 1 if threads < _COLUMNS else 2
    with ThreadPoolExecutor(threads) as pool:
        first = pool.submit(coded, chunks_of(table.column("object_id")), inner)
        second = pool.submit(coded, chunks_of(table.column("account_id")), inner)
        third = pool.submit(identities, chunks_of(table.column("post_id")), inner)
    objects, accounts, posts = first.result(), second.result(), third.result()
    times = np.ascontiguousarray(table.column("acted_at").cast(pa.int64()).to_numpy())
    low, high = part.core_low, part.core_high
    return Ready(
        table.select(["post_id", "source_item_id", "byte_start"]),
        sorted_actions(objects.of_row, accounts.of_row, times, objects.distinct.rows),
        posts,
        accounts.distinct,
        objects.distinct,
        (
            -_ALWAYS if low is None else round(low * _MICROSECONDS),
            _ALWAYS if high is None else round(high * _MICROSECONDS),
        ),
        threads,
    )


def _within_budget(ready: Ready, window: int, params: Mapping[str, Any]) -> int:
    """The pairs of actions of different accounts, counted before any work is done on them."""
    every, total = pair_counts(ready.actions, ready.accounts.rows, window, ready.core)
    budget = int(params["pair_budget"])
    if every > budget:
        place, held = largest_object(ready.actions.objects, ready.actions.times, window)
        name = _taken(ready.objects, ready.actions.objects[place : place + 1])[0].as_py()
        raise PlanError(
            f"{params['layer']}: {every:,} pairs of actions lie within "
            f"{window / _MICROSECONDS:g} s of each other, more than the budget of {budget:,}; "
            f"the object {name!r} alone holds {held:,}. Narrow the window, leave such objects "
            "out, or raise pair_budget"
        )
    return int(total)


def _kept(ready: Ready, window: int, params: Mapping[str, Any]) -> list[pa.Table]:
    kinds = params["weights"]
    names = ("distinct_objects", "co_pairs", "distinct_messages")
    rule = Rule(window, int(params["min_weight"]), *(name in kinds for name in names))
    edges = kept_edges(ready.actions, ready.posts, ready.accounts.rows, rule, ready.threads)
    shown = edges[_shown(edges[:, 2], edges[:, 3], int(params["evidence_limit"]))]
    rows = _edge_rows(ready, window, edges)
    del edges
    if not len(shown):
        return rows
    keys = pairs.keys_of(shown[:, 0], shown[:, 1])
    early, late = pairs.pairs_of(ready.actions, window, keys, int(shown[:, 3].sum()))
    return rows + _pair_rows("pair", ready, window, early, late)


def _shown(shared: Array, counts: Array, limit: int) -> Array:
    """Which edges have their evidence written: the strongest, as long as all of it fits.

    Edges of equal strength (shared objects, then pairs) are shown together or not at all, so
    the choice does not depend on the order of the rows.
    """
    if int(counts.sum()) <= limit:
        return np.ones(len(shared), np.bool_)
    order = np.lexsort((-counts, -shared))
    ends = np.flatnonzero(
        np.append((np.diff(shared[order]) != 0) | (np.diff(counts[order]) != 0), True)
    )
    fits = ends[np.cumsum(counts[order])[ends] <= limit]
    shown = np.zeros(len(shared), np.bool_)
    shown[order[: int(fits[-1]) + 1 if len(fits) else 0]] = True
    return shown


def _edge_rows(ready: Ready, window: int, edges: Array) -> list[pa.Table]:
    """The edges as rows: `account_a` is the smaller text, and every figure follows it."""
    low, high = edges[:, 0].astype(np.int32), edges[:, 1].astype(np.int32)
    lag, first = edges[:, 6], edges[:, 7]

    def rows(begin: int, end: int) -> pa.Table:
        some = slice(begin, end)
        turn = reversed_pairs(*ready.accounts, low[some], high[some])
        count = edges[some, 3]
        columns = {
            "account_a": _taken(ready.accounts, np.where(turn, high[some], low[some])),
            "account_b": _taken(ready.accounts, np.where(turn, low[some], high[some])),
            "shared_count": pa.array(edges[some, 2]),
            "pair_count": pa.array(count),
            "message_count_a": pa.array(np.where(turn, edges[some, 5], edges[some, 4])),
            "message_count_b": pa.array(np.where(turn, edges[some, 4], edges[some, 5])),
            "lag_median_s": pa.array(np.where(turn, -lag[some], lag[some]) / 2 / _MICROSECONDS),
            "a_first_share": pa.array(
                np.where(turn, 2 * count - first[some], first[some]) / (2 * count)
            ),
        }
        return _rows("edge", window / _MICROSECONDS, len(turn), **columns)

    return together(rows, _slices(len(edges)), ready.threads)


def _slices(count: int) -> list[tuple[int, int]]:
    """Runs short enough for the texts of one to fit an Arrow column."""
    return [(begin, min(begin + _SLICE, count)) for begin in range(0, count, _SLICE)]


def _pair_rows(kind: str, ready: Ready, window: int, early: Array, late: Array) -> list[pa.Table]:
    actions = ready.actions
    turn = reversed_pairs(*ready.accounts, actions.accounts[early], actions.accounts[late])
    found = []
    for begin in range(0, len(early), _SLICE):
        some = slice(begin, begin + _SLICE)
        sides = {
            "a": np.where(turn[some], late[some], early[some]),
            "b": np.where(turn[some], early[some], late[some]),
        }
        columns = {"object_id": _taken(ready.objects, actions.objects[early[some]])}
        for side, places in sides.items():
            rows = pa.array(actions.rows[places])
            times = pa.array(actions.times[places])
            columns[f"account_{side}"] = _taken(ready.accounts, actions.accounts[places])
            columns[f"acted_at_{side}"] = times.cast(WALKED.field(f"acted_at_{side}").type)
            for name in ready.table.column_names:
                taken = ready.table.column(name).take(rows)
                columns[f"{name}_{side}"] = _one(taken)
        columns["lag_us"] = pa.array(actions.times[sides["b"]] - actions.times[sides["a"]])
        found.append(_rows(kind, window / _MICROSECONDS, len(turn[some]), **columns))
    return found


def _rows(kind: str, window_s: float, count: int, **columns: pa.Array) -> pa.Table:
    always = {
        "kind": pa.repeat(kind, count),
        "window_s": pa.array(np.full(count, float(window_s))),
    }
    known = {**always, **columns}
    kinds = {field.type for field in WALKED if field.name not in known}
    nothing = {kind: pa.nulls(count, kind) for kind in kinds}
    return pa.Table.from_arrays(
        [known[field.name] if field.name in known else nothing[field.type] for field in WALKED],
        schema=WALKED,
    )


def _taken(texts: Texts, codes: Array) -> pa.Array:
    buffers = [None, pa.py_buffer(texts.offsets), pa.py_buffer(texts.data)]
    array = pa.Array.from_buffers(pa.large_string(), texts.rows, buffers)
    return pc.take(array, pa.array(codes)).cast(pa.string())


def _one(column: pa.ChunkedArray) -> pa.Array:
    merged = column.combine_chunks()
    return merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)
