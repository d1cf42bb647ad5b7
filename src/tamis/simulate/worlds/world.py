"""What a world is: actions as columns of numbers, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Array: TypeAlias = np.ndarray[Any, Any]

DAY_S = 86_400
START_S = 1_493_596_800  # 2017-05-01T00:00:00Z
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class World:
    """Actions in order of time, who published each object, and the cells.

    `objects`, `accounts`, `times` (µs since 1970) have one entry per action; `origins` and
    `published` one per object: a code for who published it, and when (µs); `cells` lists each
    cell's members.
    """

    objects: Array
    accounts: Array
    times: Array
    origins: Array
    published: Array
    account_count: int
    cells: tuple[tuple[int, ...], ...] = ()

    @property
    def object_count(self) -> int:
        """How many codes of objects there may be."""
        return len(self.origins)

    def planted_pairs(self) -> set[tuple[int, int]]:
        """The pairs of accounts of one cell, the smaller code first."""
        return {
            (one, other)
            for cell in self.cells
            for one in sorted(cell)
            for other in sorted(cell)
            if one < other
        }


def world_of(
    parts: Sequence[tuple[Array, Array, Array]],
    things: tuple[Array, Array],
    account_count: int,
    cells: Sequence[Sequence[int]] = (),
) -> World:
    """The world of several parts, each objects, accounts and seconds since its beginning.

    `things` are the publisher of each object, and when it was published (seconds).
    """
    objects, accounts, seconds = (np.concatenate(column) for column in zip(*parts, strict=True))
    times = ((START_S + seconds) * _MICROSECONDS).astype(np.int64)
    order = np.lexsort((accounts, objects, times))
    return World(
        objects[order].astype(np.int32),
        accounts[order].astype(np.int32),
        times[order],
        things[0].astype(np.int32),
        ((START_S + things[1]) * _MICROSECONDS).astype(np.int64),
        account_count,
        tuple(tuple(int(member) for member in cell) for cell in cells),
    )


def rhythm(seconds: Array, zones: Array) -> Array:
    """How lively the hour is, 0 to 1, for people so many hours ahead of UTC."""
    hour = (seconds / 3600 + zones) % 24
    return np.where(hour < 6, 0.12, np.where(hour < 17, 0.6, 1.0))


def awake(rng: np.random.Generator, births: Array, scales: Array, zones: Array) -> Array:
    """Times of action: an exponential lag after `births`, drawn again where people sleep."""
    times = births + rng.exponential(1.0, len(births)) * scales
    for _ in range(4):
        asleep = np.flatnonzero(rng.random(len(times)) > rhythm(times, zones))
        # Who slept meets the thing later: the lag goes on from where it was.
        again = rng.exponential(1.0, len(asleep)) * scales[asleep]
        times[asleep] += np.minimum(again, 6 * 3600)
    return times
