"""What a fit needs of a row of events: the pull of earlier events, and the background's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_HOUR = 3_600.0
# Knots of the background lie at least so far apart, and each spans so many events of a mean group.
KNOT_S = 4 * _HOUR
KNOT_EVENTS = 20
# Points at which the daily rhythm is summed up between two knots.
_STEP_S = 600.0


@dataclass(frozen=True, slots=True)
class Events:
    """Events in ascending order: seconds since the beginning, the group of each, and the span.

    `rhythm` holds for each group the 24 factors of its daily rhythm by hour of `first_hour` on
    (mean 1), from posts that are not under study; ones where none is known.
    """

    times: Reals
    groups: Ints
    group_count: int
    span: float
    rhythm: Reals
    first_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Features:
    """The same events as a fit sees them.

    Output    pull [event, group, decay]: sum of rate x exp(-rate x age) over the earlier events
              of the group; reach [group, decay]: expected share of offspring before the end,
              summed over its events; left, share, beat [event]: knot before it, how far it is
              towards the next, its group's rhythm; area [group, knot]: what one unit of a knot
              gives over the whole span
    """

    groups: Ints
    pull: Reals
    reach: Reals
    left: Ints
    share: Reals
    beat: Reals
    area: Reals


def flat_rhythm(group_count: int) -> Reals:
    """A rhythm that says nothing."""
    return np.ones((group_count, 24))


def features(events: Events, rates: Reals, knots: int) -> Features:
    """What the fit needs; `rates` are the decays of the basis, one over seconds."""
    width = events.span / (knots - 1)
    place = np.clip(events.times / width, 0.0, knots - 1 - 1e-9)
    left = place.astype(np.int64)
    pull, reach = _pulls(events.times, events.groups, events.group_count, rates, events.span)
    return Features(
        events.groups,
        pull,
        reach,
        left,
        place - left,
        events.rhythm[events.groups, hours(events, events.times)],
        _areas(events, knots, width),
    )


def hours(events: Events, times: Reals) -> Ints:
    """The hour of the day of each time, 0 to 23."""
    return ((events.first_hour + times / _HOUR) % 24.0).astype(np.int64)


def _areas(events: Events, knots: int, width: float) -> Reals:
    """The integral of each knot's hat times each group's rhythm."""
    steps = max(knots - 1, int(np.ceil(events.span / _STEP_S)))
    middle = np.asarray((np.arange(steps) + 0.5) * (events.span / steps), np.float64)
    place = np.clip(middle / width, 0.0, knots - 1 - 1e-9)
    left = place.astype(np.int64)
    share = place - left
    beat = np.take(events.rhythm, hours(events, middle), axis=1) * (events.span / steps)
    area = np.zeros((events.group_count, knots))
    for group in range(events.group_count):
        area[group] += np.bincount(left, beat[group] * (1 - share), knots)
        area[group] += np.bincount(left + 1, beat[group] * share, knots)
    return area


@compiled
def _pulls(
    times: Reals, groups: Ints, group_count: int, rates: Reals, span: float
) -> tuple[Reals, Reals]:
    count, decays = len(times), len(rates)
    pull = np.zeros((count, group_count, decays))
    reach = np.zeros((group_count, decays))
    state = np.zeros((group_count, decays))
    for at in range(count):
        if at:
            age = times[at] - times[at - 1]
            for decay in range(decays):
                fade = np.exp(-rates[decay] * age)
                for group in range(group_count):
                    state[group, decay] *= fade
        for group in range(group_count):
            for decay in range(decays):
                pull[at, group, decay] = state[group, decay]
        own = groups[at]
        for decay in range(decays):
            state[own, decay] += rates[decay]
            reach[own, decay] += 1.0 - np.exp(-rates[decay] * (span - times[at]))
    return pull, reach
