"""Whether a case folder is what its custody says: chain, manifest, files, blobs, decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tamis.case import custody, decisions, manifest, pin, settings
from tamis.case.audit_bytes import (
    BYTE_TABLES,
    check_blobs,
    check_names,
    check_tables,
    check_tombstones,
)
from tamis.case.layout import CUSTODY, DECISIONS, MANIFEST, SETTINGS, canonical, digest
from tamis.case.lock import commit_lock
from tamis.case.problem import Problem
from tamis.case.settled import settle_all
from tamis.case.view import CaseView
from tamis.errors import CaseBrokenError, SettingsError
from tamis.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.case.custody import Head, Line
    from tamis.case.manifest import Manifest
    from tamis.progress import Progress

_BACKUP = "bring it back from a backup"


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Every problem found, what was checked (how many of each), and where custody ends."""

    problems: tuple[Problem, ...]
    checked: Mapping[str, int]
    head: Head | None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


@dataclass(slots=True)
class _Audit:
    root: Path
    problems: list[Problem] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    def break_at(self, place: Path | str, expected: str, problem: Exception) -> None:
        self.problems.append(Problem(str(place), expected, str(problem), _BACKUP))


def audit(
    path: Path | str, head: str | None = None, progress: Progress | None = None
) -> AuditResult:
    """What is wrong with a case folder; it is sound when nothing is.

    Checked are the custody chain against the manifest, the manifest against its own hash and
    custody, settings, every table file, every blob and file left outside by its hash, report
    pins, decisions and tombstones against custody. `head` (a hash, or count:hash, noted
    elsewhere) must be a line of the chain: that shows a history rewritten as a whole.

    What a killed process left unfinished is finished first.
    Errors    NotACaseError when the folder is none.
    Limits    a history rewritten as a whole shows only with a head that was noted elsewhere.
    """
    work = _Audit(Path(path))
    shown = progress or Silent()
    shown.start("audit", unit="files")
    try:
        settle_all(work.root)
    except (CaseBrokenError, OSError) as problem:
        work.break_at(work.root, "a case at rest", problem)
    lines, held = _read_both(work)
    if head is not None:
        work.problems += _check_head(work.root, lines, head)
    if held is not None:
        work.problems += _check_manifest(work.root, lines, held)
        work.problems += _check_settings(work.root, held)
        _check_files(work, lines, shown)
    _check_decisions(work, lines)
    shown.finish(f"{len(work.problems)} problems")
    return AuditResult(_once(work.problems), dict(work.checked), held.head if held else None)


def _once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))


def _read_both(work: _Audit) -> tuple[list[Line], Manifest | None]:
    """Custody as far as it holds, and the manifest if it does, at one moment."""
    lines: list[Line] = []
    held = None
    with commit_lock(work.root):
        try:
            held = manifest.read(work.root)
        except (CaseBrokenError, KeyError, TypeError) as problem:
            work.break_at(work.root / MANIFEST, "the manifest that tamis wrote", problem)
        try:
            lines.extend(custody.read(work.root / CUSTODY))
        except (CaseBrokenError, OSError) as problem:
            place = f"{work.root / CUSTODY} line {len(lines) + 1}"
            work.break_at(place, "an unbroken chain", problem)
    work.checked["custody lines"] = len(lines)
    return lines, held


def _check_head(root: Path, lines: list[Line], stated: str) -> Iterator[Problem]:
    count, _, wanted = stated.strip().lower().rpartition(":")
    found = next((line for line in lines if line.hash == wanted), None)
    if found is None or (count and count != str(found.seq)):
        last = f"{lines[-1].seq}:{lines[-1].hash}" if lines else "no line"
        yield Problem(
            str(root / CUSTODY),
            f"the custody head {stated} noted elsewhere",
            f"a chain without it, which ends at {last}",
            "this is another history than the one the head was noted from",
        )


def _check_manifest(root: Path, lines: list[Line], held: Manifest) -> Iterator[Problem]:
    place = str(root / MANIFEST)
    last = (lines[-1].seq, lines[-1].hash) if lines else (0, custody.START)
    if last != (held.head.count, held.head.hash):
        yield Problem(
            str(root / CUSTODY),
            f"the head {held.head} that the manifest states",
            f"{last[0]}:{last[1]}",
            _BACKUP,
        )
    committed = [line for line in lines if line.event == "commit"]
    stated = committed[-1].facts.get("manifest_sha256") if committed else None
    if stated != held.content_sha256():
        yield Problem(
            place,
            f"the content {stated} that custody notes for its last generation",
            held.content_sha256(),
            _BACKUP,
        )


def _check_settings(root: Path, held: Manifest) -> Iterator[Problem]:
    path = root / SETTINGS
    remedy = (
        "if you edited it, the next `tamis add` or `tamis run` writes the change into custody; "
        "otherwise put it back"
    )
    try:
        data = path.read_bytes()
        found = settings.parse(data, path)
    except (OSError, SettingsError) as problem:
        yield Problem(str(path), "the settings that custody knows", str(problem), _BACKUP)
        return
    if digest(data) != held.settings_sha256:
        changed = settings.differences(held.settings, found)
        told = "; ".join(
            f"{name} {new!r} instead of {old!r}" for name, (old, new) in changed.items()
        )
        expected = f"SHA-256 {held.settings_sha256}"
        yield Problem(str(path), expected, told or "the same settings in other bytes", remedy)


def _check_files(work: _Audit, lines: list[Line], progress: Progress) -> None:
    with CaseView(work.root) as view:
        generations = [view.manifest]
        for report_id, stated in view.manifest.pins.items():
            work.checked["report pins"] += 1
            try:
                generations.append(pin.read(work.root, report_id, stated).manifest)
            except CaseBrokenError as problem:
                place = pin.path_of(work.root, report_id)
                work.break_at(place, "the pin that the manifest states", problem)
        broken = list(check_tables(work.root, generations, work.checked, progress))
        work.problems += broken
        changed = {problem.place for problem in broken}
        if changed & {str(path) for name in BYTE_TABLES for path in view.files(name)}:
            # Rows of changed files say nothing about blobs; but blobs are named by their hash.
            work.problems += check_names(work.root, lines, work.checked)
            return
        work.problems += check_blobs(view, work.checked, progress)
        work.problems += check_tombstones(view, lines)


def _check_decisions(work: _Audit, lines: list[Line]) -> None:
    place = work.root / DECISIONS
    noted_lines = [line.facts for line in lines if line.event == "decision"]
    stated = {facts.get("decision_id", 0): facts for facts in noted_lines}
    try:
        for told in decisions.check(work.root):
            work.problems.append(Problem(str(place), "a sound SQLite file", told, _BACKUP))
        found = {one.decision_id: one.facts() for one in decisions.read(work.root)}
    except CaseBrokenError as problem:
        work.break_at(place, "the decisions that custody knows", problem)
        return
    work.checked["decisions"] = len(found)
    for number in sorted(stated.keys() | found.keys(), key=str):
        kept, noted = found.get(number), stated.get(number)
        if kept is None or noted is None or canonical(kept) != canonical(noted):
            work.problems.append(
                Problem(
                    f"{place} decision {number}",
                    f"what custody notes: {noted}",
                    f"{kept}",
                    _BACKUP,
                )
            )
