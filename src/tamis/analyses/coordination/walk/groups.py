"""The kept pairs of accounts, account by account, with the figures of each pair."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, fetch_soon, inlined
from tamis.analyses.coordination.walk.figures import room_of, settle
from tamis.analyses.coordination.walk.pruning import core_of, windows_of
from tamis.analyses.coordination.walk.sorting import runs_of
from tamis.analyses.coordination.walk.text import together

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array

_CHUNKS_A_THREAD = 16
_AHEAD = 8
_COUNTS = 6
_LAGS = 4
_FACTS = 3
_LINE = 16  # 32-bit numbers in a line of a processor's cache


class Rule(NamedTuple):
    """Which pairs of accounts are kept: those where one of the named weights is large enough."""

    window: int
    min_weight: int
    by_objects: bool
    by_pairs: bool
    by_messages: bool


class Owned(NamedTuple):
    """The actions again, account after account: where each begins, its places, and the window.

    The actions within the window of the one at a place lie from windows[place, 0] up to
    windows[place, 1]. `facts` are the object and post, the time, and the load (`loads`, a view)
    of each place: what is read together lies together, because the places of one account are
    far apart.
    """

    starts: Array
    places: Array
    accounts: Array
    windows: Array
    facts: Array
    loads: Array


class Edges(NamedTuple):
    """Some of the kept pairs of accounts; a row of each array a pair.

    `counts` are the codes of one and the other account, shared objects, pairs, messages of one
    and of the other; `lags` twice the median of the time of the other minus the time of the one
    in µs, twice the number of pairs where the one was first (ties count half), and the lags a
    quarter from either end; `shared_load` is the product of both accounts' loads, added up over
    the shared objects. They are kept small: to touch new memory costs as much as to compute.
    """

    counts: Array
    lags: Array
    shared_load: Array


def kept_edges(
    actions: Sorted, loads: Array, posts: Array, rule: Rule, extent: tuple[int, int]
) -> list[Edges]:
    """The kept pairs of accounts with all their figures, in parts, of which none is empty.

    Each pair of accounts belongs to the one with fewer actions, and accounts are worked through
    one after the other: the partners of one account are counted in place, so neither the pairs
    of actions nor the pairs of accounts are ever held together.

    Input     loads: the entry of the TF-IDF vector at each action; posts: a number for the post
              of each input row; extent: how many accounts there are, and threads to use
    """
    parts = _parts_of(actions, loads, posts, rule, extent)
    # One part: an engine takes many small ones in much more slowly.
    whole = Edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return [whole] if len(whole.counts) else []


def _parts_of(
    actions: Sorted, loads: Array, posts: Array, rule: Rule, extent: tuple[int, int]
) -> list[tuple[Array, Array, Array]]:
    """The arrays of `Edges` in parts; what they are made from is given back with the return."""
    account_count, threads = extent
    least = rule.min_weight if rule.by_objects and not (rule.by_pairs or rule.by_messages) else 1
    actions, loads = core_of(actions, loads, extent, rule.window, least)
    counts = np.bincount(actions.accounts, minlength=account_count)
    by_size = np.argsort(counts, kind="stable").astype(np.int32)
    rank = np.empty_like(by_size)
    rank[by_size] = np.arange(account_count, dtype=np.int32)
    ranked = rank[actions.accounts]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[by_size])])
    with ThreadPoolExecutor(threads) as pool:
        places = pool.submit(_places, ranked, starts)
        facts = pool.submit(_facts, actions, posts, loads).result()
        windows = pool.submit(windows_of, actions, rule.window)
    del actions, loads
    owned = Owned(
        starts, places.result(), ranked, windows.result(), facts, facts.view(np.float64)[:, 2]
    )
    work = partial(_edges_of, owned, rule)
    parts = together(work, runs_of(starts, _CHUNKS_A_THREAD * threads), threads)
    for counts, _, _ in parts:
        counts[:, :2] = by_size[counts[:, :2]]
    return parts


def kept_counts(actions: Sorted, account_count: int, rule: Rule, threads: int = 1) -> Array:
    """The kept pairs alone: a row each with one account, the other, shared objects, pairs.

    Input     as for `kept_edges`; every action is a post of its own
    """
    loads, posts = np.zeros(len(actions.rows)), np.arange(int(actions.rows.max(initial=-1)) + 1)
    parts = kept_edges(actions, loads, posts, rule, (account_count, threads))
    kept: Array = np.concatenate(
        [np.empty((0, 4), np.int64), *(one.counts[:, :4] for one in parts)]
    )
    return kept


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
def _numbers(actions: Sorted, posts: Array, loads: Array, out: Array) -> None:
    for place in range(len(actions.rows)):
        post = np.int64(posts[actions.rows[place]])
        out[place, 0] = np.int64(actions.objects[place]) << 32 | post
        out[place, 1] = actions.times[place]
        out[place, 2] = loads[place]


def _facts(actions: Sorted, posts: Array, loads: Array) -> Array:
    out = np.empty((len(actions.rows), _FACTS), np.int64)
    _numbers(actions, posts, loads.view(np.int64), out)
    return out


@compiled
def _edges_of(owned: Owned, rule: Rule, low: int, high: int) -> tuple[Array, Array, Array]:
    counts = np.zeros(len(owned.starts), np.int32)  # the last one is nobody's, see `_visit`
    touched = np.empty(len(counts) + 1, np.int32)
    met = np.empty((1024, 3), np.int32)
    pairs = np.empty((2, 1024), np.int32)
    room = room_of(1024)
    out = np.empty((1024, _COUNTS), np.int32)
    times = np.empty((1024, _LAGS), np.int64)
    shared = np.empty(1024, np.float64)
    found = 0
    only_objects = rule.by_objects and not (rule.by_pairs or rule.by_messages)
    for account in range(low, high):
        if only_objects and _too_few(owned, account, rule.min_weight):
            continue
        most = _neighbours(owned, account) + 1
        if most > len(met):
            met = np.empty((2 * most, 3), np.int32)
        partners, seen = _visit(owned, account, counts, touched, met)
        partners, held = _stretches(touched[:partners], counts, rule.min_weight)
        if held > pairs.shape[1]:
            pairs = np.empty((2, 2 * held), np.int32)
            room = room_of(2 * held)
        if held:
            _record(met[:seen], counts, owned.facts, pairs)
        begin = 0
        for at in range(partners):
            partner = touched[at]
            end = counts[partner] - 1
            counts[partner] = 0
            if found == len(out):
                out = np.concatenate((out, np.empty_like(out)))
                times = np.concatenate((times, np.empty_like(times)))
                shared = np.concatenate((shared, np.empty_like(shared)))
            out[found, 0] = account
            out[found, 1] = partner
            span = (begin, end)
            shared[found] = _gather(pairs, span, owned, room, (out, times, found))
            if out[found, 2] >= rule.min_weight or not only_objects:
                settle(room, end - begin, (out, times, found))
                found += _is_kept(rule, out, found)
            begin = end
    return out[:found].copy(), times[:found].copy(), shared[:found].copy()


@inlined
def _too_few(owned: Owned, account: int, least: int) -> bool:
    """Whether the account used fewer than `least` objects, so that it cannot share as many."""
    before = np.int64(-1)
    found = 0
    for number in range(owned.starts[account], owned.starts[account + 1]):
        here = owned.facts[owned.places[number], 0] >> 32
        found += here != before
        before = here
        if found >= least:
            return False
    return True


@inlined
def _neighbours(owned: Owned, account: int) -> int:
    """At least the account's pairs of actions; brings what `_visit` will read near."""
    begin, end = owned.starts[account], owned.starts[account + 1]
    for number in range(begin, min(begin + _AHEAD, end)):
        fetch_soon(owned.windows, 2 * np.int64(owned.places[number]))
    found = 0
    for number in range(begin, end):
        if number + _AHEAD < end:
            fetch_soon(owned.windows, 2 * np.int64(owned.places[number + _AHEAD]))
        place = owned.places[number]
        found += owned.windows[place, 1] - owned.windows[place, 0]
    return found


@inlined
def _visit(
    owned: Owned, account: int, counts: Array, touched: Array, met: Array
) -> tuple[int, int]:
    """The number of the account's partners, and of its pairs of actions, which stand in `met`.

    Half of all neighbours belong to the other account, at random: instead of asking, they are
    counted under nobody and overwritten, which costs a processor less than guessing wrong. The
    places of an account lie far apart, so what is needed next is fetched ahead.
    """
    accounts, windows = owned.accounts, owned.windows
    nobody = len(counts) - 1
    partners = 0
    seen = 0
    last = len(owned.places) - 1
    for number in range(owned.starts[account], owned.starts[account + 1]):
        soon = np.int64(owned.places[min(number + _AHEAD, last)])
        fetch_soon(accounts, soon)
        fetch_soon(accounts, soon - _LINE)
        fetch_soon(accounts, soon + _LINE)
        place = owned.places[number]
        for near in range(windows[place, 0], windows[place, 1]):
            partner = accounts[near]
            is_own = partner > account
            slot = partner if is_own else nobody
            count = counts[slot]
            touched[partners] = partner
            partners += is_own & (count == 0)
            counts[slot] = count + 1
            met[seen, 0] = partner
            met[seen, 1] = place
            met[seen, 2] = near
            seen += is_own
    counts[nobody] = 0
    return partners, seen


@inlined
def _stretches(touched: Array, counts: Array, least: int) -> tuple[int, int]:
    """The partners with at least `least` pairs of actions, and all their pairs.

    These partners move to the front of `touched`, and `counts` tells one more than where the
    stretch of each begins; the others are forgotten.
    """
    partners = 0
    held = 0
    for partner in touched:
        count = counts[partner]
        is_kept = count >= least
        counts[partner] = held + 1 if is_kept else 0
        touched[partners] = partner
        partners += is_kept
        held += count if is_kept else 0
    return partners, held


@inlined
def _record(met: Array, counts: Array, facts: Array, pairs: Array) -> None:
    """Put the pairs of actions into the stretches; `counts` then tells one more than each end."""
    for number in range(len(met)):
        at = counts[met[number, 0]] - 1
        if at >= 0:
            fetch_soon(facts, _FACTS * np.int64(met[number, 1]))
            fetch_soon(facts, _FACTS * np.int64(met[number, 2]))
            pairs[0, at] = met[number, 1]
            pairs[1, at] = met[number, 2]
            counts[met[number, 0]] = at + 2


# No slices from here on: to make a view of an array costs more than all that is done with it.
@inlined
def _gather(
    pairs: Array,
    span: tuple[int, int],
    owned: Owned,
    room: tuple[Array, Array, Array],
    into: tuple[Array, Array, int],
) -> float:
    """The product of both loads, over the objects of the pairs, each object once.

    Lags and posts go into `room`, the shared objects, the pairs and who was first `into` the
    row of the two arrays.
    """
    facts, loads = owned.facts, owned.loads
    lags, sides, _ = room
    out, times, row = into
    begin, end = span
    load = 0.0
    shared = 0
    first = 0
    before = np.int64(-1)
    for number in range(begin, end):
        one, other = pairs[0, number], pairs[1, number]
        mine, theirs = facts[one, 0], facts[other, 0]
        lag = facts[other, 1] - facts[one, 1]
        here = mine >> 32
        if here != before:
            shared += 1
            load += loads[one] * loads[other]
        before = here
        first += (lag >= 0) + (lag > 0)
        lags[number - begin] = lag
        sides[0, number - begin] = mine & 0xFFFFFFFF
        sides[1, number - begin] = theirs & 0xFFFFFFFF
    out[row, 2] = shared
    out[row, 3] = end - begin
    times[row, 1] = first
    return load


@inlined
def _is_kept(rule: Rule, out: Array, row: int) -> bool:
    """Whether one of the named weights of the pair of accounts is large enough."""
    return (
        (rule.by_objects and out[row, 2] >= rule.min_weight)
        or rule.by_pairs
        or (rule.by_messages and max(out[row, 4], out[row, 5]) >= rule.min_weight)
    )
