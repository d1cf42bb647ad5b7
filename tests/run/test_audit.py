from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis import records
from tamis.errors import NotACaseError
from tamis.run.audit import AuditReport, audit
from tamis.run.report import write_report

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case import Case
    from tamis.run.report import ReportResult


@pytest.fixture
def reported(invented: Case, tmp_path: Path) -> tuple[Case, ReportResult]:
    return invented, write_report(invented, tmp_path / "out.html")


def places(result: AuditReport) -> str:
    return "\n".join(map(str, result.problems))


def flip(path: Path, position: int = 2000) -> None:
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(bytes(data))


def forge(case: Case, change: dict[str, Any], figure_id: str) -> None:
    """Change a stored figure through the front door, so that every hash agrees."""
    with case.view() as view:
        rows = view.table("figure").to_pylist()
    for row in rows:
        if row["figure_id"] == figure_id:
            row.update(change)
    with case.writer() as writer:
        writer.replace("figure", records.table("figure").build(rows))
        writer.commit()


def test_what_nobody_touched_holds(reported: tuple[Case, ReportResult]) -> None:
    case, report = reported
    result = audit(case.path, head=report.head.hash)
    assert result.ok, places(result)
    assert result.figures_checked == report.figures
    assert result.summary().startswith("0 problems; checked: ")
    assert f"custody head {case.head().hash} " in result.summary()


def test_a_case_without_report_says_so(invented: Case) -> None:
    result = audit(invented.path)
    assert result.ok, places(result)
    assert "no report was written yet" in result.summary()


def test_no_case_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotACaseError):
        audit(tmp_path)


def test_a_changed_page_is_named_in_the_case_and_outside(
    reported: tuple[Case, ReportResult],
) -> None:
    case, report = reported
    inside = case.path / "reports" / f"{report.report_id}.html"
    for page in (report.path, inside):
        whole = page.read_bytes()
        flip(page)
        result = audit(case.path)
        assert not result.ok
        assert str(page) in places(result)
        page.write_bytes(whole)
    report.path.unlink()
    assert audit(case.path).ok, "a copy is its owner's to delete"
    inside.unlink()
    assert str(inside) in places(audit(case.path))


@pytest.mark.parametrize(
    ("figure_id", "change"),
    [
        ("messages_verified", {"value": '{"keeps":"value","value":10}'}),
        ("verdicts", {"value": '{"keeps":"rows","row_count":0,"rows":[]}'}),
        ("pair_list", {"value": '{"keeps":"digest","row_count":11,"sha256":"00"}'}),
        ("items", {"query": "SELECT 65 + 1 - 1 AS items FROM run"}),
        ("files_given", {"query": "SELECT count(*) AS files FROM read_csv('/etc/passwd')"}),
        ("pairs", {"generation": 99}),
    ],
)
def test_a_forged_figure_is_named_though_all_hashes_agree(
    reported: tuple[Case, ReportResult], figure_id: str, change: dict[str, Any]
) -> None:
    case, _ = reported
    forge(case, change, figure_id)
    result = audit(case.path)
    assert not result.ok
    assert f"figure {figure_id} of report" in places(result)
    assert "table figure" in places(result)


def test_a_label_rewritten_is_noticed_by_its_digest(reported: tuple[Case, ReportResult]) -> None:
    case, _ = reported
    forge(case, {"label": "Forged messages"}, "messages")
    assert "table figure" in places(audit(case.path))


def test_figures_that_went_missing_are_noticed(reported: tuple[Case, ReportResult]) -> None:
    case, _ = reported
    with case.writer() as writer:
        writer.replace("figure", records.table("figure").build([]))
        writer.commit()
    result = audit(case.path)
    assert result.figures_checked == 0
    assert "table figure" in places(result)


def test_a_table_changed_after_the_report_was_written_is_named(
    reported: tuple[Case, ReportResult],
) -> None:
    case, report = reported
    with case.view(report.report_id) as view:
        (path,) = view.files("verdict")
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if row["verdict"] == "unverifiable":
            row.update(verdict="verified", roll_up="verified")
    path.chmod(0o644)
    table: pa.Table = records.table("verdict").build(rows)
    pq.write_table(table, path)
    result = audit(case.path)
    assert path.name in places(result)
    assert "figure messages_verified of report" in places(result)


def test_later_results_do_not_change_the_report(reported: tuple[Case, ReportResult]) -> None:
    case, report = reported
    with case.view() as view:
        kept = view.table("verdict").slice(0, 5)
    with case.writer() as writer:
        writer.replace("verdict", kept)
        writer.commit()
    result = audit(case.path)
    assert result.ok, places(result)
    assert result.figures_checked == report.figures


def test_only_the_last_report_is_asked_again(reported: tuple[Case, ReportResult]) -> None:
    case, first = reported
    second = write_report(case)
    result = audit(case.path)
    assert result.ok, places(result)
    assert result.figures_checked == second.figures
    flip(case.path / "reports" / f"{second.report_id}.html")
    told = places(audit(case.path))
    assert second.report_id in told
    assert first.report_id not in told


def test_custody_cut_behind_the_report_is_named(reported: tuple[Case, ReportResult]) -> None:
    case, _ = reported
    log = case.path / "custody.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))
    assert "custody.jsonl" in places(audit(case.path))


def test_forgetting_takes_the_page_along_and_audit_says_why(
    reported: tuple[Case, ReportResult],
) -> None:
    case, report = reported
    with case.view() as view:
        rows = view.table("message").to_pylist()
    victim = next(row["item_id"] for row in rows if row["subject"] == "Quarterly figures")
    inside = case.path / "reports" / f"{report.report_id}.html"
    assert victim in inside.read_text()
    case.forget(victim, "asked by the person")
    assert not inside.exists()
    result = audit(case.path)
    assert f"report {report.report_id} is older than the last `tamis forget`" in result.summary()
    assert json.dumps(str(inside)) not in places(result)
    assert not any("figure" in problem.place for problem in result.problems)
    again = write_report(case)
    assert victim not in again.path.read_text()
    assert audit(case.path).figures_checked == again.figures
