"""The rows of crossing_order and bridge_account of one dimension."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.significance.correction import false_discovery
from tamis.analyses.spread.crossings.bridges import bridges
from tamis.analyses.spread.crossings.precedence import (
    Introduced,
    chance,
    clock_shift,
    counted,
    inside_both,
    pair_of,
    shifted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamis.analyses.spread.crossings.precedence import Pair

ALPHA = 0.05
_LEAST_DRAWS, _DRAWN_ROWS = 40, 10_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a test: objects in both scopes, scopes looked at, draws, their seed."""

    least_objects: int
    most_scopes: int
    draws: int
    seed: int


class Accounts(NamedTuple):
    """By number of an account: its id, whether it outlives a thread, its posts with objects."""

    names: pa.Array
    lasting: NDArray[np.bool_]
    activity: NDArray[np.int64]


def order_rows(
    dimension: str, told: Introduced, names: Sequence[str], kinds: NDArray[Any], limits: Limits
) -> list[dict[str, Any]]:
    """A row for each kind of object and pair of the scopes with most objects; `q_value` waits.

    Input     kinds: the kind of each object, by its number
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the kernels give the interpreter up
        waiting = [
            pool.submit(
                _pair_row, of_kind, names, pair, {"dimension": dimension, "kind": kind}, limits
            )
            for kind, of_kind in _by_kind(told, kinds)
            for pair in combinations(_largest(of_kind, names, limits.most_scopes), 2)
        ]
        return [row for one in waiting if (row := one.result()) is not None]


def _by_kind(told: Introduced, kinds: NDArray[Any]) -> Iterator[tuple[Any, Introduced]]:
    for kind in sorted(set(kinds[np.unique(told.object)].tolist())):
        chosen = (kinds == kind)[told.object]
        of_kind = Introduced(*(column[chosen] for column in told))
        yield kind, of_kind


def _pair_row(
    of_kind: Introduced,
    names: Sequence[str],
    pair: tuple[int, int],
    named: Mapping[str, str],
    limits: Limits,
) -> dict[str, Any] | None:
    """The row of two scopes, by name; None where they share no object."""
    a, b = sorted(pair, key=lambda scope: names[scope])
    both = pair_of(of_kind, (a, b))
    if not len(both.objects):
        return None
    tested = inside_both(both, of_kind, (a, b))
    scopes = {"scope_a": names[a], "scope_b": names[b]}
    return {**named, **scopes, **_measured(both, tested, limits)}


def _largest(told: Introduced, names: Sequence[str], most: int) -> list[int]:
    """The scopes with most objects; of equal ones those whose name sorts first."""
    if not len(told.object):
        return []
    width = int(told.object.max()) + 1
    pairs = np.unique(told.scope * width + told.object)
    scopes, counts = np.unique(pairs // width, return_counts=True)
    ranked = sorted(
        zip(scopes.tolist(), counts.tolist(), strict=True), key=lambda one: (-one[1], names[one[0]])
    )
    return [scope for scope, _ in ranked[:most]]


def _measured(both: Pair, tested: Pair, limits: Limits) -> dict[str, Any]:
    every, inside = counted(both), counted(tested)
    row = every._asdict() | {
        "open_count": every.object_count - every.a_first_count - every.b_first_count,
        "tested_count": inside.object_count,
        "tested_a_first_count": inside.a_first_count,
        "tested_b_first_count": inside.b_first_count,
    }
    if inside.object_count < limits.least_objects:
        return _known({**row, "reading": "too_few"})
    shift = clock_shift(both)
    if shift is not None:
        right = shifted(both, shift)
        row["clock_shift_s"] = float(shift)
        row["shifted_a_first_count"] = right.a_first_count
        row["shifted_b_first_count"] = right.b_first_count
    # Of many introductions each draw says nearly the same.
    draws = min(limits.draws, max(_LEAST_DRAWS, _DRAWN_ROWS // len(tested.low)))
    found = chance(tested, draws, limits.seed)
    return _known({**row, **found._asdict(), "reading": "rates"})


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in row.items()
    }


def judged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their q-values and what may be read from them."""
    tested = [row for row in rows if row["reading"] != "too_few"]
    chances = np.asarray([min(1.0, 2 * min(row["p_a"], row["p_b"])) for row in tested])
    for row, value in zip(tested, false_discovery(chances, len(tested)), strict=True):
        row["q_value"] = float(value)
        if value <= ALPHA:
            row["reading"] = _direction(row)
    return rows


def _direction(row: Mapping[str, Any]) -> str:
    """Which scope is first, if neither clocks nor unequal sampling can have made it so."""
    if row.get("clock_shift_s") is not None:
        return "clock_shift"
    low, high = row["a_thinned_low_share"], row["a_thinned_high_share"]
    if row["p_a"] < row["p_b"]:
        return "a_first" if low is not None and low > 1 / 2 else "unequal_sampling"
    return "b_first" if high is not None and high < 1 / 2 else "unequal_sampling"


def bridge_rows(
    dimension: str,
    told: Introduced,
    names: Sequence[str],
    known: Accounts,
) -> list[dict[str, Any]]:
    """A row for each account that brought objects into one scope again and again."""
    found = bridges(told, known.lasting, known.activity)
    q_values = false_discovery(found.p_value, max(found.test_count, len(found.account)))
    return [
        {
            "dimension": dimension,
            "scope": names[scope],
            "account_id": account,
            "crossing_count": crossed,
            "object_count": objects,
            "expected": expected,
            "p_value": p_value,
            "q_value": q_value,
        }
        for scope, account, crossed, objects, expected, p_value, q_value in zip(
            found.scope.tolist(),
            known.names.take(pa.array(found.account)).to_pylist(),
            found.crossing_count.tolist(),
            found.object_count.tolist(),
            found.expected.tolist(),
            found.p_value.tolist(),
            q_values.tolist(),
            strict=True,
        )
    ]
