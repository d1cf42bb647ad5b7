"""A vote that is decided by regions: the share of errors under which a side keeps its majority."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.response.swing.averages import LEAST_POLLSTERS, WHOLE, average
from tamis.analyses.response.swing.tails import below_all, middles

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from tamis.analyses.response.swing.averages import Question

# Regional polls are few: three weeks, as in the table of errors, then as far back as needed.
SPANS = (21, 60, 400)
# Spread of the error that all regions share, and of each region's own, in points of margin.
SPREADS = {"history": (3.5, 4.0), "wide": (4.5, 4.0)}
_GRID = 201
_FILE = files("tamis.analyses.response.swing").joinpath("electors.json")


@cache
def weights(jurisdiction: str, year: int) -> Mapping[str, int]:
    """The electors of each region; empty where none are shipped for that place and year."""
    told: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))
    for one in told:
        if one["jurisdiction"] == jurisdiction and year in one["years"]:
            found: dict[str, int] = one["electors"]
            return found
    return {}


def margins(
    asked: Sequence[Question], pair: tuple[str, str], on: dt.date, names: Sequence[str]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The margin in each region, and the regions without polls, which get that of the whole.

    Regions without polls are left out where the whole was not polled either.
    """
    whole = average([one for one in asked if one.region == WHOLE], pair, on)
    found: dict[str, float] = {}
    bare = []
    by_region: dict[str, list[Question]] = {name: [] for name in names}
    for one in asked:
        if one.region in by_region:
            by_region[one.region].append(one)
    for name in names:
        mean = average(by_region[name], pair, on, SPANS)
        if mean is not None:
            found[name] = mean.margin
            continue
        bare.append(name)
        if whole is not None:
            found[name] = whole.margin
    return found, tuple(bare)


def kept_share(
    margin: Mapping[str, float],
    electors: Mapping[str, int],
    spreads: tuple[float, float],
    tail: str,
    effect: float = 0.0,
) -> float:
    """The share of errors under which the first side wins more than half of the electors.

    The error of the whole takes the middles of equal shares of its shape; given it, each region
    falls by its own normal error, and the electors add up by convolution: exact but for the grid.
    `effect` is taken from the first side's margin everywhere.
    """
    shared = middles(tail, _GRID) * spreads[0]
    total = sum(electors[name] for name in margin)
    ways = np.zeros((_GRID, total + 1))
    ways[:, 0] = 1.0
    for name, lead in sorted(margin.items()):
        won = below_all("normal", (lead - effect + shared) / spreads[1])[:, None]
        after = ways * (1 - won)
        count = electors[name]
        after[:, count:] += ways[:, : total + 1 - count] * won
        ways = after
    return float(ways[:, total // 2 + 1 :].sum(axis=1).mean())


def is_regional(asked: Sequence[Question], electors: Mapping[str, int]) -> bool:
    """Whether most regions were polled, by as many pollsters as a mean needs somewhere."""
    polled: dict[str, set[str]] = {}
    for one in asked:
        if one.region in electors:
            polled.setdefault(one.region, set()).add(one.pollster)
    enough = [name for name, who in polled.items() if len(who) >= LEAST_POLLSTERS]
    return bool(electors) and len(enough) * 2 > len(electors)
