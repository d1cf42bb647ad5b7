"""How far polls were off, by days left: the table that the swing gauge ships, computed again.

    python benchmarks/poll_errors.py RAW_POLLS.csv            compare with the shipped table
    python benchmarks/poll_errors.py RAW_POLLS.csv --write    write it

Input     raw-polls.csv of the pollster ratings of FiveThirtyEight, edition of 2023 (repository
          fivethirtyeight/data, folder pollster-ratings/2023; CC BY 4.0): polls of US elections of
          1998 to 2022 in the last 21 days, each with the result
Output    errors.json: by kind of race and days left, the root of the mean square of (margin in the
          poll minus margin in the result), for single polls and for the mean of a race's polls
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import math
import statistics
import sys
from collections import defaultdict
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[1] / "src/tamis/analyses/response/swing/errors.json"
KINDS = ("Pres-G", "Sen-G", "Gov-G", "House-G")
SPANS = ((1, 3), (4, 7), (8, 14), (15, 21))
LEAST_POLLS = 3


def rms(values: list[float]) -> float:
    """The root of the mean square."""
    return math.sqrt(statistics.fmean(value * value for value in values))


def day(text: str) -> dt.date:
    """A day written as month/day/year."""
    month, of_month, year = map(int, text.split("/"))
    return dt.date(year, month, of_month)


def table(path: Path) -> dict[str, object]:
    """The table as it is shipped."""
    data = path.read_bytes()
    polls: dict[str, list[tuple[str, str, int, float]]] = defaultdict(list)
    for row in csv.DictReader(data.decode("utf-8-sig").splitlines()):
        left = (day(row["electiondate"]) - day(row["polldate"])).days
        off = float(row["margin_poll"]) - float(row["margin_actual"])
        polls[row["type_simple"]].append((row["race_id"], row["year"], left, off))
    return {
        "source": "FiveThirtyEight, pollster-ratings/2023/raw-polls.csv, CC BY 4.0",
        "source_sha256": hashlib.sha256(data).hexdigest(),
        "elections": "US, 1998 to 2022, polls of the last 21 days",
        "unit": "points of margin",
        "races": {kind: _kind(polls[kind]) for kind in KINDS},
    }


def _kind(polls: list[tuple[str, str, int, float]]) -> dict[str, object]:
    years: dict[str, list[float]] = defaultdict(list)
    for _, year, _, off in polls:
        years[year].append(off)
    biases = [statistics.fmean(offs) for offs in years.values()]
    return {
        "race_count": len(_means(polls)),
        "poll_count": len(polls),
        "average_rmse": round(rms(_means(polls)), 2),
        "poll_rmse": round(rms([off for *_, off in polls]), 2),
        "year_bias_sd": round(statistics.stdev(biases), 2),
        "spans": [
            _span(low, high, [one for one in polls if low <= one[2] <= high]) for low, high in SPANS
        ],
    }


def _span(low: int, high: int, polls: list[tuple[str, str, int, float]]) -> dict[str, object]:
    means = _means(polls)
    return {
        "days_low": low,
        "days_high": high,
        "poll_count": len(polls),
        "poll_rmse": round(rms([off for *_, off in polls]), 2),
        "race_count": len(means),
        "average_rmse": round(rms(means), 2),
    }


def _means(polls: list[tuple[str, str, int, float]]) -> list[float]:
    """The mean error of each race with enough polls."""
    races: dict[str, list[float]] = defaultdict(list)
    for race, _, _, off in polls:
        races[race].append(off)
    return [statistics.fmean(offs) for offs in races.values() if len(offs) >= LEAST_POLLS]


def main(arguments: list[str]) -> int:
    """1 when the shipped table does not come out again."""
    text = json.dumps(table(Path(arguments[0])), indent=1) + "\n"
    if "--write" in arguments:
        SHIPPED.write_text(text)
        return 0
    is_same = SHIPPED.read_text() == text
    sys.stdout.write(text if not is_same else "the shipped table comes out again\n")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
