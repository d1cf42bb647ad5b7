"""The influence fit against its own definition, and small sets with known weights."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tamis.analyses.spread.hawkes.examples import cascade
from tamis.analyses.spread.hawkes.features import Events, features, flat_rhythm
from tamis.analyses.spread.hawkes.fit import fit
from tamis.analyses.spread.hawkes.invent import Process, draw
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


def test_tied_directions_are_the_best_of_all_that_are_equal() -> None:
    """As many direct offspring both ways: tried value by value with both weights held."""
    events = _events(4, 120)
    seen = features(events, RATES, 3)
    sizes = np.bincount(events.groups)
    found = fit(seen, tied=(0, 1))
    assert found.weights[0, 1] * sizes[0] == pytest.approx(found.weights[1, 0] * sizes[1])
    best = -np.inf
    for offspring in np.linspace(0.0, 20.0, 81):
        held = np.full((2, 2), np.nan)
        held[0, 1], held[1, 0] = offspring / sizes[0], offspring / sizes[1]
        best = max(best, fit(seen, held).likelihood)
    assert found.likelihood == pytest.approx(best, abs=0.05)
    assert found.likelihood <= fit(seen).likelihood + 0.01


def _strong(seed: int, weights: list[list[float]]) -> Events:
    size = len(weights)
    flat = np.full((size, 2), 400 / 172_800.0)
    shape = (np.array(weights), np.array([1 / 300.0]), np.ones(1), flat, flat_rhythm(size))
    return draw(Process(*shape, 172_800.0), np.random.default_rng(seed))


def test_one_way_is_called_one_way_and_a_mere_rate_is_not() -> None:
    settings = Settings(replays=10)
    for seed in (1, 2):
        drives = judged(study(_strong(seed, [[0.2, 0.5], [0.0, 0.2]]), (), settings))
        assert drives.called.tolist() == [[False, True], [False, False]]
    for seed in range(200, 203):
        assert not judged(study(cascade("even", seed).events, (), settings)).called.any()


def test_two_that_a_hidden_third_drives_are_not_called() -> None:
    """Both follow each other beyond doubt, and neither way prevails."""
    for seed in (1, 2):
        whole = _strong(seed, [[0.2, 0.8, 0.8], [0.0, 0.2, 0.0], [0.0, 0.0, 0.2]])
        kept = whole.groups > 0
        events = Events(whole.times[kept], whole.groups[kept] - 1, 2, whole.span, whole.rhythm[1:])
        found = study(events, (), Settings(replays=10))
        told = judged(found)
        assert told.family[0, 1] < 0.001
        assert told.family[1, 0] < 0.05
        assert found.order_p[0, 1] + found.order_p[1, 0] == pytest.approx(1.0)
        assert min(found.order_p[0, 1], found.order_p[1, 0]) > 0.01
        assert not told.called.any()


def test_a_weight_that_is_sure_without_an_order_is_not_identifiable() -> None:
    """The same figures, once with the order in time one-sided and once without."""
    events = _strong(1, [[0.2, 0.5], [0.0, 0.2]])
    found = study(events, (), Settings(replays=10))
    alike = replace(found, order_p=np.ones((2, 2)))
    told = judged(alike)
    assert judged(found).status == "estimated"
    assert told.status == "not_identifiable"
    assert "not clearly more one way" in told.reason
    assert told.unclear[0, 1]
    assert not told.called.any()


def test_a_common_shock_is_not_identifiable() -> None:
    told = [judged(study(cascade("shock", seed).events, (), Settings())) for seed in (210, 211)]
    assert [one.status for one in told] == ["not_identifiable"] * 2
    assert "outside" in told[0].reason
    assert not any(one.called.any() for one in told)
