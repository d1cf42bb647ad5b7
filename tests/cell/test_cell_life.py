"""How a cell starts, works, stops and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tamis import records
from tamis.cell import Cell, Isolation, Job, Limits, Span, Trial, Workplace, read_arrow
from tamis.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = str(Path(__file__).parent)
TRIAL = Trial(allow=("hostile_tasks",), paths=(HERE,))
SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cell]:
    with Cell(2, tmp_path_factory.mktemp("spool"), Workplace(trial=TRIAL)) as opened:
        yield opened


def processes(session: int) -> list[int]:
    """The living processes of a session, by id; zombies count."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session:
                found.append(int(entry.name))
    return found


def gone(session: int) -> bool:
    for _ in range(100):
        if not processes(session):
            return True
        time.sleep(0.05)
    return False


def server(cell: Cell) -> int:
    assert cell._crew is not None
    return cell._crew._nursery._process.pid


def test_inputs_are_streams_and_spans_are_bounded(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_bytes(b"0123456789")
    job = Job("j", "hostile_tasks:sizes", (path, Span(path, 2, 5), Span(path, 8, 50)), ({},))
    (outcome,) = cell.run([job])
    assert outcome.result == [10, 5, 2]


def test_a_span_is_a_file_of_its_own(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_bytes(b"abcdefghijklmnop")
    job = Job("j", "hostile_tasks:read_parts", (Span(path, 2, 10),), ({},))
    (outcome,) = cell.run([job])
    assert outcome.result == ["fghi", "kl", 10, "dump"]


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe"])
def test_an_input_that_is_no_file_costs_its_item(cell: Cell, tmp_path: Path, kind: str) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(b"xyz")
    if kind == "folder":
        bad.mkdir()
    if kind == "pipe":
        os.mkfifo(bad)
    jobs = [Job(p.name, "hostile_tasks:sizes", (p,), ({},)) for p in (good, bad)]
    outcomes = {o.job.job_id: o for o in cell.run(jobs)}
    assert outcomes["good"].result == [3]
    assert str(outcomes["bad"].reason).startswith("bad: it could not be opened")


def test_rows_arrive_in_the_tables_of_the_case(cell: Cell) -> None:
    schema = records.table("rejected").schema
    row = {name: "x" for name in schema.names if schema.field(name).type == "string"}
    row |= {name: 1 for name in schema.names if schema.field(name).type == "int64"}
    (outcome,) = cell.run([Job("j", "hostile_tasks:leave_rows", items=(row,) * 5000)])
    assert outcome.result == 5000
    assert outcome.files["notes.txt"].read_bytes() == b"kept"
    assert read_arrow(outcome.files["rejected"], schema).num_rows == 5000
    outcome.discard()
    assert not outcome.files["rejected"].exists()


def test_jobs_are_pulled_only_when_a_worker_is_free(cell: Cell) -> None:
    pulled = []

    def endless() -> Iterator[Job]:
        while True:
            pulled.append(1)
            yield Job(str(len(pulled)), "hostile_tasks:sizes", items=({},))

    outcomes = cell.run(endless())
    for taken in range(1, 20):
        next(outcomes)
        assert len(pulled) <= taken + 4
    outcomes.close()
    assert [o.status for o in cell.run([Job("j", "hostile_tasks:sizes")])] == ["done"]


def test_leaving_early_stops_busy_workers(cell: Cell) -> None:
    slow = Job("slow", "hostile_tasks:count", items=({"n": 1, "attack": "sleep"},))
    started = time.monotonic()
    outcomes = cell.run([slow, Job("quick", "hostile_tasks:sizes")])
    assert next(outcomes).job.job_id == "quick"
    outcomes.close()
    assert time.monotonic() - started < 5
    assert len(processes(server(cell))) <= 3


def test_two_runs_at_once_are_refused(cell: Cell) -> None:
    outcomes = cell.run(Job(str(n), "hostile_tasks:sizes") for n in range(3))
    next(outcomes)
    with pytest.raises(CellError, match="already running"):
        next(cell.run([]))
    outcomes.close()


def test_a_job_that_is_no_json_is_the_callers_mistake(cell: Cell) -> None:
    with pytest.raises(CellError, match="job odd: items and args must be small JSON"):
        list(cell.run([Job("odd", "hostile_tasks:sizes", items=({"bytes": b"x"},))]))
    assert [o.status for o in cell.run([Job("j", "hostile_tasks:sizes")])] == ["done"]


def test_workers_are_recycled(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tamis.cell.crew.RECYCLE_AFTER", 3)
    before = cell._crew._count if cell._crew else 0
    jobs = (Job(str(n), "hostile_tasks:sizes") for n in range(20))
    assert [o.status for o in cell.run(jobs)] == ["done"] * 20
    assert cell._crew is not None
    assert cell._crew._count - before >= 5


def test_nothing_is_left_when_it_closes(tmp_path: Path) -> None:
    with Cell(2, tmp_path, Workplace(trial=TRIAL)) as cell:
        session = server(cell)
        assert all(o.status == "done" for o in cell.run([Job("j", "hostile_tasks:sizes")]))
        assert len(processes(session)) == 2
    assert not processes(session)
    assert [path.name for path in next(tmp_path.iterdir()).iterdir()] == ["out"]
    cell.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_owner(tmp_path: Path, how: signal.Signals) -> None:
    # A shell's background job, and so these tests in one, is born with interrupts ignored.
    script = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = [{SOURCE!r}, {HERE!r}]
from pathlib import Path
from tamis.cell import Cell, Job, Trial, Workplace
place = Workplace(trial=Trial(("hostile_tasks",), ({HERE!r},)))
with Cell(2, Path({str(tmp_path)!r}), place) as cell:
    print(cell._crew._nursery._process.pid, flush=True)
    item = {{"n": 1, "attack": "sleep"}}
    list(cell.run(Job(str(n), "hostile_tasks:count", items=(item,)) for n in range(2)))
"""
    owner = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert owner.stdout is not None
    with owner, owner.stdout as stdout:
        session = int(stdout.readline())
        for _ in range(100):
            if len(processes(session)) == 3:
                break
            time.sleep(0.05)
        assert len(processes(session)) == 3
        owner.send_signal(how)
        owner.wait(15)
    assert gone(session)


@pytest.mark.parametrize(
    ("module", "words"),
    [("no_such_module_of_tamis", "no_such_module_of_tamis"), ("starts_a_thread", "1 threads")],
)
def test_what_cannot_be_loaded_beforehand_is_named(tmp_path: Path, module: str, words: str) -> None:
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    trial = Trial(paths=(str(tmp_path),))
    cell = Cell(1, tmp_path / "spool", Workplace(preload=(module,), trial=trial))
    with pytest.raises(CellError, match=words), cell:
        pass


def test_a_python_that_does_not_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(CellError, match=r"could not be started.*check that"), Cell(1, tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root loses a privilege it reads by")
def test_a_tamis_that_workers_cannot_read_is_told(tmp_path: Path) -> None:
    home = tmp_path / "somebody"
    shutil.copytree(f"{SOURCE}/tamis", home / "tamis", ignore=shutil.ignore_patterns("__py*"))
    os.chown(home, 65534, 65534)
    home.chmod(0o700)
    script = (
        f"import sys; sys.path.insert(0, {str(home)!r})\n"
        "from pathlib import Path; from tamis.cell import Cell\n"
        f"with Cell(1, Path({str(tmp_path)!r})): pass"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert "CellError: workers, which have no privileges, cannot read tamis" in ran.stderr


def test_too_many_inputs_are_the_callers_mistake(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"x")
    with pytest.raises(CellError, match="more than 200 inputs; divide it"):
        list(cell.run([Job("many", "hostile_tasks:sizes", (path,) * 201, ({},))]))
    (outcome,) = cell.run([Job("most", "hostile_tasks:sizes", (path,) * 200, ({},))])
    assert outcome.result == [1] * 200


def test_a_server_that_dies_is_told(tmp_path: Path) -> None:
    with Cell(1, tmp_path, Workplace(trial=TRIAL)) as cell:
        os.kill(server(cell), signal.SIGKILL)
        with pytest.raises(CellError, match=r"ended unexpectedly.*check that"):
            list(cell.run(Job(str(n), "hostile_tasks:sizes") for n in range(50)))


def test_a_folder_is_readable_only_when_it_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "lists" / "names"
    secret.parent.mkdir()
    secret.write_text("x")
    item = {"n": 1, "attack": "read_target", "target": str(secret)}
    results = {}
    for readable in ((), (secret.parent,)):
        with Cell(1, tmp_path / "spool", Workplace(readable=readable, trial=TRIAL)) as cell:
            if not cell.isolation.files:
                pytest.skip(f"no Landlock here: {cell.isolation.notes}")
            task = Job("j", "hostile_tasks:read_target", items=(item,))
            (outcome,) = cell.run([task])
            results[bool(readable)] = (outcome.status, outcome.result)
    assert results == {False: ("failed", None), True: ("done", ["x"])}


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        ("landlock", "no access to files but their own"),
        ("seccomp", "a list of permitted system calls"),
        ("limits", "a limit on memory"),
        ("capabilities", "no privileges"),
    ],
)
def test_a_wall_that_does_not_stand_is_reported(tmp_path: Path, wall: str, words: str) -> None:
    trial = Trial(TRIAL.allow, TRIAL.paths, without=(wall,))
    with Cell(1, tmp_path, Workplace(trial=trial)) as cell:
        present, _, absent = cell.isolation.sentence().partition("could not add: ")
        assert words not in present
        assert words in absent
        assert f"{wall} was left out" in absent
        assert not cell.isolation.is_full


def test_the_network_stands_on_either_wall(tmp_path: Path) -> None:
    trial = Trial(TRIAL.allow, TRIAL.paths, without=("network", "seccomp"))
    with Cell(1, tmp_path, Workplace(trial=trial)) as cell:
        assert not cell.isolation.network
    trial = Trial(TRIAL.allow, TRIAL.paths, without=("seccomp",))
    with Cell(1, tmp_path, Workplace(trial=trial)) as cell:
        if not cell.isolation.network:
            pytest.skip(f"no network namespace here: {cell.isolation.notes}")
        attack = {"n": 1, "attack": "open_socket"}
        (outcome,) = cell.run([Job("j", "hostile_tasks:count", items=(attack,))])
        assert "Network is unreachable" in str(outcome.reason) or "Permission" in str(
            outcome.reason
        )


def test_sentences_for_reports() -> None:
    every = Isolation(*[True] * 9)
    assert every.is_full
    assert "could not add" not in every.sentence()
    assert "without any further limit; this machine could not add: a limit on memory" in (
        Isolation().sentence()
    )
    one = Isolation(memory=True).sentence()
    assert "separate processes with a limit on memory; this machine" in one


def test_limits_grow_with_the_input() -> None:
    limits = Limits(cpu_s=10, wall_s=20, seconds_per_mib=0.5)
    assert limits.seconds(0) == (10, 20)
    assert limits.seconds(8 << 20) == (14, 24)


def test_small_jobs_share_a_worker(cell: Cell, tmp_path: Path) -> None:
    """A process a job would cost a hundred times what a small job costs."""
    path = tmp_path / "small"
    path.write_bytes(b"x" * 2000)
    jobs = (Job(str(n), "hostile_tasks:who", (path,), ({},)) for n in range(50))
    assert len({outcome.result for outcome in cell.run(jobs)}) <= 2
