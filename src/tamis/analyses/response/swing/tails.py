"""Two shapes of error: the normal one, and Student's t with three degrees (heavy tails)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]

TAILS = ("normal", "t3")
_ROOT_3 = math.sqrt(3)
_STEPS = 80


def below(tail: str, value: float) -> float:
    """The share of errors below `value` spreads.

    Source    t with three degrees in closed form: 1/2 + (u/(1+u²) + atan u)/π with u = value/√3;
              it is not rescaled to a variance of one, so its tails are the heavier
    """
    if tail == "normal":
        return 0.5 * math.erfc(-value / math.sqrt(2))
    u = value / _ROOT_3
    return 0.5 + (u / (1 + u * u) + math.atan(u)) / math.pi


def below_all(tail: str, values: Reals) -> Reals:
    """The same for many values."""
    found = np.fromiter((below(tail, float(one)) for one in values.flat), np.float64, values.size)
    return found.reshape(values.shape)


def middles(tail: str, count: int) -> Reals:
    """The values at the middles of `count` equal shares, by bisection: no chance, no seed."""
    found = []
    for rank in range(count):
        share = (rank + 0.5) / count
        low, high = -1.0, 1.0
        while below(tail, low) > share:
            low *= 2
        while below(tail, high) < share:
            high *= 2
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if below(tail, middle) < share else (low, middle)
        found.append((low + high) / 2)
    return np.array(found, np.float64)
