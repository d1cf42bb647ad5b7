"""What pairs of accounts shared at any time, and how each object spread: for null models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.bounds import sizes_of
from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array

_ALWAYS = (-(2**62), 2**62)


class ObjectSizes(NamedTuple):
    """Of each object: its code, actions, accounts, and pairs of actions of different accounts.

    `pairs_in_window / pairs` is the chance of two actions of different accounts on the object to
    lie within the window, given that both accounts acted on it as they did.
    """

    objects: Array
    actions: Array
    accounts: Array
    pairs: Array
    pairs_in_window: Array


class SharedObjects(NamedTuple):
    """One row for each object that both accounts of a pair used at any time.

    `pair` is the row of the pair, `group` the row of the object in ObjectSizes, `actions_a` and
    `actions_b` how often either acted on it, `within` how many of their pairs of actions lie
    within the window.
    """

    pair: Array
    group: Array
    actions_a: Array
    actions_b: Array
    within: Array


def object_sizes(actions: Sorted, account_count: int, window_us: int) -> ObjectSizes:
    """The sizes of each object in `actions`, which are sorted by object and time."""
    sizes = sizes_of(actions, account_count, window_us, _ALWAYS)
    counts = np.diff(sizes.starts)
    accounts, own = _own_pairs(actions.accounts, sizes.starts, account_count)
    every = counts * (counts - 1) // 2
    codes = actions.objects[sizes.starts[:-1]]
    return ObjectSizes(codes, counts, accounts, every - own, sizes.different)


def shared_objects(
    actions: Sorted, account_count: int, window_us: int, pairs: tuple[Array, Array]
) -> SharedObjects:
    """What each pair of accounts shared; linear in the objects of the one with fewer actions.

    Input     actions sorted by object and time; two arrays of account codes, one row a pair
    """
    starts, places = _by_account(actions.accounts, account_count)
    group = np.cumsum(np.diff(actions.objects, prepend=-1) != 0) - 1
    out = np.empty((5, max(1024, len(pairs[0]))), np.int64)
    found, out = _shared((starts, places, group, actions.times), int(window_us), *pairs, out)
    return SharedObjects(*(column[:found].copy() for column in out))


@compiled
def _own_pairs(accounts: Array, starts: Array, account_count: int) -> tuple[Array, Array]:
    """How many accounts each object has, and its pairs of actions of one account."""
    held = np.zeros(account_count, np.int64)
    users = np.zeros(len(starts) - 1, np.int64)
    own = np.zeros(len(starts) - 1, np.int64)
    for group in range(len(starts) - 1):
        for place in range(starts[group], starts[group + 1]):
            users[group] += held[accounts[place]] == 0
            own[group] += held[accounts[place]]
            held[accounts[place]] += 1
        for place in range(starts[group], starts[group + 1]):
            held[accounts[place]] = 0
    return users, own


@compiled
def _by_account(accounts: Array, account_count: int) -> tuple[Array, Array]:
    """The places of each account's actions, account after account, in ascending order."""
    starts = np.zeros(account_count + 1, np.int64)
    for account in accounts:
        starts[account + 1] += 1
    for account in range(account_count):
        starts[account + 1] += starts[account]
    cursor = starts[:-1].copy()
    places = np.empty(len(accounts), np.int64)
    for place in range(len(accounts)):
        places[cursor[accounts[place]]] = place
        cursor[accounts[place]] += 1
    return starts, places


@inlined
def _end_of(places: Array, group: Array, at: int, end: int) -> int:
    """One past the last of the places from `at` on that belong to the same object."""
    here = group[places[at]]
    while at < end and group[places[at]] == here:
        at += 1
    return at


@inlined
def _first_at(places: Array, group: Array, span: tuple[int, int], wanted: int) -> int:
    """The first of the places whose object is `wanted` or later, by halves."""
    low, high = span
    while low < high:
        middle = (low + high) // 2
        if group[places[middle]] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _within(times: Array, window: int, ones: Array, others: Array) -> int:
    """Pairs of places, one of each side, with times within the window; both sides ascend."""
    low = high = 0
    found = 0
    for one in ones:
        while low < len(others) and times[others[low]] < times[one] - window:
            low += 1
        while high < len(others) and times[others[high]] <= times[one] + window:
            high += 1
        found += high - low
    return found


@compiled
def _shared(
    held: tuple[Array, Array, Array, Array], window: int, ones: Array, others: Array, out: Array
) -> tuple[int, Array]:
    starts, places, group, times = held
    found = 0
    for pair in range(len(ones)):
        a, b = ones[pair], others[pair]
        is_a_small = starts[a + 1] - starts[a] <= starts[b + 1] - starts[b]
        few, many = (a, b) if is_a_small else (b, a)
        at, end = starts[few], starts[few + 1]
        low, high = starts[many], starts[many + 1]
        while at < end and low < high:
            here = group[places[at]]
            past = _end_of(places, group, at, end)
            low = _first_at(places, group, (low, high), here)
            if low < high and group[places[low]] == here:
                stop = _end_of(places, group, low, high)
                within = _within(times, window, places[at:past], places[low:stop])
                if found == out.shape[1]:
                    out = np.concatenate((out, np.empty_like(out)), axis=1)
                out[0, found] = pair
                out[1, found] = here
                out[2, found] = past - at if is_a_small else stop - low
                out[3, found] = stop - low if is_a_small else past - at
                out[4, found] = within
                found += 1
                low = stop
            at = past
    return found, out
