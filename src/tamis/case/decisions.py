"""What people decide about a case: kept in SQLite, and told to custody exactly once.

A decision and its outbox row are one transaction. The outbox reaches custody under the commit
lock; the manifest states how far, and moves together with the custody lines. So however a
process dies, each decision is one line of custody: a bulk decision too.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.case import journal, manifest
from tamis.case.custody import Event
from tamis.case.journal import Change
from tamis.case.layout import DECISIONS, canonical, digest
from tamis.errors import CaseBrokenError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tamis.case.manifest import Manifest

_SCHEMA = """
CREATE TABLE decision (
    decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, value TEXT NOT NULL, why TEXT NOT NULL, author TEXT NOT NULL,
    decided_at TEXT NOT NULL
) STRICT;
CREATE TABLE subject (
    decision_id INTEGER NOT NULL REFERENCES decision (decision_id),
    position INTEGER NOT NULL, subject_id TEXT NOT NULL,
    PRIMARY KEY (decision_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_by_id ON subject (subject_id);
CREATE TABLE outbox (decision_id INTEGER PRIMARY KEY, facts_sha256 TEXT NOT NULL) STRICT;
"""
_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decided about one or many subjects, and why."""

    decision_id: int
    kind: str
    subject_ids: tuple[str, ...]
    value: str
    why: str
    author: str
    decided_at: str

    def facts(self) -> dict[str, Any]:
        """What custody notes: everything of a single decision, a digest of many subjects."""
        facts: dict[str, Any] = {
            "decision_id": self.decision_id,
            "kind": self.kind,
            "value": self.value,
            "why": self.why,
            "author": self.author,
            "decided_at": self.decided_at,
            "subject_count": len(self.subject_ids),
            "subjects_sha256": digest("\n".join(self.subject_ids).encode()),
        }
        if len(self.subject_ids) == 1:
            facts["subject_id"] = self.subject_ids[0]
        return facts


def create(root: Path) -> None:
    """Nothing; an empty decisions.sqlite stands in the case."""
    with _open(root) as database:
        database.executescript(_SCHEMA)


@contextmanager
def _open(root: Path, *, is_reading: bool = False) -> Iterator[sqlite3.Connection]:
    path = root / DECISIONS
    # A reader writes too, when a killed process left SQLite a transaction to roll back.
    mode = "rwc" if not is_reading else "rw" if os.access(path, os.W_OK) else "ro"
    try:
        database = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=_WAIT_S,
            isolation_level=None,
        )
        try:
            database.execute("PRAGMA synchronous = FULL")
            if is_reading:
                database.execute("BEGIN")  # all that is read comes from one moment
            yield database
        finally:
            database.close()
    except sqlite3.DatabaseError as problem:
        raise CaseBrokenError(f"{path}: expected the decisions of the case: {problem}") from None


def add(
    root: Path, kind: str, subject_ids: Iterable[str], value: str, why: str, author: str
) -> int:
    """The id of a new decision, kept and on its way to custody.

    Errors    InputError when it is about nothing, or nobody takes it.
    """
    subjects = tuple(dict.fromkeys(subject_ids))
    if not subjects or not kind or not author:
        raise InputError("a decision needs a kind, an author and at least one subject")
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    with _open(root) as database:
        database.execute("BEGIN IMMEDIATE")
        row = (kind, value, why, author, now)
        made = database.execute(
            "INSERT INTO decision (kind, value, why, author, decided_at) VALUES (?, ?, ?, ?, ?)",
            row,
        )
        number = int(made.lastrowid or 0)
        database.executemany(
            "INSERT INTO subject VALUES (?, ?, ?)",
            [(number, position, one) for position, one in enumerate(subjects)],
        )
        decision = Decision(number, kind, subjects, value, why, author, now)
        database.execute(
            "INSERT INTO outbox VALUES (?, ?)", (number, digest(canonical(decision.facts())))
        )
        database.execute("COMMIT")
    return number


def _read(database: sqlite3.Connection, after: int = 0) -> list[Decision]:
    subjects: dict[int, list[str]] = {}
    for number, one in database.execute(
        "SELECT decision_id, subject_id FROM subject WHERE decision_id > ? "
        "ORDER BY decision_id, position",
        (after,),
    ):
        subjects.setdefault(number, []).append(one)
    rows = database.execute(
        "SELECT decision_id, kind, value, why, author, decided_at FROM decision "
        "WHERE decision_id > ? ORDER BY decision_id",
        (after,),
    )
    return [
        Decision(number, kind, tuple(subjects.get(number, ())), value, why, author, at)
        for number, kind, value, why, author, at in rows
    ]


def read(root: Path, after: int = 0) -> tuple[Decision, ...]:
    """Every decision after the one numbered `after`, in the order they were taken."""
    with _open(root, is_reading=True) as database:
        return tuple(_read(database, after))


def check(root: Path) -> list[str]:
    """What SQLite itself finds wrong with the file; empty when it is sound."""
    with _open(root, is_reading=True) as database:
        told = [row[0] for row in database.execute("PRAGMA integrity_check")]
    return [] if told == ["ok"] else told


def is_drained(root: Path) -> bool:
    """Whether custody knows every decision; asked without a lock."""
    return _last(root) == manifest.read(root).drained


def _last(root: Path) -> int:
    with _open(root, is_reading=True) as database:
        return int(
            database.execute("SELECT coalesce(max(decision_id), 0) FROM decision").fetchone()[0]
        )


def drain(root: Path) -> Manifest:
    """The manifest after every decision has reached custody. The caller holds the commit lock.

    Errors    CaseBrokenError when decisions are missing that custody knows, or were changed
              between the transaction and custody.
    """
    path = root / DECISIONS
    held = manifest.read(root)
    if (last := _last(root)) < held.drained:
        raise CaseBrokenError(
            f"{path}: expected {held.drained} decisions, which custody knows, found {last}; "
            "bring the file back from a backup"
        )

    def change(before: Manifest) -> Change:
        with _open(root, is_reading=True) as database:
            waiting = _read(database, before.drained)
            stated = dict(database.execute("SELECT decision_id, facts_sha256 FROM outbox"))
        for decision in waiting:
            if stated.get(decision.decision_id) != digest(canonical(decision.facts())):
                raise CaseBrokenError(f"{path}: decision {decision.decision_id} was changed")
        if not waiting:
            return Change(before)
        events = [Event("decision", decision.facts()) for decision in waiting]
        return Change(replace(before, drained=waiting[-1].decision_id), events)

    after = journal.commit(root, change)
    if after.drained != held.drained:
        with _open(root) as database:
            database.execute("DELETE FROM outbox WHERE decision_id <= ?", (after.drained,))
    return after
