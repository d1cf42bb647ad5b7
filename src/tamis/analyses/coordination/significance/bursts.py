"""The chance that two uses of one object fall within the window, from the object's own burst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.significance.tails import is_in
from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

# From so many uses on, no pair and no small group dominates an object's own burst.
OWN_FROM = 64
_PRIOR_PAIRS = 10.0


def burst_chances(layer: Layer, window: int, table: Array) -> Array:
    """For each object, the chance that two uses by different accounts lie within `window` µs.

    With n uses, S = in-window pairs of uses by different accounts, A = all such pairs:

        n >= 64   q = (S + 1) / (A + 1)
        n <  64   q = max(pool, (S' + 10 pool) / (A' + 10)),  pool = (sum S + 1) / (sum A + 1)
                  over all objects with about as many uses (2-3, 4-7, 8-15, 16-31, 32-63);
                  S', A' leave out the kept pairs themselves, which may be the cell in question.

    Input     table: `pairs_table` of the kept pairs of accounts
    Output    one chance per object
    Source    permutation of times within an object; pooling by size against the trap that a cell
              dominates the small objects it pushes
    Limits    fails when a few small objects are quick for a reason of their own (a niche alert
              that only its few readers see): the pool then promises too little. It also takes
              the accounts of an object as exchangeable: see the hours and the reaction nulls.
    """
    counts = np.diff(layer.object_starts)
    small = counts < OWN_FROM
    seen = np.zeros(layer.account_count, np.int32)
    figures = _figures(layer, window, table, seen)
    within, every, crowd_within, crowd_every = figures.T
    chances = (within + 1.0) / (every + 1.0)
    classes = np.log2(np.maximum(counts, 1)).astype(np.int64)
    last = int(np.log2(OWN_FROM))
    pool_within = np.bincount(classes[small], within[small], minlength=last)
    pool_every = np.bincount(classes[small], every[small], minlength=last)
    pool = ((pool_within + 1.0) / (pool_every + 1.0))[classes[small]]
    crowd = (crowd_within[small] + _PRIOR_PAIRS * pool) / (crowd_every[small] + _PRIOR_PAIRS)
    chances[small] = np.maximum(pool, crowd)
    return np.asarray(np.minimum(chances, 1.0))


@compiled
def _figures(layer: Layer, window: int, table: Array, seen: Array) -> Array:
    """For each object: S, A, and the same without the pairs of accounts in the table."""
    starts = layer.object_starts
    out = np.zeros((len(starts) - 1, 4), np.float64)
    for thing in range(len(starts) - 1):
        low, high = starts[thing], starts[thing + 1]
        if high - low < 2:
            continue
        if high - low < OWN_FROM:
            _small(layer, window, table, low, high, out[thing])
        else:
            _large(layer, window, seen, low, high, out[thing])
    return out


@compiled
def _small(layer: Layer, window: int, table: Array, low: int, high: int, out: Array) -> None:
    accounts, times = layer.by_object_accounts, layer.by_object_times
    for early in range(low, high):
        for late in range(early + 1, high):
            one, other = accounts[early], accounts[late]
            if one == other:
                continue
            is_within = times[late] - times[early] <= window
            out[1] += 1
            out[0] += is_within
            smaller, larger = min(one, other), max(one, other)
            if not is_in(table, (np.uint64(smaller) << np.uint64(32)) | np.uint64(larger)):
                out[3] += 1
                out[2] += is_within


@compiled
def _large(layer: Layer, window: int, seen: Array, low: int, high: int, out: Array) -> None:
    accounts, times = layer.by_object_accounts, layer.by_object_times
    for place in range(low, high):
        out[1] += place - low - seen[accounts[place]]
        seen[accounts[place]] += 1
    for place in range(low, high):
        seen[accounts[place]] = 0
    first = low
    for place in range(low, high):
        while times[place] - times[first] > window:
            seen[accounts[first]] -= 1
            first += 1
        out[0] += place - first - seen[accounts[place]]
        seen[accounts[place]] += 1
    for place in range(first, high):
        seen[accounts[place]] = 0
