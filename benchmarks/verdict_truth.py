"""The verdicts on a generated dump whose truth is known: what is found, believed, accused.

python benchmarks/verdict_truth.py [--count 5000] [--seeds 41 42 43] [--missed]

Budgets (issue 4): altered copies found where a twin, an original or one localised edit exists,
95 of 100; of undoable damage 90 of 100; nothing altered or forged is believed; nobody honest is
called altered. Quotations are printed and have no budget: what they can show stands in
docs/decisions/0018. The seeds are not those that rules were written on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages_for
from tamis.simulate.dump import write_dump
from tamis.simulate.dump_figures import Figures, figures_of

LEAST = {"altered: twin": 0.95, "altered: reference": 0.95, "altered: localised": 0.95,
         "damaged: undoable, key known": 0.9}  # fmt: skip
_NAMED = ("true_class", "made_as", "evidence", "key", "mailbox", "item_id")


def judged(folder: Path, *, seed: int, count: int) -> Figures:
    """The figures of one dump, written and judged below `folder`."""
    truth = write_dump(folder / "dump", seed=seed, count=count)
    case = Case.create(folder / "case", title="a dump with truth")
    for kind, name in (("leak", "leak"), ("reference", "reference"), ("keys", "keys")):
        add(case, [folder / "dump" / name], kind=kind)
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            began = time.perf_counter()
            run_stage(writer, stage, RunContext("truth", "duckdb", 2, Silent()))
            print(f"  {stage.name} {time.perf_counter() - began:.1f} s", file=sys.stderr)
    with case.view() as view:
        repairs = view.table("repair", ["item_id", "outcome"]).to_pylist()
        strata = view.table("stratum").to_pylist()
        verdicts = view.table("verdict").to_pylist()
    return figures_of(
        truth,
        verdicts,
        repaired={one["item_id"]: one["outcome"] for one in repairs},
        expected_false=sum(one["expected_false"] or 0 for one in strata),
    )


def main(argv: list[str] | None = None) -> int:
    """Print tables and shares; 1 if a budget is missed or somebody is wronged, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[41])
    parser.add_argument("--missed", action="store_true", help="name each message not found")
    chosen = parser.parse_args(argv)
    whole = Figures()
    for seed in chosen.seeds:
        with tempfile.TemporaryDirectory() as folder:
            whole.add(judged(Path(folder), seed=seed, count=chosen.count))
    print("\n".join(whole.lines()))
    for told in (*whole.believed, *whole.accused, *(whole.missed if chosen.missed else ())):
        print({name: told[name] for name in _NAMED}, told["said"]["rule_id"])
    low = [kind for kind, least in LEAST.items() if whole.share(kind) < least]
    altered = [one for one in whole.accused if one["said"]["verdict"] == "altered_copy"]
    contradicted = len(whole.accused) - len(altered)
    for kind in low:
        print(f"missed: {kind} {whole.share(kind):.3f} < {LEAST[kind]}")
    return int(bool(low or whole.believed or altered or contradicted > whole.expected_false))


if __name__ == "__main__":
    sys.exit(main())
