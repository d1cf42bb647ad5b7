"""Upper tails of sums of unequal coins, compiled: exact where it matters, else a bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

# Above it a bound is as good as a figure: nothing is decided there.
EXACT_BELOW = 1e-3
_MOST_WORK = 4_000_000


@compiled
def chernoff(mean: float, coins: int, least: int) -> float:
    """An upper bound of the chance that `coins` coins show `least` heads, `mean` expected.

    exp(-n KL(k/n, mean/n)): the coins may be unequal (Hoeffding 1956, by the inequality between
    arithmetic and geometric mean applied to the generating function).
    """
    if least <= 0 or least <= mean:
        return 1.0
    if least > coins:
        return 0.0
    share, chance = least / coins, mean / coins
    bound = least * math.log(share / chance)
    if least < coins:
        bound += (coins - least) * math.log((1 - share) / (1 - chance))
    return math.exp(-bound)


@compiled
def poisson_binomial_tail(chances: Array, least: int, room: Array) -> float:
    """The chance of at least `least` heads, by recursion over the coins, all terms positive.

    `room` holds `least` numbers at least. Where the recursion would be long, or the answer is
    above EXACT_BELOW anyway, `chernoff` answers, which is never smaller than the truth.
    """
    if least <= 0:
        return 1.0
    if least > len(chances):
        return 0.0
    bound = chernoff(chances.sum(), len(chances), least)
    if bound > EXACT_BELOW or len(chances) * least > _MOST_WORK or least > len(room):
        return bound
    room[:least] = 0.0
    room[0] = 1.0
    tail = 0.0
    for number in range(len(chances)):
        chance = chances[number]
        tail += room[least - 1] * chance
        top = min(number + 1, least - 1)
        for heads in range(top, 0, -1):
            room[heads] = room[heads] * (1 - chance) + room[heads - 1] * chance
        room[0] *= 1 - chance
    return float(tail)


@compiled
def poisson_tail(mean: float, least: int) -> float:
    """The chance of at least `least` events where `mean` are expected."""
    if least <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if least <= mean:
        below = 0.0
        for number in range(least):
            below += math.exp(number * math.log(mean) - mean - math.lgamma(number + 1.0))
        return max(0.0, 1.0 - below)
    term = math.exp(least * math.log(mean) - mean - math.lgamma(least + 1.0))
    found = 0.0
    number = least
    while term > found * 1e-16:
        found += term
        number += 1
        term *= mean / number
    return min(1.0, found)


@compiled
def pairs_table(keys: Array) -> Array:
    """An open hash table of the keys, of which none is 0."""
    size = 16
    while size < 2 * len(keys) + 2:
        size *= 2
    mask = np.uint64(size - 1)
    table = np.zeros(size, np.uint64)
    for key in keys:
        slot = (key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
        while table[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & mask
        table[slot] = key
    return table


@compiled
def is_in(table: Array, key: np.uint64) -> bool:
    """Whether the table holds the key."""
    mask = np.uint64(len(table) - 1)
    slot = (key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
    while table[slot] != np.uint64(0):
        if table[slot] == key:
            return True
        slot = (slot + np.uint64(1)) & mask
    return False
