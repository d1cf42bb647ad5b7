"""The null models over the kept pairs of accounts: what each explains, and what none does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.significance.bursts import burst_chances
from tamis.analyses.coordination.significance.circles import (
    SEEN,
    UNSEEN,
    Circles,
    Room,
    independent_matches,
    merge_coins,
    room_for,
)
from tamis.analyses.coordination.significance.habits import (
    Habits,
    habits_of,
    hours_factor,
    lag_classes,
    quick_chance,
    reaction_chances,
)
from tamis.analyses.coordination.significance.tails import (
    EXACT_BELOW,
    pairs_table,
    poisson_binomial_tail,
)
from tamis.analyses.coordination.walk.compiled import compiled, inlined
from tamis.analyses.coordination.walk.pairs import keys_of
from tamis.analyses.coordination.walk.text import together

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

_GALLOP = 8
_SHARES = 4
_LEAST_PAIRS = 64  # fewer in a share are not worth the room that each share needs


class Judged(NamedTuple):
    """One entry per kept pair of accounts.

    `common`: objects both used at any time; `matched`: those within the window; `sessions`: how
    often they met; `independent`: the matches that count, see `judged`; `expected`: matches that
    bursts explain (and habits, where p_burst is small); the p-value of each time null, and of all
    of them at once (`p_value`, never the smallest; `p_seen` when only sources that we know count
    as sources). A null that decides nothing any more is NaN.
    """

    common: Array
    matched: Array
    sessions: Array
    independent: Array
    expected: Array
    p_burst: Array
    p_hours: Array
    p_reaction: Array
    p_seen: Array
    p_value: Array


def judged(layer: Layer, window: int, pairs: Array) -> Judged:
    """What each time null says about each pair of accounts.

    For a pair (u, v) the coins are the objects o that both used at any time. Coin o falls on
    "within the window" with chance 1 - (1 - q)^(k_u k_v), k the uses of each, where q is

        burst     q_o, from the burst of the object, or of others as large (`burst_chances`)
        hours     f q_o, f from whole-day shifts of the pair's own sessions (`hours_factor`)
        reaction  from how late each of the two came to the object (`reaction_chances`); where
                  both came so early that they meet in any case, from how early one came, and how
                  often the other is as quick without the first (`quick_chance`)
        all       the largest of the three, object by object

    The statistic is not the number of matches but the number of matches of which no two lie in
    one session of the pair or come from one source (`independent_matches`). As it can only be
    smaller than the number of matches, the tail of the sum of all coins bounds its chance. For
    `p_value` what counts once is also thrown once (`merge_coins`). `p_seen` takes the lags of
    both as given, however quick, and no inferred source: a pair with a small `p_seen` and a large
    `p_value` is explained by nothing but a source that these accounts alone follow.

    Input     pairs: the kept pairs of accounts, two codes a row; window in µs
    Output    p-values above 0.001 are upper bounds, below they are exact for the model
    Source    Poisson-binomial tails of independent coins; nulls as above
    Limits    no null of times can tell agreed action from a cause that only this group meets and
              that is quicker than the window: one program that posts for all of them, alerts
              from many publishers to the same few readers
    """
    table = pairs_table(keys_of(pairs[:, 0], pairs[:, 1]))
    chances = burst_chances(layer, window, table)
    circles, habits = Circles(layer, table), habits_of(layer, window)

    def share(first: int, _: int) -> Array:
        some = np.ascontiguousarray(pairs[first::parts])
        return _judge(circles, habits, window, chances, some, room_for(layer))

    # Every so-manyth pair: those of one busy account lie side by side, and cost the most.
    threads = os.cpu_count() or 1
    parts = max(1, min(_SHARES * threads, len(pairs) // _LEAST_PAIRS))
    figures = np.empty((len(pairs), 10), np.float64)
    for first, one in enumerate(together(share, [(at, at + 1) for at in range(parts)], threads)):
        figures[first::parts] = one
    return Judged(*figures[:, :4].astype(np.int64).T, *figures[:, 4:].T)


@compiled
def _judge(
    circles: Circles, habits: Habits, window: int, chances: Array, pairs: Array, room: Room
) -> Array:
    out = np.full((len(pairs), 10), np.nan, np.float64)
    for number in range(len(pairs)):
        pair = _smaller_first(circles.layer, pairs[number, 0], pairs[number, 1])
        result = out[number]
        common, matched = _meet((circles.layer, habits), window, chances, pair, room)
        coins = room.coins[:, :common]
        result[0], result[1] = common, matched
        result[2], most = independent_matches(circles, pair, room, matched, SEEN)
        result[3] = most
        result[4] = coins[0].sum()
        result[5] = poisson_binomial_tail(coins[0], most, room.tail)
        result[8] = result[9] = 1.0
        if result[5] > EXACT_BELOW:
            continue
        _with_habits(habits, window, pair, coins, room)
        result[6] = poisson_binomial_tail(coins[1], most, room.tail)
        result[7] = poisson_binomial_tail(coins[5], most, room.tail)
        for at in range(common):
            coins[6, at] = max(coins[0, at], coins[1, at], coins[2, at])
            coins[0, at] = max(coins[0, at], coins[1, at], coins[5, at])
        result[4] = coins[0].sum()
        result[8] = poisson_binomial_tail(coins[6], most, room.tail)
        _, result[3] = independent_matches(circles, pair, room, matched, UNSEEN)
        left = merge_coins(circles, pair, room, common)
        result[9] = poisson_binomial_tail(room.coins[0, :left], int(result[3]), room.tail)
    return out


@inlined
def _smaller_first(layer: Layer, one: int, other: int) -> tuple[int, int]:
    starts = layer.account_starts
    if starts[one + 1] - starts[one] > starts[other + 1] - starts[other]:
        return other, one
    return one, other


@inlined
def _meet(
    known: tuple[Layer, Habits], window: int, chances: Array, pair: tuple[int, int], room: Room
) -> tuple[int, int]:
    """How many objects both used, and within the window; coins and matches of the pair.

    Coins: chance of the burst, that of one pair of uses, classes of the lags, pairs of uses, and
    whether they met. The first of the pair has not more actions than the other.
    """
    layer, habits = known
    one, other = pair
    starts, objects, times = layer.account_starts, layer.by_account_objects, layer.by_account_times
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
            room.coins[0, common] = 1.0 - (1.0 - chances[thing]) ** uses
            room.coins[1, common] = chances[thing]
            room.coins[3, common] = uses
            room.things[common] = thing
            at, near = _first_match(times[mine:my_last], times[theirs:their_last], window)
            room.coins[2, common] = lag_classes(habits, layer.onsets[thing], at, near)
            room.coins[4, common] = 0.0
            room.coins[5, common] = at - layer.onsets[thing]
            room.coins[6, common] = near - layer.onsets[thing]
            if abs(at - near) <= window:
                room.coins[4, common] = 1.0
                room.matches[0, matched] = min(at, near)
                room.matches[1, matched] = thing
                matched += 1
            common += 1
        mine, theirs = my_last, their_last
    return common, matched


@inlined
def _first_match(mine: Array, theirs: Array, window: int) -> tuple[int, int]:
    """The first two times of the two lists within the window; the first of each if none are."""
    low = 0
    for time in mine:
        while low < len(theirs) and theirs[low] < time - window:
            low += 1
        if low < len(theirs) and theirs[low] <= time + window:
            return time, theirs[low]
    return mine[0], theirs[0]


@inlined
def _with_habits(
    habits: Habits, window: int, pair: tuple[int, int], coins: Array, room: Room
) -> None:
    """The chances by hours in the second row, by reaction in the third and the sixth.

    The third row takes how quick both were as given, the sixth only how quick one of them was.
    """
    factor = hours_factor(habits, pair[0], pair[1])
    reaction_chances(habits, window, pair, coins[2:5:2], room.classes)
    tries, quick = np.zeros(2), np.zeros(2)
    for at in range(coins.shape[1]):
        for side in range(2):
            lag = coins[5 + side, at]
            tries[side] += lag > 0
            quick[side] += 0 < lag < habits.quick_before
    both_quick = quick_chance(habits, pair, tries, quick)
    for at in range(coins.shape[1]):
        uses = coins[3, at]
        coins[1, at] = 1.0 - (1.0 - min(1.0, factor * coins[1, at])) ** uses
        chance = room.classes[int(coins[2, at])]
        coins[2, at] = 1.0 - (1.0 - chance) ** uses
        if max(coins[5, at], coins[6, at]) < habits.quick_before:
            chance = min(chance, both_quick)
        coins[5, at] = 1.0 - (1.0 - chance) ** uses
