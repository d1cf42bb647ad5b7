"""Leaked files: handed to the cell in batches, and taken into the case once checked."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.cell import Job, read_arrow
from tamis.errors import TamisError
from tamis.run.intake_check import Batch, Holder, Span, check, only
from tamis.run.intake_leak import DEFER_BYTES, TASK
from tamis.run.intake_sink import SPAN_SCHEMA, mailbox_of, part_of_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.cell import Cell, Outcome
    from tamis.run.intake_book import Book
    from tamis.run.intake_walk import Entry

_JOB_FILES = 128
_JOB_BYTES = 8 << 20
_JOB_SPANS = 1_000
_JOB_SPAN_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A file whose bytes the case has."""

    entry: Entry
    item_id: str
    size_bytes: int
    path: Path
    reader: str | None


@dataclass(slots=True)
class Errand:
    """What the parent must remember of a job until all its items have come back."""

    root: str
    files: list[Taken]
    left: int
    container: Taken | None = None
    jobs_left: int = 0
    label: str = ""
    open_key: str = ""
    tops: dict[str, Holder] = field(default_factory=dict)


class Files:
    """The files of one kind on their way through the cell."""

    def __init__(self, book: Book, kind: str, *, by_reference: bool) -> None:
        """Take files in as `kind`: leak or reference."""
        self.book = book
        self.kind = kind
        self.by_reference = by_reference
        self._more: deque[Job] = deque()
        self._errands: dict[str, Errand] = {}
        self._open: dict[str, Errand] = {}
        self._count = 0

    def run(self, cell: Cell, entries: Sequence[tuple[Entry, str | None]]) -> None:
        """Read every file; each is committed with all that came out of it."""
        jobs = self._jobs(entries)
        for outcome in cell.run(jobs):
            self._take(outcome)
        while self._more:
            for outcome in cell.run(self._queued()):
                self._take(outcome)

    def _queued(self) -> Iterator[Job]:
        while self._more:
            yield self._more.popleft()

    def _jobs(self, entries: Sequence[tuple[Entry, str | None]]) -> Iterator[Job]:
        """Batches of small files, large files alone, and what was queued meanwhile."""
        batch: list[Taken] = []
        for entry, reader in entries:
            yield from self._queued()
            taken = self._store(entry, reader)
            if taken is None:
                continue
            if taken.size_bytes > DEFER_BYTES:
                yield self._job([taken], is_deferred=True)
                continue
            is_full = (
                len(batch) >= _JOB_FILES
                or sum(one.size_bytes for one in batch) + taken.size_bytes > _JOB_BYTES
            )
            if batch and (is_full or batch[0].entry.root != entry.root):
                yield self._job(batch)
                batch = []
            batch.append(taken)
        if batch:
            yield self._job(batch)

    def _store(self, entry: Entry, reader: str | None) -> Taken | None:
        """The file with its bytes in the case; None when there was nothing to take."""
        writer = self.book.writer
        try:
            item_id, size = writer.store(entry.place, by_reference=self.by_reference)
        except OSError as problem:
            why = f"it could not be read ({problem.strerror or problem})"
            self.book.trouble(entry, self.kind, ("failed", why))
            return None
        except TamisError as problem:
            self.book.trouble(entry, self.kind, ("failed", str(problem)))
            return None
        if writer.is_forgotten(item_id):
            self.book.report.notes.append(f"{entry.path}: forgotten earlier, not taken in again")
            return None
        path = writer.blob(item_id)
        if not path.exists():
            path = entry.place.resolve()
        return Taken(entry, item_id, size, path, reader)

    def _job(self, files: list[Taken], *, is_deferred: bool = False) -> Job:
        self._count += 1
        job_id = f"leak-{self._count}"
        errand = Errand(files[0].entry.root, files, len(files))
        for one in files:
            span = Span(one.path, 0, one.size_bytes)
            errand.tops.setdefault(one.item_id, Holder(span)).paths[one.entry.path] = 0
        self._errands[job_id] = errand
        if is_deferred:
            self.book.open_containers += 1
        items = tuple(
            {
                "input": position,
                "item_id": one.item_id,
                "path": one.entry.path,
                "name": one.entry.name,
                "size_bytes": one.size_bytes,
                "reader": one.reader,
                "mailbox_id": one.entry.mailbox_id,
                "mailbox_path": one.entry.mailbox_path,
            }
            for position, one in enumerate(files)
        )
        args = {"kind": self.kind, "root": errand.root, "is_deferred": is_deferred}
        paths = tuple(one.path for one in files)
        return Job(job_id, TASK, paths, items, args, {"span": SPAN_SCHEMA})

    def _take(self, outcome: Outcome) -> None:
        """Account for every item of one outcome."""
        job = outcome.job
        errand = self._errands[job.job_id]
        is_deferred = bool(job.args.get("is_deferred"))
        try:
            if outcome.status != "done":
                self._fail(errand, job.items, outcome.reason or "the parser failed")
            else:
                batch = check(outcome, errand.tops, errand.root, self.kind)
                spans = self._spans(outcome, errand) if is_deferred else []
                self._adopt(errand, job.items, batch)
                self._split(errand, spans)
        except (TamisError, ValueError) as problem:
            if len(job.items) > 1:
                self._more.extend(job.singly())
                return
            self._fail(errand, job.items, f"the parser's answer was refused: {problem}")
        finally:
            outcome.discard()
        errand.left -= len(job.items)
        if is_deferred:
            self.book.open_containers -= not errand.jobs_left
        if errand.container is not None and not errand.left:
            self._close(errand)
        if not errand.left:
            del self._errands[job.job_id]
        self.book.commit()

    def _close(self, errand: Errand) -> None:
        holder = self._open[errand.open_key]
        holder.jobs_left -= 1
        if not holder.jobs_left:
            del self._open[errand.open_key]
            self.book.open_containers -= 1

    def _adopt(self, errand: Errand, items: Sequence[Mapping[str, Any]], batch: Batch) -> None:
        """Take a checked result in: what is new of it, and all its places."""
        book = self.book
        ids = batch.tables["item"]["item_id"].to_pylist()
        fresh = [item_id for item_id in ids if item_id not in book.known]
        for item_id in fresh:
            if item_id in batch.blobs and not book.writer.has_bytes(item_id):
                book.writer.adopt(batch.blobs[item_id], item_id)
        kept = batch.tables if len(fresh) == len(ids) else only(batch.tables, fresh)
        book.known.update(fresh)
        for name, table in kept.items():
            book.append(name, table)
        book.report.item_statuses.update(kept["item"]["status"].to_pylist())
        book.mailboxes(batch.mailboxes)
        self._tell(errand, items, batch)

    def _tell(self, errand: Errand, items: Sequence[Mapping[str, Any]], batch: Batch) -> None:
        """Count the files and what came out of them, by format."""
        table = batch.tables["item"]
        columns = (
            table[n].to_pylist() for n in ("item_id", "reader", "media_type", "status", "reason")
        )
        told = {row[0]: row[1:] for row in zip(*columns, strict=True)}
        labels: dict[str, str] = {}
        if errand.container is None:
            for item in items:
                taken = errand.files[item["input"]]
                reader, media_type, status, reason = told[taken.item_id]
                labels[taken.entry.path] = label = reader or media_type or "unknown"
                self.book.report.file(label, status, reason, taken.entry.path)
                self.book.done(taken.entry, self.kind, taken.item_id, taken.size_bytes)
                errand.label = label
        places = batch.tables["place"]
        for path, depth in zip(
            places["path"].to_pylist(), places["depth"].to_pylist(), strict=True
        ):
            if depth:
                label = labels.get(path.rsplit("/", depth)[0], errand.label)
                self.book.report.items(label, 1)

    def _fail(self, errand: Errand, items: Sequence[Mapping[str, Any]], reason: str) -> None:
        """One failed row for each item that was lost to the parser, with its place."""
        for item in items:
            if errand.container is not None:
                self._fail_span(errand, item, reason)
                continue
            taken = errand.files[item["input"]]
            self.book.item(self._failed(taken.item_id, taken.size_bytes, reason))
            self.book.place(taken.entry, taken.item_id, taken.entry.mailbox_id)
            self.book.report.file("unknown", "failed", reason, taken.entry.path)
            self.book.done(taken.entry, self.kind, taken.item_id, taken.size_bytes)

    def _failed(self, item_id: str, size: int, reason: str) -> dict[str, Any]:
        return {
            "item_id": item_id,
            "kind": self.kind,
            "size_bytes": size,
            "status": "failed",
            "reason": reason,
        }

    def _fail_span(self, errand: Errand, item: Mapping[str, Any], reason: str) -> None:
        container = errand.container
        if container is None:
            return
        start, end = item["byte_start"], item["byte_end"]
        item_id = _hash_span(container.path, start, end)
        self.book.item(self._failed(item_id, end - start, reason))
        row = {
            "item_id": item_id,
            "parent_item_id": container.item_id,
            "root": errand.root,
            **{name: item[name] for name in ("path", "name", "position", "depth", "mailbox_id")},
            "byte_start": start,
            "byte_end": end,
        }
        self.book.row("place", row)
        self.book.report.items(errand.label, 1)
        self.book.report.why("failed", reason, item["path"])

    def _spans(self, outcome: Outcome, errand: Errand) -> list[dict[str, Any]]:
        """The spans a large container was cut into, each inside it and named once."""
        if "span" not in outcome.files:
            return []
        spans: list[dict[str, Any]] = read_arrow(outcome.files["span"], SPAN_SCHEMA).to_pylist()
        size = errand.files[0].size_bytes
        if any(not 0 <= one["byte_start"] <= one["byte_end"] <= size for one in spans):
            raise TamisError("a span lies outside its container")
        if len({one["position"] for one in spans}) != len(spans):
            raise TamisError("two spans have the same rank")
        return spans

    def _split(self, errand: Errand, spans: list[dict[str, Any]]) -> None:
        """Queue the spans of a large container in jobs of moderate size."""
        if not spans:
            return
        (container,) = errand.files
        entry = container.entry
        box, shown = entry.mailbox_id, entry.mailbox_path
        if sum(one["is_member"] for one in spans) > 1:
            box = mailbox_of(container.item_id, entry.path)
            shown = f"{shown}/{part_of_path(entry.name)}"
        more = {"input": 0, "depth": 1, "parent_item_id": container.item_id, "mailbox_id": box}
        open_key = f"{container.item_id}\0{entry.root}\0{entry.path}"
        pieces = list(_pieces(spans))
        self._open[open_key] = errand
        errand.jobs_left = len(pieces)
        for piece in pieces:
            self._count += 1
            items = tuple(
                {
                    **one,
                    **more,
                    "mailbox_path": shown,
                    "path": f"{entry.path}/{part_of_path(one['name'])}",
                }
                for one in piece
            )
            job_id = f"leak-{self._count}"
            self._errands[job_id] = Errand(
                errand.root,
                [],
                len(items),
                container,
                label=errand.label,
                open_key=open_key,
                tops=errand.tops,
            )
            args = {"kind": self.kind, "root": errand.root}
            self._more.append(Job(job_id, TASK, (container.path,), items, args))


def _pieces(spans: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    piece: list[dict[str, Any]] = []
    size = 0
    for one in spans:
        length = one["byte_end"] - one["byte_start"]
        if piece and (len(piece) >= _JOB_SPANS or size + length > _JOB_SPAN_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += length
    if piece:
        yield piece


def _hash_span(path: Path, start: int, end: int) -> str:
    told = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left and (chunk := file.read(min(left, 1 << 20))):
            told.update(chunk)
            left -= len(chunk)
    return told.hexdigest()
