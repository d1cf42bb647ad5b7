"""What followed a call elsewhere, beside calls shifted in time and beside other objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.spread.bursts.states import burst_rows, gaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Reals = npt.NDArray[np.float64]

_DAY_US = 86_400_000_000
_LEAST_NULL = 19


@dataclass(frozen=True, slots=True)
class Sightings:
    """Posts of all objects, sorted by object and time; `starts` says where each begins."""

    starts: Ints
    times: Ints
    places: Ints
    kinds: npt.NDArray[np.object_]

    def elsewhere(self, thing: int, place: int) -> Ints:
        """Times of an object's posts outside of a place, ascending."""
        part = slice(self.starts[thing], self.starts[thing + 1])
        return np.asarray(self.times[part][self.places[part] != place])


@dataclass(frozen=True, slots=True)
class Followed:
    """Counts before and after, the first post and burst elsewhere after, the chance of a null."""

    before: int
    after: int
    first_us: int | None
    burst_us: int | None
    p_shift: float | None
    p_other: float | None

    @property
    def p_value(self) -> float | None:
        """The larger of the two; without the first there is none."""
        if self.p_shift is None:
            return None
        return self.p_shift if self.p_other is None else max(self.p_shift, self.p_other)


def rise(times: Ints, at: Ints, width: int) -> Reals:
    """(after - before) / root(after + before + 1) of each moment, `width` on both sides.

    A post at the very moment is no answer to it and counts as before.
    """
    here = np.searchsorted(times, at, side="right")
    after = np.searchsorted(times, at + width, side="right") - here
    before = here - np.searchsorted(times, at - width, side="left")
    return np.asarray((after - before) / np.sqrt(after + before + 1.0))


def followed(
    seen: Sightings, thing: int, call: tuple[int, int], params: Mapping[str, Any]
) -> Followed:
    """What followed one call for one object; `call` is its place and its moment in microseconds.

    Output    p_shift: share of shifted moments with as large a rise (whole days, where the posts
              elsewhere span 20 days; else anywhere in their span); p_other: share of other objects
              of the kind with as large a rise at the same moment; NULL with fewer than 19 of them
    Limits    both may move because of one event outside; this shows an order in time, no cause,
              and does not show who planned
    """
    place, at = call
    width = round(params["follow_s"] * 1e6)
    times = seen.elsewhere(thing, place)
    here = int(np.searchsorted(times, at, side="right"))
    after = int(np.searchsorted(times, at + width, side="right")) - here
    before = here - int(np.searchsorted(times, at - width, side="left"))
    own = float(rise(times, np.array([at]), width)[0])
    rng = np.random.default_rng([thing, place, at % (1 << 31)])
    return Followed(
        before,
        after,
        int(times[here]) if here < len(times) else None,
        _burst(times, at),
        _share(rise(times, _shifted(times, at, rng, params["shifts"]), width), own),
        _share(_others(seen, thing, call, rng, params), own),
    )


def _share(null: Reals, own: float) -> float | None:
    if len(null) < _LEAST_NULL:
        return None
    return float((1 + (null >= own).sum()) / (1 + len(null)))


def _shifted(times: Ints, at: int, rng: np.random.Generator, count: int) -> Ints:
    """Moments to compare with: the same time of other days, or any within the posts' span."""
    if len(times) < 2:
        return np.empty(0, np.int64)
    low, high = int(times[0]), int(times[-1])
    days = np.arange(-((at - low) // _DAY_US), (high - at) // _DAY_US + 1)
    days = days[days != 0]
    if len(days) >= _LEAST_NULL:
        return np.asarray(at + rng.permutation(days)[:count] * _DAY_US)
    return rng.integers(low, high, count) if high > low else np.empty(0, np.int64)


def _others(
    seen: Sightings, thing: int, call: tuple[int, int], rng: np.random.Generator, params: Any
) -> Reals:
    """The rise of other objects of the kind at the call's moment, where they are posted at all."""
    place, at = call
    alike = np.flatnonzero(seen.kinds == seen.kinds[thing])
    alike = alike[alike != thing]
    width = round(params["follow_s"] * 1e6)
    found = []
    for other in rng.permutation(alike)[: params["others"]] if len(alike) else ():
        times = seen.elsewhere(int(other), place)
        if len(times) and times[0] <= at + width and times[-1] >= at - width:
            found.append(float(rise(times, np.array([at]), width)[0]))
    return np.array(found)


def _burst(times: Ints, at: int) -> int | None:
    """The begin of the first burst elsewhere of which nine tenths of the posts follow the call.

    Calm posts just before a burst belong to it where that is cheaper, hence not all of them.
    """
    if len(times) < 3:
        return None
    waits = gaps((times - times[0]) / 1e6, 1.0)
    here = int(np.searchsorted(times, at, side="right"))
    for _, begin, end, _ in burst_rows(waits, 2.0, 1.0, 2).tolist():
        first, last = int(begin), int(end) + 1
        if last - max(first, here) + 1 >= 0.9 * (last - first + 1):
            return int(times[max(first, here)])
    return None


def corrected(chances: list[float | None]) -> list[float | None]:
    """Benjamini and Hochberg's q-values of the chances that there are."""
    known = np.array([x for x in chances if x is not None])
    if not len(known):
        return list(chances)
    order = np.argsort(known)
    raw = known[order] * len(known) / np.arange(1, len(known) + 1)
    values = np.empty(len(known))
    values[order] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    told = iter(values.tolist())
    return [None if x is None else next(told) for x in chances]
