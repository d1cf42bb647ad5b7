"""What the habits of two accounts explain: their hours of the day, and how fast they react."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_HALF_DAY = _DAY // 2
_NARROW_S, _WIDE_S = 60, 900
_POINTS = 128
_PRIOR_PAIRS = 10.0
_PRIOR_TRIES = 10.0
_CERTAIN = 0.999
# Borders between classes of lags in seconds: reactions spread over orders of magnitude.
_LAGS = (0.0, 8.0, 60.0, 480.0, 3_840.0, 30_720.0, 245_760.0, 31_536_000.0)


class Habits(NamedTuple):
    """Per account its times, in order of the calendar and of the day; and how lags meet.

    `day_widths` and `day_chances` are the two widths at which hours are compared, and how often
    two actions of any two accounts lie that close by the clock. `lags` are each account's in
    ascending order (µs behind the object's beginning); `borders` (µs) and `within` are the
    classes of lags and how they meet, see `reaction_chances`. Two lags below `quick_before` (µs)
    meet in any case; `tries` are an account's uses of things that were there before, and `quick`
    those of them with such a lag.
    """

    starts: Array
    times: Array
    of_day: Array
    day_widths: Array
    day_chances: Array
    lags: Array
    borders: Array
    within: Array
    quick_before: int
    tries: Array
    quick: Array


def habits_of(layer: Layer, window: int) -> Habits:
    """The habits of every account of the layer."""
    starts = layer.account_starts
    owners = np.repeat(np.arange(layer.account_count), np.diff(starts))
    by_time = np.lexsort((layer.by_account_times, owners))
    by_hour = np.lexsort((layer.by_account_times % _DAY, owners))
    widths = np.asarray([max(window, _NARROW_S * _SECOND), max(window, _WIDE_S * _SECOND)])
    clock = np.sort(layer.by_account_times % _DAY)
    lags = layer.by_account_times - layer.onsets[layer.by_account_objects]
    by_lag = np.lexsort((lags, owners))
    within = _within(window / _SECOND)
    borders = (np.asarray(_LAGS) * _SECOND).astype(np.int64)
    quick_before = int(borders[_certain(within)])
    tries = np.bincount(owners[lags > 0], minlength=len(starts) - 1)
    is_quick = (lags > 0) & (lags < quick_before)
    quick = np.bincount(owners[is_quick], minlength=len(starts) - 1)
    return Habits(
        starts,
        layer.by_account_times[by_time],
        layer.by_account_times[by_hour] % _DAY,
        widths,
        np.asarray([_usual(clock, int(width)) for width in widths]),
        lags[by_lag],
        borders,
        within,
        quick_before,
        tries.astype(np.float64),
        quick.astype(np.float64),
    )


def _certain(within: Array) -> int:
    """How many of the quickest classes meet each other in any case."""
    count = 0
    while count < len(within) and within[: count + 1, : count + 1].min() >= _CERTAIN:
        count += 1
    return count


def _usual(clock: Array, width: int) -> float:
    """How often two times of day of anybody lie within `width`."""
    around = np.concatenate([clock, clock + _DAY])
    ahead = np.searchsorted(around, clock + width, "right") - np.arange(1, len(clock) + 1)
    return float(min(1.0, 2.0 * ahead.sum() / max(1, len(clock)) ** 2 + 1e-9))


def _within(window_s: float) -> Array:
    """For each two classes, the chance that a lag of each lie within the window.

    Lags are spread evenly over the logarithm within a class, over seconds in the first.
    """
    places = (np.arange(_POINTS) + 0.5) / _POINTS
    found = np.empty((len(_LAGS) - 1, len(_LAGS) - 1))
    for mine in range(len(found)):
        low, high = _LAGS[mine], _LAGS[mine + 1]
        points = low * (high / low) ** places if low else high * places
        for theirs in range(len(found)):
            found[mine, theirs] = (
                _share_below(points + window_s, theirs) - _share_below(points - window_s, theirs)
            ).mean()
    return found


def _share_below(lags: Array, place: int) -> Array:
    low, high = _LAGS[place], _LAGS[place + 1]
    inside = np.clip(lags, low, high)
    return np.asarray(np.log(inside / low) / np.log(high / low) if low else inside / high)


@compiled
def lag_classes(habits: Habits, onset: int, one: int, other: int) -> int:
    """The classes of the lags of two times behind an object's beginning, as one number."""
    count = len(habits.within)
    return _class_of(habits.borders, one - onset) * count + _class_of(habits.borders, other - onset)


@inlined
def _class_of(borders: Array, lag: int) -> int:
    place = len(borders) - 2
    while place > 0 and lag < borders[place]:
        place -= 1
    return place


@compiled
def reaction_chances(
    habits: Habits, window: int, pair: tuple[int, int], coins: Array, out: Array
) -> None:
    """For each pair of lag classes, the chance that the two meet on an object with such lags.

    How quickly each of the two came to an object (within 8 s, a minute, 8 minutes, an hour or
    so, a working day, three days, later) is given, whatever made them come, together or not;
    within its class each lag is drawn anew, evenly (`within`), or from the account's own lags of
    that class on *other* objects, to which ten pairs of even lags are added: the larger counts.
    So people who are quick on the same things, or always equally quick, explain each other, and
    who come at the same moment after half an hour, and another day after another, do not.

    Input     coins: a row of `lag_classes` and a row of 1 where the two met on the object, else 0
    """
    count = len(habits.within)
    begin = habits.starts[np.asarray(pair)]
    end = habits.starts[np.asarray(pair) + 1]
    for one in range(count):
        mine = _of_class(habits, begin[0], end[0], one)
        for other in range(count):
            even = habits.within[one, other]
            out[one * count + other] = even
            if even == 0.0 or abs(one - other) > 1:
                continue
            theirs = _of_class(habits, begin[1], end[1], other)
            same = met = 0.0
            for at in range(coins.shape[1]):
                if coins[0, at] == one * count + other:
                    same += 1.0
                    met += coins[1, at]
            pairs = max(0.0, float(len(mine)) * float(len(theirs)) - same)
            close = max(0.0, _near(mine, theirs, window) - met)
            own = (close + _PRIOR_PAIRS * even) / (pairs + _PRIOR_PAIRS)
            out[one * count + other] = min(1.0, max(even, own))


@compiled
def quick_chance(habits: Habits, pair: tuple[int, int], tries: Array, quick: Array) -> float:
    """The chance that the one of a pair is as quick as the other on a thing that both used.

    Where two lags are so short that they meet in any case, to take both as given would explain
    everything. So the lag of one is given, and that the other is quick too has the chance with
    which it is quick on things that the first did *not* use; ten tries of the crowd are added,
    and the larger of the two chances counts. Who is quick on whatever there is explains a match;
    who is quick in company alone does not.

    Input     tries, quick: of either account, on the things that both used
    """
    crowd = habits.quick.sum() / max(1.0, habits.tries.sum())
    best = 0.0
    for side in range(2):
        account = pair[side]
        alone = max(0.0, habits.tries[account] - tries[side])
        fast = min(alone, max(0.0, habits.quick[account] - quick[side]))
        best = max(best, (fast + _PRIOR_TRIES * crowd) / (alone + _PRIOR_TRIES))
    return min(1.0, best)


@inlined
def _of_class(habits: Habits, begin: int, end: int, place: int) -> Array:
    lags = habits.lags[begin:end]
    low = np.searchsorted(lags, habits.borders[place], "left") if place else 0
    return lags[low : np.searchsorted(lags, habits.borders[place + 1], "left")]


@inlined
def _near(mine: Array, theirs: Array, width: int) -> float:
    """Pairs of two sorted lists no further apart than `width`."""
    low = high = 0
    found = 0.0
    for value in mine:
        while low < len(theirs) and theirs[low] < value - width:
            low += 1
        while high < len(theirs) and theirs[high] <= value + width:
            high += 1
        found += high - low
    return found


@compiled
def hours_factor(habits: Habits, one: int, other: int) -> float:
    """How many times likelier than two of the crowd these two act at the same time of day.

    Each account's sessions are shifted against the other's by every number of whole days but 0,
    all at once: pairs of their actions more than twelve hours apart whose times of day lie
    within a width, divided by all pairs more than twelve hours apart; so hours, and the order
    within sessions, are kept. The larger of two widths (the window, at least a minute; and a
    quarter of an hour) divided by what is usual counts; never below 1.
    """
    begin, end = habits.starts[one], habits.starts[one + 1]
    first, last = habits.starts[other], habits.starts[other + 1]
    apart = float((end - begin) * (last - first)) - _close(habits, one, other, _HALF_DAY)
    best = 1.0
    for number in range(len(habits.day_widths)):
        width = habits.day_widths[number]
        same = 0.0
        for place in range(begin, end):
            time = habits.of_day[place]
            same += _between(habits.of_day[first:last], time - width, time + width)
            if time < width:
                same += _between(habits.of_day[first:last], time - width + _DAY, _DAY)
            if time + width >= _DAY:
                same += _between(habits.of_day[first:last], 0, time + width - _DAY)
        same -= _close(habits, one, other, width)
        usual = habits.day_chances[number]
        best = max(best, (max(same, 0.0) + 1.0) / (apart + 1.0 / usual) / usual)
    return best


@compiled
def _between(times: Array, low: int, high: int) -> int:
    begin = np.searchsorted(times, low, "left")
    return int(np.searchsorted(times, high, "right") - begin)


@inlined
def _close(habits: Habits, one: int, other: int, width: int) -> float:
    """Pairs of actions of the two no further apart than `width`."""
    mine = habits.times[habits.starts[one] : habits.starts[one + 1]]
    return _near(mine, habits.times[habits.starts[other] : habits.starts[other + 1]], width)
