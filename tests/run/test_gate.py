"""The gate: the case answers thirteen questions, people five, and what changes later shows."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tamis import records
from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.reports.gate.questions import ASKED, QUESTIONS
from tamis.run.audit import audit
from tamis.run.gate import answer, decide, lines
from tamis.run.report import write_report

if TYPE_CHECKING:
    from pathlib import Path


def test_thirteen_are_answered_by_the_case_and_five_are_asked(invented: Case) -> None:
    told = lines(invented)
    assert [line.number for line in told] == list(range(1, 19))
    assert [line.number for line in told if line.asked_of == "person"] == [8, 10, 12, 15, 17]
    assert [line.number for line in told if line.answer is None] == list(ASKED)
    assert sum(bool(line.answer) for line in told) == 13


def test_every_command_runs_and_every_link_of_the_report_leads_somewhere(invented: Case) -> None:
    for line in lines(invented):
        if line.asked_of == "case" and line.command:
            words = re.findall(r'"[^"]*"|\S+', line.command)[1:]
            shell = [word.strip('"') if word != "case" else str(invented.path) for word in words]
            found = CliRunner().invoke(cli, shell, catch_exceptions=False)
            assert found.exit_code == 0, line.command
    page = write_report(invented).path.read_text()
    start = page.index('<section id="gate">')
    section = page[start : page.index("</section>", start)]
    anchors = re.findall(r'href="#([\w-]+)"', section)
    assert len(anchors) > 13
    assert [one for one in anchors if f'id="{one}"' not in page] == []
    assert "nobody has written this yet" in section


def test_people_answer_with_name_and_time_and_earlier_words_are_kept(invented: Case) -> None:
    answer(invented, 8, "We do not know who sent it.", "Ada")
    answer(invented, 8, "We know neither source nor motive.", "Ben")
    (word,) = [line for line in lines(invented) if line.number == 8]
    assert (word.answer, word.author) == ("We know neither source nor motive.", "Ben")
    with invented.view() as view:
        (row,) = view.table("gate_word").to_pylist()
    assert row["change_count"] == 1
    assert sum(one.kind == "gate_answer" for one in invented.decisions()) == 2


@pytest.mark.parametrize("number", [q.number for q in QUESTIONS if not q.is_asked] + [0, 17, 99])
def test_nobody_answers_for_the_case(invented: Case, number: int) -> None:
    with pytest.raises(InputError):
        answer(invented, number, "x", "Ada")


def test_nothing_is_decided_before_what_is_not_known_is_written(invented: Case) -> None:
    with pytest.raises(InputError, match="has to be written before"):
        decide(invented, "publish", "because", "Ada", "Ben")
    with pytest.raises(InputError, match="none of"):
        decide(invented, "perhaps", "because", "Ada", "Ben")


def test_what_changes_after_the_decision_shows(invented: Case) -> None:
    answer(invented, 8, "nothing is known", "Ada")
    decide(invented, "hold", "too early", "Ada", "Ben")
    before = {line.number: line for line in lines(invented)}
    assert "no answer of the case has changed" in str(before[18].answer)
    assert before[17].answer == "hold: too early (reviewed by Ben)"
    url = "https://mega.nz/another"
    with invented.writer() as writer:
        row = {"object_id": f"url:{url}", "kind": "url", "canonical": url, "display": url}
        writer.append("object", records.table("object").build([{**row, "host_kind": "file"}]))
        writer.commit()
    after = {line.number: line for line in lines(invented)}
    assert f"13 was: {before[13].answer}" in str(after[18].answer)
    assert " 5 was: " not in str(after[18].answer)


def test_the_report_with_the_gate_is_recomputed_by_audit(invented: Case) -> None:
    answer(invented, 8, "<script>alert(1)</script>", "Ada\u202e")
    decide(invented, "about_the_hack_only", "<b>why</b>", "Ada", "")
    page = write_report(invented).path.read_text()
    assert "<script>alert(1)" not in page
    assert "<b>why" not in page
    assert not audit(invented.path).problems


def test_the_command_line_shows_answers_and_decides(invented: Case, tmp_path: Path) -> None:
    case = str(invented.path)
    for words in (
        ["gate", case, "answer", "8", "nothing is known", "--by", "Ada"],
        ["gate", case, "decide", "hold", "--why", "too early", "--by", "Ada"],
    ):
        assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    draft = tmp_path / "draft.md"
    draft.write_text("See https://mega.nz/folder/abc.\n")
    shown = CliRunner().invoke(cli, ["gate", case, "--draft", str(draft)], catch_exceptions=False)
    assert shown.exit_code == 1
    assert "line 1, question 13, link" in shown.stdout
    told = CliRunner().invoke(cli, ["gate", case, "--as", "jsonl"], catch_exceptions=False)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["number"] for row in rows] == list(range(1, 19))
    assert told.exit_code == 0


def test_nobody_reviews_a_decision_of_their_own(invented: Case) -> None:
    answer(invented, 8, "we do not know who", "Ada")
    with pytest.raises(InputError, match="somebody else"):
        decide(invented, "hold", "unclear", " Ada  Lee", "ada lee")


def test_a_case_folder_that_moves_changes_no_answer(invented: Case, tmp_path: Path) -> None:
    here = {one.number: one.answer for one in lines(invented)}
    shutil.copytree(invented.path, tmp_path / "moved")
    there = {one.number: one.answer for one in lines(Case.open(tmp_path / "moved"))}
    assert {n: here[n] for n in (13, 14)} == {n: there[n] for n in (13, 14)}
