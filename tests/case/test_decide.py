from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from case_rows import add_bytes

from tamis.case import Case, audit, decisions
from tamis.errors import CaseBrokenError, InputError


def told(case: Case) -> list[int]:
    return [line.facts["decision_id"] for line in case.custody() if line.event == "decision"]


def test_a_bulk_decision_is_one_line(case: Case) -> None:
    subjects = [f"x:{number}" for number in range(10_000)]
    assert case.decide("tag", subjects, "cell", "same minute", "me") == 1
    assert case.decide("note", ["a", "a"], "text", "", "you") == 2
    lines = [line.facts for line in case.custody() if line.event == "decision"]
    assert [facts["subject_count"] for facts in lines] == [10_000, 1]
    assert lines[1]["subject_id"] == "a"
    assert case.decisions()[0].subject_ids == tuple(subjects)
    assert (case.path / "custody.jsonl").stat().st_size < 5_000
    assert audit(case.path).ok


@pytest.mark.parametrize("wrong", [("tag", [], "v", "w", "me"), ("tag", ["a"], "v", "w", "")])
def test_a_decision_has_a_subject_and_an_author(case: Case, wrong: tuple[object, ...]) -> None:
    with pytest.raises(InputError):
        case.decide(*wrong)
    assert case.decisions() == ()


def test_a_decision_during_a_run_reaches_custody_and_survives_the_commit(
    case: Case, tmp_path: Path
) -> None:
    with case.writer() as writer:
        add_bytes(writer, tmp_path, b"one")
        case.decide("tag", ["a"], "v", "w", "me")
        assert told(case) == [1]
        writer.commit()
        case.decide("tag", ["b"], "v", "w", "me")
        add_bytes(writer, tmp_path, b"two")
    assert told(case) == [1, 2]
    assert Case.open(case.path).view().generation == 1
    assert audit(case.path).ok


def test_a_decision_whose_process_died_before_custody_gets_there_once(case: Case) -> None:
    decisions.add(case.path, "tag", ["a"], "v", "w", "me")
    assert told(case) == []
    opened = Case.open(case.path)
    assert told(opened) == [1]
    Case.open(case.path)
    assert audit(case.path).ok
    assert told(case) == [1]


def test_an_outbox_row_left_behind_is_not_told_twice(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = decisions._open

    def deny(root: Path, *, is_reading: bool = False) -> object:
        if not is_reading and case.head().count == 3:
            raise KeyboardInterrupt
        return real(root, is_reading=is_reading)

    monkeypatch.setattr(decisions, "_open", deny)
    with pytest.raises(KeyboardInterrupt):
        case.decide("tag", ["a"], "v", "w", "me")
    monkeypatch.undo()
    Case.open(case.path)
    case.decide("tag", ["b"], "v", "w", "me")
    assert told(case) == [1, 2]
    assert audit(case.path).ok


def test_decisions_brought_back_from_an_older_time_are_refused(filled: Case) -> None:
    path = filled.path / "decisions.sqlite"
    old = path.read_bytes()
    filled.decide("tag", ["x"], "v", "w", "me")
    path.write_bytes(old)
    with pytest.raises(CaseBrokenError, match=r"decisions\.sqlite"):
        Case.open(filled.path)


def test_a_decision_changed_on_its_way_is_refused(case: Case) -> None:
    decisions.add(case.path, "tag", ["a"], "v", "w", "me")
    database = sqlite3.connect(case.path / "decisions.sqlite")
    with database:
        database.execute("UPDATE decision SET value = 'other'")
    database.close()
    with pytest.raises(CaseBrokenError, match="was changed"):
        Case.open(case.path)
