"""Influence on invented sets: do the intervals hold the truth, is a mere rate called influence.

    python benchmarks/hawkes.py [--sets N] [--others N] [--jobs 2] [--write]

`--sets` counts the sets of `driven` and `even`, which the promises are on; `--others` those of the
kinds that show where the method fails.

The method was made on seeds 1 to 70, the level of a call changed after a look at 5000 to 5099, the
order in time asked for after one at 6000 to 6099; these are seeds from 7000 on. `--write` writes
docs/reference/influence-measured.md. Exit 1 when fewer than 85 % of the true weights lie in their
90 % interval, or when independent groups, an outside shock or a hidden source are called influence
more often than the upper 95 % limit of the nominal 5 %.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tamis.analyses.spread.hawkes.examples import KINDS, cascade
from tamis.analyses.spread.hawkes.reading import judged
from tamis.analyses.spread.hawkes.study import Settings, study

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "influence-measured.md"
FIRST_SEED, NOMINAL, PROMISED = 7_000, 0.05, 0.85
_SAYS = {
    "driven": "three groups that drive each other and themselves, a daily rhythm, rates 1 : 2 : 5",
    "even": "as before, no group drives another, rates 1 : 4 : 60",
    "shock": "no group drives another; six outside events raise all of them at once",
    "hidden": "two groups that a third drives, which is not in the data",
    "one way": "two groups, the first drives the second",
    "hidden late": "two groups that a hidden third drives, the second through a hidden fourth",
}


def main(arguments: list[str]) -> int:
    """1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--others", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    begun = time.perf_counter()
    told = {kind: _all(kind, asked) for kind in KINDS}
    text = _page(told, time.perf_counter() - begun)
    print(text, flush=True)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    return int(bool(broken(told)))


def one(kind: str, seed: int) -> dict[str, Any]:
    """What is found in one set, beside what is true."""
    world = cascade(kind, seed)
    found = study(world.events, (), Settings(seed=seed))
    inside = (found.low <= world.weights + 1e-9) & (world.weights <= found.high + 1e-9)
    verdict = judged(found)
    apart = ~np.eye(len(world.weights), dtype=bool)
    return {
        "inside": inside,
        "weights": world.weights,
        "found": found.fit.weights,
        "called": verdict.called & apart,
        "status": verdict.status,
        "raw": (verdict.family <= NOMINAL) & apart,
        "p": found.p_value[apart & (world.weights == 0)],
        "count": len(world.events.times),
    }


def _all(kind: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    sets = asked.sets if kind in {"driven", "even"} else asked.others
    seeds = range(FIRST_SEED, FIRST_SEED + sets)
    with ProcessPoolExecutor(asked.jobs) as pool:
        found = list(pool.map(one, [kind] * sets, seeds))
    print(f"{kind}: {sets} sets studied", file=sys.stderr, flush=True)
    return found


def share(sets: list[dict[str, Any]], which: str) -> tuple[int, int]:
    """True weights inside their interval, of how many: all, own, zero or other ones."""
    inside = np.concatenate([one["inside"].ravel() for one in sets])
    truth = np.concatenate([one["weights"].ravel() for one in sets])
    own = np.concatenate([np.eye(len(one["weights"]), dtype=bool).ravel() for one in sets])
    mask = {"all": truth >= 0, "own": own, "none": ~own & (truth == 0), "some": ~own & (truth > 0)}
    return int(inside[mask[which]].sum()), int(mask[which].sum())


def broken(told: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The promises that were not kept."""
    said = []
    held, every = share(told["driven"], "all")
    if held < PROMISED * every:
        said.append(f"{held} of {every} true weights in their interval")
    for kind in ("even", "shock", "hidden"):
        called = sum(bool(one["called"].any()) for one in told[kind])
        count = len(told[kind])
        most = NOMINAL * count + 1.645 * (count * NOMINAL * (1 - NOMINAL)) ** 0.5
        if called > most:
            said.append(f"{kind}: {called} of {count} sets called influence")
    for one in said:
        print(f"broken: {one}", file=sys.stderr)
    return said


def _page(told: dict[str, list[dict[str, Any]]], seconds: float) -> str:
    lines = [
        "# Influence on invented sets",
        "",
        "Made by `benchmarks/hawkes.py --write`; do not edit. The method was made on seeds 1 to",
        "70, the level of a call changed after a look at 5000 to 5099 (0.05 called independent",
        "groups in 10 of 100 sets, 0.02 is asked for now), an order in time that is clearly",
        "one-sided is asked for after a look at 6000 to 6099 (a hidden source was called in 8 of",
        "30 sets). `hidden late` was added then; nothing was tuned on it.",
        f"These are seeds from {FIRST_SEED} on, studied as a run studies them",
        "(40 replays). Their kernel is one exponential of a mean delay drawn between",
        "90 s and 20 min, which the basis of the fit (60 s, 300 s, 1,500 s) does not hold, and",
        "their background is a sine, which the piecewise linear one only approaches. They show",
        "that the arithmetic holds, not that real crowds are like them.",
        "",
        "## Do the 90 % intervals hold the truth",
        "",
        "Counted over every weight of every set `driven`:",
        "",
        "| weights | in their interval | share |",
        "|---|---|---|",
    ]
    names = {"all": "all", "own": "of a group on itself", "none": "between groups, truly 0"}
    for which, name in {**names, "some": "between groups, not 0"}.items():
        held, every = share(told["driven"], which)
        lines.append(f"| {name} | {held} of {every} | {held / max(1, every):.3f} |")
    lines += [
        "",
        "## What is called influence",
        "",
        "A set counts where any pair of groups is called (family-wise 2 % over its pairs, more",
        "one way than the other at 1 %, and the set identifiable). `tested alone`: family-wise 5 %",
        "without the checks for an outside shock, a hidden source, the order and other misfit.",
        "",
        "| kind | what it is | posts (mean) | tested alone | called | not identifiable |",
        "|---|---|---|---|---|---|",
    ]
    for kind, found in told.items():
        called = sum(bool(one["called"].any()) for one in found)
        raw = sum(bool(one["raw"].any()) for one in found)
        unclear = sum(one["status"] == "not_identifiable" for one in found)
        posts = np.mean([one["count"] for one in found])
        lines.append(
            f"| {kind} | {_SAYS[kind]} | {posts:,.0f} | {raw} of {len(found)} | {called} | "
            f"{unclear} |"
        )
    false = np.concatenate([one["p"] for one in told["even"]])
    lines += [
        "",
        (
            f"Of {len(false)} weights between groups that are truly 0 in `even`, "
            f"{np.mean(false <= NOMINAL):.3f} have a p-value of 0.05 or less (nominal 0.05)."
        ),
        "",
        "A hidden source is refused because it makes both groups follow each other alike. One that",
        "reaches the second group later than the first (`hidden late`) can pass for influence, and",
        "two groups that do drive each other about alike are refused with it.",
        "",
        f"All of it took {seconds:,.0f} s.",
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
