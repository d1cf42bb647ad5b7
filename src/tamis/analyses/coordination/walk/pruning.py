"""What can be no part of any kept pair of accounts is put aside before pairs are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled
from tamis.analyses.coordination.walk.sorting import Sorted, taken

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

_WORTHWHILE = 0.1
_ROUNDS = 12


def windows_of(actions: Sorted, window: int) -> Array:
    """For each action, the first place within the window of it, and one past the last."""
    return _windows(actions.objects, actions.times, window)


def core_of(
    actions: Sorted, loads: Array, extent: tuple[int, int], window: int, least: int
) -> tuple[Sorted, Array]:
    """The actions that may stand in a pair of accounts with `least` shared objects, and loads.

    An action needs another one of its object within the window; an account needs `least` objects
    with such actions. Each removal can make others useless, so it goes on as long as a tenth or
    more falls away: what is left in too much costs time, never a result.

    Input     extent: how many accounts there are, and threads to use
    """
    account_count, threads = extent
    for number in range(_ROUNDS):
        kept = _accompanied(actions.objects, actions.times, window)
        if least > 1:
            _drop_few(actions.objects, actions.accounts, kept, account_count, least)
        held = int(np.count_nonzero(kept))
        fell = len(kept) - held
        if fell:
            *columns, loads = taken((*actions, loads), kept, threads)
            actions = Sorted(*columns)
        if fell < _WORTHWHILE * len(kept) or (least == 1 and number == 0):
            break
    return actions, loads


@compiled
def _windows(objects: Array, times: Array, window: int) -> Array:
    out = np.empty((len(objects), 2), np.int32)
    low = 0
    for place in range(len(objects)):
        while objects[low] != objects[place] or times[place] - times[low] > window:
            out[low, 1] = place
            low += 1
        out[place, 0] = low
    out[low:, 1] = len(objects)
    return out


@compiled
def _accompanied(objects: Array, times: Array, window: int) -> Array:
    kept = np.zeros(len(objects), np.bool_)
    for place in range(1, len(objects)):
        if objects[place] == objects[place - 1] and times[place] - times[place - 1] <= window:
            kept[place] = True
            kept[place - 1] = True
    return kept


@compiled
def _drop_few(objects: Array, accounts: Array, kept: Array, account_count: int, least: int) -> None:
    """Take from `kept` the actions of accounts with fewer than `least` objects in it."""
    latest = np.full(account_count, -1, np.int32)
    found = np.zeros(account_count, np.int32)
    for place in range(len(objects)):
        if kept[place] and latest[accounts[place]] != objects[place]:
            latest[accounts[place]] = objects[place]
            found[accounts[place]] += 1
    for place in range(len(objects)):
        if kept[place] and found[accounts[place]] < least:
            kept[place] = False
