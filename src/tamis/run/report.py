"""`tamis report`: the page of the newest generation, its figures, and what keeps both provable."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis import __version__, records
from tamis.case.report_file import write_page
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.reports import Making, Order, compose
from tamis.run import board, breakout, claim_ledger, gate
from tamis.run.withhold import withheld

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from tamis.case import Case, CaseView, Head, Writer
    from tamis.progress import Progress
    from tamis.reports import Report

REPORT_VERSION = "report/1"


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A written report: where it stands, of which generation, and custody's head after it."""

    path: Path
    report_id: str
    generation: int
    figures: int
    head: Head
    statements: tuple[str, ...]


def write_report(
    case: Case,
    out: Path | None = None,
    *,
    public: bool = False,
    also_at: tuple[datetime, ...] = (),
    progress: Progress | None = None,
) -> ReportResult:
    """The report of the newest generation, written into the case and, if asked, to `out`.

    The page stands in the case as reports/<report_id>.html; its hash, its figures' hash and its
    generation stand in custody, and the generation stays readable for `audit`.
    Errors    CaseLockedError while another process writes; InputError when `out` cannot be
              written; QueryError when a figure cannot be computed.
    """
    progress = progress or Silent()
    report_id = secrets.token_hex(6)
    with case.writer() as writer:
        for people in (board, breakout, claim_ledger, gate):
            people.settle(writer, case.decisions())
        return _written(case, writer, report_id, _Wanted(out, public, progress, also_at))


@dataclass(frozen=True, slots=True)
class _Wanted:
    out: Path | None
    is_public: bool
    progress: Progress
    also_at: tuple[datetime, ...] = ()


def _written(case: Case, writer: Writer, report_id: str, wanted: _Wanted) -> ReportResult:
    out, progress = wanted.out, wanted.progress
    with writer.view() as view:
        key = secrets.token_bytes(32) if wanted.is_public else None
        reason = withheld(view, wanted.also_at)
        order = replace(_order(case, view, key), withheld=reason)
        report = compose(view, order, _making(view, report_id), progress)
        kept = write_page(case.path, report_id, report.html)
        if out is not None:
            _copy(out, report.html)
        _record(writer, view, _Written(report_id, report, out, key, reason))
    return ReportResult(
        path=kept if out is None else out,
        report_id=report_id,
        generation=view.generation,
        figures=len(report.book.answers),
        head=case.head(),
        statements=tuple(one.text for one in report.statements),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    report_id: str
    report: Report
    out: Path | None
    key: bytes | None
    withheld: str | None = None


def _order(case: Case, view: CaseView, key: bytes | None) -> Order:
    settings = view.settings
    return Order(
        title=settings.title,
        case_name=case.path.name or "CASE",
        written_at=datetime.now(UTC),
        election=settings.election or None,
        polling_days=tuple(day.isoformat() for day in settings.polling_days),
        zone_name=settings.display_zone,
        pseudonym_key=key,
    )


def _making(view: CaseView, report_id: str) -> Making:
    files = {
        name: [
            (str(path.relative_to(view.path)), digest)
            for path, digest in zip(view.files(name), view.table_hashes(name), strict=True)
        ]
        for name in records.tables()
    }
    return Making(
        report_id=report_id,
        generation=view.generation,
        head_count=view.head.count,
        head_hash=view.head.hash,
        version=__version__,
        files=files,
    )


def _copy(out: Path, content: bytes) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
    except OSError as problem:
        raise InputError(
            f"{out}: the report cannot be written there ({problem.strerror}): name another file"
        ) from problem


def _record(writer: Writer, view: CaseView, written: _Written) -> None:
    """Figures, findings, pin and custody line, in one commit."""
    report, report_id = written.report, written.report_id
    figures = report.book.table(report_id, view.generation)
    writer.append("figure", figures)
    writer.append("finding", _findings(report, report_id))
    digest = hashlib.sha256(report.html).hexdigest()
    told: dict[str, Any] = {
        "generation": view.generation,
        "is_public": written.key is not None,
        "page_sha256": digest,
        "figures_sha256": figures_digest(figures),
        "figure_count": figures.num_rows,
        "written_to": str(written.out.absolute()) if written.out is not None else None,
    }
    if written.withheld is not None:
        told["withheld"] = written.withheld
    # The key stays in the case: whoever holds the case may say which account a pseudonym is.
    secret = {"pseudonym_key": written.key.hex()} if written.key is not None else {}
    writer.pin(report_id, view, **told, **secret)
    writer.note("report", report_id=report_id, **told)
    writer.commit()


def _findings(report: Report, report_id: str) -> pa.Table:
    return records.table("finding").build(
        {
            "finding_id": f"{report_id}:{one.finding}",
            "statement": one.text,
            "limits": list(one.limits),
            "table_name": one.table_name,
            "row_filter": one.row_filter,
            "run_id": report_id,
            "analysis_version": REPORT_VERSION,
        }
        for one in report.statements
    )


def figures_digest(figures: pa.Table) -> str:
    """The SHA-256 of rows of table `figure`, by figure_id, whatever file they stand in."""
    rows = sorted(figures.to_pylist(), key=lambda row: str(row["figure_id"]))
    text = "\n".join(json.dumps(row, sort_keys=True, ensure_ascii=True) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()
