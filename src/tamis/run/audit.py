"""`tamis audit`: the case as its custody tells it, and every figure of the last report again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.case import CaseView, custody
from tamis.case.audit import audit as audit_case
from tamis.case.layout import CUSTODY, digest_file
from tamis.case.problem import Problem
from tamis.case.report_file import page_path
from tamis.errors import TamisError
from tamis.plan import Query
from tamis.progress import Silent
from tamis.reports import recompute
from tamis.run.report import figures_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from tamis.case.custody import Head, Line
    from tamis.progress import Progress

_NEW_REPORT = "do not rely on this report; write a new one with `tamis report`"
_FIGURES = "SELECT * FROM figure WHERE report_id = $report_id ORDER BY figure_id"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Every problem found, what was checked, and what a reader should know besides."""

    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    figures_checked: int
    head: Head | None
    remarks: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def summary(self) -> str:
        """The result in one line, which ends with the custody head to be noted."""
        count = len(self.problems)
        checked = [f"{number:,} {what}" for what, number in self.counts.items()]
        checked.append(f"{self.figures_checked:,} figures computed again")
        parts = [
            f"{count:,} problem{'' if count == 1 else 's'}",
            f"checked: {', '.join(checked)}",
            *self.remarks,
        ]
        if self.head is not None:
            parts.append(f"custody head {self.head.hash} ({self.head.count} entries)")
        return "; ".join(parts)


@dataclass(slots=True)
class _Last:
    """The last report as custody notes it, and what came out of looking at it."""

    root: Path
    line: Line
    is_older_than_forget: bool
    problems: list[Problem] = field(default_factory=list)

    @property
    def report_id(self) -> str:
        return str(self.line.facts["report_id"])

    def miss(self, place: object, expected: str, found: object, remedy: str = _NEW_REPORT) -> None:
        self.problems.append(Problem(str(place), expected, str(found), remedy))


def audit(
    path: Path | str, head: str | None = None, progress: Progress | None = None
) -> AuditReport:
    """What is wrong with a case and its last report; both hold when nothing is.

    Input     `head` is a custody head noted elsewhere: it must be a line of the chain
    Errors    NotACaseError when the folder is none
    Limits    only the last report is computed again; earlier ones stand in custody with their
              hashes. After an item was forgotten the last report cannot come out again; that is
              said, and is no problem, as custody tells why.
    """
    progress = progress or Silent()
    root = Path(path)
    ground = audit_case(root, head, progress)
    last = _last_report(root)
    if last is None:
        remark = "no report was written yet, so there are no figures to compute again"
        return AuditReport(ground.problems, ground.checked, 0, ground.head, (remark,))
    remarks: tuple[str, ...] = ()
    _check_page(last)
    figures = 0
    if last.is_older_than_forget:
        told = f"report {last.report_id} is older than the last `tamis forget`: its figures"
        remarks = (f"{told} cannot come out again; write a new one with `tamis report`",)
    else:
        figures = _check_figures(last, progress)
    problems = tuple(dict.fromkeys((*ground.problems, *last.problems)))
    return AuditReport(problems, ground.checked, figures, ground.head, remarks)


def _last_report(root: Path) -> _Last | None:
    """The last report that custody notes, as far as custody can be read."""
    found, is_older = None, False
    for line in _readable(root):
        if line.event == "report":
            found, is_older = line, False
        elif line.event == "forget":
            is_older = True
    return None if found is None else _Last(root, found, is_older)


def _readable(root: Path) -> Iterator[Line]:
    try:
        yield from custody.read(root / CUSTODY)
    except (TamisError, OSError):
        # Where the chain breaks is named by the audit of the case.
        return


def _check_page(last: _Last) -> None:
    """Compare the page in the case, and the copy that was asked for, with custody's hash."""
    stated = last.line.facts.get("page_sha256")
    inside = page_path(last.root, last.report_id)
    copy = last.line.facts.get("written_to")
    # A copy may be moved or deleted by its owner; the page in the case goes with `forget` only.
    for place, must_exist in ((inside, not last.is_older_than_forget), (copy, False)):
        if place is None:
            continue
        try:
            found, _ = digest_file(Path(place))
        except FileNotFoundError:
            if must_exist:
                last.miss(place, "the page of the last report", "no such file")
            continue
        except OSError as problem:
            if must_exist:
                last.miss(place, "the page of the last report", problem)
            continue
        if found != stated:
            last.miss(place, f"SHA-256 {stated}, as custody notes", found)


def _check_figures(last: _Last, progress: Progress) -> int:
    """The number of figures computed again; what differs becomes a problem."""
    count = 0
    try:
        with CaseView(last.root) as newest:
            figures = newest.query(Query("figures", _FIGURES, {"report_id": last.report_id}))
        _check_stored(last, figures)
        progress.start("figures", total=figures.num_rows, unit="figures")
        with CaseView(last.root, last.report_id) as pinned:
            for row in figures.to_pylist():
                _check_figure(last, row, pinned)
                count += 1
                progress.advance(1)
        progress.finish(f"{count} computed again")
    except (TamisError, OSError) as problem:
        last.miss(f"report {last.report_id}", "figures that can be computed again", problem)
    return count


def _check_stored(last: _Last, figures: pa.Table) -> None:
    stated = last.line.facts.get("figures_sha256")
    found = figures_digest(figures)
    if found != stated:
        place = f"{last.root}: table figure, report {last.report_id}"
        expected = f"the {last.line.facts.get('figure_count')} rows that custody notes ({stated})"
        last.miss(place, expected, f"{figures.num_rows} rows ({found})")


def _check_figure(last: _Last, row: Mapping[str, Any], pinned: CaseView) -> None:
    place = f"{last.root}: figure {row['figure_id']} of report {last.report_id}"
    if row["generation"] != pinned.generation:
        last.miss(place, f"generation {row['generation']}", f"generation {pinned.generation}")
    try:
        difference = recompute(row, pinned)
    except TamisError as problem:
        last.miss(place, f"an answer to {json.dumps(row['label'])}", problem)
        return
    if difference is not None:
        last.miss(place, difference.expected, difference.found)
