"""Events drawn from a process with known weights, as families of parents and offspring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.spread.hawkes.features import Events, hours

if TYPE_CHECKING:
    from tamis.analyses.spread.hawkes.features import Reals

_GENERATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Process:
    """A process: weights [from, to], decays with their shares, background at evenly spaced knots.

    Background and rhythm as in `Fit` and `Events`.
    """

    weights: Reals
    rates: Reals
    mix: Reals
    knots: Reals
    rhythm: Reals
    span: float
    first_hour: float = 0.0


def draw(process: Process, rng: np.random.Generator, most: int = 1_000_000) -> Events:
    """The events of one run of the process; more than `most` are cut at the generation.

    Errors    ValueError where each event has one or more offspring on average: no end then.
    """
    if radius(process.weights) >= 1.0:
        raise ValueError("each event has at least one offspring on average")
    group_count = len(process.weights)
    times, groups = _immigrants(process, rng)
    all_times, all_groups = [times], [groups]
    total = len(times)
    for _ in range(_GENERATIONS):
        times, groups = _offspring(process, times, groups, rng)
        total += len(times)
        if not len(times) or total > most:
            break
        all_times.append(times)
        all_groups.append(groups)
    times, groups = np.concatenate(all_times), np.concatenate(all_groups)
    order = np.argsort(times, kind="stable")
    return Events(
        times[order],
        groups[order].astype(np.int64),
        group_count,
        process.span,
        process.rhythm,
        process.first_hour,
    )


def radius(weights: Reals) -> float:
    """The mean number of offspring in the long run (largest eigenvalue); 1 or more never ends."""
    return float(np.abs(np.linalg.eigvals(weights)).max())


def _immigrants(process: Process, rng: np.random.Generator) -> tuple[Reals, Reals]:
    """Events without a parent, by thinning."""
    knots = process.knots.shape[1]
    times, groups = [], []
    for group, levels in enumerate(process.knots):
        top = float(levels.max() * process.rhythm[group].max())
        drawn = rng.uniform(0.0, process.span, rng.poisson(top * process.span))
        place = np.linspace(0.0, process.span, knots)
        shell = Events(
            drawn, np.empty(0, np.int64), 0, process.span, process.rhythm, process.first_hour
        )
        level = np.interp(drawn, place, levels) * process.rhythm[group, hours(shell, drawn)]
        kept = drawn[rng.uniform(0.0, max(top, 1e-300), len(drawn)) < level]
        times.append(kept)
        groups.append(np.full(len(kept), group))
    return np.concatenate(times), np.concatenate(groups)


def _offspring(
    process: Process, times: Reals, groups: Reals, rng: np.random.Generator
) -> tuple[Reals, Reals]:
    born, where = [], []
    for group in range(len(process.weights)):
        counts = rng.poisson(process.weights[groups, group])
        parents = np.repeat(times, counts)
        decay = rng.choice(len(process.rates), len(parents), p=process.mix)
        at = parents + rng.exponential(1.0, len(parents)) / process.rates[decay]
        born.append(at[at < process.span])
        where.append(np.full(len(born[-1]), group))
    return np.concatenate(born), np.concatenate(where)
