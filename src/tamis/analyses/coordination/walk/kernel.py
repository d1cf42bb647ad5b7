"""The kernel of the co-action analysis: one layer's actions in, pairs of accounts out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.walk import pairs
from tamis.analyses.coordination.walk.bounds import sizes_of, without
from tamis.analyses.coordination.walk.groups import Rule, kept_edges
from tamis.analyses.coordination.walk.profile import profile_of
from tamis.analyses.coordination.walk.rows import (
    MICROSECONDS,
    Ready,
    edge_rows,
    object_rows,
    pair_rows,
    texts_of,
    total_row,
)
from tamis.analyses.coordination.walk.sorting import sorted_actions
from tamis.analyses.coordination.walk.text import chunks_of, coded, identities
from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.coordination.walk.bounds import Sizes
    from tamis.analyses.coordination.walk.profile import Profile
    from tamis.analyses.coordination.walk.text import Array
    from tamis.plan import Partition

_ALWAYS = 2**62
_COLUMNS = 3
# Beyond so many rows the columns are encoded one after the other: slower, but in less memory.
_MANY_ROWS = 30_000_000


def walk(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    """Totals, kept pairs of accounts and pairs of actions, for each window asked for.

    An object with more than `object_limit` pairs of actions within the window is left out and
    named; where objects are split between calls, each call leaves out what it must, and names
    the sizes of all, so that the sum decides.

    Input     the columns of `schema.ACTIONS`, objects whole or split in time with a halo
    Output    the columns of `schema.WALKED`
    Errors    PlanError when more pairs of actions lie within a window than `pair_budget`
    """
    ready = _ready(table, params, part)
    del table
    profile = profile_of(ready.actions, ready.counts) if part.is_whole else None
    found = []
    for window_s in params["windows_s"]:
        window = round(float(window_s) * MICROSECONDS)
        sizes = sizes_of(ready.actions, ready.accounts.rows, window, ready.core, ready.threads)
        left_out = sizes.every > int(params["object_limit"])
        _check_budget(ready, window, (sizes, left_out), params)
        found.append(total_row(ready, window, sizes, left_out, is_whole=part.is_whole))
        named = left_out if part.is_whole else sizes.every > 0
        if named.any():
            found.append(object_rows(ready, window, sizes, named))
        bounded = ready._replace(actions=without(ready.actions, sizes, left_out))
        if profile is not None:
            loads = profile.loads
            if left_out.any():
                loads = loads[np.repeat(~left_out, np.diff(sizes.starts))]
            found += _kept(bounded, window, profile._replace(loads=loads), params)
        else:
            total = int(sizes.different[~left_out].sum())
            early, late = pairs.all_pairs(bounded.actions, window, ready.core, total)
            found += pair_rows("part", bounded, window, early, late)
    return pa.concat_tables(found)


def _ready(table: pa.Table, params: Mapping[str, Any], part: Partition) -> Ready:
    threads = int(params.get("threads") or os.cpu_count() or 1)
    # One column a thread: each of them has stretches that only one thread can do.
    at_once = threads if table.num_rows <= _MANY_ROWS else 1
    inner = threads if at_once == 1 else (1 if threads < _COLUMNS else 2)
    with ThreadPoolExecutor(at_once) as pool:
        first = pool.submit(coded, chunks_of(table.column("object_id")), inner)
        second = pool.submit(coded, chunks_of(table.column("account_id")), inner)
        third = pool.submit(identities, chunks_of(table.column("post_id")), inner)
    objects, accounts, posts = first.result(), second.result(), third.result()
    times = np.ascontiguousarray(table.column("acted_at").cast(pa.int64()).to_numpy())
    low, high = part.core_low, part.core_high
    return Ready(
        table.select(["post_id", "source_item_id", "byte_start"]),
        sorted_actions(objects.of_row, accounts.of_row, times, objects.distinct.rows, threads),
        posts,
        accounts.distinct,
        objects.distinct,
        np.bincount(accounts.of_row, minlength=accounts.distinct.rows),
        (
            -_ALWAYS if low is None else round(low * MICROSECONDS),
            _ALWAYS if high is None else round(high * MICROSECONDS),
        ),
        threads,
    )


def _check_budget(
    ready: Ready, window: int, counted: tuple[Sizes, Array], params: Mapping[str, Any]
) -> None:
    """Refuse more pairs of actions than the budget, before any work is done on them."""
    sizes, left_out = counted
    every = int(sizes.every[~left_out].sum())
    budget = int(params["pair_budget"])
    if every <= budget:
        return
    largest = int(np.argmax(np.where(left_out, 0, sizes.every)))
    place = int(sizes.starts[largest])
    name = texts_of(ready.objects, ready.actions.objects[place : place + 1])[0].as_py()
    raise PlanError(
        f"{params['layer']}: {every:,} pairs of actions lie within "
        f"{window / MICROSECONDS:g} s of each other, more than the budget of {budget:,}; "
        f"the object {name!r} alone holds {int(sizes.every[largest]):,}. Narrow the window, lower "
        "the limit of pairs an object may hold, or raise pair_budget"
    )


def _kept(ready: Ready, window: int, profile: Profile, params: Mapping[str, Any]) -> list[pa.Table]:
    kinds = params["weights"]
    names = ("distinct_objects", "co_pairs", "distinct_messages")
    rule = Rule(window, int(params["min_weight"]), *(name in kinds for name in names))
    extent = (ready.accounts.rows, ready.threads)
    edges = kept_edges(ready.actions, profile.loads, ready.posts, rule, extent)
    rows = edge_rows(ready, window, edges, profile)
    if not edges:
        return rows
    shared, counts = (np.concatenate([part.counts[:, at] for part in edges]) for at in (2, 3))
    chosen = _shown(shared, counts, int(params["evidence_limit"]))
    if not chosen.any():
        return rows
    ends = np.concatenate([part.counts[:, :2] for part in edges])[chosen]
    total = int(counts[chosen].sum(dtype=np.int64))
    keys = pairs.keys_of(ends[:, 0], ends[:, 1])
    early, late = pairs.pairs_of(ready.actions, window, keys, total)
    return rows + pair_rows("pair", ready, window, early, late)


def _shown(shared: Array, counts: Array, limit: int) -> Array:
    """Which edges have their evidence written: the strongest, as long as all of it fits.

    Edges of equal strength (shared objects, then pairs) are shown together or not at all, so
    the choice does not depend on the order of the rows.
    """
    pairs_held = counts.astype(np.int64)
    if int(pairs_held.sum()) <= limit:
        return np.ones(len(shared), np.bool_)
    if limit <= 0:
        return np.zeros(len(shared), np.bool_)
    strength = shared.astype(np.int64) << 32 | pairs_held
    # Every edge holds a pair, so that no more than the `limit` strongest can be shown.
    if len(strength) > limit:
        floor = np.partition(strength, len(strength) - limit)[len(strength) - limit]
    else:
        floor = strength.min()
    classes = np.sort(strength[strength >= floor])[::-1]
    ends = np.flatnonzero(np.append(np.diff(classes) != 0, True))
    fits = ends[np.cumsum(classes & 0xFFFFFFFF)[ends] <= limit]
    return strength >= classes[fits[-1]] if len(fits) else np.zeros(len(shared), np.bool_)
