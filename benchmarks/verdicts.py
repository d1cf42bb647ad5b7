"""All stages that a verdict needs over a generated dump: time by stage, and the memory.

python benchmarks/verdicts.py [--count 72000] [--jobs 2] [--keep FOLDER]

Budget (issue 4): 72,000 messages in five minutes on two cores. Intake and making the dump are
printed and not counted. The dump is that of `tamis.simulate.dump`.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
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

BUDGET_S = 300


def _write(folder: Path, count: int) -> None:
    began = time.perf_counter()
    truth = write_dump(folder / "dump", seed=7, count=count)
    _told("the dump is written (not counted)", began, f"{len(truth):,} messages")
    began = time.perf_counter()
    case = Case.create(folder / "case", title="verdicts")
    for kind in ("leak", "reference", "keys"):
        add(case, [folder / "dump" / kind], kind=kind)
    _told("intake (not counted)", began, "")


def _judge(folder: Path, jobs: int) -> None:
    """Print what each stage took; the last line is the sum in seconds.

    Processor time is printed beside it: other programs on the machine do not change it.
    """
    case, total = Case(folder / "case"), 0.0
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            began, spent = time.perf_counter(), _processor_s()
            told = run_stage(writer, stage, RunContext("bench", "duckdb", jobs, Silent()))
            total += time.perf_counter() - began
            more = f"{_processor_s() - spent:>8.1f} s of processor  {told.partition(': ')[2]}"
            _told(stage.name, began, more)
    print(f"processor time of all stages: {_processor_s():.1f} s")
    for name, who in (("program", resource.RUSAGE_SELF), ("worker", resource.RUSAGE_CHILDREN)):
        print(f"largest {name}: {resource.getrusage(who).ru_maxrss // 1024:,} MB")
    print(f"{total:.1f}")


def _processor_s() -> float:
    """Processor seconds so far, workers that ended included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _told(what: str, began: float, more: str) -> None:
    print(f"{what:<36}{time.perf_counter() - began:>8.1f} s  {more}", flush=True)


def main(argv: list[str] | None = None) -> int:
    """Print the figures; 1 if the budget is missed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=72_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="make the case here and leave it")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if chosen.write or chosen.judge:
        if chosen.write:
            _write(chosen.write, chosen.count)
        else:
            _judge(chosen.judge, chosen.jobs)
        return 0
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="tamis-verdicts-"))
    told = ["--count", str(chosen.count), "--jobs", str(chosen.jobs)]
    try:
        subprocess.run([sys.executable, __file__, "--write", str(folder), *told], check=True)
        total = _watched([sys.executable, __file__, "--judge", str(folder), *told])
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder)
    print(f"all stages: {total:.1f} s for {chosen.count:,} messages, budget {BUDGET_S} s")
    return int(total > BUDGET_S)


def _watched(command: list[str]) -> float:
    """The seconds in the last line of what the command prints; the lines before are shown."""
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            if last:
                print(last, flush=True)
            last = line.rstrip("\n")
    return float(last)


if __name__ == "__main__":
    sys.exit(main())
