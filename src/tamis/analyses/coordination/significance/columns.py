"""What the null models say, as columns beside the kept pairs of a layer and window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.significance.choice import choice_chances
from tamis.analyses.coordination.significance.correction import (
    Inflation,
    deflated,
    false_discovery,
    family_wise,
    inflation,
    possible_pairs,
    shifted,
)
from tamis.analyses.coordination.significance.judge import judged
from tamis.analyses.coordination.significance.layer import Actions, layer_of
from tamis.analyses.coordination.walk.groups import Rule, kept_counts
from tamis.analyses.coordination.walk.sorting import sorted_actions

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

SIGNIFICANCE = pa.schema(
    [
        pa.field("common_count", pa.int64()),
        pa.field("session_count", pa.int64()),
        pa.field("independent_count", pa.int64()),
        pa.field("expected", pa.float64()),
        pa.field("p_burst", pa.float64()),
        pa.field("p_hours", pa.float64()),
        pa.field("p_reaction", pa.float64()),
        pa.field("p_seen", pa.float64()),
        pa.field("p_choice", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("p_family", pa.float64()),
        pa.field("q_value", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """How many layers and windows are looked at together, and what the placebo found."""

    looks: int = 1
    placebo: Inflation | None = None


def significance(layer: Layer, window: int, pairs: Array, asked: Asked) -> pa.Table:
    """One row per kept pair of accounts, in their order: the columns of SIGNIFICANCE.

    Input     pairs: two account codes a row; window in µs
    Output    counts and p-values as in `judged` and `choice_chances`; `p_seen` and `p_value`
              after the placebo; `p_family` (Holm) and `q_value` (Benjamini and Hochberg) over all
              pairs that the layer's accounts can form, times `looks`
    Missing   p_hours and p_reaction where the burst alone explains the pair (p_burst > 0.001)
    Limits    a small p-value says that these models do not explain the pair, not that a common
              will does
    """
    found = judged(layer, window, pairs)
    tests = possible_pairs(layer.active_count) * asked.looks
    seen, chances = (
        each if asked.placebo is None else deflated(each, asked.placebo)
        for each in (found.p_seen, found.p_value)
    )
    arrays = (
        found.common,
        found.sessions,
        found.independent,
        found.expected,
        found.p_burst,
        found.p_hours,
        found.p_reaction,
        seen,
        choice_chances(layer, pairs),
        chances,
        family_wise(chances, tests),
        false_discovery(chances, tests),
    )
    return pa.Table.from_arrays(
        [
            pa.array(array, field.type, from_pandas=True)
            for array, field in zip(arrays, SIGNIFICANCE, strict=True)
        ],
        schema=SIGNIFICANCE,
    )


def kept_pairs(actions: Actions, window: int, least: int, threads: int = 1) -> Array:
    """The pairs of accounts with `least` objects within the window: what the walk keeps."""
    rows = sorted_actions(actions.objects, actions.accounts, actions.times, actions.object_count)
    rule = Rule(window, least, by_objects=True, by_pairs=False, by_messages=False)
    kept = kept_counts(rows, actions.account_count, rule, threads)
    return np.ascontiguousarray(kept[:, :2].astype(np.int32))


def placebo(actions: Actions, window: int, least: int, seed: int = 0) -> Inflation:
    """The inflation that the same collection shows once its moments are `shifted`.

    Where objects are known that have nothing to do with the matter, call `inflation` on their
    p-values instead: that placebo keeps what makes people react at once, this one breaks it.
    """
    moved = actions._replace(times=shifted(actions.accounts, actions.times, window, seed))
    layer = layer_of(moved._replace(onsets=None))
    found = judged(layer, window, kept_pairs(moved, window, least))
    return inflation(found.p_value, possible_pairs(layer.active_count))
