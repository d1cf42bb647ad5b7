"""Which matches of a pair count: those that share neither a session nor a source, seen or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.significance.tails import is_in
from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

SESSION = 30 * 60 * 1_000_000
SAME_CIRCLE = 0.15
SEEN, UNSEEN = 0, 1  # what counts as one source: publishers that are known, or also inferred ones
# Things that more actions than this touch belong to the whole crowd, not to a circle.
_CROWD = 1_000
_MOST_CIRCLES = 256
_HELD = 65_536
_CLASSES = 64


class Circles(NamedTuple):
    """A layer, and its kept pairs of accounts as a `pairs_table`."""

    layer: Layer
    table: Array


class Room(NamedTuple):
    """Where one pair is worked out.

    `coins` and `tail`: chances; `things`: the object of each coin; `matches`: time and object of
    each; `used[origin]`, `met[account]`: the last question that touched it; `slot[origin]`: its
    coin; `held`, `ends`: the audiences accepted so far; `turn`: how
    many questions there were; `classes`: a chance for each pair of lag classes.
    """

    coins: Array
    tail: Array
    things: Array
    matches: Array
    used: Array
    slot: Array
    met: Array
    held: Array
    ends: Array
    turn: Array
    classes: Array


def room_for(layer: Layer) -> Room:
    """Room for every pair of the layer."""
    most = int(np.diff(layer.account_starts).max(initial=0)) + 1
    return Room(
        np.empty((7, most), np.float64),
        np.empty(most, np.float64),
        np.empty(most, np.int64),
        np.empty((2, most), np.int64),
        np.full(int(layer.origins.max(initial=0)) + 2, -1, np.int64),
        np.zeros(int(layer.origins.max(initial=0)) + 2, np.int64),
        np.full(layer.account_count, -1, np.int64),
        np.empty(_HELD, np.int32),
        np.zeros(_MOST_CIRCLES + 1, np.int64),
        np.zeros(1, np.int64),
        np.empty(_CLASSES, np.float64),
    )


@compiled
def independent_matches(
    circles: Circles, pair: tuple[int, int], room: Room, matched: int, asked: int
) -> tuple[int, int]:
    """Sessions of the pair that hold a match, and the matches that count.

    Matches less than 30 minutes from one to the next are one session, and count once; so do
    those of one publisher, where it is known. When `asked` for UNSEEN, objects without a known
    publisher whose audiences are alike are taken to come from one source that we do not see:
    audiences without the pair and everybody who has a kept edge with one of them, alike from a
    cosine of 0.15 on; objects that nobody else used are one circle. The matches are chosen
    greedily in order of time, so there may be more that are independent, never fewer.
    """
    layer = circles.layer
    order = np.argsort(room.matches[0, :matched], kind="mergesort")
    room.turn[0] += 1
    question = room.turn[0]
    sessions = independent = accepted = 0
    before = np.int64(0)
    is_open = False
    had_own = False
    for place in order:
        time, thing = room.matches[0, place], room.matches[1, place]
        if sessions == 0 or time - before >= SESSION:
            sessions += 1
            is_open = True
        before = time
        if not is_open:
            continue
        origin = layer.origins[thing]
        if origin >= 0:
            if room.used[origin] == question:
                continue
            room.used[origin] = question
        elif (
            asked == UNSEEN
            and layer.object_starts[thing + 1] - layer.object_starts[thing] <= _CROWD
        ):
            size = _audience(circles, pair, thing, room, accepted)
            if size < 0 or _is_known(room, accepted, size):
                continue
            if size == 0:
                if had_own:
                    continue
                had_own = True
            else:
                accepted += 1
        independent += 1
        is_open = False
    return sessions, independent


@compiled
def merge_coins(circles: Circles, pair: tuple[int, int], room: Room, common: int) -> int:
    """How many coins are left in the first row when what counts once is thrown once.

    The objects of one publisher become one coin, on whether any of them matches; so do those
    without a known publisher that nobody else used. Independent of what matched.
    """
    layer = circles.layer
    room.turn[0] += 1
    question = room.turn[0]
    kept = 0
    own = -1
    coins = room.coins[0]
    for at in range(common):
        thing = room.things[at]
        origin = layer.origins[thing]
        place = -1
        if origin >= 0:
            if room.used[origin] == question:
                place = room.slot[origin]
            room.used[origin] = question
            room.slot[origin] = kept if place < 0 else place
        elif _is_theirs_alone(circles, pair, thing):
            place = own
            own = kept if own < 0 else own
        if place < 0:
            coins[kept] = coins[at]
            kept += 1
        else:
            coins[place] = 1.0 - (1.0 - coins[place]) * (1.0 - coins[at])
    return kept


@inlined
def _is_theirs_alone(circles: Circles, pair: tuple[int, int], thing: int) -> bool:
    """Whether nobody used the object but the pair and who has a kept edge with one of them."""
    layer = circles.layer
    for place in range(layer.object_starts[thing], layer.object_starts[thing + 1]):
        account = layer.by_object_accounts[place]
        if account in pair:
            continue
        if not (
            _is_linked(circles.table, account, pair[0])
            or _is_linked(circles.table, account, pair[1])
        ):
            return False
    return True


@inlined
def _audience(
    circles: Circles, pair: tuple[int, int], thing: int, room: Room, accepted: int
) -> int:
    """How many others used the object, written behind the accepted audiences; -1: no room."""
    layer = circles.layer
    begin = room.ends[accepted]
    low, high = layer.object_starts[thing], layer.object_starts[thing + 1]
    if accepted + 1 >= len(room.ends) or begin + high - low > len(room.held):
        return -1
    room.turn[0] += 1
    size = 0
    for place in range(low, high):
        account = layer.by_object_accounts[place]
        if room.met[account] == room.turn[0] or account == pair[0] or account == pair[1]:
            continue
        room.met[account] = room.turn[0]
        if _is_linked(circles.table, account, pair[0]) or _is_linked(
            circles.table, account, pair[1]
        ):
            room.met[account] = -1
            continue
        room.held[begin + size] = account
        size += 1
    room.ends[accepted + 1] = begin + size
    return size


@inlined
def _is_linked(table: Array, one: int, other: int) -> bool:
    low, high = min(one, other), max(one, other)
    return bool(is_in(table, (np.uint64(low) << np.uint64(32)) | np.uint64(high)))


@inlined
def _is_known(room: Room, accepted: int, size: int) -> bool:
    """Whether the newest audience is like one accepted before; its accounts are marked."""
    for number in range(accepted):
        begin, end = room.ends[number], room.ends[number + 1]
        both = 0
        for place in range(begin, end):
            both += room.met[room.held[place]] == room.turn[0]
        if both * both >= SAME_CIRCLE * SAME_CIRCLE * size * (end - begin) and both > 0:
            return True
    return False
