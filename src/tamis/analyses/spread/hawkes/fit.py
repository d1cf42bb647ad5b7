"""Weights, kernel and background of the process that makes the events most likely (EM)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.features import Features, Ints, Reals

MOST_LEAPS = 300
# A leap (two rounds and a jump) that gains less in the log-likelihood is the last.
_CLOSE = 1e-3


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


def fit(
    seen: Features,
    held: Reals | None = None,
    start: Fit | None = None,
    tied: tuple[int, int] | None = None,
) -> Fit:
    """The maximum of the likelihood, by expectation and maximisation over who caused whom.

    Input     held [from, to]: the value a weight must keep, NaN where it is free; all are free,
              if left out. start: a fit to set out from. tied: two groups that must have as many
              direct offspring on each other (weight times events of the group) both ways
    Source    Hawkes 1971; EM over the branching as in Veen and Schoenberg 2008; a background of
              several steps beside it as in Lewis and Mohler 2011. Ours is piecewise linear, and
              the kernel a mixture of exponentials whose decays are fixed and shares shared.
              Rounds are sped up as in Varadhan and Roland 2008 (SQUAREM).
    """
    groups, decays = seen.reach.shape
    kept = np.full((groups, groups), np.nan) if held is None else np.asarray(held, np.float64)
    sizes = np.bincount(seen.groups, minlength=groups).astype(np.float64)
    if start is None:
        weights, mix = np.full((groups, groups), 0.5 / groups), np.full(decays, 1.0 / decays)
        knots = np.repeat((0.5 * sizes / seen.area.sum(1))[:, None], seen.area.shape[1], 1)
    else:
        weights, mix, knots = start.weights + 1e-4, start.mix + 1e-4, start.knots + 1e-9
    weights = np.where(np.isnan(kept), weights, kept)
    place = np.concatenate((weights.ravel(), mix / mix.sum(), knots.ravel()))
    parts = (seen.groups, seen.pull, seen.reach, seen.left, seen.share, seen.beat, seen.area)
    bound = np.asarray((-1, -1) if tied is None else tied, np.int64)
    caused, background = np.zeros((groups, groups)), np.zeros(groups)
    likelihood = _climb((*parts, kept, bound, sizes), place, caused, background, MOST_LEAPS, _CLOSE)
    first, second = groups * groups, groups * groups + decays
    return Fit(
        place[:first].reshape(groups, groups),
        place[first:second],
        place[second:].reshape(groups, -1),
        caused,
        background,
        likelihood,
    )


@compiled
def _climb(
    seen: tuple[Any, ...],
    place: Reals,
    caused: Reals,
    background: Reals,
    leaps: int,
    close: float,
) -> float:
    """The log-likelihood; `place`, `caused` and `background` are filled in place."""
    one, two, far = np.empty_like(place), np.empty_like(place), np.empty_like(place)
    known = -np.inf
    for _ in range(leaps):
        score = _round(seen, place, one, caused, background)
        middle = _round(seen, one, two, caused, background)
        if middle - known < close and known > -np.inf:
            break
        known = middle
        bend = two - one - (one - place)
        length = np.sqrt(((one - place) ** 2).sum() / max((bend**2).sum(), 1e-300))
        if length <= 1.0 or score > middle + 1e-9:
            place[:] = two
            continue
        far[:] = place + 2.0 * length * (one - place) + length**2 * bend
        for at in range(len(far)):
            if far[at] <= 0.0:
                far[at] = 0.1 * two[at]
        reached = _round(seen, far, one, caused, background)
        if np.isfinite(reached) and reached > middle:
            place[:] = one
        else:
            place[:] = two
    score = _round(seen, place, one, caused, background)
    return float(score)


@compiled
def _round(  # noqa: C901  # one pass over the events, compiled
    seen: tuple[Any, ...], place: Reals, out: Reals, caused: Reals, background: Reals
) -> float:
    """The log-likelihood at `place`; `out` becomes the next place, with expected parents."""
    groups, pull, reach, left, share, beat, area, held, tied, sizes = seen
    count, group_count, decays = pull.shape
    first, second = group_count * group_count, group_count * group_count + decays
    weights = place[:first].reshape(group_count, group_count)
    mix = place[first:second]
    knots = place[second:].reshape(area.shape)
    new_weights = out[:first].reshape(group_count, group_count)
    new_knots = out[second:].reshape(area.shape)
    of_mix = np.zeros(decays)
    new_knots[:] = 0.0
    caused[:] = 0.0
    background[:] = 0.0
    score = 0.0
    for at in range(count):
        own = groups[at]
        low = knots[own, left[at]] * (1.0 - share[at]) * beat[at]
        high = knots[own, left[at] + 1] * share[at] * beat[at]
        rate = low + high
        for group in range(group_count):
            for decay in range(decays):
                rate += weights[group, own] * mix[decay] * pull[at, group, decay]
        rate = max(rate, 1e-300)
        score += np.log(rate)
        new_knots[own, left[at]] += low / rate
        new_knots[own, left[at] + 1] += high / rate
        background[own] += (low + high) / rate
        for group in range(group_count):
            for decay in range(decays):
                part = weights[group, own] * mix[decay] * pull[at, group, decay] / rate
                caused[group, own] += part
                of_mix[decay] += part
    score -= (knots * area).sum()
    total = 0.0
    for decay in range(decays):
        spent = 0.0
        for group in range(group_count):
            spent += weights[group].sum() * reach[group, decay]
        score -= mix[decay] * spent
        out[first + decay] = of_mix[decay] / spent if spent > 0.0 else mix[decay]
        total += out[first + decay]
    out[first:second] /= max(total, 1e-300)
    for group in range(group_count):
        reached = (out[first:second] * reach[group]).sum()
        for own in range(group_count):
            if np.isnan(held[group, own]):
                new_weights[group, own] = caused[group, own] / max(reached, 1e-300)
            else:
                new_weights[group, own] = held[group, own]
        for knot in range(area.shape[1]):
            new_knots[group, knot] = new_knots[group, knot] / max(area[group, knot], 1e-300)
    _tie(new_weights, caused, out[first:second], reach, tied, sizes)
    return float(score)


@compiled
def _tie(weights: Reals, caused: Reals, mix: Reals, reach: Reals, tied: Ints, sizes: Reals) -> None:
    """The weights of the tied pair, if there is one: as many direct offspring both ways."""
    one, other = tied[0], tied[1]
    if one < 0:
        return
    spent = (mix * reach[one]).sum() / sizes[one] + (mix * reach[other]).sum() / sizes[other]
    both = (caused[one, other] + caused[other, one]) / max(spent, 1e-300)
    weights[one, other] = both / sizes[one]
    weights[other, one] = both / sizes[other]
