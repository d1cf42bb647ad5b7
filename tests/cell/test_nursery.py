"""Several cells whose workers come from one server: shared code, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tamis.cell import Cell, Job, Limits, Nursery, Trial, Workplace
from tamis.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = str(Path(__file__).parent)
TRIAL = Trial(allow=("hostile_tasks",), paths=(HERE,))


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with Nursery(TRIAL) as opened:
        yield opened


def _workers(cell: Cell) -> list[int]:
    assert cell._crew is not None
    return [handle.pid for handle in (*cell._crew._idle, *cell._crew._busy.values())]


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _status(cell: Cell, attack: str) -> str:
    items = ({"n": 1, "attack": attack},)
    (outcome,) = cell.run([Job("j", "hostile_tasks:count", items=items)])
    return outcome.reason or outcome.status


def test_the_workers_of_a_cell_end_with_it_and_the_server_stays(
    nursery: Nursery, tmp_path: Path
) -> None:
    seen: set[int] = set()
    for number in range(3):
        with Cell(2, tmp_path / str(number), nursery=nursery) as cell:
            assert cell.isolation.is_full or cell.isolation.notes
            pids = _workers(cell)
            assert [outcome.status for outcome in cell.run([Job("j", "hostile_tasks:sizes")])]
        assert not seen.intersection(pids)
        seen.update(pids)
        assert not [pid for pid in seen if _lives(pid)]
        assert nursery._process.poll() is None
    nursery.close()
    assert nursery._process.poll() is not None


def test_a_worker_that_works_is_ended_with_its_cell(nursery: Nursery, tmp_path: Path) -> None:
    with Cell(1, tmp_path, nursery=nursery) as cell:
        outcomes = cell.run(
            [Job("slow", "hostile_tasks:count", items=({"n": 1, "attack": "sleep"},))]
        )
        cell._fill(cell._crew, iter(()))  # type: ignore[arg-type]
        pids = _workers(cell)
        outcomes.close()
    assert pids
    assert not [pid for pid in pids if _lives(pid)]


def test_each_cell_has_its_own_limits_and_its_own_folders(nursery: Nursery, tmp_path: Path) -> None:
    secret = tmp_path / "open" / "secret"
    secret.parent.mkdir()
    secret.write_text("told")
    asking = Job("j", "hostile_tasks:read_target", items=({"target": str(secret)},))
    narrow = Limits(memory_bytes=64 << 20)
    with (
        Cell(1, tmp_path / "a", Workplace(readable=(secret.parent,)), nursery=nursery) as one,
        Cell(1, tmp_path / "b", Workplace(narrow), nursery=nursery) as two,
    ):
        (told,) = one.run([asking])
        (refused,) = two.run([asking])
        assert told.result == ["told"]
        if two.isolation.files:
            assert refused.status == "failed"
        assert "memory" in _status(two, "eat_memory")
        # What ended there ended nothing here.
        (again,) = one.run([asking])
        assert again.result == ["told"]


def test_modules_are_loaded_for_the_workers_that_start_afterwards(
    nursery: Nursery, tmp_path: Path
) -> None:
    for preload in (("pyarrow",), ("pyarrow", "tamis.run.pair_task")):
        with Cell(
            1, tmp_path / str(len(preload)), Workplace(preload=preload), nursery=nursery
        ) as cell:
            assert [one.status for one in cell.run([Job("j", "hostile_tasks:sizes")])] == ["done"]
    assert nursery._loaded == {"pyarrow", "tamis.run.pair_task"}


def test_what_cannot_be_loaded_is_said_when_a_worker_is_asked_for(tmp_path: Path) -> None:
    with Nursery() as nursery:
        nursery.load(("no_such_module_of_tamis",))
        with (
            pytest.raises(CellError, match="no_such_module_of_tamis"),
            Cell(1, tmp_path, nursery=nursery),
        ):
            pass
