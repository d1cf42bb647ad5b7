"""The cheapest sequence of calm and bursting gaps between posts (Kleinberg's automaton)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


def gaps(times: Reals, precision: float) -> Reals:
    """Seconds between one time and the next, tied times spread evenly over what the clock hides.

    Input     times ascending; precision: the clock's resolution, in seconds
    Output    one less than the times; m posts that share a time lie precision / m apart, and the
              next one is reached after what is left of the way, at least precision / m as well
    """
    return np.asarray(np.diff(untied(times, precision)))


@compiled
def untied(times: Reals, precision: float) -> Reals:
    """The times with those that tie spread over the clock's resolution; see `gaps`."""
    out = times.copy()
    at = 0
    while at < len(times):
        end = at + 1
        while end < len(times) and times[end] == times[at]:
            end += 1
        for place in range(at, end):
            out[place] = times[at] + precision * (place - at) / (end - at)
        at = end
    for place in range(1, len(out)):
        if out[place] <= out[place - 1]:
            out[place] = out[place - 1] + 1e-6
    return out


@compiled
def states(waits: Reals, scaling: float, gamma: float, levels: int) -> Ints:
    """The state of each gap, 0 (calm) to levels - 1, on the cheapest way through them.

    A gap x costs -ln(rate exp(-rate x)) in a state of rate scaling**state * n / T, where n gaps
    take T in all; each step up costs gamma ln n, a step down nothing; before the first gap the
    state is 0. Of two ways that cost the same the calmer one is taken.

    Source    Kleinberg, Bursty and hierarchical structure in streams, KDD 2002; levels = 2 is his
              two-state automaton
    """
    count = len(waits)
    if count == 0:
        return np.zeros(0, np.int64)
    base = count / max(waits.sum(), 1e-9)
    toll = gamma * np.log(count)
    cost = np.full(levels, np.inf)
    cost[0] = 0.0
    came = np.zeros((count, levels), np.int8)
    fresh = np.empty(levels)
    for at in range(count):
        for level in range(levels):
            best, way = np.inf, 0
            for before in range(levels):
                climb = toll * (level - before) if level > before else 0.0
                if cost[before] + climb < best:
                    best, way = cost[before] + climb, before
            rate = base * scaling**level
            fresh[level] = best + rate * waits[at] - np.log(rate)
            came[at, level] = way
        cost[:] = fresh
    out = np.zeros(count, np.int64)
    out[count - 1] = np.argmin(cost)
    for at in range(count - 1, 0, -1):
        out[at - 1] = came[at, out[at]]
    return out


@compiled
def burst_rows(waits: Reals, scaling: float, gamma: float, levels: int) -> Reals:
    """Rows of level, first gap, last gap, weight: the longest runs of gaps at a level or above.

    The weight is what these gaps cost less at the level than at the one below (Kleinberg's).
    """
    found = states(waits, scaling, gamma, levels)
    base = len(waits) / max(waits.sum(), 1e-9)
    out = np.empty((len(waits) * (levels - 1), 4))
    rows = 0
    for level in range(1, levels):
        low, high = base * scaling ** (level - 1), base * scaling**level
        at = 0
        while at < len(waits):
            if found[at] < level:
                at += 1
                continue
            begin, weight = at, 0.0
            while at < len(waits) and found[at] >= level:
                weight += (low - high) * waits[at] + np.log(high / low)
                at += 1
            out[rows, 0], out[rows, 1], out[rows, 2] = level, begin, at - 1
            out[rows, 3] = weight
            rows += 1
    return out[:rows]
