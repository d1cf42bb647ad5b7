"""What a cluster did, and what the crowd around the same objects did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.clusters.communities import core_numbers
from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array


@dataclass(frozen=True, slots=True)
class Portrait:
    """One cluster in figures; arrays have one entry per member, in order of the codes.

    `objects`: those on which at least two members acted within the window, most members first;
    `object_members`: how many members of each; `object_counts`: objects of each member; `lags_s`:
    each member's median distance behind the first one. `member_within`, `crowd_within`: the share
    of pairs of uses within the window, of two members and of two others, mean over the objects
    where there are such pairs; `crowd_objects`: where there was a crowd to compare with.
    """

    members: Array
    cores: Array
    degrees: Array
    density: float
    objects: Array
    object_members: Array
    object_counts: Array
    lags_s: Array
    first: int
    last: int
    member_within: float
    crowd_within: float
    crowd_objects: int


def portrait(layer: Layer, window: int, members: Array, pairs: Array) -> Portrait:
    """The portrait of the cluster `members` (sorted codes) joined by some of `pairs`.

    Limits    the crowd is whoever else used the same objects in this collection; where nobody
              did there is nothing to compare with (`crowd_objects` 0)
    """
    inside = pairs[np.isin(pairs, members).all(axis=1)]
    size = len(members)
    degrees = np.bincount(np.searchsorted(members, inside.ravel()), minlength=size)
    marks = np.full(layer.account_count, -1, np.int32)
    marks[members] = np.arange(size)
    spans = [slice(layer.account_starts[one], layer.account_starts[one + 1]) for one in members]
    used = np.unique(np.concatenate([layer.by_account_objects[span] for span in spans]))
    figures, lags, counts = _around(layer, window, marks, used, size)
    shared = figures[:, 0] > 1
    order = np.lexsort((used[shared], -figures[shared, 0]))
    within = figures[shared].astype(np.float64)
    crowd = within[within[:, 4] > 0]
    ours = within[within[:, 2] > 0]
    return Portrait(
        members,
        core_numbers(pairs, members),
        degrees,
        2 * len(inside) / max(1, size * (size - 1)),
        used[shared][order],
        figures[shared, 0][order],
        counts,
        lags,
        int(figures[shared, 5].min(initial=2**62)),
        int(figures[shared, 6].max(initial=0)),
        float((ours[:, 1] / ours[:, 2]).mean()) if len(ours) else 0.0,
        float((crowd[:, 3] / crowd[:, 4]).mean()) if len(crowd) else 0.0,
        len(crowd),
    )


@compiled
def _around(
    layer: Layer, window: int, marks: Array, used: Array, size: int
) -> tuple[Array, Array, Array]:
    """For each object: members within the window, pairs of members and of others; lags behind.

    Columns: members with a partner in the window, member pairs within and all, other pairs within
    and all, first and last time. Lags: for each member the median distance in seconds behind the
    first member of each object; counts: objects of each member with a partner in the window.
    """
    out = np.zeros((len(used), 7), np.int64)
    starts, accounts, times = layer.object_starts, layer.by_object_accounts, layer.by_object_times
    behind = np.full((size, len(used)), np.nan, np.float64)
    counts = np.zeros(size, np.int64)
    met = np.zeros(size, np.bool_)
    for number in range(len(used)):
        low, high = starts[used[number]], starts[used[number] + 1]
        met[:] = False
        _pairs_within(marks, accounts[low:high], times[low:high], window, out[number], met)
        first = np.int64(-1)
        for place in range(low, high):
            member = marks[accounts[place]]
            if member < 0 or not met[member]:
                continue
            if first < 0:
                first = times[place]
                out[number, 5] = first
            out[number, 6] = times[place]
            if np.isnan(behind[member, number]):
                behind[member, number] = (times[place] - first) / 1e6
                counts[member] += 1
                out[number, 0] += 1
    lags = np.full(size, np.nan, np.float64)
    for member in range(size):
        if counts[member]:
            lags[member] = np.nanmedian(behind[member])
    return out, lags, counts


@compiled
def _pairs_within(
    marks: Array, accounts: Array, times: Array, window: int, out: Array, met: Array
) -> None:
    """Pairs within the window among members and among others; linear but for members' pairs."""
    members = others = 0
    first = near = 0
    for late in range(len(accounts)):
        while times[late] - times[first] > window:
            near -= marks[accounts[first]] < 0
            first += 1
        mine = marks[accounts[late]]
        if mine < 0:
            out[3] += near
            out[4] += others
            near += 1
            others += 1
            continue
        out[2] += members
        members += 1
        for early in range(first, late):
            theirs = marks[accounts[early]]
            if theirs >= 0 and theirs != mine:
                out[1] += 1
                met[theirs] = True
                met[mine] = True
