"""Each attack costs exactly one item, says why, and the pool keeps working."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import hostile_tasks
import pytest

from tamis.cell import Cell, Job, Limits, Trial, Workplace, read_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.cell import Outcome

HERE = str(Path(__file__).parent)
LIMITS = Limits(
    memory_bytes=192 << 20, cpu_s=0.4, wall_s=2.5, output_bytes=24 << 20, seconds_per_mib=0
)

USES_UP = {
    "eat_memory": "more than 192 MiB of memory",
    "eat_memory_at_once": "more than 192 MiB of memory",
    "spin": "still computing after 0.4 seconds",
    "spin_behind_a_handler": "still computing after 0.4 seconds",
    "sleep": "had not finished after 2.5 seconds",
    "begin_to_answer_and_sleep": "had not finished after 2.5 seconds",
    "write_too_much": "wrote more than 24 MiB",
    "write_past_the_file_limit": "wrote more than 24 MiB",
    # Making thousands of files is computing, too: on a slow machine that limit comes first.
    "write_many_files": "wrote more than 24 MiB|still computing after 0.4 seconds",
    "recurse": "nested more deeply",
}
BREAKS = {
    "crash": r"crashed \(SIGSEGV\)",
    "abort": r"crashed \(SIGABRT\)",
    "leave_silently": r"ended without an answer \(exit code 0\)",
    "leave_politely": r"ended without an answer \(exit code 70\)",
    "raise_error": r"\(ValueError: line one line two \[31m\)",
    "return_no_json": "TypeError",
}
LIES = {
    "lie_about_the_job": "answered about a job it was not given",
    "send_garbage": "cannot be read",
    "send_a_list": "no object",
    "send_deep_json": "cannot be read",
    "send_a_giant_frame": "longer than an answer may be",
    "answer_twice": "more than one answer",
    "name_a_path": "a file that it may not write",
    "name_a_file_twice": "the same file twice",
    "name_an_absent_file": "which it did not write",
    "name_wrong_types": "no list of files",
    "add_a_field": "other fields than agreed",
    "write_no_arrow": "index is damaged",
    "write_other_columns": "columns are not those expected",
    "write_loose_nulls": "columns are not those expected",
    "write_forbidden_null": "holds NULL, which it must not",
    "write_unknown_table": "surprise that was not asked for",
    "keep_a_file_open": "still open for writing",
}
REACHES_BY_SYSCALL = (
    "fork",
    "execute",
    "open_socket",
    "open_unix_socket",
    "open_datagram_pair",
    "change_mode_of_input",
    "change_time_of_input",
    "signal_the_server",
    "make_symlink",
    "make_hard_link",
)
REACHES_BY_FILE = (
    "read_password_file",
    "write_outside",
    "remove_outside",
    "reopen_input_for_writing",
)


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cell]:
    trial = Trial(allow=("hostile_tasks",), paths=(HERE,))
    with Cell(2, tmp_path_factory.mktemp("spool"), Workplace(LIMITS, trial=trial)) as opened:
        yield opened


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_bytes(b"evidence")
    path.chmod(0o640)
    return path


def job(job_id: str, *items: dict[str, object], path: Path | None = None) -> Job:
    return Job(
        job_id,
        "hostile_tasks:count",
        paths=(path,) if path else (),
        items=items,
        tables={"numbers": hostile_tasks.SCHEMA},
    )


def numbers(outcome: Outcome) -> list[int]:
    return read_arrow(outcome.files["numbers"], hostile_tasks.SCHEMA).column("n").to_pylist()


def attack(cell: Cell, name: str, victim: Path) -> str:
    """The reason of the one failure, once everything beside it has come out right."""
    target = str(victim.with_name("planted") if name == "write_outside" else victim)
    bad = {"n": 2, "attack": name, "target": target}
    jobs = [
        job("mixed", {"n": 1}, bad, {"n": 3}, path=victim),
        job("clean", {"n": 10}, {"n": 11}),
        job("later", {"n": 20}),
    ]
    outcomes = list(cell.run(jobs))
    failed = [o for o in outcomes if o.status == "failed"]
    done = [o for o in outcomes if o.status == "done"]
    assert [o.job.items for o in failed] == [(bad,)]
    assert sorted(n for o in done for n in numbers(o)) == [1, 3, 10, 11, 20]
    assert sorted(n for o in done for n in o.result) == [1, 3, 10, 11, 20]
    assert victim.read_bytes() == b"evidence"
    assert victim.stat().st_mode & 0o777 == 0o640
    assert [o.status for o in cell.run([job("after", {"n": 30})])] == ["done"]
    assert failed[0].reason
    assert failed[0].reason.isprintable()
    return failed[0].reason


@pytest.mark.parametrize("name", USES_UP)
def test_what_uses_a_limit_up_is_stopped(cell: Cell, victim: Path, name: str) -> None:
    reason = attack(cell, name, victim)
    assert re.search(USES_UP[name], reason), reason


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_named(cell: Cell, victim: Path, name: str) -> None:
    reason = attack(cell, name, victim)
    assert re.search(BREAKS[name], reason), reason


@pytest.mark.parametrize("name", LIES)
def test_what_lies_is_refused(cell: Cell, victim: Path, name: str) -> None:
    reason = attack(cell, name, victim)
    assert LIES[name] in reason
    assert "answer was refused" in reason


@pytest.mark.parametrize("name", REACHES_BY_SYSCALL)
def test_system_calls_that_reach_out_are_refused(cell: Cell, victim: Path, name: str) -> None:
    if not cell.isolation.syscalls:
        pytest.skip(f"no seccomp here: {cell.isolation.notes}")
    assert "Operation not permitted" in attack(cell, name, victim)


@pytest.mark.parametrize("name", REACHES_BY_FILE)
def test_files_beyond_its_own_are_out_of_reach(cell: Cell, victim: Path, name: str) -> None:
    if not cell.isolation.files:
        pytest.skip(f"no Landlock here: {cell.isolation.notes}")
    reason = attack(cell, name, victim)
    assert "Permission denied" in reason or "Operation not permitted" in reason
    assert not victim.with_name("planted").exists()


def test_threads_are_not_processes(cell: Cell) -> None:
    (outcome,) = cell.run([job("threads", {"n": 1, "attack": "use_threads"})])
    assert outcome.status == "done"


def test_floods_of_words_go_nowhere(cell: Cell, capfd: pytest.CaptureFixture[str]) -> None:
    outcomes = list(cell.run([job("flood", {"n": 1, "attack": "flood_streams"})]))
    assert [o.status for o in outcomes] == ["done"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["crash_later", "babble_later"])
def test_an_item_is_not_blamed_for_its_predecessor(tmp_path: Path, name: str) -> None:
    trial = Trial(allow=("hostile_tasks",), paths=(HERE,))
    with Cell(1, tmp_path, Workplace(LIMITS, trial=trial)) as cell:
        poison = job("poison", {"n": 0, "attack": name})
        innocent = (job(f"{n}", {"n": n, "attack": "linger"}) for n in range(1, 4))
        outcomes = list(cell.run([poison, *innocent]))
    assert sorted(o.result[0] for o in outcomes if o.status == "done") == [0, 1, 2, 3]


def test_a_symlink_among_the_results_is_refused_without_the_walls(
    tmp_path: Path, victim: Path
) -> None:
    trial = Trial(("hostile_tasks",), (HERE,), without=("landlock", "seccomp"))
    with Cell(1, tmp_path / "spool", Workplace(LIMITS, trial=trial)) as cell:
        assert "no plain file" in attack(cell, "make_symlink", victim)
        assert "no plain file" in attack(cell, "make_hard_link", victim)
        assert not cell.isolation.files


def test_children_do_not_outlive_the_cell_without_the_walls(tmp_path: Path) -> None:
    trial = Trial(("hostile_tasks",), (HERE,), without=("seccomp",))
    with Cell(1, tmp_path, Workplace(LIMITS, trial=trial)) as cell:
        (outcome,) = cell.run([job("fork", {"n": 1, "attack": "fork_and_hide"})])
        assert "had not finished" in str(outcome.reason)
        assert not _alive("tamis-test-hid")
    assert not _alive("tamis-test-hid")


def _alive(name: str) -> bool:
    """Whether such a process still lives after a moment's grace."""
    for _ in range(50):
        if not _exists(name):
            return False
        time.sleep(0.05)
    return True


def _exists(name: str) -> bool:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if name in (entry / "comm").read_text():
                    return True
            except OSError:
                continue
    return False


def test_tasks_outside_tamis_are_refused_by_default(tmp_path: Path) -> None:
    with Cell(1, tmp_path) as cell:
        (outcome,) = cell.run([Job("j", "os:getcwd", items=({},))])
    assert outcome.status == "failed"
    assert "not inside tamis" in str(outcome.reason)


def test_the_environment_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_FOR_WORKERS", "1")
    trial = Trial(("hostile_tasks",), (HERE,))
    with Cell(1, tmp_path, Workplace(trial=trial)) as cell:
        (outcome,) = cell.run([Job("j", "hostile_tasks:environment", items=({},))])
    assert outcome.result == [{}, 0]
    assert os.environ["NOT_FOR_WORKERS"] == "1"
