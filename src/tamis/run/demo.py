"""`tamis demo`: the whole job on the invented incident, compared with what was invented."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tamis import simulate
from tamis.case import Case
from tamis.errors import InputError
from tamis.run.analyse import analyse
from tamis.run.answers import answers
from tamis.run.audit import AuditReport, audit
from tamis.run.intake import add
from tamis.run.report import ReportResult, write_report
from tamis.run.stages import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamis.progress import Progress
    from tamis.run.answer import Answer
    from tamis.simulate import Incident

_MARK = ".tamis-demo"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demo found, beside what the incident was made of."""

    folder: Path
    answers: tuple[Answer, ...]
    report: ReportResult
    audit: AuditReport
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether every answer equals the truth and the audit finds nothing."""
        return self.audit.ok and all(answer.agrees for answer in self.answers)

    def lines(self) -> Iterator[str]:
        """The demo's last words, for a stranger."""
        yield ""
        yield "An invented incident: every person, domain and handle in it is made up."
        yield ""
        for answer in self.answers:
            yield f"{'agrees ' if answer.agrees else 'DIFFERS'}  {answer.sentence}"
            if not answer.agrees:
                yield f"         the truth is: {answer.truth}"
        yield ""
        yield from self.audit.summary().splitlines()
        yield f"done in {self.seconds:.0f} s"
        yield f"files and truth: {self.folder}"
        yield f"report:          {self.report.path}"


def demonstrate(
    folder: Path, *, scale: float, progress: Progress, seed: int = 2017
) -> Demonstration:
    """The demonstration in `folder`, which is made anew if an earlier demo made it.

    Errors    InputError when the folder holds anything that no demo put there.
    """
    started = time.monotonic()
    _prepare(folder)
    progress.start("inventing an incident", unit="files")
    incident = simulate.write(folder / "incident", seed=seed, scale=scale)
    progress.finish(f"{incident.message_count:,} messages, {incident.post_count:,} posts")
    case = _case_of(incident, folder, progress)
    for line in analyse(case, only=QUESTIONS, progress=progress):
        progress.note(line)
    report = write_report(case, folder / "report.html", public=False, progress=progress)
    checked = audit(case.path, head=report.head.hash, progress=progress)
    with case.view() as view:
        found = answers(view, simulate.expectations(folder / "incident"))
    return Demonstration(folder, found, report, checked, time.monotonic() - started)


def _case_of(incident: Incident, folder: Path, progress: Progress) -> Case:
    """A case with all that the incident hands out, as an investigator would set it up."""
    told = incident.truth.settings
    case = Case.create(
        folder / "case",
        title=incident.title,
        election=incident.election,
        own_domains=incident.truth.own_domains,
        polling_days=tuple(map(date.fromisoformat, told["polling_days"])),
        jurisdictions=tuple(told["jurisdictions"]),
        selectors=tuple(told["selectors"]),
        leak_at=incident.truth.story["origin"]["at"],
    )
    context = folder / "incident" / "context"
    for kind, path in (
        ("leak", incident.leak),
        ("keys", incident.keys),
        ("posts", incident.posts),
        ("silence", context / "silence.toml"),
        ("polls", context / "polls.csv"),
        ("claims", incident.claims),
        ("decoys", folder / "incident" / "decoys"),
    ):
        add(case, [path], kind=kind, progress=progress)
    return case


def _prepare(folder: Path) -> None:
    if folder.exists():
        if not (folder / _MARK).exists() and any(folder.iterdir()):
            raise InputError(f"{folder} is not empty and no demo made it: name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("made by tamis demo; the next demo replaces this folder\n")
