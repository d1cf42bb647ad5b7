"""The in-window pairs of actions themselves: all of them, or those of some pairs of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array


@inlined
def _pair_key(one: int, other: int) -> np.uint64:
    """One number for two account codes, whatever their order; never 0."""
    if one < other:
        return (np.uint64(one) << np.uint64(32)) | np.uint64(other)
    return (np.uint64(other) << np.uint64(32)) | np.uint64(one)


def keys_of(ones: Array, others: Array) -> Array:
    """The key of each pair of account codes."""
    low, high = np.minimum(ones, others), np.maximum(ones, others)
    return low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64)


@compiled
def all_pairs(
    actions: Sorted, window: int, core: tuple[int, int], total: int
) -> tuple[Array, Array]:
    """Every in-window pair of actions of different accounts whose earlier one is in `core`."""
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    low, high = core
    earlier = np.empty(total, np.int32)
    later = np.empty(total, np.int32)
    found = 0
    count = len(objects)
    for early in range(count):
        if not low <= times[early] < high:
            continue
        limit = times[early] + window
        late = early + 1
        while late < count and objects[late] == objects[early] and times[late] <= limit:
            if accounts[late] != accounts[early]:
                earlier[found] = early
                later[found] = late
                found += 1
            late += 1
    return earlier[:found], later[:found]


@compiled
def pairs_of(actions: Sorted, window: int, edges: Array, total: int) -> tuple[Array, Array]:
    """Every in-window pair of actions of the account pairs whose keys are in `edges`."""
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    size = 16
    while size < 4 * len(edges):
        size *= 2
    mask = np.uint64(size - 1)
    table = np.zeros(size, np.uint64)  # no key is 0: its low account is smaller than its high one
    for edge in edges:
        slot = (edge * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
        while table[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & mask
        table[slot] = edge
    earlier = np.empty(total, np.int32)
    later = np.empty(total, np.int32)
    found = 0
    count = len(objects)
    for early in range(count):
        limit = times[early] + window
        late = early + 1
        while late < count and objects[late] == objects[early] and times[late] <= limit:
            if accounts[late] != accounts[early]:
                key = _pair_key(accounts[early], accounts[late])
                slot = (key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
                while table[slot] != np.uint64(0) and table[slot] != key:
                    slot = (slot + np.uint64(1)) & mask
                if table[slot] == key:
                    earlier[found] = early
                    later[found] = late
                    found += 1
            late += 1
    return earlier[:found], later[:found]
