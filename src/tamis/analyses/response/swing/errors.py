"""How far polls were off in earlier votes, by days left: the table that is shipped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# Wider than any row of the shipped table: no history of other countries is shipped, and the final
# polls of the French vote of 2017 were 7.5 points off.
WIDE_POINTS = 8.0
RACE = "Pres-G"
_FILE = files("tamis.analyses.response.swing").joinpath("errors.json")


@dataclass(frozen=True, slots=True)
class Spread:
    """A spread of errors: its name, its size in points of margin, and what it rests on."""

    name: str
    points: float
    basis: str


@cache
def table() -> dict[str, Any]:
    """The shipped table; benchmarks/poll_errors.py computes it from its source."""
    told: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return told


def spreads(days_left: int) -> tuple[Spread, ...]:
    """The spread of the shipped history, if it reaches so many days, and the wide one."""
    told = table()
    race = told["races"][RACE]
    found = []
    for span in race["spans"]:
        if max(days_left, 1) <= span["days_high"]:
            basis = (
                f"means of {span['race_count']} US presidential races by state, {span['days_low']} "
                f"to {span['days_high']} days before the vote ({told['source']})"
            )
            found.append(Spread("history", float(span["average_rmse"]), basis))
            break
    wide = "wider than any row of the shipped history"
    return (*found, Spread("wide", WIDE_POINTS, wide))
