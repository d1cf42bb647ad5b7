"""Posts of groups that drive each other, or only seem to: known weights for the influence fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.spread.hawkes.features import Events, flat_rhythm
from tamis.analyses.spread.hawkes.invent import Process, draw, radius

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.features import Reals

KINDS = ("driven", "even", "shock", "hidden", "one way", "hidden late")
_DAYS, _DAY = 3, 86_400.0
_MOST_RADIUS = 0.8


@dataclass(frozen=True, slots=True)
class Cascade:
    """Events, and the weights [from, to] by which groups truly drive each other."""

    events: Events
    weights: Reals


def cascade(kind: str, seed: int) -> Cascade:
    """One invented set of a kind of KINDS; the same seed gives the same set.

    Errors    KeyError for another kind
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    made = {"driven": _driven, "even": _even, "shock": _shock, "hidden": _hidden}
    return {**made, "one way": _one_way, "hidden late": _hidden_late}[kind](rng)


def _process(rng: np.random.Generator, weights: Reals, levels: Reals) -> Process:
    """Three days with a daily sine in the background, one exponential kernel."""
    place = np.linspace(0.0, _DAYS, 19)
    wave = 1.0 + 0.8 * np.sin(2.0 * np.pi * (place + rng.uniform()))
    knots = levels[:, None] * wave * rng.uniform(150, 300) / (_DAYS * _DAY)
    rates = 1.0 / np.exp(rng.uniform(np.log(90.0), np.log(1_200.0), 1))
    size = len(weights)
    return Process(weights, rates, np.ones(1), knots, flat_rhythm(size), _DAYS * _DAY)


def _driven(rng: np.random.Generator) -> Cascade:
    weights = np.where(rng.uniform(size=(3, 3)) < 0.5, 0.0, rng.uniform(0.05, 0.35, (3, 3)))
    np.fill_diagonal(weights, rng.uniform(0.1, 0.5, 3))
    weights *= min(1.0, _MOST_RADIUS / radius(weights))
    levels = np.array([1.0, 2.0, 5.0])[rng.permutation(3)]
    return Cascade(draw(_process(rng, weights, levels), rng), weights)


def _even(rng: np.random.Generator) -> Cascade:
    weights = np.diag(rng.uniform(0.1, 0.5, 3))
    return Cascade(draw(_process(rng, weights, np.array([0.5, 2.0, 30.0]) / 2), rng), weights)


def _shock(rng: np.random.Generator) -> Cascade:
    weights = np.diag(rng.uniform(0.1, 0.5, 3))
    calm = draw(_process(rng, weights, np.array([1.0, 2.0, 5.0])), rng)
    times, groups = [calm.times], [calm.groups]
    for begin in rng.uniform(0.0, calm.span * 0.95, 6):
        for group in range(3):
            more = begin + rng.exponential(900.0, rng.poisson(30))
            times.append(more[more < calm.span])
            groups.append(np.full(len(times[-1]), group))
    every, whose = np.concatenate(times), np.concatenate(groups)
    order = np.argsort(every, kind="stable")
    return Cascade(Events(every[order], whose[order], 3, calm.span, calm.rhythm), weights)


def _hidden(rng: np.random.Generator) -> Cascade:
    weights = np.diag([0.3, 0.2, 0.2])
    weights[0, 1:] = rng.uniform(0.3, 0.6)
    whole = draw(_process(rng, weights, np.array([3.0, 1.0, 3.0])), rng)
    seen = whole.groups > 0
    events = Events(whole.times[seen], whole.groups[seen] - 1, 2, whole.span, whole.rhythm[1:])
    return Cascade(events, weights[1:, 1:])


def _hidden_late(rng: np.random.Generator) -> Cascade:
    """The hidden third drives the second group through a fourth that is hidden as well."""
    weights = np.diag([0.3, 0.0, 0.2, 0.2])
    weights[0, 2] = weights[1, 3] = rng.uniform(0.3, 0.6)
    weights[0, 1] = 0.9
    whole = draw(_process(rng, weights, np.array([3.0, 0.01, 1.0, 3.0])), rng)
    seen = whole.groups > 1
    events = Events(whole.times[seen], whole.groups[seen] - 2, 2, whole.span, whole.rhythm[2:])
    return Cascade(events, weights[2:, 2:])


def _one_way(rng: np.random.Generator) -> Cascade:
    weights = np.diag(rng.uniform(0.1, 0.4, 2))
    weights[0, 1] = rng.uniform(0.15, 0.4)
    return Cascade(draw(_process(rng, weights, np.array([2.0, 3.0])), rng), weights)
