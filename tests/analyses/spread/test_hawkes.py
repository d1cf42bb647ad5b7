"""The influence fit against its own definition, and small sets with known weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tamis.analyses.spread.hawkes.examples import cascade
from tamis.analyses.spread.hawkes.features import Events, features, flat_rhythm
from tamis.analyses.spread.hawkes.fit import fit
from tamis.analyses.spread.hawkes.reading import judged
from tamis.analyses.spread.hawkes.study import Settings, study

RATES = np.array([1 / 60.0, 1 / 600.0])


def _events(seed: int, count: int = 60) -> Events:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 7_200, count))
    return Events(times, rng.integers(0, 2, count), 2, 7_200.0, flat_rhythm(2))


def _likelihood(events: Events, weights: np.ndarray, mix: np.ndarray, knots: np.ndarray) -> float:
    """The log-likelihood as it is defined, event by event, the integral in closed form."""
    place = np.linspace(0, events.span, knots.shape[1])
    total = 0.0
    for at, (time, own) in enumerate(zip(events.times, events.groups, strict=True)):
        rate = np.interp(time, place, knots[own])
        for before, whose in zip(events.times[:at], events.groups[:at], strict=True):
            kernel = (mix * RATES * np.exp(-RATES * (time - before))).sum()
            rate += weights[whose, own] * kernel
        total += math.log(rate)
        reached = (mix * (1 - np.exp(-RATES * (events.span - time)))).sum()
        total -= weights[own].sum() * reached
    return total - float(np.trapezoid(knots, place, axis=1).sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_is_that_of_the_definition_and_no_step_raises_it(seed: int) -> None:
    events = _events(seed)
    seen = features(events, RATES, 3)
    found = fit(seen)
    slow = _likelihood(events, found.weights, found.mix, found.knots)
    assert found.likelihood == pytest.approx(slow, abs=0.02)
    rng = np.random.default_rng(seed)
    for _ in range(40):
        weights = found.weights * rng.uniform(0.8, 1.25, (2, 2)) + rng.uniform(0, 0.02, (2, 2))
        knots = found.knots * rng.uniform(0.9, 1.1, found.knots.shape)
        assert _likelihood(events, weights, found.mix, knots) < found.likelihood + 0.05


def test_every_event_has_a_parent_or_none() -> None:
    found = fit(features(_events(9, 200), RATES, 3))
    sizes = np.bincount(_events(9, 200).groups)
    assert found.caused.sum(0) + found.background == pytest.approx(sizes)
    assert found.mix.sum() == pytest.approx(1.0)


def test_one_way_is_called_one_way_and_a_mere_rate_is_not() -> None:
    settings = Settings(replays=20)
    ways, mere = [], []
    for seed in range(200, 204):
        ways.append(judged(study(cascade("one way", seed).events, (), settings)).called)
        mere.append(judged(study(cascade("even", seed).events, (), settings)).called)
    assert sum(bool(called[0, 1]) for called in ways) >= 2
    assert not any(called[1, 0] for called in ways)
    assert sum(bool(called.any()) for called in mere) <= 1


def test_a_common_shock_is_not_identifiable() -> None:
    told = [judged(study(cascade("shock", seed).events, (), Settings())) for seed in (210, 211)]
    assert [one.status for one in told] == ["not_identifiable"] * 2
    assert "outside" in told[0].reason
    assert not any(one.called.any() for one in told)
