"""Exports of posts, and files on what surrounds an incident: read in the cell, file by file."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tamis import registry
from tamis.cell import Job, Outcome
from tamis.errors import CellError, TamisError
from tamis.run import intake_ranges
from tamis.run.intake_adopt import append, checked_count
from tamis.run.intake_ranged import Ranged
from tamis.run.intake_store import Taken, store
from tamis.run.intake_tasks import CUT, READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.cell import Cell
    from tamis.run.intake_book import Book
    from tamis.run.intake_ranges import RangedFile
    from tamis.run.intake_walk import Entry


_MOST_DIGITS = 12


class Exports:
    """The files of one kind on their way through the cell: each a job, or ranges of a large one."""

    def __init__(
        self, book: Book, kind: str, options: Mapping[str, Any], *, by_reference: bool
    ) -> None:
        """Take files in as `kind`: posts, keys, polls, decoys or claims."""
        self.book, self.kind = book, kind
        self.group = "posts" if kind == "posts" else "context"
        self.options = options
        self.by_reference = by_reference
        # By their places, what a person should do about files that no reader takes.
        self.advice: Mapping[str, str] = {}
        self._files: dict[str, tuple[Taken, str | None]] = {}
        self._more: deque[Job] = deque()
        self._ranged = Ranged(book, self.group, self._finish)

    def run(
        self,
        cell: Cell,
        entries: Sequence[tuple[Entry, str | None, str | None]],
        *,
        is_wide: bool = False,
    ) -> None:
        """Read each (entry, name of its reader, media type found in it).

        `is_wide`: the cell has memory for compression with long windows.
        """
        for outcome in cell.run(self._jobs(entries, is_wide=is_wide), self._heed):
            self._take(outcome)
        while self._more:
            for outcome in cell.run(self._queued(), self._heed):
                self._take(outcome)

    def _heed(self, job: Job, size: int, mark: str) -> None:
        """Show how far the reading of a file in one piece has come."""
        if job.task == READ and job.job_id in self._files:
            rows = int(mark) if mark.isdecimal() and len(mark) <= _MOST_DIGITS else 0
            self.book.ahead(job.items[0]["item_id"], size, rows)

    def _queued(self) -> Iterator[Job]:
        while self._more:
            yield self._more.popleft()

    def _jobs(
        self, entries: Sequence[tuple[Entry, str | None, str | None]], *, is_wide: bool
    ) -> Iterator[Job]:
        for rank, (entry, reader, media_type) in enumerate(entries):
            yield from self._queued()
            taken = store(self.book, entry, self.kind, reader, by_reference=self.by_reference)
            if taken is None:
                continue
            if taken.item_id in self.book.known:
                # The same bytes were read at another place: one more place, no row twice.
                self.book.place(entry, taken.item_id, self.kind)
                self.book.report.file("same bytes as before", "read", None, entry.path)
                self.book.done(entry, self.kind, taken.item_id, taken.size_bytes)
                continue
            if reader is None:
                why = self.advice.get(entry.absolute, f"no reader of {self.kind} recognises it")
                why = f"{why}; kept, hashed, not read"
                self._account(taken, (None, media_type, "refused", why))
                continue
            self.book.known.add(taken.item_id)
            self.book.arrived.append(taken.item_id)
            job_id = f"{self.kind}-{rank}-{is_wide:d}"
            self._files[job_id] = (taken, media_type)
            can_be_cut = getattr(registry.plugins(self.group)[reader], "ranges", None) is not None
            is_cut = can_be_cut and taken.size_bytes >= 2 * intake_ranges.RANGE_BYTES
            yield _job(self, job_id, CUT if is_cut else READ, taken, is_wide=is_wide)

    def _take(self, outcome: Outcome) -> None:
        job_id = outcome.job.job_id
        if "rank" in outcome.job.items[0]:
            self._ranged.take(outcome)
            return
        taken, media_type = self._files.pop(job_id)
        if outcome.job.task == CUT and outcome.status == "done":
            if outcome.result is None:  # it is in one piece
                self._files[job_id] = (taken, media_type)
                self._more.append(replace(outcome.job, task=READ))
            else:
                self._cut(outcome, taken, media_type)
            return
        try:
            status, reason, row_count = self._adopt(outcome, taken.item_id)
        except (TamisError, ValueError) as problem:
            status, reason, row_count = "failed", f"the parser's answer was refused: {problem}", 0
        outcome.discard()
        self.book.settle(taken.item_id, row_count)
        self._account(taken, (taken.reader, media_type, status, reason))
        self.book.commit()

    def _cut(self, outcome: Outcome, taken: Taken, media_type: str | None) -> None:
        try:
            whole = replace(outcome.job, task=READ)
            self._more.extend(self._ranged.cut(whole, taken, media_type, outcome.result))
        except CellError as problem:
            why = f"the parser's answer was refused: {problem}"
            self._account(taken, (taken.reader, media_type, "failed", why))

    def _adopt(self, outcome: Outcome, item_id: str) -> tuple[str, str | None, int]:
        """The status of a file, why, and its number of rows, once these are on their way."""
        if outcome.status != "done":
            return "failed", outcome.reason, 0
        count = checked_count(self.group, outcome, item_id)
        for table, path in outcome.files.items():
            append(self.book, table, path)
        return *_status(count, outcome.result), count["row_count"] if count else 0

    def _finish(self, file: RangedFile) -> None:
        """Account for a file, once all its ranges are in."""
        count = file.row(file.taken.reader or "")
        self.book.row("intake_count", count)
        told = _status(count, {"damage": "; ".join(file.failures) or None})
        named = (file.taken.reader, file.media_type, *told)
        self._account(file.taken, named, counted=file.taken.size_bytes)

    def _account(
        self,
        taken: Taken,
        told: tuple[str | None, str | None, str, str | None],
        counted: int = 0,
    ) -> None:
        """One row of `item` and one of `place` for the file."""
        reader, media_type, status, reason = told
        entry, item_id, size = taken.entry, taken.item_id, taken.size_bytes
        self.book.known.discard(item_id)
        self.book.item(
            {
                "item_id": item_id,
                "kind": self.kind,
                "size_bytes": size,
                "media_type": media_type,
                "reader": reader if status in {"read", "partly"} else None,
                "status": status,
                "reason": reason,
            }
        )
        self.book.place(entry, item_id, self.kind)
        self.book.report.file(reader or media_type or "unknown", status, reason, entry.path)
        self.book.done(entry, self.kind, item_id, size, counted)


def _status(count: dict[str, Any] | None, result: Any) -> tuple[str, str | None]:
    """The status of a file by its own counts."""
    told = []
    damage = result.get("damage") if isinstance(result, dict) else None
    if damage:
        told.append(str(damage)[:300])
    if count is None:
        return "partly", "; ".join([*told, "its reader did not count its rows"])
    total = count["used_count"] + count["rejected_count"] + count["skipped_count"]
    if total != count["row_count"]:
        told.append(
            f"its counts do not add up: {count['row_count']:,} rows, {total:,} accounted for"
        )
    if count["rejected_count"]:
        told.append(
            f"{count['rejected_count']:,} of {count['row_count']:,} rows could not be used "
            "(see table rejected)"
        )
    if not told:
        return "read", None if count["row_count"] else "it holds no rows"
    is_lost = count["row_count"] and not count["used_count"]
    return "failed" if is_lost else "partly", "; ".join(told)


def _job(exports: Exports, job_id: str, task: str, taken: Taken, *, is_wide: bool) -> Job:
    item = {
        "input": 0,
        "item_id": taken.item_id,
        "name": taken.entry.name,
        "path": taken.entry.path,
        "size_bytes": taken.size_bytes,
        "reader": taken.reader,
    }
    args = {
        "group": exports.group,
        "options": dict(exports.options),
        "every": intake_ranges.RANGE_BYTES,
        "is_wide": is_wide,
    }
    return Job(job_id, task, (taken.path,), (item,), args)
