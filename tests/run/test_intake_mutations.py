"""Damaged real files through the real `add`: one status each, and nothing breaks but the file.

TAMIS_MUTATIONS says how many (`make mutations`: 20,000), TAMIS_MUTATIONS_SEED where they begin.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from file_mutations import OPENED, Corpus, Mutant
from tamis.case import Case
from tamis.run.audit import audit

COUNT = int(os.environ.get("TAMIS_MUTATIONS", "3000"))
SEED = int(os.environ.get("TAMIS_MUTATIONS_SEED", "20170505"))
BATCH = 1000
IN_TAR = 4  # one of so many lies in the batch's tar
CONTROL_EVERY = 20
PARENT_BYTES = 1 << 30
# What the cell says of a worker that died, was stopped, or answered what its input denies.
_CELL = re.compile(r"^the parser(?:'s answer was refused| \w)")
_STAND_IN = "id stands for the place"

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]


@dataclass
class Tally:
    """What became of all cases, for the reader of the test's output."""

    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    surprises: Counter[str] = field(default_factory=Counter)
    parent_bytes: int = 0

    def lines(self) -> list[str]:
        told = [
            f"{how:<22}{status:<9}{n:>6,}" for (how, status), n in sorted(self.statuses.items())
        ]
        told += [f"{n:>4}x in the cell: {why}" for why, n in self.deaths.most_common()]
        told += [f"{n:>4}x unexpected: {why}" for why, n in self.surprises.most_common()]
        return [*told, f"the largest parent took {self.parent_bytes >> 20} MiB"]


def add_by_command(case: Path, dump: Path) -> int:
    """The peak memory in bytes of the parent, which ended well and told no trace."""
    command = [sys.executable, "-m", "tamis", "add", str(case), str(dump), "--kind", "leak"]
    peak = 0
    with (
        (case.parent / "told").open("w+b") as told,
        subprocess.Popen(command, stdout=told, stderr=told) as running,
    ):
        while running.poll() is None:
            for line in _status(running.pid):
                if line.startswith("VmHWM"):
                    peak = int(line.split()[1]) << 10
            time.sleep(0.02)
        told.seek(0)
        said = told.read().decode(errors="replace")
    assert running.returncode == 0, said[-3000:]
    assert "Traceback" not in said, said[-3000:]
    return peak


def _status(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []


def controls(corpus: Corpus) -> list[Path]:
    """Whole files, one of each ending that is opened."""
    return [corpus.kinds[ending][0] for ending in sorted(OPENED & corpus.kinds.keys())]


def write(folder: Path, mutants: list[Mutant], whole: list[Path]) -> dict[str, str]:
    """Paths below the dump and what lies there: how it was damaged, or the whole file's name."""
    dump, inside = folder / "dump", folder / "inside"
    dump.mkdir()
    inside.mkdir()
    made: dict[str, str] = {}
    for rank, one in enumerate(mutants):
        home, path = (dump, one.name) if rank % IN_TAR else (inside, f"batch.tar/{one.name}")
        (home / one.name).write_bytes(one.data)
        made[path] = one.how
        if rank % CONTROL_EVERY == 1:
            # Two names in a row: one beside, one in the tar.
            source = whole[rank // CONTROL_EVERY % len(whole)]
            name = f"{one.name[:5]}-whole{source.suffix}"
            for holder, shown in ((dump, name), (inside, f"batch.tar/{name}")):
                (holder / name).write_bytes(source.read_bytes())
                made[shown] = f"={source}"
    with tarfile.open(dump / "batch.tar", "w") as tar:
        for path in sorted(inside.iterdir()):
            tar.add(path, path.name)
    return made


def outcomes(case: Path) -> dict[str, tuple[str, str | None]]:
    """Status and reason of every path, once items, places and ledgers are found to be sound."""
    with Case.open(case).view() as view:
        rows = view.table("item").to_pylist()
        places = view.table("place").to_pylist()
        ledgers = view.table("ledger").to_pylist()
    items = {row["item_id"]: row for row in rows}
    assert len(items) == len(rows), "an item has two rows"
    assert {row["item_id"] for row in places} == set(items), "an item without a place, or a place"
    for row in rows:
        assert row["status"] in {"read", "partly", "failed", "refused"}, row
        assert row["status"] == "read" or row["reason"], row
        assert row["size_bytes"] or row["status"] != "partly", row
    check_ledgers(ledgers, places)
    found: dict[str, tuple[str, str | None]] = {}
    for place in places:
        if place["depth"] == 0 or (place["depth"] == 1 and place["path"].startswith("batch.tar/")):
            assert place["path"] not in found, place
            item = items[place["item_id"]]
            found[place["path"]] = item["status"], item["reason"]
    return found


def check_ledgers(ledgers: list[dict[str, Any]], places: list[dict[str, Any]]) -> None:
    """What a container declares came out or failed, or a note says why not."""
    below: dict[str, set[tuple[str, int]]] = {}
    for row in places:
        if row["parent_item_id"] is not None:
            holder = below.setdefault(row["parent_item_id"], set())
            holder.add((row["item_id"], row["position"]))
    for row in ledgers:
        emitted, failed = row["emitted_count"], row["failed_count"]
        assert emitted >= 0, row
        assert failed >= 0, row
        if row["expected_count"] is not None:
            assert row["expected_count"] == emitted + failed or row["note"], row
        assert len(below.get(row["container_item_id"], ())) >= emitted, row


def check(folder: Path, made: dict[str, str], untouched: dict[str, Any], tally: Tally) -> None:
    found = outcomes(folder / "case")
    assert found.keys() == made.keys() | {"batch.tar"}
    assert found.pop("batch.tar")[0] in {"read", "partly"}
    again = folder / "again"
    again.mkdir()
    alone: dict[str, tuple[str, str | None]] = {}
    for path, (status, reason) in found.items():
        how = made[path]
        if how.startswith("="):
            # A neighbour's damage never costs a whole file anything.
            assert (status, reason) == untouched[how[1:]], path
            continue
        tally.statuses[how, status] += 1
        if reason and "stopped on something unexpected" in reason:
            tally.surprises[f"{reason} {path}"] += 1
        if reason and _CELL.match(reason):
            tally.deaths[f"{reason} {path}"] += 1
            alone[path] = status, reason
    for path, outcome in alone.items():
        check_alone(folder, path, outcome)
    assert audit(folder / "case").ok


def check_alone(folder: Path, path: str, outcome: tuple[str, str | None]) -> None:
    """A file that is said to have stopped its parser does so in a case of its own."""
    name = path.rpartition("/")[2]
    source = next(one for one in (folder / "dump" / name, folder / "inside" / name) if one.exists())
    place = folder / "again" / f"case-{path.replace('/', '-')}"
    Case.create(place, title="alone")
    add_by_command(place, source)
    assert _plain(outcomes(place)[name]) == _plain(outcome), path


def _plain(outcome: tuple[str, str | None]) -> tuple[str, str]:
    """Without the limit on memory, which is higher where any file of an `add` may be zstd."""
    return outcome[0], re.sub(r"more than \S+ GiB of memory", "too much memory", outcome[1] or "")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "leak"
    if not folder.is_dir():
        pytest.skip("../shared/data is not on this machine: real material is not shipped")
    return Corpus(folder)


@pytest.fixture(scope="module")
def untouched(
    corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[str, str | None]]:
    """What is said of the whole files in a case where nothing is damaged."""
    folder = tmp_path_factory.mktemp("untouched")
    Case.create(folder / "case", title="untouched")
    dump = folder / "dump"
    dump.mkdir()
    sources = {f"{rank:02}{path.suffix}": path for rank, path in enumerate(controls(corpus))}
    for name, path in sources.items():
        (dump / name).write_bytes(path.read_bytes())
    add_by_command(folder / "case", dump)
    return {str(sources[name]): outcome for name, outcome in outcomes(folder / "case").items()}


def test_damaged_files_cost_themselves_and_nothing_else(
    corpus: Corpus, untouched: dict[str, Any], tmp_path: Path
) -> None:
    tally, began = Tally(), time.monotonic()
    for number, start in enumerate(range(0, COUNT, BATCH)):
        folder = tmp_path / str(number)
        folder.mkdir()
        mutants = list(corpus.mutants(SEED + number, min(BATCH, COUNT - start)))
        made = write(folder, mutants, controls(corpus))
        Case.create(folder / "case", title="damaged")
        tally.parent_bytes = max(
            tally.parent_bytes, add_by_command(folder / "case", folder / "dump")
        )
        check(folder, made, untouched, tally)
        # Only what failed is kept for the reader of the failure.
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    sys.stdout.write("\n".join(["", *tally.lines(), f"{time.monotonic() - began:.0f} s", ""]))
    assert tally.parent_bytes < PARENT_BYTES
    assert sum(tally.statuses.values()) == COUNT
