"""Minutes with more posts of an object than its own hours of the day lead one to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_MINUTE, _DAY = 60.0, 86_400.0


@compiled
def surprising(times: Reals, least: int) -> Reals:
    """Rows of minute (begin, seconds), posts, expected posts, ln of the tail probability.

    Expected in a minute: the object's posts in that hour of the day (UTC) over all of its days
    but this hour of this day, over the minutes it had in them, mixed with its mean rate outside
    of this hour as if that had been seen for one more hour. Only minutes of `least` posts or more
    are looked at. The tail is that of a Poisson law: P(X >= posts).

    Input     times ascending, seconds since 1970, UTC
    """
    count = len(times)
    out = np.empty((count, 4))
    if count == 0:
        return out[:0]
    first, last = np.floor(times[0] / _MINUTE), np.floor(times[-1] / _MINUTE)
    hours = int(times[-1] // 3600 - times[0] // 3600) + 1
    in_hour = np.zeros(hours)
    for at in range(count):
        in_hour[int(times[at] // 3600 - times[0] // 3600)] += 1
    by_clock, open_minutes = np.zeros(24), np.zeros(24)
    start = int(times[0] // 3600)
    width = np.empty(hours)
    for hour in range(hours):
        begin = max(first, (start + hour) * 60.0)
        end = min(last + 1, (start + hour + 1) * 60.0)
        width[hour] = end - begin
        by_clock[(start + hour) % 24] += in_hour[hour]
        open_minutes[(start + hour) % 24] += width[hour]
    minutes, rows, at = last - first + 1, 0, 0
    while at < count:
        minute = np.floor(times[at] / _MINUTE)
        end = at
        while end < count and np.floor(times[end] / _MINUTE) == minute:
            end += 1
        if end - at >= least:
            hour = int(minute // 60) - start
            clock = (start + hour) % 24
            rest_minutes = minutes - width[hour]
            mean = (count - in_hour[hour]) / rest_minutes if rest_minutes > 0 else 0.0
            near = by_clock[clock] - in_hour[hour] + 60.0 * mean
            expected = near / (open_minutes[clock] - width[hour] + 60.0)
            # With nothing seen elsewhere, one post in all that time is what is taken as usual.
            expected = max(expected, 1.0 / max(minutes, 60.0))
            out[rows, 0], out[rows, 1] = minute * _MINUTE, end - at
            out[rows, 2], out[rows, 3] = expected, _log_tail(end - at, expected)
            rows += 1
        at = end
    return out[:rows]


@compiled
def _log_tail(seen: int, expected: float) -> float:
    """Ln P(X >= seen) of a Poisson law, summed upwards; 0 where seen is below the mean."""
    if seen <= expected:
        return 0.0
    term, total = 1.0, 1.0
    for step in range(1, 10_000):
        term *= expected / (seen + step)
        total += term
        if term < 1e-12 * total:
            break
    return float(seen * np.log(expected) - expected - _log_factorial(seen) + np.log(total))


@compiled
def _log_factorial(count: int) -> float:
    if count < 60:
        total = 0.0
        for one in range(2, count + 1):
            total += np.log(one)
        return total
    # Stirling's series; the next term is below 1e-9 from here on.
    x = float(count)
    return float(x * np.log(x) - x + 0.5 * np.log(2 * np.pi * x) + 1 / (12 * x) - 1 / (360 * x**3))
