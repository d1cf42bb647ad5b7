"""Pairs of accounts counted over all in-window pairs of actions, in memory that stays flat."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined
from tamis.analyses.coordination.walk.groups import kept_groups
from tamis.analyses.coordination.walk.text import ranges, together

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.groups import Rule
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array, Texts

_KEY = np.uint64
_PAIRS_A_BUCKET = 4_096
_MOST_BUCKET_BITS = 18
_PAIRS_A_PASS = 24_000_000


class Layer(NamedTuple):
    """All that a walk needs: sorted actions, their facts side by side, the text of their posts."""

    actions: Sorted
    facts: Array
    posts: Texts
    threads: int


def kept_edges(layer: Layer, rule: Rule, pair_count: int) -> Array:
    """One row per kept pair of accounts, with all its figures (columns: see `kept_groups`).

    The pairs of actions are spread over buckets by a hash of their two accounts; as many
    buckets are filled at a time as one pass may hold, so memory does not grow with the pairs.
    """
    threads = layer.threads
    bits = min(_MOST_BUCKET_BITS, max(1, (pair_count // _PAIRS_A_BUCKET).bit_length()))
    spans = ranges(len(layer.actions.rows), threads)
    measure = partial(_bucket_sizes, layer.actions, rule.window, bits)
    sizes = np.stack(together(measure, spans, threads))
    found: list[Array] = []
    for buckets in _passes(sizes.sum(axis=0)):
        held = sizes[:, slice(*buckets)]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(held.sum(axis=0))])
        work = _Pass(layer, rule, bits, buckets[0], starts, np.empty((int(starts[-1]), 2), _KEY))
        work.fill(spans, starts[:-1] + np.cumsum(held, axis=0) - held)
        found += together(work.figures, _parts(starts, 4 * threads), threads)
    return np.concatenate(found)


class _Pass(NamedTuple):
    """The buckets that are filled and judged at one time."""

    layer: Layer
    rule: Rule
    bits: int
    first: int
    starts: Array
    pairs: Array

    def fill(self, spans: list[tuple[int, int]], cursors: Array) -> None:
        """Put every pair into its bucket; each thread has its own places in each bucket."""

        def share(number: int, _: int) -> None:
            target = (self.bits, self.first, cursors[number], self.pairs)
            _filled(self.layer.actions, self.rule.window, spans[number], target)

        numbers = [(number, number + 1) for number in range(len(spans))]
        together(share, numbers, self.layer.threads)

    def figures(self, low: int, high: int) -> Array:
        """The kept pairs of accounts in some of the buckets."""
        starts = self.starts[low : high + 1]
        return kept_groups(starts, self.pairs, self.layer.facts, self.layer.posts, self.rule)


def _passes(sizes: Array) -> list[tuple[int, int]]:
    found = []
    low = held = 0
    for bucket, size in enumerate(sizes.tolist()):
        if held and held + size > _PAIRS_A_PASS:
            found.append((low, bucket))
            low, held = bucket, 0
        held += size
    return [*found, (low, len(sizes))]


def _parts(starts: Array, parts: int) -> list[tuple[int, int]]:
    edges = np.unique(np.searchsorted(starts, starts[-1] * np.arange(parts + 1) // parts))
    edges = np.unique(np.concatenate([[0], edges, [len(starts) - 1]]))
    return list(pairwise(edges.tolist()))


@inlined
def pair_key(one: int, other: int) -> np.uint64:
    """One number for two account codes, whatever their order."""
    if one < other:
        return (np.uint64(one) << np.uint64(32)) | np.uint64(other)
    return (np.uint64(other) << np.uint64(32)) | np.uint64(one)


@inlined
def _bucket_of(key: np.uint64, bits: int) -> np.uint64:
    return (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits)


@compiled
def _bucket_sizes(actions: Sorted, window: int, bits: int, low: int, high: int) -> Array:
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    sizes = np.zeros(1 << bits, np.int64)
    end = low
    for early in range(low, high):
        end = _window_end(objects, times, window, early, end)
        own = accounts[early]
        for late in range(early + 1, end):
            if accounts[late] != own:
                sizes[_bucket_of(pair_key(own, accounts[late]), bits)] += 1
    return sizes


@inlined
def _window_end(objects: Array, times: Array, window: int, early: int, end: int) -> int:
    """One past the last action of the same object within the window; `end` moves on only."""
    end = max(end, early + 1)
    limit = times[early] + window
    while end < len(objects) and objects[end] == objects[early] and times[end] <= limit:
        end += 1
    return end


@compiled
def _filled(
    actions: Sorted, window: int, span: tuple[int, int], target: tuple[int, int, Array, Array]
) -> None:
    """Put the pairs of actions into their buckets: account pair, and earlier and later action."""
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    bits, first, cursor, out = target
    low, high = span
    buckets = np.uint64(len(cursor))
    end = low
    for early in range(low, high):
        end = _window_end(objects, times, window, early, end)
        own = accounts[early]
        for late in range(early + 1, end):
            if accounts[late] == own:
                continue
            key = pair_key(own, accounts[late])
            bucket = _bucket_of(key, bits) - np.uint64(first)
            if bucket < buckets:  # one below `first` wraps round to a large number
                place = cursor[bucket]
                out[place, 0] = key
                out[place, 1] = np.uint64(early) << np.uint64(32) | np.uint64(late)
                cursor[bucket] = place + 1


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
                key = pair_key(accounts[early], accounts[late])
                slot = (key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
                while table[slot] != np.uint64(0) and table[slot] != key:
                    slot = (slot + np.uint64(1)) & mask
                if table[slot] == key:
                    earlier[found] = early
                    later[found] = late
                    found += 1
            late += 1
    return earlier[:found], later[:found]
