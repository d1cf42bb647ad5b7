"""`kill -9` at random moments of add and run; two writers at once; a reader during a run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tamis.run.audit import audit

pytestmark = pytest.mark.kill
ROUNDS = 30


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tamis", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def succeed(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "tamis", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tamis import simulate

    folder = tmp_path_factory.mktemp("kill") / "incident"
    # Small, so that most of the time goes to kills: the stages are as many as in a large one.
    simulate.write(folder, scale=0.05)
    return folder


def results(case: Path) -> dict[str, list[str]]:
    """What the case says, without the columns that name the run.

    Numbers with a fraction to nine digits, as the design promises: the order in which files were
    committed is the order in which logarithms are added up.
    """
    from tamis.case import Case

    tables = ("item", "place", "message", "signature", "verdict", "post", "first_seen", "co_action")
    with Case.open(case).view() as view:
        return {
            name: sorted(
                repr([(key, _told(value)) for key, value in row.items() if key != "run_id"])
                for row in view.table(name).to_pylist()
            )
            for name in tables
        }


def _told(value: Any) -> Any:
    return f"{value:.9g}" if isinstance(value, float) else value


def work(case: Path, incident: Path) -> list[tuple[str | Path, ...]]:
    return [
        ("add", case, incident / "leak"),
        ("add", case, incident / "keys", "--kind", "keys"),
        ("add", case, incident / "posts"),
        ("run", case),
    ]


def is_killed(command: tuple[str | Path, ...], after_s: float) -> bool:
    """Whether the command had to be killed; if not, it ended well by itself."""
    running = start(*command)
    try:
        _, told = running.communicate(timeout=after_s)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        return True
    assert running.returncode == 0, told
    return False


def audit_cleanly(case: Path) -> None:
    result = audit(case)
    assert result.ok, result.problems


def test_thirty_kills_lose_nothing(incident: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    succeed("new", whole)
    durations = []
    for command in work(whole, incident):
        began = time.monotonic()
        succeed(*command)
        durations.append(time.monotonic() - began)
    expected = results(whole)
    assert all(expected.values())

    dice = random.Random(20170505)
    killed = 0
    for number in count():
        if killed >= ROUNDS:
            break
        case = tmp_path / f"killed-{number}"
        succeed("new", case)
        for command, duration in zip(work(case, incident), durations, strict=True):
            while is_killed(command, dice.uniform(0.2, 1.0) * duration):
                killed += 1
                audit_cleanly(case)
        assert results(case) == expected
        audit_cleanly(case)


def wait_until_it_writes(process: subprocess.Popen[bytes], case: Path) -> None:
    """Comes back once `process` holds the writer lock of `case`."""
    lock = case / "locks" / "writer"
    while not lock.is_file() or lock.read_text() != f"{process.pid}\n":
        assert process.poll() is None, "it ended before it was seen to write"
        time.sleep(0.005)


def test_the_second_writer_is_refused_at_once(incident: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    succeed("new", case)
    succeed("add", case, incident / "leak")
    first = start("run", case)
    try:
        wait_until_it_writes(first, case)
        os.killpg(first.pid, signal.SIGSTOP)  # it keeps the lock for as long as the second needs
        second = subprocess.run(
            [sys.executable, "-m", "tamis", "add", str(case), str(incident / "posts")],
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert second.returncode == 2
        assert str(first.pid) in second.stderr
    finally:
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate()
    assert first.returncode == 0
    succeed("add", case, incident / "posts")
    assert "0 problems" in succeed("audit", case)


def test_a_reader_keeps_its_generation_while_a_run_writes(incident: Path, tmp_path: Path) -> None:
    from tamis.case import Case
    from tamis.plan import Query

    case = tmp_path / "case"
    succeed("new", case)
    succeed("add", case, incident / "leak")
    count = Query("counted", "SELECT count(*) AS n FROM signature")
    with Case.open(case).view() as view:
        generation = view.generation
        succeed("add", case, incident / "keys", "--kind", "keys")
        succeed("run", case)
        succeed("add", case, incident / "posts")
        succeed("run", case)
        assert view.generation == generation
        assert view.query(count).column("n")[0].as_py() == 0
        assert view.table("item").num_rows == view.row_count("item")
    with Case.open(case).view() as view:
        assert view.generation > generation
        assert view.query(count).column("n")[0].as_py() > 0
