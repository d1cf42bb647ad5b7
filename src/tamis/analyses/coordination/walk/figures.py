"""The figures of one pair of accounts that need all its pairs of actions: messages and lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

_SMALL = 16


@inlined
def room_of(count: int) -> tuple[Array, Array, Array]:
    """For the figures of one pair of accounts: lags, posts of both sides, a table of posts."""
    size = _SMALL
    while size < 2 * count:
        size *= 2
    return np.empty(count, np.int64), np.empty((2, count), np.int32), np.zeros(size + 1, np.int64)


@inlined
def settle(room: tuple[Array, Array, Array], count: int, into: tuple[Array, Array, int]) -> None:
    """Messages of both sides, the median of the lags and their quartiles `into` the row."""
    lags, sides, met = room
    out, times, row = into
    for side in range(2):
        few = count <= _SMALL
        out[row, 4 + side] = (
            _distinct(sides, side, count) if few else _distinct_of_many(sides, side, count, met)
        )
    _sort(lags, count)
    times[row, 0] = lags[(count - 1) // 2] + lags[count // 2]
    quarter = (count + 3) // 4
    times[row, 2] = lags[quarter - 1]
    times[row, 3] = lags[count - quarter]


@inlined
def _sort(lags: Array, count: int) -> None:
    if count > _SMALL:
        lags[:count].sort()
        return
    for place in range(1, count):
        lag = lags[place]
        at = place
        while at > 0 and lags[at - 1] > lag:
            lags[at] = lags[at - 1]
            at -= 1
        lags[at] = lag


@inlined
def _distinct(sides: Array, side: int, count: int) -> int:
    """How many different numbers a side has, without a branch that a processor guesses wrong."""
    found = 0
    for place in range(count):
        again = False
        for before in range(place):
            again |= sides[side, before] == sides[side, place]
        found += not again
    return found


@inlined
def _distinct_of_many(sides: Array, side: int, count: int, met: Array) -> int:
    """The same by a table of the numbers met; what earlier calls left in it counts for nothing.

    The last entry of `met` counts the calls, and every entry bears the call that made it.
    """
    met[-1] += 1
    call = met[-1] << 32
    size = _SMALL
    while size < 2 * count:
        size *= 2
    found = 0
    for place in range(count):
        number = np.int64(sides[side, place])
        slot = (number * 0x9E3779B1 >> 12) & (size - 1)
        while met[slot] >= call and met[slot] != call | number:
            slot = (slot + 1) & (size - 1)
        found += met[slot] != call | number
        met[slot] = call | number
    return found
