"""The figures of each pair of accounts, from its pairs of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined
from tamis.analyses.coordination.walk.text import same

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array, Texts

_SMALL = 16


class Rule(NamedTuple):
    """Which pairs of accounts are kept: those where one of the named weights is large enough."""

    window: int
    min_weight: int
    by_objects: bool
    by_pairs: bool
    by_messages: bool


@compiled
def facts_of(actions: Sorted, hashes: Array) -> Array:
    """Object, account, time, row and post hash of each action, side by side in one cache line."""
    out = np.empty((len(actions.rows), 4), np.uint64)
    for place in range(len(actions.rows)):
        row = actions.rows[place]
        out[place, 0] = np.uint64(actions.objects[place]) << np.uint64(32) | np.uint64(
            actions.accounts[place]
        )
        out[place, 1] = np.uint64(actions.times[place])
        out[place, 2] = np.uint64(row)
        out[place, 3] = hashes[row]
    return out


@compiled
def kept_groups(starts: Array, pairs: Array, facts: Array, posts: Texts, rule: Rule) -> Array:
    """One row per kept pair of accounts in the buckets.

    Columns: low account code, high one, shared objects, pairs, messages of low, messages of
    high, twice the median of the time of high minus the time of low in µs, and twice the
    number of pairs where low was first (ties count half, so it is a whole number).
    """
    largest = 1
    for bucket in range(len(starts) - 1):
        largest = max(largest, starts[bucket + 1] - starts[bucket])
    size = 16
    while size < 2 * largest:
        size *= 2
    table = np.empty(size, np.uint64)
    counts = np.empty(size, np.int32)
    heads = np.empty(largest, np.int32)
    slots = np.empty(largest, np.int32)
    members = np.empty((largest, 8), np.uint64)
    scratch = np.empty((2, largest), np.int64)
    out = np.empty((1024, 8), np.int64)
    found = 0
    for bucket in range(len(starts) - 1):
        part = pairs[starts[bucket] : starts[bucket + 1]]
        if len(part) < rule.min_weight:
            continue
        groups = _grouped(part, rule.min_weight, table, counts, heads, slots)
        _gather(part, slots, counts, facts, members)
        begin = 0
        for group in range(groups):
            end = counts[heads[group]]
            if found == len(out):
                out = np.concatenate((out, np.empty_like(out)))
            is_kept = _figures(
                table[heads[group]], members[begin:end], scratch, posts, rule, out[found]
            )
            found += is_kept
            begin = end
    return out[:found].copy()


@inlined
def _grouped(
    part: Array, min_weight: int, table: Array, counts: Array, heads: Array, slots: Array
) -> int:
    """The number of keys that occur often enough; `heads` are their slots.

    Leaves in `counts` where each of these keys begins among the members, -1 for the others.
    """
    size = 16
    while size < 2 * len(part):
        size *= 2
    mask = np.uint64(size - 1)
    counts[:size] = 0
    keys = 0
    for place in range(len(part)):
        key = part[place, 0]
        slot = ((key * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(32)) & mask
        while counts[slot] != 0 and table[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if counts[slot] == 0:
            table[slot] = key
            heads[keys] = slot
            keys += 1
        counts[slot] += 1
        slots[place] = slot
    groups = 0
    begin = 0
    for number in range(keys):
        slot = heads[number]
        held = counts[slot]
        if held < min_weight:
            counts[slot] = -1
            continue
        counts[slot] = begin
        begin += held
        heads[groups] = slot
        groups += 1
    return groups


@inlined
def _gather(part: Array, slots: Array, counts: Array, facts: Array, members: Array) -> None:
    """Put the facts of both actions of each pair where its key's members stand.

    One plain loop, so that the processor waits for many far-away rows at once. Afterwards
    `counts` tells where each key's members end.
    """
    for place in range(len(part)):
        at = counts[slots[place]]
        if at < 0:
            continue
        counts[slots[place]] = at + 1
        early = part[place, 1] >> np.uint64(32)
        late = part[place, 1] & np.uint64(0xFFFFFFFF)
        for column in range(4):
            members[at, column] = facts[early, column]
            members[at, 4 + column] = facts[late, column]


@inlined
def _figures(
    key: np.uint64, members: Array, scratch: Array, posts: Texts, rule: Rule, out: Array
) -> bool:
    """Whether the pair is kept; its row in `out`."""
    count = len(members)
    shared = 1
    for place in range(1, count):
        if members[place, 0] >> np.uint64(32) != members[place - 1, 0] >> np.uint64(32):
            shared += 1
    if not (rule.by_pairs or rule.by_messages) and shared < rule.min_weight:
        return False
    low_code = key >> np.uint64(32)
    first = 0
    for place in range(count):
        is_low_early = members[place, 0] & np.uint64(0xFFFFFFFF) == low_code
        lag = np.int64(members[place, 5]) - np.int64(members[place, 1])
        if not is_low_early:
            lag = -lag
            for column in (2, 3):
                kept = members[place, column]
                members[place, column] = members[place, 4 + column]
                members[place, 4 + column] = kept
        scratch[0, place] = lag
        first += 2 if lag > 0 else (1 if lag == 0 else 0)
    low_posts = _distinct(members, 2, scratch[1], posts)
    high_posts = _distinct(members, 6, scratch[1], posts)
    out[0] = low_code
    out[1] = key & np.uint64(0xFFFFFFFF)
    out[2] = shared
    out[3] = count
    out[4] = low_posts
    out[5] = high_posts
    out[6] = _median_twice(scratch[0, :count])
    out[7] = first
    return (
        (rule.by_objects and shared >= rule.min_weight)
        or rule.by_pairs
        or max(low_posts, high_posts) >= rule.min_weight
    )


@inlined
def _median_twice(lags: Array) -> int:
    if len(lags) > _SMALL:
        lags.sort()
    else:
        for place in range(1, len(lags)):
            lag = lags[place]
            at = place
            while at > 0 and lags[at - 1] > lag:
                lags[at] = lags[at - 1]
                at -= 1
            lags[at] = lag
    return int(lags[(len(lags) - 1) // 2] + lags[len(lags) // 2])


@inlined
def _distinct(members: Array, column: int, scratch: Array, posts: Texts) -> int:
    """Distinct posts among the rows in `column`, whose hashes stand in the next column.

    Posts with different hashes differ; where hashes are equal the bytes decide.
    """
    count = len(members)
    if count <= _SMALL:
        return _distinct_few(members, column, posts)
    scratch[:count] = np.argsort(members[:, column + 1], kind="mergesort")
    found = 0
    begin = 0
    for place in range(count):
        here = scratch[place]
        if members[here, column + 1] != members[scratch[begin], column + 1]:
            begin = place
        is_new = True
        for before in range(place - 1, begin - 1, -1):
            if _same_post(members, column, scratch[before], here, posts):
                is_new = False
                break
        found += is_new
    return found


@inlined
def _distinct_few(members: Array, column: int, posts: Texts) -> int:
    found = 0
    for place in range(len(members)):
        is_new = True
        for before in range(place):
            if members[before, column + 1] == members[place, column + 1] and _same_post(
                members, column, before, place, posts
            ):
                is_new = False
                break
        found += is_new
    return found


@inlined
def _same_post(members: Array, column: int, one: int, other: int, posts: Texts) -> bool:
    row = int(np.int64(members[one, column]))
    twin = int(np.int64(members[other, column]))
    if row == twin:
        return True
    return same(posts.offsets, posts.data, row, posts.offsets, posts.data, twin)
