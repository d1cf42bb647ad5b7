"""What a dead worker had noted: told with the outcome, and nothing but a short plain word."""

from __future__ import annotations

from pathlib import Path

import hostile_tasks
import pytest

from tamis.cell import Cell, Job, Trial, Workplace

HERE = str(Path(__file__).parent)


@pytest.mark.parametrize(
    ("attack", "at", "mark"),
    [
        ("note_and_abort", "b" * 64, "b" * 64),
        ("note_and_abort", "", ""),
        ("abort", "", ""),
        ("note_garbage_and_abort", "", ""),
    ],
)
def test_the_mark_of_a_dead_worker(tmp_path: Path, attack: str, at: str, mark: str) -> None:
    trial = Trial(allow=("hostile_tasks",), paths=(HERE,))
    item = {"n": 1, "attack": attack, "at": at}
    tables = {"numbers": hostile_tasks.SCHEMA}
    with Cell(1, tmp_path, Workplace(trial=trial)) as cell:
        (outcome,) = cell.run([Job("1", "hostile_tasks:count", (), (item,), {}, tables)])
    assert outcome.status == "failed"
    assert outcome.reason == "the parser crashed (SIGABRT)"
    assert outcome.mark == mark
