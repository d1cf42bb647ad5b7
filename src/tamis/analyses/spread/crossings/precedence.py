"""Is one of two scopes earlier more often than its share of the introductions explains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined
from tamis.analyses.spread.crossings.scopes import UNKNOWN

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from tamis.analyses.spread.crossings.scopes import Sightings

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

_MICROSECONDS = 1e6
_NAN = float("nan")
_QUARTER, _NEAR, _MOST_QUARTERS = 900, 180, 56
# Above this many objects the count is so close to normal that the exact sum adds nothing.
_EXACT = 3_000


class Pair(NamedTuple):
    """The introductions of two scopes, of the objects that both have, by object and time.

    `is_a` says which scope; `starts` has the first introduction of each object and the end.
    """

    starts: Ints
    low: Ints
    high: Ints
    is_a: NDArray[np.bool_]
    objects: Ints


class Introduced(NamedTuple):
    """Introductions in one dimension whose scope is known, by object, then by time.

    `post` is the number of the post, one for all its versions.
    """

    object: Ints
    account: Ints
    low: Ints
    high: Ints
    scope: Ints
    post: Ints


class Counted(NamedTuple):
    """What was counted over objects of both scopes; a lag without any object is NaN."""

    object_count: int
    a_first_count: int
    b_first_count: int
    median_lag_s: float
    a_median_lag_s: float
    b_median_lag_s: float


class Chance(NamedTuple):
    """What the null model and thinned scopes say of the same objects."""

    a_expected: float
    a_null_low: float
    a_null_high: float
    null_lag_s: float
    p_a: float
    p_b: float
    thinned_object_mean: float
    a_thinned_low_share: float
    a_thinned_high_share: float


def introduced_in(seen: Sightings, rows: Ints, scope: Ints) -> Introduced:
    """The introductions in `rows` of which the scope is known, of objects in two or more scopes."""
    rows = rows[scope[rows] >= 0]
    objects = np.searchsorted(seen.starts, rows, side="right") - 1
    where = scope[rows]
    edge = np.flatnonzero(np.append(True, np.diff(objects) != 0)) if len(rows) else rows[:0]
    sizes = np.diff(np.append(edge, len(rows)))
    is_single = np.zeros(0, np.bool_)
    if len(rows):
        lowest, highest = np.minimum.reduceat(where, edge), np.maximum.reduceat(where, edge)
        is_single = np.repeat(lowest == highest, sizes)
    kept = np.flatnonzero(~is_single)
    rows = rows[kept]
    low, high = seen.low[rows], seen.high[rows]
    # Where only the latest time is known, it stands for the time; the order stays undecided.
    return Introduced(
        objects[kept],
        seen.account[rows],
        np.where(low == UNKNOWN, high, low),
        high,
        where[kept],
        seen.root[rows],
    )


def pair_of(told: Introduced, pair: tuple[int, int]) -> Pair:
    """The introductions in two scopes of the objects that both introduced."""
    rows = np.flatnonzero((told.scope == pair[0]) | (told.scope == pair[1]))
    objects, is_a = told.object[rows], told.scope[rows] == pair[0]
    ends = np.append(_begins(objects), len(rows))
    if len(rows):
        of_a = np.add.reduceat(is_a.astype(np.int64), ends[:-1])
        kept = np.repeat((of_a > 0) & (of_a < np.diff(ends)), np.diff(ends))
        rows, is_a, objects = rows[kept], is_a[kept], objects[kept]
        ends = np.append(_begins(objects), len(rows))
    return Pair(ends, told.low[rows], told.high[rows], is_a, objects[ends[:-1]])


def _begins(objects: Ints) -> Ints:
    """The first row of each object, of rows that are by object."""
    return np.flatnonzero(np.append(True, np.diff(objects) != 0)[: len(objects)])


def inside_both(pair: Pair, told: Introduced, scopes: tuple[int, int]) -> Pair:
    """The objects that came up first once both scopes were collected.

    What a scope said of an object before the other was collected would make it first by the
    collection alone. A scope counts as collected from the time by which a hundredth of its
    introductions, of any object, are in: a single wrong date must not decide.
    """
    if not len(pair.objects):
        return pair
    begun = max(int(np.quantile(told.low[told.scope == one], 0.01)) for one in scopes)
    first = np.minimum.reduceat(pair.low, pair.starts[:-1])
    kept = np.repeat(first >= begun, np.diff(pair.starts))
    sizes = np.diff(pair.starts)[first >= begun]
    return Pair(
        np.append(0, np.cumsum(sizes)),
        pair.low[kept],
        pair.high[kept],
        pair.is_a[kept],
        pair.objects[first >= begun],
    )


def counted(pair: Pair) -> Counted:
    """How often each scope was first, and by how much."""
    firsts = np.asarray(_firsts(pair))
    lags = np.abs(firsts[:, 0]) / _MICROSECONDS
    a_first, b_first = firsts[:, 1] > 0, firsts[:, 1] < 0
    return Counted(
        len(firsts),
        int(a_first.sum()),
        int(b_first.sum()),
        _median(lags),
        _median(lags[a_first]),
        _median(lags[b_first]),
    )


def clock_shift(pair: Pair) -> int | None:
    """By how many seconds b's clock seems to be ahead of a's; None where nothing says so.

    Links and tags that are posted on two platforms by one hand come up on both within minutes.
    Where a zone was misread they come up a whole number of quarter hours apart instead. Reported
    is such a lag (within three minutes; at most 14 hours) that ten objects or more have, five
    times as many as at the quarter hours around it and three times as many as at no lag.

    Limits    Programs that post elsewhere an hour later look the same. Clocks that differ by less
              than a quarter hour, or of which no object is posted twice by one hand, do not show.
    """
    lags = np.asarray(_firsts(pair))[:, 0] / _MICROSECONDS
    steps = np.rint(lags / _QUARTER).astype(np.int64)
    is_near = (np.abs(lags - steps * _QUARTER) <= _NEAR) & (np.abs(steps) <= _MOST_QUARTERS + 6)
    counts = np.bincount(steps[is_near] + _MOST_QUARTERS + 6, minlength=2 * _MOST_QUARTERS + 13)
    at_none = counts[_MOST_QUARTERS + 6]
    best, best_count = None, 0
    for place in range(6, 2 * _MOST_QUARTERS + 7):
        around = np.concatenate([counts[place - 6 : place - 1], counts[place + 2 : place + 7]])
        least = max(10.0, 5.0 * around.mean(), 3.0 * at_none)
        quarters = place - _MOST_QUARTERS - 6
        if quarters and counts[place] >= least and counts[place] > best_count:
            best, best_count = quarters * _QUARTER, int(counts[place])
    return best


def shifted(pair: Pair, shift_s: int) -> Counted:
    """The counts once b's times are put back by so many seconds."""
    moved = np.where(pair.is_a, 0, shift_s * int(_MICROSECONDS))
    low = pair.low - moved
    objects = np.repeat(np.arange(len(pair.objects)), np.diff(pair.starts))
    order = np.lexsort((low, objects))
    high = (pair.high - moved)[order]
    return counted(Pair(pair.starts, low[order], high, pair.is_a[order], pair.objects))


def chance(pair: Pair, draws: int, seed: int) -> Chance:
    """What permuted labels and thinned scopes give for the objects of a pair of scopes.

    The null: of each object the times of its introductions stay, the labels of the two scopes
    are permuted among them. Scope a is then first with the share of a's introductions, so that
    a scope that posts more is first more often and that is no precedence. The p-values are those
    of the exact distribution of the count (a sum of unequal coins); an object whose first times
    overlap counts for neither scope, which makes both larger than they need be.
    Thinning: each introduction of the denser scope is kept with the chance that makes both
    equally dense, `draws` times; the range holds 95 % of the shares in which a is first.

    Limits    Introductions that answer none in the collection are taken to be independent; what
              accounts read elsewhere makes them alike and the p-value too small. First is not
              cause: both scopes may follow a third one, or one may only be collected faster.
    """
    found = counted(pair)
    if not found.object_count:
        return Chance(0.0, 0.0, 0.0, _NAN, 1.0, 1.0, 0.0, _NAN, _NAN)
    chances = np.asarray(_shares(pair))
    permuted = np.asarray(_permuted(pair, draws, seed))
    low_count, high_count = np.quantile(permuted[:, 0], (0.025, 0.975))
    dense = int(pair.is_a.sum()), int((~pair.is_a).sum())
    keep = min(1.0, dense[1] / dense[0]), min(1.0, dense[0] / dense[1])
    thinned = np.asarray(_thinned(pair, draws, seed, keep))
    thinned = thinned[thinned[:, :2].sum(axis=1) > 0]
    shares = thinned[:, 0] / thinned[:, :2].sum(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975)) if len(shares) else (_NAN, _NAN)
    return Chance(
        float(chances.sum()),
        float(low_count),
        float(high_count),
        _median(permuted[:, 1]) / _MICROSECONDS,
        at_least(chances, found.a_first_count),
        at_least(1.0 - chances, found.b_first_count),
        float(thinned[:, 2].mean()) if len(thinned) else 0.0,
        float(low),
        float(high),
    )


def at_least(chances: Reals, count: int) -> float:
    """The chance that of coins with these chances `count` or more fall on their side."""
    if count <= 0:
        return 1.0
    if len(chances) <= _EXACT:
        return min(1.0, float(_tail(chances, count)))
    mean, spread = float(chances.sum()), float(np.sqrt((chances * (1 - chances)).sum()))
    return 0.5 * math.erfc((count - 0.5 - mean) / max(spread, 1e-12) / math.sqrt(2.0))


def _median(values: Reals) -> float:
    return float(np.median(values)) if len(values) else _NAN


@compiled
def _tail(chances: Reals, count: int) -> float:
    """Exact tail of a sum of unequal coins; sums above `count` are kept as `count`."""
    held = np.zeros(count + 1, np.float64)
    held[0] = 1.0
    for chance in chances:
        held[count] += held[count - 1] * chance
        for at in range(count - 1, 0, -1):
            held[at] = held[at] * (1.0 - chance) + held[at - 1] * chance
        held[0] *= 1.0 - chance
    return float(held[count])


@compiled
def _firsts(pair: Pair) -> Any:
    """Of each object the lag from a's first to b's, and 1 (a first), -1 or 0 (undecided)."""
    out = np.empty((len(pair.starts) - 1, 2), np.int64)
    for number in range(len(out)):
        a = b = -1
        for row in range(pair.starts[number], pair.starts[number + 1]):
            if pair.is_a[row] and a < 0:
                a = row
            if not pair.is_a[row] and b < 0:
                b = row
        out[number, 0] = pair.low[b] - pair.low[a]
        out[number, 1] = int(pair.high[a] < pair.low[b]) - int(pair.high[b] < pair.low[a])
    return out


@compiled
def _shares(pair: Pair) -> Any:
    """Of each object the share of introductions that scope a made."""
    out = np.empty(len(pair.starts) - 1, np.float64)
    for number in range(len(out)):
        start, end = pair.starts[number], pair.starts[number + 1]
        out[number] = pair.is_a[start:end].sum() / (end - start)
    return out


@inlined
def _unit(state: Any) -> float:
    """The next of a series of numbers in [0, 1) (SplitMix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return float(mixed >> np.uint64(11)) / 9007199254740992.0


@compiled
def _permuted(pair: Pair, draws: int, seed: int) -> Any:
    """By draw: how often a is first, and the median lag, with the labels permuted."""
    out = np.empty((draws, 2), np.float64)
    count = len(pair.starts) - 1
    lags = np.empty(count, np.int64)
    held = np.empty(count, np.int64)
    for number in range(count):
        held[number] = pair.is_a[pair.starts[number] : pair.starts[number + 1]].sum()
    state = np.full(1, seed, np.uint64)
    for draw in range(draws):
        firsts = 0
        for number in range(count):
            start, of_a = pair.starts[number], held[number]
            left = pair.starts[number + 1] - start
            a_is_first = _unit(state) * left < of_a
            firsts += a_is_first
            row, of_a, left = start + 1, of_a - a_is_first, left - 1
            while (_unit(state) * left < of_a) == a_is_first:
                row, of_a, left = row + 1, of_a - a_is_first, left - 1
            lags[number] = pair.low[row] - pair.low[start]
        out[draw, 0] = firsts
        out[draw, 1] = np.median(lags) if count else np.nan
    return out


@compiled
def _thinned(pair: Pair, draws: int, seed: int, keep: tuple[float, float]) -> Any:
    """By draw: how often a and b are first, and how many objects keep introductions of both."""
    out = np.zeros((draws, 3), np.int64)
    state = np.full(1, seed + 1, np.uint64)
    for draw in range(draws):
        for number in range(len(pair.starts) - 1):
            a = b = -1
            for row in range(pair.starts[number], pair.starts[number + 1]):
                if pair.is_a[row]:
                    if a < 0 and _unit(state) < keep[0]:
                        a = row
                elif b < 0 and _unit(state) < keep[1]:
                    b = row
                if a >= 0 and b >= 0:
                    break
            if a >= 0 and b >= 0:
                out[draw, 0] += pair.high[a] < pair.low[b]
                out[draw, 1] += pair.high[b] < pair.low[a]
                out[draw, 2] += 1
    return out
