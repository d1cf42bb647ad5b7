"""Weights, kernel and background of the process that makes the events most likely (EM)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.features import Features, Ints, Reals

MOST_ROUNDS = 2_000
_CLOSE = 1e-7
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Fit:
    """One fitted process.

    Output    weights [from, to]: expected direct offspring of one event; mix: shares of the
              basis decays in the kernel, sum 1; knots [group, knot]: background per second;
              caused [from, to]: events on `to` whose parent is on `from`, expected; background
              [group]: events without a parent in the data; likelihood: its logarithm
    """

    weights: Reals
    mix: Reals
    knots: Reals
    caused: Reals
    background: Reals
    likelihood: float


def fit(seen: Features, held: Reals | None = None) -> Fit:
    """The maximum of the likelihood, by expectation and maximisation over who caused whom.

    Input     held [from, to]: the value a weight must keep, NaN where it is free; all are free,
              if left out
    Source    Hawkes 1971; EM over the branching as in Veen and Schoenberg 2008; a background of
              several steps beside it as in Lewis and Mohler 2011. Ours is piecewise linear, and
              the kernel a mixture of exponentials whose decays are fixed and shares shared.
    """
    groups, decays = seen.reach.shape
    kept = np.full((groups, groups), np.nan) if held is None else np.asarray(held, np.float64)
    sizes = np.bincount(seen.groups, minlength=groups).astype(np.float64)
    weights = np.where(np.isnan(kept), 0.5 / groups, kept)
    mix = np.full(decays, 1.0 / decays)
    knots = np.repeat((0.5 * sizes / seen.area.sum(1))[:, None], seen.area.shape[1], 1)
    caused = np.zeros((groups, groups))
    background = np.zeros(groups)
    parts = (seen.groups, seen.pull, seen.reach, seen.left, seen.share, seen.beat, seen.area)
    likelihood = _climb(*parts, kept, weights, mix, knots, caused, background, MOST_ROUNDS, _CLOSE)
    return Fit(weights, mix, knots, caused, background, likelihood)


@compiled
def _climb(  # noqa: PLR0913  # compiled: arrays stand alone
    groups: Ints,
    pull: Reals,
    reach: Reals,
    left: Ints,
    share: Reals,
    beat: Reals,
    area: Reals,
    held: Reals,
    weights: Reals,
    mix: Reals,
    knots: Reals,
    caused: Reals,
    background: Reals,
    rounds: int,
    close: float,
) -> float:
    """The log-likelihood; weights, mix, knots, caused and background are filled in place."""
    count, group_count, decays = pull.shape
    known = -np.inf
    for _ in range(rounds):
        of_knots = np.zeros_like(knots)
        of_mix = np.zeros(decays)
        caused[:] = 0.0
        background[:] = 0.0
        score = 0.0
        for at in range(count):
            own = groups[at]
            low = knots[own, left[at]] * (1.0 - share[at]) * beat[at]
            high = knots[own, left[at] + 1] * share[at] * beat[at]
            rate = low + high
            for group in range(group_count):
                weight = weights[group, own]
                if weight > 0.0:
                    for decay in range(decays):
                        rate += weight * mix[decay] * pull[at, group, decay]
            rate = max(rate, 1e-300)
            score += np.log(rate)
            of_knots[own, left[at]] += low / rate
            of_knots[own, left[at] + 1] += high / rate
            background[own] += (low + high) / rate
            for group in range(group_count):
                weight = weights[group, own]
                if weight > 0.0:
                    for decay in range(decays):
                        part = weight * mix[decay] * pull[at, group, decay] / rate
                        caused[group, own] += part
                        of_mix[decay] += part
        score -= (knots * area).sum() + _spent(weights, mix, reach)
        for group in range(group_count):
            for knot in range(area.shape[1]):
                if area[group, knot] > 0.0:
                    knots[group, knot] = of_knots[group, knot] / area[group, knot]
        total = 0.0
        for decay in range(decays):
            spent = 0.0
            for group in range(group_count):
                spent += weights[group].sum() * reach[group, decay]
            if spent > 0.0:
                mix[decay] = of_mix[decay] / spent
            total += mix[decay]
        if total > 0.0:
            mix /= total
        for group in range(group_count):
            reached = (mix * reach[group]).sum()
            for own in range(group_count):
                if np.isnan(held[group, own]):
                    weights[group, own] = caused[group, own] / reached if reached > 0.0 else 0.0
        if score - known < close * max(1.0, abs(score)):
            known = score
            break
        known = score
    return known


@compiled
def _spent(weights: Reals, mix: Reals, reach: Reals) -> float:
    total = 0.0
    for group in range(weights.shape[0]):
        total += weights[group].sum() * (mix * reach[group]).sum()
    return total
