"""One set of events studied: weights with intervals, tests, and whether they can be told at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.spread.hawkes.checks import misfit
from tamis.analyses.spread.hawkes.features import Events, features
from tamis.analyses.spread.hawkes.fit import Fit, fit
from tamis.analyses.spread.hawkes.invent import Process, draw, radius

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.checks import Misfit
    from tamis.analyses.spread.hawkes.features import Features, Reals

_HOUR = 3_600.0
# Half the chi-squared quantile's root for a 90 % interval of one weight.
_LIKELY = 1.6449
_MOST_RADIUS = 0.95


@dataclass(frozen=True, slots=True)
class Settings:
    """How a set is studied: mean delays of the basis, knots of the background, drawn sets.

    `replays` drawn sets calibrate intervals and tests; `knot_h` is how far the knots lie apart at
    least, `knot_events` how many events there are for each knot at least.
    """

    delays_s: tuple[float, ...] = (60.0, 300.0, 1_500.0)
    knot_h: float = 6.0
    knot_events: int = 20
    replays: int = 40
    jobs: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Study:
    """What came out.

    Output    fit; low, high [from, to]: 90 % interval of each weight; p_value [from, to]: that
              this weight is 0; order_p [from, to]: that the target led to as many posts of the
              source as the other way round, 1 on the diagonal; together, lumps, gaps: share of
              drawn sets that fit as badly (see `Misfit`); jitter [from, to]: largest change of a
              weight when times are moved within their resolution; radius: offspring in the long
              run
    """

    fit: Fit
    low: Reals
    high: Reals
    p_value: Reals
    order_p: Reals
    together: float
    lumps: float
    gaps: float
    jitter: Reals
    radius: float


def knot_count(events: Events, settings: Settings) -> int:
    """How many knots the background has: one every six hours, fewer where events are few."""
    by_time = round(events.span / (settings.knot_h * _HOUR))
    by_events = len(events.times) // (settings.knot_events * events.group_count)
    return max(1, min(by_time, by_events)) + 1


def study(events: Events, moved: tuple[Events, ...], settings: Settings) -> Study:
    """The weights of one set of events, with 90 % intervals and tests.

    Input     moved: the same events with their times drawn anew within their resolution
    Source    signed roots of the likelihood ratio; their mean and spread in a parametric bootstrap
              (refitted replays) set the limits where these are wider than the normal law's; for a
              weight of 0 the half-half mixture of Self and Liang 1987, under this background and
              one of twice as many knots, the larger p-value of the two (a rhythm that few knots
              do not follow reads as groups that follow each other)
    Limits    the intervals are those of the model: they say nothing of a cause it does not hold.
              A source outside the data that reaches both groups after like delays makes them
              follow each other alike, which `order_p` tells; one that reaches the second group
              later than the first makes the order in time one-sided, and nothing here tells that
              from influence.
    """
    rates = 1.0 / np.asarray(settings.delays_s)
    knots = knot_count(events, settings)
    seen = features(events, rates, knots)
    found = fit(seen)
    drawn = _Replays(events, found, rates, knots, settings)
    inner, outer = drawn.inner, drawn.outer
    low, high = _intervals(seen, found, inner, outer)
    again = [fit(features(one, rates, knots)).weights for one in moved]
    apart = [np.abs(one - found.weights) for one in again]
    told = misfit(events, seen, found, rates)
    together, lumps, gaps = drawn.shares(np.array([told.together, told.lumps, told.gaps]))
    return Study(
        found,
        low,
        high,
        np.maximum(_chances(seen, found), _finer(events, rates, knots)),
        _orders(seen, found),
        *(together, lumps, gaps),
        np.max(apart, axis=0) if apart else np.zeros_like(low),
        radius(found.weights),
    )


def root(seen: Features, found: Fit, one: int, other: int, value: float) -> float:
    """The signed root of twice what the log-likelihood loses when the weight must be `value`."""
    held = np.full(found.weights.shape, np.nan)
    held[one, other] = value
    lost = found.likelihood - fit(seen, held, found).likelihood
    sign = 1.0 if found.weights[one, other] >= value else -1.0
    return sign * sqrt(max(0.0, 2.0 * lost))


class _Replays:
    """Sets drawn from the fitted process and fitted again; every second one gives signed roots."""

    def __init__(
        self, events: Events, found: Fit, rates: Reals, knots: int, settings: Settings
    ) -> None:
        """Draw and fit them all."""
        weights = found.weights * min(1.0, _MOST_RADIUS / max(radius(found.weights), 1e-9))
        shape = (weights, rates, found.mix, found.knots, events.rhythm)
        process = Process(*shape, events.span, events.first_hour)

        def one(number: int) -> tuple[Reals | None, Misfit] | None:
            drawn = draw(process, np.random.default_rng([settings.seed, number]))
            if len(drawn.times) < 2:
                return None
            seen = features(drawn, rates, knots)
            again = fit(seen)
            roots = _roots(seen, again, weights) if number % 2 == 0 else None
            return roots, misfit(drawn, seen, again, rates)

        with ThreadPoolExecutor(settings.jobs) as pool:
            replayed = [x for x in pool.map(one, range(settings.replays)) if x is not None]
        told = [(worse.together, worse.lumps, worse.gaps) for _, worse in replayed]
        self._told = np.array(told).reshape(-1, 3)
        spread = np.array([roots for roots, _ in replayed if roots is not None])
        self.inner, self.outer = np.full_like(weights, -_LIKELY), np.full_like(weights, _LIKELY)
        if len(spread) > 1:
            middle, width = spread.mean(0), spread.std(0, ddof=1)
            self.inner = np.minimum(middle - _LIKELY * width, -_LIKELY)
            self.outer = np.maximum(middle + _LIKELY * width, _LIKELY)

    def shares(self, seen: Reals) -> tuple[float, float, float]:
        """The share of drawn sets, the seen one counted in, that are as bad or worse."""
        one, two, three = (1 + (self._told >= seen).sum(0)) / (1 + len(self._told))
        return float(one), float(two), float(three)


def _roots(seen: Features, found: Fit, truth: Reals) -> Reals:
    size = range(len(truth))
    return np.array([[root(seen, found, a, b, float(truth[a, b])) for b in size] for a in size])


def _intervals(seen: Features, found: Fit, inner: Reals, outer: Reals) -> tuple[Reals, Reals]:
    """For each weight the least and largest value whose signed root lies between the quantiles."""
    low, high = np.zeros_like(found.weights), np.zeros_like(found.weights)
    for one in range(len(low)):
        for other in range(len(low)):
            best = float(found.weights[one, other])
            low[one, other] = _edge(seen, found, (one, other), best, float(outer[one, other]))
            high[one, other] = _edge(seen, found, (one, other), best, float(inner[one, other]))
    return low, high


def _edge(seen: Features, found: Fit, pair: tuple[int, int], best: float, wanted: float) -> float:
    """The value at which the signed root is `wanted`, by halving; 0 where it never is, below."""
    down = wanted > 0
    if down and root(seen, found, *pair, 0.0) <= wanted:
        return 0.0
    step = max(0.05, 0.25 * best)
    inside, outside = best, 0.0 if down else best + step
    while not down and root(seen, found, *pair, outside) > wanted and outside < best + 16.0:
        inside, step = outside, 2 * step
        outside = inside + step
    for _ in range(9):
        middle = 0.5 * (inside + outside)
        if abs(root(seen, found, *pair, middle)) < abs(wanted):
            inside = middle
        else:
            outside = middle
    return outside


def _finer(events: Events, rates: Reals, knots: int) -> Reals:
    """The same chances with a background of twice as many knots."""
    seen = features(events, rates, 2 * (knots - 1) + 1)
    return _chances(seen, fit(seen))


def _orders(seen: Features, found: Fit) -> Reals:
    """The chance that offspring run one way so much more than back, if both ways are alike.

    Source    likelihood ratio of the fit with as many direct offspring of either group on the
              other. Where two groups only receive what a third sends, after like delays, their
              correlation is the same at a lag and at its negative, so that neither way prevails;
              where one drives the other it stands on one side.
    """
    out = np.ones_like(found.weights)
    for one in range(len(out)):
        for other in range(one):
            lost = found.likelihood - fit(seen, tied=(one, other)).likelihood
            far = sqrt(max(0.0, lost))
            if found.caused[one, other] < found.caused[other, one]:
                far = -far
            out[one, other], out[other, one] = 0.5 * erfc(far), 0.5 * erfc(-far)
    return out


def _chances(seen: Features, found: Fit) -> Reals:
    """The chance of so much likelihood from a weight that is 0, for each pair of groups."""
    out = np.ones_like(found.weights)
    for one in range(len(out)):
        for other in range(len(out)):
            out[one, other] = 0.5 * erfc(root(seen, found, one, other, 0.0) / sqrt(2.0))
    return out
