"""The null models over the kept pairs of accounts: what each explains, and what none does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.significance.bursts import burst_chances
from tamis.analyses.coordination.significance.habits import (
    Habits,
    habits_of,
    hours_factor,
    reaction_chance,
)
from tamis.analyses.coordination.significance.tails import (
    EXACT_BELOW,
    poisson_binomial_tail,
)
from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

SESSION = 30 * 60 * 1_000_000
_GALLOP = 8


class Judged(NamedTuple):
    """One entry per kept pair of accounts.

    `common`: objects both used at any time; `matched`: those within the window; `sessions` and
    `independent`: see `judged`; `expected`: matches that the habits and bursts together explain;
    the p-values of each time null, and of all of them at once (`p_value`, never the smallest).
    """

    common: Array
    matched: Array
    sessions: Array
    independent: Array
    expected: Array
    p_burst: Array
    p_hours: Array
    p_reaction: Array
    p_value: Array


def judged(layer: Layer, window: int, pairs: Array) -> Judged:
    """What each time null says about each pair of accounts.

    For a pair (u, v) the coins are the objects o that both used at any time. Coin o falls on
    "within the window" with chance 1 - (1 - q)^(k_u k_v), k the uses of each, where q is

        burst     q_o, from the object's own burst (`burst_chances`)
        hours     f q_o, f from whole-day shifts of the pair's own sessions (`hours_factor`)
        reaction  from the pair's own lags behind each object's beginning (`habits_of`)
        all       the largest of the three, object by object

    The statistic is not the number of matches but the largest number (found greedily, in order
    of time) of matches of which no two lie in one session of the pair (less than 30 minutes from
    one to the next) or come from one publisher, where publishers are known. As it can only be
    smaller than the number of matches, the tail of the sum of all coins bounds its chance.

    Input     pairs: the kept pairs of accounts, two codes a row; window in µs
    Output    p-values above 0.001 are upper bounds, below they are exact for the model
    Source    Poisson-binomial tails of independent coins; nulls as above
    Limits    no null of times can tell agreed action from a cause that only this group meets and
              that is quicker than the window: an alert with reactions of seconds that nobody
              else gets, one program posting for all of them, fans of one publisher whom the
              collection does not name
    """
    chances = burst_chances(layer, window, pairs)
    most = int(np.diff(layer.account_starts).max(initial=0)) + 1
    room = _Room(
        np.empty((4, most), np.float64),
        np.empty(most, np.float64),
        np.empty((2, most), np.int64),
        np.full(int(layer.origins.max(initial=0)) + 2, -1, np.int64),
    )
    figures = _judge(layer, habits_of(layer, window), window, chances, pairs, room)
    return Judged(*figures[:, :4].astype(np.int64).T, *figures[:, 4:].T)


class _Room(NamedTuple):
    """Where one pair is worked out: coins, the recursion, matches, and when an origin was used."""

    coins: Array
    tail: Array
    matches: Array
    used: Array


@compiled
def _judge(
    layer: Layer, habits: Habits, window: int, chances: Array, pairs: Array, room: _Room
) -> Array:
    out = np.full((len(pairs), 9), np.nan, np.float64)
    for number in range(len(pairs)):
        one, other = pairs[number, 0], pairs[number, 1]
        result = out[number]
        common, matched = _meet(layer, window, chances, (one, other), room)
        sessions, independent = _blocks(room.matches[:, :matched], room.used, number)
        coins = room.coins[:, :common]
        result[0], result[1], result[2], result[3] = common, matched, sessions, independent
        result[4] = coins[0].sum()
        result[5] = poisson_binomial_tail(coins[0], independent, room.tail)
        result[8] = 1.0
        if result[5] > EXACT_BELOW:
            continue
        _with_habits(habits, (one, other), coins)
        result[6] = poisson_binomial_tail(coins[1], independent, room.tail)
        result[7] = poisson_binomial_tail(coins[2], independent, room.tail)
        for at in range(common):
            coins[0, at] = max(coins[0, at], coins[1, at], coins[2, at])
        result[4] = coins[0].sum()
        result[8] = poisson_binomial_tail(coins[0], independent, room.tail)
    return out


@inlined
def _meet(
    layer: Layer, window: int, chances: Array, pair: tuple[int, int], room: _Room
) -> tuple[int, int]:
    """How many objects both used, and within the window; coins and matches of the pair.

    Coins: chance of the burst, the chance of one pair of uses, pairs of uses, and who opened the
    object (0 neither, 1 the first of the pair, 2 the other).
    """
    one, other = pair
    starts, objects, times = layer.account_starts, layer.by_account_objects, layer.by_account_times
    if starts[one + 1] - starts[one] > starts[other + 1] - starts[other]:
        one, other = other, one
    mine, my_end = starts[one], starts[one + 1]
    theirs, their_end = starts[other], starts[other + 1]
    gallop = (their_end - theirs) > _GALLOP * (my_end - mine)
    common = matched = 0
    while mine < my_end and theirs < their_end:
        thing = objects[mine]
        if gallop:
            theirs += np.searchsorted(objects[theirs:their_end], thing, "left")
        else:
            while theirs < their_end and objects[theirs] < thing:
                theirs += 1
        my_last = mine
        while my_last < my_end and objects[my_last] == thing:
            my_last += 1
        their_last = theirs
        while their_last < their_end and objects[their_last] == thing:
            their_last += 1
        if their_last > theirs:
            uses = (my_last - mine) * (their_last - theirs)
            opener = layer.openers[thing]
            room.coins[0, common] = 1.0 - (1.0 - chances[thing]) ** uses
            room.coins[1, common] = chances[thing]
            room.coins[2, common] = uses
            is_ours = opener in pair
            room.coins[3, common] = 0 if not is_ours else (1 if opener == pair[0] else 2)
            common += 1
            met = _first_match(times[mine:my_last], times[theirs:their_last], window)
            if met >= 0:
                room.matches[0, matched] = met
                room.matches[1, matched] = layer.origins[thing]
                matched += 1
        mine, theirs = my_last, their_last
    return common, matched


@inlined
def _first_match(mine: Array, theirs: Array, window: int) -> int:
    """When two times of the two lists first lie within the window; -1 if never."""
    low = 0
    for time in mine:
        while low < len(theirs) and theirs[low] < time - window:
            low += 1
        if low < len(theirs) and theirs[low] <= time + window:
            return int(max(min(time, theirs[low]), 0))
    return -1


@inlined
def _blocks(matches: Array, used: Array, number: int) -> tuple[int, int]:
    """Sessions of the pair that hold a match, and matches of different sessions and publishers.

    `used[origin]` is the last pair that counted this publisher.
    """
    order = np.argsort(matches[0], kind="mergesort")
    sessions = independent = 0
    before = np.int64(-SESSION - 1)
    is_open = False
    for place in order:
        time, origin = matches[0, place], matches[1, place]
        if sessions == 0 or time - before >= SESSION:
            sessions += 1
            is_open = True
        before = time
        if is_open and (origin < 0 or used[origin] != number):
            independent += 1
            is_open = False
            if origin >= 0:
                used[origin] = number
    return sessions, independent


@inlined
def _with_habits(habits: Habits, pair: tuple[int, int], coins: Array) -> None:
    """Turn the coins' second row into the chances by hours, the third into those by reaction."""
    one, other = pair
    factor = hours_factor(habits, one, other)
    both = reaction_chance(habits, one, other)
    for at in range(coins.shape[1]):
        uses = coins[2, at]
        hours = min(1.0, factor * coins[1, at])
        reaction = both
        if coins[3, at] == 1:
            reaction = habits.early[other]
        elif coins[3, at] == 2:
            reaction = habits.early[one]
        coins[1, at] = 1.0 - (1.0 - hours) ** uses
        coins[2, at] = 1.0 - (1.0 - min(1.0, reaction)) ** uses
