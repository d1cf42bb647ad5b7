"""`kill -9` at random moments of adding, deciding, forgetting and compacting."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import case_steps
import pytest

from tamis.case import Case, audit

pytestmark = pytest.mark.kill
KILLS = 30
SEED = 20170505


def start(case: Path, sources: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, case_steps.__file__, str(case), str(sources)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    return running


def told(case: Case) -> dict[str, object]:
    with case.view() as view:
        items = view.table("item").sort_by("item_id").to_pylist()
        tombstones = sorted(view.table("tombstone")["item_id"].to_pylist())
        counts = {name: view.row_count(name) for name in ("item", "place", "message", "blob")}
        messages = sorted(view.table("message")["item_id"].to_pylist())
    decisions = [(one.value, one.subject_ids) for one in case.decisions()]
    noted = [line.facts["value"] for line in case.custody() if line.event == "decision"]
    added = [line.facts["step"] for line in case.custody() if line.event == "added"]
    blobs = sorted(path.name for path in case.path.glob("blobs/*/*"))
    return locals() | {"case": None, "view": None}


def fresh(folder: Path) -> tuple[Case, Path]:
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for step in range(case_steps.STEPS):
        for number in range(case_steps.BLOBS):
            (sources / f"{step}-{number}").write_bytes(case_steps.content(step, number))
    return Case.create(folder / "case", title="killed"), sources


def test_thirty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    whole, sources = fresh(tmp_path / "whole")
    running = start(whole.path, sources)
    began = time.monotonic()
    running.communicate()
    assert running.returncode == 0
    duration = time.monotonic() - began
    expected = told(whole)
    assert expected["added"] == list(range(case_steps.STEPS))

    dice = random.Random(SEED)
    killed = finished = 0
    case, sources = fresh(tmp_path / "k0")
    while killed < KILLS:
        running = start(case.path, sources)
        time.sleep(dice.uniform(0, duration / 3))
        running.send_signal(signal.SIGKILL)
        _, complaint = running.communicate()
        assert running.returncode in {0, -signal.SIGKILL}, complaint.decode()
        opened = Case.open(case.path)
        result = audit(case.path)
        assert result.ok, [str(problem) for problem in result.problems]
        if running.returncode == 0:
            finished += 1
            assert told(opened) == expected
            case, sources = fresh(tmp_path / f"k{finished}")
        else:
            killed += 1
    case_steps.run(case, sources)
    assert told(case) == expected
    assert audit(case.path).ok
    with case.writer():
        pass
    assert not list((case.path / "spool").iterdir())
    assert not list((case.path / "leases").iterdir())


def test_decisions_of_many_processes_while_a_writer_runs(tmp_path: Path) -> None:
    case, sources = fresh(tmp_path)
    code = (
        "import sys; from tamis.case import Case; case = Case.open(sys.argv[1])\n"
        "for n in range(20): case.decide('tag', [str(n)], sys.argv[2], 'why', 'me')"
    )
    deciders = [
        subprocess.Popen([sys.executable, "-c", code, str(case.path), str(number)])
        for number in range(3)
    ]
    with case.writer() as writer:
        for step in range(case_steps.STEPS):
            case_steps.add(writer, sources, step)
    assert [decider.wait() for decider in deciders] == [0, 0, 0]
    noted = [line.facts["decision_id"] for line in case.custody() if line.event == "decision"]
    assert noted == list(range(1, 61))
    assert [one.decision_id for one in case.decisions()] == noted
    assert audit(case.path).ok
    with case.view() as view:
        assert view.row_count("item") == case_steps.STEPS * case_steps.BLOBS


def test_readers_come_and_go_while_files_are_collected(tmp_path: Path) -> None:
    case, sources = fresh(tmp_path)
    code = (
        "import sys; from tamis.case import Case; case = Case.open(sys.argv[1])\n"
        "for n in range(150):\n"
        "    with case.view() as view:\n"
        "        for name in ('item', 'place', 'message', 'blob'):\n"
        "            assert view.table(name).num_rows == view.row_count(name)\n"
    )
    readers = [
        subprocess.Popen([sys.executable, "-c", code, str(case.path)], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    with case.writer() as writer:
        case_steps.add(writer, sources, 0)
        with writer.view() as view:
            rows = {name: view.table(name) for name in ("item", "place", "message")}
        for number in range(60):
            for name, table in rows.items():
                writer.replace(name, table.slice(0, 1 + number % 30))
            writer.commit()
    for reader in readers:
        _, complaint = reader.communicate()
        assert reader.returncode == 0, complaint.decode()
    assert audit(case.path, head=case.head().hash).checked["table files"] == 4
