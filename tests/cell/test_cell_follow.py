"""How far a worker has come, seen from outside: its word, held to the length of its input."""

from __future__ import annotations

from pathlib import Path

import hostile_tasks
import pytest

from tamis.cell import Cell, Job, Span, Trial, Workplace, crew, pool

HERE = str(Path(__file__).parent)
ALLOWED = Trial(allow=("hostile_tasks",), paths=(HERE,))


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_LISTEN_S", 0.02)
    monkeypatch.setattr(pool, "_HEED_S", 0.02)


def follow(tmp_path: Path, place: Path | Span, **args: int) -> list[tuple[int, str]]:
    seen: list[tuple[int, str]] = []
    job = Job("1", "hostile_tasks:read_slowly", (place,), ({"input": 0},), args)
    with Cell(1, tmp_path / "spool", Workplace(trial=ALLOWED)) as cell:
        list(cell.run([Job("0", "hostile_tasks:who")]))  # a warm worker
        (outcome,) = cell.run([job], lambda _, size, mark: seen.append((size, mark)))
        assert outcome.status == "done"
        list(cell.run([Job("2", "hostile_tasks:who", (), ({},))], lambda *_: None))
    return seen


def test_bytes_read_so_far_and_the_mark_are_told_while_a_call_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    seen = follow(tmp_path, tmp_path / "file", half=40_000)
    assert (40_000, "7") in seen
    assert [size for size, _ in seen] == sorted(size for size, _ in seen)


def test_a_span_counts_from_its_own_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    seen = follow(tmp_path, Span(tmp_path / "file", 50_000, 20_000), half=5_000)
    assert (5_000, "7") in seen


@pytest.mark.parametrize(("lie", "told"), [(10**9, 100_000), (0, 0)])
def test_a_lie_about_it_stays_within_the_file(tmp_path: Path, lie: int, told: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    assert (told, "7") in follow(tmp_path, tmp_path / "file", half=1000, lie=lie)


def test_a_task_that_nobody_follows_is_not_asked(tmp_path: Path) -> None:
    with Cell(1, tmp_path, Workplace(trial=ALLOWED)) as cell:
        item = {"n": 1}
        tables = {"numbers": hostile_tasks.SCHEMA}
        (outcome,) = cell.run([Job("1", "hostile_tasks:count", (), (item,), {}, tables)])
    assert outcome.status == "done"
