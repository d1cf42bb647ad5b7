"""What `tamis add` prints: every file in one line of the table, fit for a terminal."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tamis.case import Case
from tamis.run.intake import add
from tamis.run.intake_report import IntakeReport

if TYPE_CHECKING:
    from pathlib import Path

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LETTER = (
    b"From: a@b.example\r\nTo: c@d.example\r\nSubject: s\r\n"
    b"Date: Fri, 5 May 2017 10:00:00 +0200\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n"
    b"--x\r\nContent-Disposition: attachment; filename=n.txt\r\n\r\nnotes\r\n--x--\r\n"
)


def table(report: IntakeReport) -> dict[str, list[int]]:
    """The table at the end: the numbers of each line by its label."""
    lines = list(report.lines())
    start = next(n for n, line in enumerate(lines) if line.startswith("format "))
    told = {}
    for line in lines[start + 1 :]:
        found = re.fullmatch(r"(.{34}) ([ \d,]+)", line)
        if found:
            numbers = found[2].replace(",", "").split()
            told[found[1].strip()] = [int(number) for number in numbers]
    return told


def test_a_real_intake_ends_with_its_table(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.eml").write_bytes(LETTER)
    (folder / "b.txt").write_bytes(b"Dear all,\n")
    (folder / "c.docx").write_bytes(b"PK\x03\x04 no package")
    report = add(Case.create(tmp_path / "case", title="t"), [folder], kind="leak")
    found = table(report)
    assert found["eml"] == [1, 1, 1, 0, 0, 0]
    assert found["text"] == [1, 0, 1, 0, 0, 0]
    files = found["all files"]
    assert files[:2] == [3, 1]
    assert sum(files[2:]) == 3
    assert sum(found["different items, inside too"]) == 4
    lines = list(report.lines())
    assert "custody head" in lines[-1]
    assert lines.index(next(one for one in lines if one.startswith("all files"))) > len(lines) - 4
    assert any(re.match(r"(failed|refused) +1  \S", line) for line in lines)
    assert any(line.endswith("in c.docx") for line in lines)


def test_every_count_adds_up_and_long_names_stay_in_their_column() -> None:
    report = IntakeReport()
    report.file("eml", "read", None, "a.eml")
    report.file(DOCX, "failed", "its ZIP package is broken", "b.docx")
    report.file("application/x-" + "y" * 60, "refused", "no reader", "c.bin")
    report.items("eml", 2_000_000)
    report.item_statuses = Counter(read=5)
    found = table(report)
    assert found["Word document (docx)"] == [1, 0, 0, 0, 0, 1]
    assert found["all files"] == [3, 2_000_000, 1, 0, 1, 1]
    assert found["different items, inside too"] == [5, 0, 0, 0]
    assert next(iter(found)) == "eml", "what a reader took comes first"
    assert all(len(line) <= 100 for line in report.lines())


def test_failures_come_first_and_hostile_names_stay_on_their_line() -> None:
    report = IntakeReport()
    path = "x/\u202egpj\n\x1b[2Jall is well" + "/deep" * 60 + "/end.eml"
    for number in range(50):
        report.file("eml", "partly", f"reason {number}", path)
        report.file("eml", "partly", f"reason {number}", path)
    report.file("eml", "failed", "the worst " * 60, path)
    lines = list(report.lines())
    assert re.match(r"failed +1  the worst", lines[1])
    assert all(len(line) <= 100 for line in lines)
    assert not any(set("\u202e\n\x1b") & set(line) for line in lines)
    assert any(line.endswith("/end.eml and 1 more") for line in lines)
    assert any(line.startswith("… 21 more reasons: tamis show CASE item") for line in lines)


def test_nothing_new_prints_no_table() -> None:
    assert [line for line in IntakeReport().lines() if line.startswith("format")] == []
