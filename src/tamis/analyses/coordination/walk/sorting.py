"""Actions grouped by object and sorted by time, as arrays of numbers."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled
from tamis.analyses.coordination.walk.text import together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.analyses.coordination.walk.text import Array

_INSERTION = 24


class Sorted(NamedTuple):
    """Actions of objects used at least twice: object, account, time in µs, row of the input."""

    objects: Array
    accounts: Array
    times: Array
    rows: Array


def sorted_actions(
    objects: Array, accounts: Array, times: Array, object_count: int, threads: int = 1
) -> Sorted:
    """The actions sorted by object and time; objects with one action are left out."""
    starts, rows = _grouped(objects, object_count)
    work = partial(_sort_groups, starts, rows, times)
    together(work, runs_of(starts, threads), threads)
    objects, accounts, times = taken((objects, accounts, times), rows, threads)
    return Sorted(objects, accounts, times, rows)


def runs_of(starts: Array, parts: int) -> list[tuple[int, int]]:
    """The groups cut where about as many actions lie in each part."""
    edges = np.searchsorted(starts, starts[-1] * np.arange(parts + 1) // parts)
    edges = np.unique(np.concatenate([[0], edges, [len(starts) - 1]]))
    return [*pairwise(edges.tolist())] or [(0, 0)]


def taken(columns: Sequence[Array], chosen: Array, threads: int) -> list[Array]:
    """The chosen places of each column."""
    spans = [(at, at + 1) for at in range(len(columns))]
    return together(lambda at, _: columns[at][chosen], spans, threads)


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
def _sort_groups(starts: Array, rows: Array, times: Array, begin: int, end: int) -> None:
    for code in range(begin, end):
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
