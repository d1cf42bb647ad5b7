"""What the habits of two accounts explain: their hours of the day, and how fast they react."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_HALF_DAY = _DAY // 2
_NARROW_S, _WIDE_S = 60, 900
_PRIOR_ACTIONS = 5.0
# Borders between lags in seconds: doubling, as reactions spread over orders of magnitude.
_LAGS = (0, 1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 900, 1_800, 3_600, 7_200, 14_400, 28_800,
         57_600, 115_200, 460_800, 31_536_000)  # fmt: skip


class Habits(NamedTuple):
    """Per account: times in order (of the calendar, and of the day), and its share of each lag.

    `day_widths` and `day_chances` are the two widths at which hours are compared, and how often
    two actions of any two accounts on different days lie that close by the clock.
    """

    starts: Array
    times: Array
    of_day: Array
    lags: Array
    within: Array
    early: Array
    day_widths: Array
    day_chances: Array


def habits_of(layer: Layer, window: int) -> Habits:
    """The habits of every account of the layer.

    Reactions: account u takes part in lag class i with share p_u(i) of its reactions (uses of an
    object that somebody else had used before, or whose publication is known), to which five
    reactions of the whole collection are added. Two accounts that both react then meet within
    the window with the larger of two chances: sum p_u(i) M(i, j) p_v(j), as if their lags were
    independent, M(i, j) the share of points of the two classes no further apart than the window;
    and sum min(p_u(i), p_v(i)) M(i, i), as if their lags were as alike as they can be, because
    the same things reach both quickly (Frechet's bound, class by class). If one of them was the
    first to use the object, it is the share of the other's reactions within the window.
    """
    starts = layer.account_starts
    owners = np.repeat(np.arange(layer.account_count), np.diff(starts))
    by_time = np.lexsort((layer.by_account_times, owners))
    by_hour = np.lexsort((layer.by_account_times % _DAY, owners))
    lags, early = _reactions(layer, owners, window)
    widths = np.asarray([max(window, _NARROW_S * _SECOND), max(window, _WIDE_S * _SECOND)])
    clock = np.sort(layer.by_account_times % _DAY)
    return Habits(
        starts,
        layer.by_account_times[by_time],
        layer.by_account_times[by_hour] % _DAY,
        lags,
        _within(window),
        early,
        widths,
        np.asarray([_usual(clock, int(width)) for width in widths]),
    )


def _usual(clock: Array, width: int) -> float:
    """How often two times of day of anybody lie within `width`."""
    around = np.concatenate([clock, clock + _DAY])
    ahead = np.searchsorted(around, clock + width, "right") - np.arange(1, len(clock) + 1)
    return float(min(1.0, 2.0 * ahead.sum() / max(1, len(clock)) ** 2 + 1e-9))


def _reactions(layer: Layer, owners: Array, window: int) -> tuple[Array, Array]:
    objects, times = layer.by_account_objects, layer.by_account_times
    lag = (times - layer.onsets[objects]) / _SECOND
    reacted = owners != layer.openers[objects]
    place = np.clip(np.searchsorted(_LAGS, lag, "right") - 1, 0, len(_LAGS) - 2)
    classes = len(_LAGS) - 1
    key = owners[reacted] * classes + place[reacted]
    counts = np.bincount(key, minlength=layer.account_count * classes).astype(np.float64)
    counts = counts.reshape(layer.account_count, classes)
    usual = counts.sum(axis=0) + 1e-3
    usual /= usual.sum()
    mine = counts + _PRIOR_ACTIONS * usual
    is_early = reacted & (lag <= window / _SECOND)
    early = np.bincount(owners[is_early], minlength=layer.account_count)
    usual_early = is_early.sum() / max(1, reacted.sum())
    totals = counts.sum(axis=1) + _PRIOR_ACTIONS
    return mine / totals[:, None], (early + _PRIOR_ACTIONS * usual_early) / totals


def _within(window: int) -> Array:
    """For each two lag classes, the chance that a point of each lie within the window.

    Exact for points spread evenly over the classes: the area of a strip across a rectangle.
    """
    low, high = np.asarray(_LAGS[:-1], float), np.asarray(_LAGS[1:], float)
    corners = (
        (1, low[:, None] - high[None, :]),
        (-1, low[:, None] - low[None, :]),
        (-1, high[:, None] - high[None, :]),
        (1, high[:, None] - low[None, :]),
    )

    def below(difference: float) -> Array:
        parts = [sign * np.maximum(difference - corner, 0.0) ** 2 / 2 for sign, corner in corners]
        return np.asarray(np.stack(parts).sum(axis=0))

    area = (high - low)[:, None] * (high - low)[None, :]
    width = window / _SECOND
    return np.asarray(np.clip((below(width) - below(-width)) / area, 0.0, 1.0))


@compiled
def reaction_chance(habits: Habits, one: int, other: int) -> float:
    """The chance that the usual lags of two accounts lie within the window of each other."""
    found = 0.0
    classes = habits.lags.shape[1]
    for mine in range(classes):
        share = habits.lags[one, mine]
        if share == 0.0:
            continue
        met = 0.0
        for theirs in range(classes):
            met += habits.within[mine, theirs] * habits.lags[other, theirs]
        found += share * met
    alike = 0.0
    for same in range(classes):
        least = min(habits.lags[one, same], habits.lags[other, same])
        alike += habits.within[same, same] * least
    return min(1.0, max(found, alike))


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


@compiled
def _close(habits: Habits, one: int, other: int, width: int) -> float:
    """Pairs of actions of the two no further apart than `width`."""
    times = habits.times
    low = high = habits.starts[other]
    end = habits.starts[other + 1]
    found = 0.0
    for place in range(habits.starts[one], habits.starts[one + 1]):
        while low < end and times[low] < times[place] - width:
            low += 1
        while high < end and times[high] <= times[place] + width:
            high += 1
        found += high - low
    return found
