"""From one pair's p-value to what may be said of it among all pairs there could have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

PRINTED_LEAST = 1e-6
_STEPS = 24
_LARGEST_INFLATION = 8.0
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Inflation:
    """How much more often small p-values came up where there is nothing to find.

    `factor` 1 is as promised; 2 means that a p-value of 1e-8 is worth 1e-4. `placebo_count`:
    pairs of the placebo with a p-value; `test_count`: pairs that could have had one; `smallest`:
    the smallest p-value of the placebo.
    """

    factor: float
    placebo_count: int
    test_count: int
    smallest: float


def possible_pairs(accounts: int) -> int:
    """How many pairs so many accounts can form: every one of them could have been accused."""
    return accounts * (accounts - 1) // 2


def family_wise(chances: Array, tests: int) -> Array:
    """Holm's step-down p-values over `tests` tests, of which only these have been looked at.

    Missing   tests without an entry are taken to have p = 1, so choosing pairs by their weight
              beforehand costs nothing in validity
    Source    Holm 1979: the family-wise error is controlled under any dependence
    """
    order = np.argsort(chances, kind="stable")
    left = np.maximum(tests - np.arange(len(chances)), 1)
    out = np.empty(len(chances), np.float64)
    out[order] = np.minimum(1.0, np.maximum.accumulate(chances[order] * left))
    return out


def false_discovery(chances: Array, tests: int) -> Array:
    """Benjamini and Hochberg's q-values over `tests` tests, of which only these were looked at.

    Limits    the share of false pairs among those called is controlled where p-values of honest
              pairs are independent or positively dependent, which pairs of one group are
    """
    order = np.argsort(chances, kind="stable")
    ranked = chances[order] * tests / np.arange(1, len(chances) + 1)
    out = np.empty(len(chances), np.float64)
    out[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    return out


def inflation(placebo: Array, tests: int) -> Inflation:
    """The inflation factor that a placebo shows.

    The smallest factor f >= 1 with which p^(1/f) keeps its promise on the placebo: at each of the
    levels 10^-1 ... 1/tests the number of p-values below stays at or under what is expected plus
    three standard deviations of a Poisson number, and one.

    Input     placebo: p-values of pairs where no coordination can be (objects that have nothing
              to do with the matter; or `shifted` times), `tests` possible pairs
    Source    genomic control (Devlin and Roeder 1999), on the tail instead of the median, since
              these p-values are discrete and only their tail decides
    Limits    a placebo shows only those confounders that it shares: shifted times break what
              makes people react at once, unrelated objects keep it
    """
    known = np.sort(placebo[np.isfinite(placebo)])
    smallest = float(known[0]) if len(known) else 1.0
    levels = np.logspace(-1, -np.log10(max(tests, 10)), _STEPS)
    allowed = np.floor(levels * tests + 3 * np.sqrt(levels * tests) + 1).astype(np.int64)
    factor = 1.0
    for level, most in zip(levels.tolist(), allowed.tolist(), strict=True):
        if len(known) > most:
            # The first p-value too many must come to stand above the level.
            surplus = max(float(known[most]), 1e-300)
            if surplus < level:
                factor = max(factor, np.log(surplus) / np.log(level))
    return Inflation(min(float(factor), _LARGEST_INFLATION), len(known), tests, smallest)


def deflated(chances: Array, found: Inflation) -> Array:
    """The p-values after the placebo has had its say: p^(1/factor)."""
    return np.asarray(np.power(chances, 1.0 / max(1.0, found.factor)))


def shifted(accounts: Array, times: Array, window: int, seed: int) -> Array:
    """Placebo times: what each account did in one half hour moved together, by a random distance.

    Distances lie between 3 and 12 windows (at least between 5 and 60 minutes) either way, anew
    for every account and half hour of the clock; so bursts, hours, the order within sessions and
    choices stay nearly as they are, and only acting at the same moment is broken.
    """
    rng = np.random.default_rng([seed, 3])
    halves = times // (1_800 * _SECOND)
    halves -= halves.min(initial=0)
    key = accounts.astype(np.int64) * (int(halves.max(initial=0)) + 1) + halves
    _, session = np.unique(key, return_inverse=True)
    count = int(session.max(initial=-1)) + 1
    least, most = max(3 * window, 300 * _SECOND), max(12 * window, 3_600 * _SECOND)
    moved = rng.integers(least, most, count) * np.where(rng.random(count) < 0.5, -1, 1)
    return np.asarray(times + moved[session])
