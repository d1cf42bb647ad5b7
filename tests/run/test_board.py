"""The board: what people say is kept once, repeated in tables, and concluded from by nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tamis import records
from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.run.board import add_hypothesis, read, set_cell, settle
from tamis.run.report import write_report
from tamis.run.sayings import refresh

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "a\x1b[2Jb\u202ec <script>"
COHORT = {
    "cohort_id": "c1",
    "shared_by": "software",
    "shared": "x",
    "detail": HOSTILE,
    "is_differing": True,
    "differs_rank": 0,
    "item_count": 3,
    "rest_count": 9,
    "marks": [],
    "is_foreign": True,
    "is_one_sitting": True,
    "resaved_share": 1.0,
    "foreign_count": 0,
    "limits": "l",
    "run_id": "r",
    "analysis_version": "a/1",
}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case.create(tmp_path / "case", title="t")
    with made.writer() as writer:
        writer.append("cohort", records.table("cohort").build([COHORT]))
        writer.commit()
    return made


def table(case: Case, name: str) -> list[dict[str, Any]]:
    with case.view() as view:
        found: list[dict[str, Any]] = view.table(name).to_pylist()
    return found


def test_unknown_ids_and_empty_words_are_refused_and_leave_nothing(case: Case) -> None:
    with pytest.raises(InputError, match="there are: none"):
        set_cell(case, "H1", "c1", "neutral", note="n", author="a")
    add_hypothesis(case, "one", "a")
    for wrong in (
        ("H2", "c1", "neutral", "n", "a"),
        ("H1", "c2", "neutral", "n", "a"),
        ("H1", "c1", "likely", "n", "a"),
        ("H1", "c1", "neutral", " ", "a"),
        ("H1", "c1", "neutral", "n", ""),
    ):
        with pytest.raises(InputError):
            set_cell(case, *wrong[:3], note=wrong[3], author=wrong[4])
    for text, author in (("", "a"), ("x" * 2001, "a"), ("two", " ")):
        with pytest.raises(InputError):
            add_hypothesis(case, text, author)
    assert len(case.decisions()) == 1
    assert read(case).cells == ()


def test_a_word_during_a_run_is_kept_and_the_report_catches_up(case: Case) -> None:
    with case.writer():
        name, remark = add_hypothesis(case, "said while another writes", "a")
        assert "next report" in remark
    assert name == "H1"
    assert table(case, "hypothesis") == []
    assert b"said while another writes" in write_report(case).path.read_bytes()
    assert [row["statement"] for row in table(case, "hypothesis")] == ["said while another writes"]


def test_the_same_board_again_changes_no_generation(case: Case) -> None:
    add_hypothesis(case, "one", "a")
    with case.view() as view:
        generation = view.generation
    assert refresh(case, settle) == ""
    with case.view() as view:
        assert view.generation == generation


def test_the_command_line_says_what_was_said_and_obeys_no_text(case: Case) -> None:
    run = CliRunner()
    path = str(case.path)
    added = run.invoke(cli, ["board", path, "add-hypothesis", HOSTILE, "--by", "Vane"])
    assert (added.exit_code, added.stdout) == (0, "H1\n")
    said = ["board", path, "set", "H1", "c1", "consistent", "--note", HOSTILE, "--by", "Vane"]
    assert run.invoke(cli, said).exit_code == 0
    shown = run.invoke(cli, ["board", path, "show"]).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "consistent: cohort c1" in shown
    assert "draws no conclusion" in shown
    lines = run.invoke(cli, ["board", path, "show", "--as", "jsonl"]).stdout.splitlines()
    assert [json.loads(line)["table"] for line in lines] == ["hypothesis", "board_cell"]
    assert json.loads(lines[1])["note"] == HOSTILE
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert run.invoke(cli, [*said[:5], "likely", *said[6:]]).exit_code == 2


def test_a_forgotten_member_takes_the_words_of_its_group_along(case: Case, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("bytes")
    with case.writer() as writer:
        item_id, size = writer.store(tmp_path / "file")
        item = {"item_id": item_id, "kind": "leak", "size_bytes": size, "status": "read"}
        place = {"item_id": item_id, "root": "/r", "kind": "leak", "path": "f", "name": "f"}
        member = {"cohort_id": "c1", "item_id": item_id, "run_id": "r", "analysis_version": "a/1"}
        for name, row in (
            ("item", item),
            ("place", {**place, "position": 0, "depth": 0}),
            ("cohort_member", member),
        ):
            writer.append(name, records.table(name).build([row]))
        writer.commit()
    case.forget(item_id, "asked for")
    assert table(case, "cohort_member") == table(case, "cohort") == []
