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


@compiled
def pair_counts(
    actions: Sorted, account_count: int, window: int, core: tuple[int, int]
) -> tuple[int, int]:
    """Pairs of actions within the window, and those of different accounts, without a walk.

    Counts only pairs whose earlier action lies in `core` by time; linear in the actions.
    """
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    low, high = core
    inside = np.zeros(account_count, np.int32)
    every = 0
    different = 0
    first = 0
    counted = 0
    for later in range(len(objects)):
        if later > 0 and objects[later] != objects[later - 1]:
            while first < later:
                if low <= times[first] < high:
                    inside[accounts[first]] -= 1
                    counted -= 1
                first += 1
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
    return every, different


@compiled
def largest_object(objects: Array, times: Array, window: int) -> tuple[int, int]:
    """The place of the first action of the object with most pairs, and those pairs."""
    best = 0
    best_pairs = 0
    begin = 0
    first = 0
    pairs = 0
    for later in range(len(objects)):
        if objects[later] != objects[begin]:
            if pairs > best_pairs:
                best, best_pairs = begin, pairs
            begin = first = later
            pairs = 0
        while times[later] - times[first] > window:
            first += 1
        pairs += later - first
    if pairs > best_pairs:
        best, best_pairs = begin, pairs
    return best, best_pairs
