from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tamis.errors import CaseLockedError, InputError
from tamis.run.report import figures_digest, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case import Case


def test_the_page_stands_in_the_case_and_its_hash_in_custody(invented: Case) -> None:
    result = write_report(invented)
    assert result.path == invented.path / "reports" / f"{result.report_id}.html"
    line = next(one for one in invented.custody() if one.event == "report")
    found = hashlib.sha256(result.path.read_bytes()).hexdigest()
    assert line.facts["page_sha256"] == found
    assert line.facts["report_id"] == result.report_id
    assert result.head == invented.head()
    assert len(result.statements) == 5


def test_figures_and_findings_become_rows_of_a_generation_of_their_own(invented: Case) -> None:
    with invented.view() as before:
        generation = before.generation
    result = write_report(invented)
    assert result.generation == generation
    with invented.view() as after:
        figures = after.table("figure")
        findings = after.table("finding").to_pylist()
        assert after.generation == generation + 1
    assert figures.num_rows == result.figures > 50
    assert set(figures.column("generation").to_pylist()) == {generation}
    assert set(figures.column("report_id").to_pylist()) == {result.report_id}
    assert [row["statement"] for row in findings] == sorted(result.statements) or len(findings) == 5
    assert all(row["limits"] for row in findings)
    line = next(one for one in invented.custody() if one.event == "report")
    assert line.facts["figures_sha256"] == figures_digest(figures)


def test_the_generation_stays_readable_after_later_ones(invented: Case) -> None:
    result = write_report(invented)
    with invented.view() as view:
        verdicts = view.table("verdict")
    with invented.writer() as writer:
        writer.replace("verdict", verdicts.slice(0, 3))
        writer.commit()
    with invented.view(result.report_id) as pinned, invented.view() as newest:
        assert pinned.row_count("verdict") == 63
        assert newest.row_count("verdict") == 3


def test_a_copy_goes_where_it_is_asked_for(invented: Case, tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "report.html"
    result = write_report(invented, out)
    assert result.path == out
    kept = invented.path / "reports" / f"{result.report_id}.html"
    assert out.read_bytes() == kept.read_bytes()


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_committed(
    invented: Case, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    head = invented.head()
    with pytest.raises(InputError, match=r"report\.html.*name another file"):
        write_report(invented, tmp_path / "file" / "report.html")
    assert invented.head() == head


def test_while_another_writes_there_is_no_report(invented: Case) -> None:
    with invented.writer(), pytest.raises(CaseLockedError):
        write_report(invented)


def test_the_public_edition_keeps_its_key_in_the_case(invented: Case, tmp_path: Path) -> None:
    first = write_report(invented, tmp_path / "one.html", public=True)
    second = write_report(invented, tmp_path / "two.html", public=True)
    with invented.view() as view:
        keys = {view.report_facts(one.report_id)["pseudonym_key"] for one in (first, second)}
    assert len(keys) == 2
    assert not any(key.encode() in first.path.read_bytes() for key in keys)
    custody = json.dumps([dict(line.facts) for line in invented.custody()])
    assert not any(key in custody for key in keys), "custody may be shown to outsiders"
    assert b"sailor_" not in first.path.read_bytes()


def test_the_page_names_the_custody_head_and_its_table_files(invented: Case) -> None:
    head = invented.head()
    with invented.view() as view:
        digest = view.table_hashes("verdict")[0]
    content = write_report(invented).path.read_text()
    assert head.hash in content
    assert digest in content
