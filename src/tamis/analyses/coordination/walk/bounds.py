"""How much work each object is, counted exactly before any of it is done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled
from tamis.analyses.coordination.walk.sorting import Sorted, runs_of
from tamis.analyses.coordination.walk.text import together

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array


class Sizes(NamedTuple):
    """For each object: where its actions begin, and how many in-window pairs it has.

    `starts` has one entry more, the end. `every` counts pairs of actions, `different` those of
    different accounts.
    """

    starts: Array
    every: Array
    different: Array


def sizes_of(
    actions: Sorted, account_count: int, window: int, core: tuple[int, int], threads: int = 1
) -> Sizes:
    """The sizes of all objects, without a walk over pairs; linear in the actions.

    Counts only pairs whose earlier action lies in `core` by time.
    """
    starts = np.flatnonzero(np.diff(actions.objects, prepend=-1)).astype(np.int64)
    starts = np.append(starts, len(actions.objects))
    counts = np.zeros((2, len(starts) - 1), np.int64)
    work = partial(_count, actions, starts, counts, (account_count, window, *core))
    together(work, runs_of(starts, threads), threads)
    return Sizes(starts, counts[0], counts[1])


@compiled
def _count(
    actions: Sorted,
    starts: Array,
    counts: Array,
    extent: tuple[int, int, int, int],
    begin: int,
    end: int,
) -> None:
    accounts, times = actions.accounts, actions.times
    account_count, window, low, high = extent
    inside = np.zeros(account_count, np.int32)
    for group in range(begin, end):
        first = starts[group]
        counted = 0
        every = 0
        different = 0
        for later in range(starts[group], starts[group + 1]):
            while times[later] - times[first] > window:
                if low <= times[first] < high:
                    inside[accounts[first]] -= 1
                    counted -= 1
                first += 1
            every += counted
            different += counted - inside[accounts[later]]
            if low <= times[later] < high:
                inside[accounts[later]] += 1
                counted += 1
        for place in range(first, starts[group + 1]):
            inside[accounts[place]] = 0
        counts[0, group] = every
        counts[1, group] = different


def without(actions: Sorted, sizes: Sizes, left_out: Array) -> Sorted:
    """The actions without those of the objects that `left_out` marks."""
    if not left_out.any():
        return actions
    kept = np.repeat(~left_out, np.diff(sizes.starts))
    return Sorted(*(column[kept] for column in actions))
