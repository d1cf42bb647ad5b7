"""Actions grouped by object and sorted by time, as arrays of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

_INSERTION = 24


class Sorted(NamedTuple):
    """Actions of objects used at least twice: object, account, time in µs, row of the input."""

    objects: Array
    accounts: Array
    times: Array
    rows: Array


def sorted_actions(objects: Array, accounts: Array, times: Array, object_count: int) -> Sorted:
    """The actions sorted by object and time; objects with one action are left out."""
    starts, rows = _grouped(objects, object_count)
    _sort_groups(starts, rows, times)
    return Sorted(objects[rows], accounts[rows], times[rows], rows)


@compiled
def _grouped(objects: Array, object_count: int) -> tuple[Array, Array]:
    counts = np.zeros(object_count, np.int64)
    for row in range(len(objects)):
        counts[objects[row]] += 1
    starts = np.zeros(object_count + 1, np.int64)
    for code in range(object_count):
        starts[code + 1] = starts[code] + (counts[code] if counts[code] > 1 else 0)
    cursor = starts[:-1].copy()
    rows = np.empty(starts[-1], np.int32)
    for row in range(len(objects)):
        code = objects[row]
        if counts[code] > 1:
            rows[cursor[code]] = row
            cursor[code] += 1
    return starts, rows


@compiled
def _sort_groups(starts: Array, rows: Array, times: Array) -> None:
    for code in range(len(starts) - 1):
        low = starts[code]
        high = starts[code + 1]
        ordered = True
        for place in range(low + 1, high):
            if times[rows[place]] < times[rows[place - 1]]:
                ordered = False
                break
        if ordered:
            continue
        if high - low > _INSERTION:
            part = rows[low:high].copy()
            order = np.argsort(times[part], kind="mergesort")
            for place in range(len(part)):
                rows[low + place] = part[order[place]]
            continue
        for place in range(low + 1, high):
            row = rows[place]
            time = times[row]
            at = place
            while at > low and times[rows[at - 1]] > time:
                rows[at] = rows[at - 1]
                at -= 1
            rows[at] = row
