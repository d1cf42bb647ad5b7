"""A window that the data themselves suggest, with the reasoning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.walk.bounds import sizes_of
from tamis.analyses.coordination.walk.rows import MICROSECONDS
from tamis.analyses.coordination.walk.sorting import Sorted, sorted_actions
from tamis.analyses.coordination.walk.text import chunks_of, coded

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

FASTEST_SHARE = 0.1
_COMPARED_S = (1, 10, 60, 600, 3_600)
_LEAST_OBJECTS = 10
_ALWAYS = (-(2**62), 2**62)


class Estimate(NamedTuple):
    """A window in whole seconds, and why; `window_s` is None where the data cannot say."""

    window_s: float | None
    reasons: tuple[str, ...]


def estimate(actions: pa.Table) -> Estimate:
    """The time in which the fastest tenth of objects had more than half of their actions.

    Input     the columns of schema.ACTIONS
    Source    Giglietto et al. 2020 (CooRnet) estimate the interval so, with the same two shares;
              they then cut time into bins of it, here the window slides
    Limits    a window chosen on the same data makes what lies within it no surprise: test
              significance on other days, or name the window beforehand
    """
    objects = coded(chunks_of(actions.column("object_id")), 1)
    accounts = coded(chunks_of(actions.column("account_id")), 1)
    times = np.ascontiguousarray(actions.column("acted_at").cast(pa.int64()).to_numpy())
    held = sorted_actions(objects.of_row, accounts.of_row, times, objects.distinct.rows)
    spans = _half_spans(held)
    if len(spans) < _LEAST_OBJECTS:
        told = f"only {len(spans):,} objects were used by two accounts or more: too few to say"
        return Estimate(None, (told,))
    half = float(np.quantile(spans, FASTEST_SHARE)) / MICROSECONDS
    window_s = float(max(1, np.ceil(half)))
    counts = [
        (second, sizes_of(held, accounts.distinct.rows, second * MICROSECONDS, _ALWAYS))
        for second in sorted({*_COMPARED_S, int(window_s)})
    ]
    told = (
        f"of {len(spans):,} objects used by two accounts or more, the fastest tenth had more "
        f"than half of their actions within {half:,.1f} s"
    )
    return Estimate(
        window_s,
        (
            told,
            "pairs of actions of different accounts within "
            + ", ".join(f"{second:,} s: {int(s.different.sum()):,}" for second, s in counts),
        ),
    )


def _half_spans(held: Sorted) -> Array:
    """For each object of two accounts or more: from its first action to that past the half."""
    starts = np.flatnonzero(np.diff(held.objects, prepend=-1))
    if not len(starts):
        return np.zeros(0, np.int64)
    low = np.minimum.reduceat(held.accounts, starts)
    high = np.maximum.reduceat(held.accounts, starts)
    counts = np.diff(np.append(starts, len(held.objects)))
    spans = held.times[starts + counts // 2] - held.times[starts]
    return np.asarray(spans[low != high])
