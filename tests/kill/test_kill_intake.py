"""`kill -9` at random moments of `add` over real archives, mailboxes and documents."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import often
import pytest

from tamis import records
from tamis.case import Case
from tamis.run.audit import audit

pytestmark = [pytest.mark.kill, pytest.mark.shared_data]
KILLS = 10
SEED = 20170505
FOLDERS = ("mixed", "outlook", "docs")
TABLES = (
    *("item", "place", "ledger", "message", "header", "part", "document", "property", "mailbox"),
    "blob",
)


def start(case: Path, leak: Path) -> subprocess.Popen[bytes]:
    folders = [str(leak / name) for name in FOLDERS]
    command = [sys.executable, often.__file__, "add", str(case), *folders, "--kind", "leak"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def told(case: Path) -> dict[str, list[str]]:
    """Every row of every table of the intake, by table."""
    with Case.open(case).view() as view:
        return {
            name: sorted(repr(sorted(row.items())) for row in view.table(name).to_pylist())
            for name in TABLES
        }


def keyed_once(case: Path) -> None:
    """No key of any table occurs twice."""
    with Case.open(case).view() as view:
        for name in TABLES:
            key = records.table(name).key
            rows = [tuple(row.values()) for row in view.table(name, list(key)).to_pylist()]
            assert len(rows) == len(set(rows)), name


def children(pid: int) -> set[int]:
    """The processes below one, so that what a kill leaves behind is known."""
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                below = {int(number) for number in path.read_text().split()}
            except OSError:
                continue
            waiting += below - found
            found |= below
    return found


def wait_for_the_end_of(pids: set[int]) -> None:
    """Workers end by themselves when the program that started them is gone."""
    until = time.monotonic() + 20
    while left := {pid for pid in pids if _is_alive(pid)}:
        assert time.monotonic() < until, left
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def killed_in(case: Path, leak: Path, after_s: float) -> bool:
    """Whether `add` had to be killed; its workers are left to notice that by themselves."""
    running = start(case, leak)
    try:
        _, complaint = running.communicate(timeout=after_s)
    except subprocess.TimeoutExpired:
        below = children(running.pid)
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        wait_for_the_end_of(below)
        return True
    assert running.returncode == 0, complaint.decode()
    return False


def test_ten_kills_during_add_lose_nothing_and_double_nothing(
    shared_data: Path, tmp_path: Path
) -> None:
    leak, whole = shared_data / "leak", tmp_path / "whole"
    Case.create(whole, title="whole")
    began = time.monotonic()
    assert not killed_in(whole, leak, 600)
    duration = time.monotonic() - began
    expected = told(whole)
    assert all(expected.values())
    with Case.open(whole).view() as view:
        commits = view.generation

    dice = random.Random(SEED)
    killed = number = between = 0
    while killed < KILLS:
        number += 1
        case = tmp_path / f"killed-{number}"
        Case.create(case, title="killed")
        while killed_in(case, leak, dice.uniform(0.1, 0.9) * duration):
            killed += 1
            result = audit(case)
            assert result.ok, result.problems
            keyed_once(case)
            with Case.open(case).view() as view:
                between += 0 < view.row_count("place") < len(expected["place"])
        assert told(case) == expected
        assert audit(case).ok
        with Case.open(case).writer():
            pass
        assert not list((case / "spool").iterdir())
    assert commits > 10, "kills can fall between commits"
    assert between > KILLS // 4, "kills did fall between commits"
