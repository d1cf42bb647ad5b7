"""Header forensics on invented correspondence: false rate, power, held-out domains, time.

python benchmarks/header_forensics.py [--seeds 11 12 13] [--count 12000] [--time 72000]

Honest messages that carry no signature of their own are judged beside the verified ones of their
stratum; every seed is another correspondence. `split` takes the verified mark from half of the
sending domains. Figures go to docs/reference/header-forensics.md by hand, the bad ones as well.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "analyses" / "leak"))
from forensic_rows import judge, tables

from tamis.simulate.habits import HOUSES, correspondence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tamis.simulate.habits import Posted


_HELD_OUT = {name for house in HOUSES for name in sorted(house.domains)[1::2]}


def _is_held_out(one: Posted) -> bool:
    """Every second domain of each infrastructure that has several."""
    return one.sender.rpartition("@")[2] in _HELD_OUT


def _is_never(one: Posted) -> bool:
    del one
    return False


def measured(
    seed: int, count: int, forged: int, *, hold_out: Callable[[Posted], bool], **params: Any
) -> dict[str, Any]:
    """Counts of one correspondence: by kind, and excess over the expectation by stratum."""
    posted = list(correspondence(seed, count, forged=forged))
    truth = {hashlib.sha256(one.raw).hexdigest(): one for one in posted}
    found = tables([(one.raw, one.is_verified and not hold_out(one)) for one in posted])
    with tempfile.TemporaryDirectory() as folder:
        out = judge(Path(folder), found, **params)
    rate = {row["stratum_id"]: row["attained_rate"] for row in out["stratum"].to_pylist()}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    excess: dict[str, float] = defaultdict(float)
    p_values = []
    for row in out["header_score"].to_pylist():
        kind = truth[row["item_id"]].true_class
        kinds[kind]["all"] += 1
        kinds[kind]["judged"] += row["is_judged"]
        kinds[kind]["contradicted"] += row["is_contradicted"]
        if kind == "honest" and row["is_judged"]:
            p_values.append(row["p_value"])
            excess[row["stratum_id"]] += row["is_contradicted"] - rate[row["stratum_id"]]
            kinds[kind]["expected_ppm"] += round(1e6 * rate[row["stratum_id"]])
    return {"kinds": kinds, "excess": sum(excess.values()), "p": p_values}


def summed(results: Sequence[dict[str, Any]]) -> None:
    """Print totals, and the one-sided 95 % bound of the mean excess over seeds."""
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for one in results:
        for kind, counts in one["kinds"].items():
            total[kind] += counts
    for kind, counts in total.items():
        share = counts["contradicted"] / max(1, counts["judged"])
        print(f"  {kind}: {counts['all']} not verified, {counts['judged']} judged, "
              f"{counts['contradicted']} contradicted ({share:.4f} of the judged)")  # fmt: skip
    honest = total["honest"]
    excess = [one["excess"] for one in results]
    print(f"  expected false: {honest['expected_ppm'] / 1e6:.2f}")
    if len(excess) > 1:
        mean, error = statistics.mean(excess), statistics.stdev(excess) / len(excess) ** 0.5
        print(f"  excess a seed: {mean:.3f}; 95 % lower bound {mean - 1.70 * error:.3f}")
    p_values = [p for one in results for p in one["p"]]
    for level in (0.001, 0.005, 0.01, 0.05, 0.1, 0.5):
        if p_values:
            print(f"  share of honest p <= {level}: "
                  f"{sum(p <= level for p in p_values) / len(p_values):.5f}")  # fmt: skip


def timed(count: int) -> None:
    """Print how long the stage needs over that many messages, their reading left out."""
    found = tables([(one.raw, one.is_verified) for one in correspondence(3, count)])
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            out = judge(Path(folder), found)
            print(f"  {count} messages, {out['header_anomaly'].num_rows} oddities: "
                  f"{time.perf_counter() - began:.1f} s", flush=True)  # fmt: skip


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="*", default=[11, 12, 13])
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--forged", type=int, default=40)
    parser.add_argument("--time", type=int, default=0)
    told = parser.parse_args()
    runs: tuple[tuple[str, Callable[[Posted], bool], dict[str, Any]], ...] = (
        ("verified at random", _is_never, {}),
        ("half of the domains unverified", _is_held_out, {}),
        ("as above, senders without verified mail judged as well", _is_held_out,
         {"least_sender_verified": 0}),
    )  # fmt: skip
    for name, hold_out, params in runs if told.seeds else ():
        print(name, flush=True)
        summed([measured(seed, told.count, told.forged, hold_out=hold_out, **params)
                for seed in told.seeds])  # fmt: skip
    if told.time:
        print("time", flush=True)
        timed(told.time)


if __name__ == "__main__":
    main()
