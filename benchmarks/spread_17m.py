"""Every analysis of spread on many generated posts: time of each stage, memory of the whole.

    python benchmarks/spread_17m.py --sizes 1700000 17000000 [--folder DIR] [--only amplifier ...]

The posts are made as tables of a case (`spread_case.py`), not read from files: reading them is
`posts_17m.py`. Each size is a process of its own. What is measured is what `tamis run --only
spread` does: reading the tables, computing, writing and committing the result; each stage is
printed with the largest memory (resident pages of the process and of its workers, shared pages
divided among them) seen while it ran. Exit 1 when 17 million posts take more than 5 minutes or
8 GB, or more than 12 times as long as a tenth of them. In `make bench` the sizes are smaller.
"""

from __future__ import annotations

import argparse
import json
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from posts_17m import Peak
from spread_case import write
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.stages import stages
from tamis.run.warm import warm_nursery

FULL, BUDGET_S, BUDGET_BYTES, BUDGET_GROWTH = 17_000_000, 300, 8_000_000_000, 12.0
_SMALL = (170_000, 1_700_000)


def measured(case: Case, only: list[str], jobs: int) -> dict[str, Any]:
    """Seconds and memory of each stage of spread, in their order."""
    rows = {}
    with warm_nursery() as nursery, case.writer() as writer:
        context = RunContext(secrets.token_hex(8), "duckdb", jobs, Silent(), nursery=nursery)
        for stage in stages(("spread",)):
            if only and stage.name.removeprefix("spread.") not in only:
                continue
            peak = Peak()
            peak.start()
            started, before = time.monotonic(), spent()
            line = run_stage(writer, stage, context)
            took, cpu = time.monotonic() - started, spent() - before
            peak.is_over.set()
            peak.join()
            rows[stage.name] = {"seconds": took, "cpu": cpu, "bytes": peak.most}
            told = f"{took:8.1f} s {cpu:8.1f} s CPU {peak.most / 1e9:6.2f} GB"
            print(f"  {told}  {line}", flush=True)
    return rows


def spent() -> float:
    """Seconds of CPU of this process and of the workers that have ended."""
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + below.ru_utime + below.ru_stime


def _each(options: argparse.Namespace) -> list[tuple[int, float, float, int]]:
    """Posts, seconds, CPU seconds and memory of each size, each in a process of its own."""
    base = options.folder or Path(tempfile.mkdtemp(prefix="spread-"))
    base.mkdir(parents=True, exist_ok=True)
    out = []
    for posts in options.sizes:
        told = base / f"told-{posts}.json"
        command = [sys.executable, __file__, "--one", str(posts), "--folder", str(base)]
        command += ["--jobs", str(options.jobs), "--only", *options.only]
        subprocess.run(command, check=True)
        rows = json.loads(told.read_text())
        seconds = sum(row["seconds"] for row in rows.values())
        cpu = sum(row["cpu"] for row in rows.values())
        out.append((posts, seconds, cpu, max((row["bytes"] for row in rows.values()), default=0)))
    if options.folder is None:
        shutil.rmtree(base)
    return out


def _one(options: argparse.Namespace) -> int:
    posts, base = options.one, options.folder
    made, folder = base / f"made-{posts}", base / f"case-{posts}"
    if not made.exists():
        started = time.monotonic()
        write(made, posts)
        print(f"{posts:,} posts written as tables in {time.monotonic() - started:.0f} s")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    print(f"{posts:,} posts", flush=True)
    rows = measured(Case(folder), options.only, options.jobs)
    shutil.rmtree(folder)
    (base / f"told-{posts}.json").write_text(json.dumps(rows))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """1 when a budget is missed."""
    options = _options(arguments)
    if options.one:
        return _one(options)
    found = _each(options)
    status = 0
    for posts, seconds, cpu, most in found:
        print(f"{posts:>12,} posts: {seconds:7.1f} s, {cpu:.1f} s CPU, {most / 1e9:.2f} GB")
        if posts >= FULL:
            status |= int(seconds > BUDGET_S or most > BUDGET_BYTES)
    (few, short, *_), (many, long, *_) = found[0], found[-1]
    if many > few:
        growth = long / short
        most_growth = BUDGET_GROWTH * many / few / 10
        print(f"{many / few:.0f} times the posts take {growth:.1f} times as long")
        status |= int(growth > most_growth)
    return status


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SMALL)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], metavar="STAGE")
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
