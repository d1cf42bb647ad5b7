"""What a fitted process leaves unexplained: jumps that groups share, clustering, uneven gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled
from tamis.analyses.spread.hawkes.features import hours

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.features import Events, Features, Ints, Reals
    from tamis.analyses.spread.hawkes.fit import Fit

# Widths at which shared jumps are looked for, in seconds.
WIDTHS = (60, 300, 1_200, 3_600)
_MOST_BINS = 200_000


@dataclass(frozen=True, slots=True)
class Misfit:
    """Three figures that grow where the model is wrong; each is read beside that of drawn data.

    Output    together: largest correlation of what two groups have beyond the model in the same
              bin, times the root of the number of bins; lumps: largest variance beyond the
              model's; gaps: largest Kolmogorov distance of rescaled gaps from the exponential
    """

    together: float
    lumps: float
    gaps: float


def misfit(events: Events, seen: Features, found: Fit, rates: Reals) -> Misfit:
    """How far the events are from the fitted process.

    Source    martingale residuals: in a process whose rates depend on the past alone, what two
              groups have beyond their rates is uncorrelated in every bin, whoever drives whom, so
              that a common correlation tells of a cause outside. Rescaled gaps: Brown et al. 2002.
    Limits    the fit swallows part of it, hence the comparison with refitted drawn data
    """
    together, lumps = -np.inf, -np.inf
    width = max(float(WIDTHS[0]), events.span / _MOST_BINS)
    count = max(2, int(events.span / width))
    beyond, expected = _beyond(events, found, rates, count)
    for widest in WIDTHS:
        step = max(1, round(widest * count / events.span))
        kept = count // step
        if kept < 8:
            break
        rest = beyond[:, : kept * step].reshape(len(beyond), kept, step).sum(2)
        due = expected[:, : kept * step].reshape(len(beyond), kept, step).sum(2)
        power = (rest**2).sum(1)
        for one in range(len(rest)):
            lumps = max(lumps, float(power[one] / max(due[one].sum(), 1e-9)))
            for other in range(one):
                scale = np.sqrt(max(power[one] * power[other], 1e-300) / kept)
                together = max(together, float((rest[one] * rest[other]).sum() / scale))
    return Misfit(together, lumps, _gaps(events, seen, found, rates))


def _background(events: Events, found: Fit, edges: Reals) -> Reals:
    """The background's integral from the beginning to each of the edges, by group."""
    grid = np.linspace(0.0, events.span, max(2, int(events.span / 600.0)) + 1)
    middle = (grid[1:] + grid[:-1]) / 2
    place = np.linspace(0.0, events.span, found.knots.shape[1])
    out = np.zeros((events.group_count, len(edges)))
    for group, levels in enumerate(found.knots):
        rate = np.interp(middle, place, levels) * events.rhythm[group, hours(events, middle)]
        total = np.concatenate(([0.0], np.cumsum(rate * np.diff(grid))))
        out[group] = np.interp(edges, grid, total)
    return out


def _beyond(events: Events, found: Fit, rates: Reals, count: int) -> tuple[Reals, Reals]:
    """Events less expected events, and expected ones, by group and bin."""
    edges = np.linspace(0.0, events.span, count + 1)
    due = _background(events, found, edges)
    due += _excited(events.times, events.groups, edges, found.weights, found.mix, rates)
    expected = np.diff(due, axis=1)
    place = np.minimum((events.times * (count / events.span)).astype(np.int64), count - 1)
    seen = np.bincount(events.groups * count + place, minlength=events.group_count * count)
    return seen.reshape(events.group_count, count) - expected, expected


@compiled
def _excited(
    times: Reals, groups: Ints, edges: Reals, weights: Reals, mix: Reals, rates: Reals
) -> Reals:
    """The expected offspring of all events up to each edge, by group."""
    group_count, decays = len(weights), len(rates)
    out = np.zeros((group_count, len(edges)))
    state = np.zeros((group_count, decays))
    born = np.zeros(group_count)
    at, now = 0, 0.0
    for edge in range(len(edges)):
        while at < len(times) and times[at] < edges[edge]:
            for decay in range(decays):
                state[:, decay] *= np.exp(-rates[decay] * (times[at] - now))
            now = times[at]
            state[groups[at]] += 1.0
            born[groups[at]] += 1.0
            at += 1
        for decay in range(decays):
            state[:, decay] *= np.exp(-rates[decay] * (edges[edge] - now))
        now = edges[edge]
        for group in range(group_count):
            grown = born[group] - (mix * state[group]).sum()
            for own in range(group_count):
                out[own, edge] += weights[group, own] * grown
    return out


def _gaps(events: Events, seen: Features, found: Fit, rates: Reals) -> float:
    due = _background(events, found, events.times)
    worst = 0.0
    for own in range(events.group_count):
        mine = events.groups == own
        if mine.sum() < 5:
            continue
        total = due[own, mine]
        for group in range(events.group_count):
            earlier = np.cumsum(events.groups == group) - (events.groups == group)
            grown = earlier[mine] - (seen.pull[mine, group] / rates) @ found.mix
            total = total + found.weights[group, own] * grown
        gaps = np.sort(-np.expm1(-np.diff(total)))
        ranks = np.arange(1, len(gaps) + 1) / len(gaps)
        far = max(np.abs(ranks - gaps).max(), np.abs(ranks - 1 / len(gaps) - gaps).max())
        worst = max(worst, float(far * np.sqrt(len(gaps))))
    return worst
