"""Rows of bursts from rows of posts, for every object and place of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis.analyses.spread.bursts.minutes import surprising
from tamis.analyses.spread.bursts.states import burst_rows, gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from tamis.plan import Partition

    Reals = npt.NDArray[np.float64]

BURST_ROW = pa.schema(
    [
        pa.field("object_number", pa.int64(), nullable=False),
        pa.field("platform_number", pa.int64(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("level", pa.int64()),
        pa.field("started_us", pa.int64(), nullable=False),
        pa.field("ended_us", pa.int64(), nullable=False),
        pa.field("post_count", pa.int64(), nullable=False),
        pa.field("usual", pa.float64(), nullable=False),
        pa.field("weight", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("tied_count", pa.int64(), nullable=False),
    ]
)
EVERYWHERE = -1
_HOUR_US = 3_600_000_000


def bursts(table: pa.Table, params: Mapping[str, Any], _: Partition) -> pa.Table:
    """Rows of BURST_ROW, `platform_number` -1 for all platforms together.

    Input     object_number, platform_number, at_us, precision_s; in any order
              params: least (posts), scaling, gamma, levels, p_most, least_in_minute
    Missing   no p_value of minutes where all posts lie in one hour: nothing tells what is usual
    Limits    the automaton knows no hour of the day and is no test: the lively part of an ordinary
              day is a burst to it, and so is some stretch in about one of ten series of an even
              rate (1,000 posts). Minutes are compared with the object's own hours.
    """
    things = table["object_number"].to_numpy()
    places = table["platform_number"].to_numpy()
    times = table["at_us"].to_numpy()
    precision = table["precision_s"].to_numpy()
    del table
    whole = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    told = {**params, "whole_us": whole}
    parts = list(_scopes(things, places, times, precision, told))
    if not parts:
        return BURST_ROW.empty_table()
    return pa.concat_tables(parts)


def _scopes(things: Any, places: Any, times: Any, precision: Any, params: Any) -> Iterator[Any]:
    """Bursts of each object over all platforms, and on each where it is on several."""
    order = np.lexsort((times, things))
    yield from _groups(
        things[order], np.full(len(things), EVERYWHERE), times[order], precision[order], params
    )
    width = int(places.max(initial=0)) + 1
    first = np.full(int(things.max(initial=0)) + 1, -1)
    first[things] = places
    several = np.zeros(len(first), bool)
    several[things[places != first[things]]] = True
    chosen = np.flatnonzero(several[things])
    both = things[chosen].astype(np.int64) * width + places[chosen]
    order = chosen[np.lexsort((times[chosen], both))]
    yield from _groups(things[order], places[order], times[order], precision[order], params)


def _groups(things: Any, places: Any, times: Any, precision: Any, params: Any) -> Iterator[Any]:
    if not len(things):
        return
    changes = np.flatnonzero((np.diff(things) != 0) | (np.diff(places) != 0)) + 1
    edges = np.concatenate(([0], changes, [len(things)]))
    rows: list[tuple[Any, ...]] = []
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if end - begin >= params["least"]:
            head = (int(things[begin]), int(places[begin]))
            part = _of_one(times[begin:end], float(np.median(precision[begin:end])), params)
            rows.extend((*head, *row) for row in part)
    if rows:
        columns = list(zip(*rows, strict=True))
        yield pa.Table.from_arrays(
            [pa.array(c, f.type) for c, f in zip(columns, BURST_ROW, strict=True)],
            schema=BURST_ROW,
        )


def _of_one(stamps: Any, precision: float, params: Mapping[str, Any]) -> Iterator[Any]:
    """Rows of one object and place, without its numbers; times as whole microseconds, ascending."""
    first = int(stamps[0])
    times = (stamps - first) / 1e6
    waits = gaps(times, max(precision, 1e-6))
    tied = np.concatenate((np.diff(stamps) == 0, [False]))
    rate = len(waits) / max(float(waits.sum()), 1e-9)
    automaton = (params["scaling"], params["gamma"], params["levels"])
    for level, begin, end, weight in burst_rows(waits, *automaton).tolist():
        one, last = int(begin), int(end) + 1
        usual = 1.0 + rate * (times[last] - times[one])
        ties = int(tied[one:last].sum())
        span = (int(stamps[one]), int(stamps[last]))
        yield ("states", int(level), *span, last - one + 1, usual, weight, None, ties)
    yield from _minutes(stamps, times, tied, params)


def _minutes(stamps: Any, times: Any, tied: Any, params: Mapping[str, Any]) -> Iterator[Any]:
    """Runs of minutes whose tail, times the number of minutes looked at, is small enough.

    None where neither the object nor the collection goes beyond one hour of the clock: nothing
    tells then what is usual, and the begin of the collection would be a burst. Of an object that
    alone does not, the runs have no p-value.
    """
    low, high = params["whole_us"]
    is_alone = int(stamps[0]) // _HOUR_US == int(stamps[-1]) // _HOUR_US
    if is_alone and high - low < _HOUR_US:
        return
    looks = times[-1] / 60.0 + 1.0
    rows = surprising(stamps / 1e6, params["least_in_minute"])
    chance = rows[:, 3] + np.log(looks)
    rows, chance = (
        rows[chance <= np.log(params["p_most"])],
        chance[chance <= np.log(params["p_most"])],
    )
    if not len(rows):
        return
    cuts = np.flatnonzero(np.diff(rows[:, 0]) > 60.5) + 1
    for part, tails in zip(np.split(rows, cuts), np.split(chance, cuts), strict=True):
        low, high = round(part[0, 0] * 1e6), round((part[-1, 0] + 60.0) * 1e6)
        inside = slice(*np.searchsorted(stamps, (low, high)))
        yield (
            *("minutes", None, low, high, int(part[:, 1].sum()), float(part[:, 2].sum())),
            *(None, None if is_alone else float(np.exp(max(tails.min(), -700.0)))),
            int(tied[inside].sum()),
        )
