"""The kept pairs of accounts, account by account, with the figures of each pair."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined
from tamis.analyses.coordination.walk.sorting import Sorted
from tamis.analyses.coordination.walk.text import together

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

_SMALL = 16
_CHUNKS_A_THREAD = 16


class Rule(NamedTuple):
    """Which pairs of accounts are kept: those where one of the named weights is large enough."""

    window: int
    min_weight: int
    by_objects: bool
    by_pairs: bool
    by_messages: bool


class Owned(NamedTuple):
    """The actions again, account after account: where each begins, its places, and the window.

    The actions within the window of the one at a place lie from `first` up to `end`.
    """

    starts: Array
    places: Array
    accounts: Array
    first: Array
    end: Array


def kept_edges(
    actions: Sorted, posts: Array, account_count: int, rule: Rule, threads: int
) -> Array:
    """One row per kept pair of accounts, with all its figures.

    Each pair of accounts belongs to the one with fewer actions, and accounts are worked through
    one after the other: the partners of one account are counted in place, so neither the pairs
    of actions nor the pairs of accounts are ever held together.

    Input     posts: a number for the post of each input row
    Output    one account code, the other, shared objects, pairs, messages of one, messages of
              the other, twice the median of the time of the other minus the time of the one in
              µs, and twice the number of pairs where the one was first (ties count half)
    """
    actions = _accompanied(actions, rule.window)
    counts = np.bincount(actions.accounts, minlength=account_count)
    by_size = np.argsort(counts, kind="stable").astype(np.int32)
    rank = np.empty_like(by_size)
    rank[by_size] = np.arange(account_count, dtype=np.int32)
    ranked = rank[actions.accounts]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[by_size])])
    window = _windows(actions.objects, actions.times, rule.window)
    owned = Owned(starts, _places(ranked, starts), ranked, *window)
    facts = (actions.objects, actions.times, posts[actions.rows])
    work = partial(_edges_of, owned, facts, rule)
    found = np.concatenate(together(work, _chunks(starts, _CHUNKS_A_THREAD * threads), threads))
    found[:, 0] = by_size[found[:, 0]]
    found[:, 1] = by_size[found[:, 1]]
    return found


def _accompanied(actions: Sorted, window: int) -> Sorted:
    """The actions with another one of the same object within the window: often a small part."""
    first, end = _windows(actions.objects, actions.times, window)
    kept = end - first > 1
    return Sorted(*(column[kept] for column in actions))


def _chunks(starts: Array, parts: int) -> list[tuple[int, int]]:
    """The accounts cut where about as many actions lie in each part."""
    edges = np.searchsorted(starts, starts[-1] * np.arange(parts + 1) // parts)
    edges = np.unique(np.concatenate([[0], edges, [len(starts) - 1]]))
    return [*pairwise(edges.tolist())] or [(0, 0)]


@compiled
def _places(ranked: Array, starts: Array) -> Array:
    """The places of each account's actions, account after account, in ascending order."""
    cursor = starts[:-1].copy()
    out = np.empty(len(ranked), np.int32)
    for place in range(len(ranked)):
        out[cursor[ranked[place]]] = place
        cursor[ranked[place]] += 1
    return out


@compiled
def _windows(objects: Array, times: Array, window: int) -> tuple[Array, Array]:
    first = np.empty(len(objects), np.int32)
    end = np.empty(len(objects), np.int32)
    low = 0
    for place in range(len(objects)):
        while objects[low] != objects[place] or times[place] - times[low] > window:
            end[low] = place
            low += 1
        first[place] = low
    end[low:] = len(objects)
    return first, end


@compiled
def _edges_of(
    owned: Owned, facts: tuple[Array, Array, Array], rule: Rule, low: int, high: int
) -> Array:
    counts = np.zeros(len(owned.starts) - 1, np.int32)
    touched = np.empty(len(counts), np.int32)
    pairs = np.empty((2, 1024), np.int32)
    room = (np.empty(1024, np.int64), np.empty((2, 1024), np.int32))
    out = np.empty((1024, 8), np.int64)
    found = 0
    only_objects = rule.by_objects and not (rule.by_pairs or rule.by_messages)
    for account in range(low, high):
        if only_objects and _too_few(owned, account, facts[0], rule.min_weight):
            continue
        partners = _count(owned, account, counts, touched)
        held = _stretches(touched[:partners], counts, rule.min_weight)
        if held > pairs.shape[1]:
            pairs = np.empty((2, 2 * held), np.int32)
            room = (np.empty(2 * held, np.int64), np.empty((2, 2 * held), np.int32))
        if held:
            _record(owned, account, counts, pairs)
        begin = 0
        for number in range(partners):
            partner = touched[number]
            end = counts[partner]
            counts[partner] = 0
            if end < 0:
                continue
            if found == len(out):
                out = np.concatenate((out, np.empty_like(out)))
            if _figures(pairs[:, begin:end], facts, rule, room, out[found]):
                out[found, 0] = account
                out[found, 1] = partner
                found += 1
            begin = end
    return out[:found].copy()


@inlined
def _too_few(owned: Owned, account: int, objects: Array, least: int) -> bool:
    """Whether the account used fewer than `least` objects, so that it cannot share as many."""
    before = -1
    found = 0
    for number in range(owned.starts[account], owned.starts[account + 1]):
        here = objects[owned.places[number]]
        found += here != before
        before = here
        if found >= least:
            return False
    return True


@inlined
def _count(owned: Owned, account: int, counts: Array, touched: Array) -> int:
    """The number of the account's partners; their pairs of actions are counted in `counts`."""
    accounts, first, end = owned.accounts, owned.first, owned.end
    partners = 0
    for number in range(owned.starts[account], owned.starts[account + 1]):
        place = owned.places[number]
        for near in range(first[place], end[place]):
            partner = accounts[near]
            if partner > account:
                if counts[partner] == 0:
                    touched[partners] = partner
                    partners += 1
                counts[partner] += 1
    return partners


@inlined
def _stretches(touched: Array, counts: Array, least: int) -> int:
    """The pairs of actions of all partners with at least `least`.

    Leaves in `counts` where each one's stretch begins, and -1 for partners with fewer.
    """
    held = 0
    for partner in touched:
        count = counts[partner]
        counts[partner] = -1 if count < least else held
        held += 0 if count < least else count
    return held


@inlined
def _record(owned: Owned, account: int, counts: Array, pairs: Array) -> None:
    """Put the pairs of actions into the stretches; `counts` then tells where each ends."""
    accounts, first, end = owned.accounts, owned.first, owned.end
    for number in range(owned.starts[account], owned.starts[account + 1]):
        place = owned.places[number]
        for near in range(first[place], end[place]):
            partner = accounts[near]
            if partner > account and counts[partner] >= 0:
                at = counts[partner]
                pairs[0, at] = place
                pairs[1, at] = near
                counts[partner] = at + 1


@inlined
def _figures(
    pairs: Array,
    facts: tuple[Array, Array, Array],
    rule: Rule,
    room: tuple[Array, Array],
    out: Array,
) -> bool:
    """Whether this pair of accounts is kept; its figures in `out`."""
    objects, times, posts = facts
    lags, sides = room
    count = pairs.shape[1]
    shared = 1
    for number in range(1, count):
        shared += objects[pairs[0, number]] != objects[pairs[0, number - 1]]
    if not (rule.by_pairs or rule.by_messages) and shared < rule.min_weight:
        return False
    first = 0
    for number in range(count):
        one, other = pairs[0, number], pairs[1, number]
        lag = times[other] - times[one]
        lags[number] = lag
        first += 2 if lag > 0 else (1 if lag == 0 else 0)
        sides[0, number] = posts[one]
        sides[1, number] = posts[other]
    out[2] = shared
    out[3] = count
    out[4] = _distinct(sides[0, :count])
    out[5] = _distinct(sides[1, :count])
    out[6] = _median_twice(lags[:count])
    out[7] = first
    return (
        (rule.by_objects and shared >= rule.min_weight)
        or rule.by_pairs
        or max(out[4], out[5]) >= rule.min_weight
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
def _distinct(posts: Array) -> int:
    """How many different numbers there are; sorts them where there are many."""
    found = 0
    if len(posts) > _SMALL:
        posts.sort()
        for place in range(len(posts)):
            found += place == 0 or posts[place] != posts[place - 1]
        return found
    for place in range(len(posts)):
        is_new = True
        for before in range(place):
            if posts[before] == posts[place]:
                is_new = False
                break
        found += is_new
    return found
