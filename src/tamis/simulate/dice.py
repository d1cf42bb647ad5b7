"""Chance that falls the same way on every machine.

Only `random.Random.random()` and `getrandbits()` are used, whose sequences Python guarantees
for a seed, and only arithmetic that IEEE 754 fixes: no logarithm, no power, no set order.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_MASK = (1 << 64) - 1


def mixed(number: int) -> int:
    """64 bits that look random and depend on `number` alone (the finaliser of SplitMix64)."""
    z = (number + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def seed_for(seed: int, *purpose: object) -> int:
    """A number for one purpose, so that more chance in one room never shifts another room's."""
    text = ":".join([str(seed), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


class Weighted(Generic[T]):
    """Things with whole-number weights, ready for `Dice.weighted`."""

    __slots__ = ("things", "totals")

    def __init__(self, pairs: Sequence[tuple[T, int]]) -> None:
        self.things = tuple(thing for thing, _ in pairs)
        self.totals = tuple(accumulate(weight for _, weight in pairs))


class Dice:
    """One seeded stream of chance for one purpose."""

    def __init__(self, seed: int, *purpose: object) -> None:
        self._random = random.Random(seed_for(seed, *purpose))
        self.unit = self._random.random
        self.bits = self._random.getrandbits

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.unit() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in this share of throws."""
        return self.unit() < share

    def pick(self, things: Sequence[T]) -> T:
        """One of the things, each as likely."""
        return things[int(self.unit() * len(things))]

    def weighted(self, things: Weighted[T]) -> T:
        """One of the things, by weight."""
        return things.things[bisect_right(things.totals, int(self.unit() * things.totals[-1]))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All the things in a new order (Fisher and Yates)."""
        out = list(things)
        for i in range(len(out) - 1, 0, -1):
            j = int(self.unit() * (i + 1))
            out[i], out[j] = out[j], out[i]
        return out

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """`count` different things, in a new order."""
        return self.shuffled(things)[:count]

    def tail(self, scale: float, most: float) -> float:
        """A waiting time with a heavy tail: median `scale`, never above `most` (Lomax, shape 1)."""
        u = self.unit()
        return min(most, scale * u / (1.0 - u))

    def hexadecimal(self, digits: int) -> str:
        """That many random hex digits."""
        return f"{self.bits(digits * 4):0{digits}x}"


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` split by whole-number weights, rounded so that the parts add up exactly."""
    everything = sum(weights)
    parts: list[int] = []
    running = given = 0
    for weight in weights:
        running += weight
        upto = total * running // everything
        parts.append(upto - given)
        given = upto
    return parts
