"""Leaked files: handed to the cell in batches, and taken into the case once checked."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from tamis import registry
from tamis.cell import Job, Limits
from tamis.errors import TamisError
from tamis.run.intake_check import Batch, Holder, Span, check, only
from tamis.run.intake_cuts import SPAN_SCHEMA
from tamis.run.intake_leak import ALL, TASK
from tamis.run.intake_spans import (
    around_of,
    corrected,
    fail_span,
    is_apart,
    items_of,
    lost_in,
    pieces,
    read_spans,
)
from tamis.run.intake_spool import DEFER_BYTES
from tamis.run.intake_store import Taken, fail, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from tamis.cell import Cell, Outcome
    from tamis.run.intake_book import Book
    from tamis.run.intake_walk import Entry

_JOB_FILES = 128
_JOB_BYTES = 8 << 20
_OPTIONS = ("passwords", "extractor")
_SPARE_BYTES = 1 << 28
# So many items inside one file may kill its parser before none of them is opened any more.
MAX_AVOIDED = 16
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(slots=True)
class Errand:
    """What the parent must remember of a job until all its items have come back.

    `holder` is the errand of the container whose spans this job reads; that one counts in
    `jobs_left` how many such jobs are out, and keeps its `ledger` until it is known how many
    entries were lost.
    """

    files: list[Taken]
    left: int
    tops: dict[str, Holder] = field(default_factory=dict)
    holder: Errand | None = None
    jobs_left: int = 0
    label: str = ""
    ledger: pa.Table | None = None
    lost_count: int = 0

    @property
    def root(self) -> str:
        """The named path that all its files lie below."""
        return self.files[0].entry.root


@dataclass(frozen=True, slots=True)
class Order:
    """Spans of a container that wait to become a job, and what is the same for all of them."""

    holder: Errand
    spans: pa.Table
    around: Mapping[str, Any]


class Files:
    """The files of one kind on their way through the cell."""

    def __init__(
        self, book: Book, kind: str, options: Mapping[str, Any], *, by_reference: bool
    ) -> None:
        """Take files in as `kind`: leak or reference; `options` reach their readers."""
        self.book = book
        self.kind = kind
        self._aim = (book, kind)
        self.options = {name: options[name] for name in _OPTIONS if name in options}
        self.by_reference = by_reference
        self._more: deque[Job | Order] = deque()
        self._errands: dict[str, Errand] = {}
        self._count = 0

    def run(self, cell: Cell, entries: Sequence[tuple[Entry, str | None]]) -> None:
        """Read every file; each is committed with all that came out of it."""
        for outcome in cell.run(self._jobs(entries)):
            self._take(outcome)
        while self._more:
            for outcome in cell.run(self._queued()):
                self._take(outcome)

    def _queued(self) -> Iterator[Job]:
        while self._more:
            one = self._more.popleft()
            yield one if isinstance(one, Job) else self._part(one)

    def _jobs(self, entries: Sequence[tuple[Entry, str | None]]) -> Iterator[Job]:
        """Batches of small files, large files alone, and what was queued meanwhile."""
        batch: list[Taken] = []
        size = 0
        for entry, reader in entries:
            yield from self._queued()
            taken = store(self.book, entry, self.kind, reader, by_reference=self.by_reference)
            if taken is None:
                continue
            if taken.size_bytes > DEFER_BYTES:
                yield self._job([taken], is_deferred=True)
                continue
            is_full = len(batch) >= _JOB_FILES or size + taken.size_bytes > _JOB_BYTES
            if batch and (is_full or batch[0].entry.root != entry.root):
                yield self._job(batch)
                batch, size = [], 0
            batch.append(taken)
            size += taken.size_bytes
        if batch:
            yield self._job(batch)

    def _job(self, files: list[Taken], *, is_deferred: bool = False) -> Job:
        errand = Errand(files, len(files))
        for one in files:
            span = Span(one.path, 0, one.size_bytes)
            errand.tops.setdefault(one.item_id, Holder(span)).paths[one.entry.path] = 0
        self.book.open_containers += is_deferred
        items = tuple(_file_item(rank, one) for rank, one in enumerate(files))
        return self._send(errand, items, is_deferred=is_deferred)

    def _send(
        self, errand: Errand, items: tuple[Mapping[str, Any], ...], *, is_deferred: bool = False
    ) -> Job:
        self._count += 1
        job_id = f"leak-{self._count}"
        self._errands[job_id] = errand
        args = {"kind": self.kind, "options": self.options, "is_deferred": is_deferred}
        args |= _told(errand)
        paths = tuple(one.path for one in errand.files)
        return Job(job_id, TASK, paths, items, args, {"span": SPAN_SCHEMA})

    def _take(self, outcome: Outcome) -> None:
        """Account for every item of one outcome."""
        job = outcome.job
        errand = self._errands[job.job_id]
        is_deferred = bool(job.args["is_deferred"])
        try:
            if outcome.status == "done":
                batch = check(outcome, errand.tops, errand.root, self.kind)
                spans = read_spans(outcome, errand.files[0].size_bytes) if is_deferred else None
                has_apart = spans is not None and is_apart(spans)
                _adopt(self._aim, errand, job.items, batch, is_apart=has_apart)
                if spans is not None:
                    self._split(errand, spans)
            elif (again := _avoiding(outcome)) is not None:
                self._more.append(again)
                return
            elif not is_deferred and (one := _divisible(errand, job)) is not None:
                self._more.append(self._job([one], is_deferred=True))
            else:
                _fail(self._aim, errand, job.items, outcome.reason or "the parser failed")
        except (TamisError, ValueError) as problem:
            if len(job.items) > 1:
                self._more.extend(job.singly())
                return
            _fail(self._aim, errand, job.items, f"the parser's answer was refused: {problem}")
        finally:
            outcome.discard()
        self._settle(job, errand, is_deferred=is_deferred)
        self.book.commit()

    def _settle(self, job: Job, errand: Errand, *, is_deferred: bool) -> None:
        """Note that items came back, and that a container is done when its last span has."""
        errand.left -= len(job.items)
        if is_deferred and not errand.jobs_left:
            self.book.open_containers -= 1
        if errand.left:
            return
        del self._errands[job.job_id]
        if errand.holder is not None:
            errand.holder.jobs_left -= 1
            if not errand.holder.jobs_left:
                self.book.open_containers -= 1
                if errand.holder.ledger is not None:
                    table = corrected(errand.holder.ledger, errand.holder.lost_count)
                    self.book.append("ledger", table)

    def _split(self, errand: Errand, spans: pa.Table) -> None:
        """Queue the spans of a large container in jobs of moderate size, made when it is time."""
        around = around_of(errand.files[0], spans)
        for piece in pieces(spans):
            errand.jobs_left += 1
            self._more.append(Order(errand, piece, around))

    def _part(self, order: Order) -> Job:
        holder = order.holder
        (container, *_) = holder.files
        items = items_of(container, order.spans, order.around)
        part = Errand([container], len(items), holder.tops, holder, label=holder.label)
        return self._send(part, items)


def _adopt(
    aim: tuple[Book, str],
    errand: Errand,
    items: Sequence[Mapping[str, Any]],
    batch: Batch,
    *,
    is_apart: bool = False,
) -> None:
    """Take a checked result in: what is new of it, and all its places."""
    book, kind = aim
    ids = batch.tables["item"]["item_id"].to_pylist()
    fresh = book.known.new_of(ids)
    for item_id in fresh:
        if item_id in batch.blobs and not book.writer.has_bytes(item_id):
            book.writer.adopt(batch.blobs[item_id], item_id)
    kept = batch.tables if len(fresh) == len(ids) else only(batch.tables, fresh)
    book.known.update(fresh)
    if is_apart:
        errand.ledger = kept["ledger"]
    elif errand.holder is not None and errand.holder.ledger is not None:
        errand.holder.lost_count += lost_in(batch.tables)
    for name, table in kept.items():
        if not (is_apart and name == "ledger"):
            book.append(name, table)
    book.report.item_statuses.update(kept["item"]["status"].to_pylist())
    book.mailboxes(batch.mailboxes)
    labels = {} if errand.holder else _tell(book, kind, errand, items, batch.tables["item"])
    places = batch.tables["place"]
    inside = places.filter(pc.greater(places["depth"], 0))["path"]
    if labels:
        for path in inside.to_pylist():
            book.report.items(_top(labels, path) or errand.label, 1)
    elif len(inside):
        book.report.items(errand.label, len(inside))


def _fail(
    aim: tuple[Book, str], errand: Errand, items: Sequence[Mapping[str, Any]], reason: str
) -> None:
    """One failed row for each item that was lost to the parser, with its place."""
    book, kind = aim
    for item in items:
        taken = errand.files[item["input"]]
        if errand.holder is None:
            fail(book, taken, kind, reason)
        else:
            fail_span(book, taken, kind, item, reason)
            errand.holder.lost_count += 1
            book.report.items(errand.label, 1)


def _avoiding(outcome: Outcome) -> Job | None:
    """The same job without the item inside that killed its parser, if it is one inside."""
    job, mark = outcome.job, outcome.mark
    avoid: dict[str, str] = dict(job.args.get("avoid") or {})
    if len(job.items) != 1 or not _ID.fullmatch(mark) or {mark, ALL} & avoid.keys():
        return None
    avoid[mark] = outcome.reason or "the parser failed"
    if len(avoid) > MAX_AVOIDED:
        avoid[ALL] = (
            f"{len(avoid)} items of the file around it had stopped its parser: "
            "nothing more inside was opened"
        )
    return replace(job, args={**job.args, "avoid": avoid})


def _told(errand: Errand) -> dict[str, Any]:
    """What a job is told of its files as a whole."""
    largest = max(one.size_bytes for one in errand.files)
    # Room is left for the tables.
    return {"root": errand.root, "total_bytes": output_bytes(largest) - _SPARE_BYTES}


def _divisible(errand: Errand, job: Job) -> Taken | None:
    """The file that stopped its parser as a whole, if its entries can be read one by one."""
    if errand.holder is not None or len(job.items) != 1:
        return None
    taken = errand.files[job.items[0]["input"]]
    reader = registry.plugins("leak").get(taken.reader or "")
    return taken if reader is not None and reader.members is not None else None


def output_bytes(largest: int) -> int:
    """What one call may write when the largest of its files has so many bytes."""
    return max(Limits().output_bytes, 8 * largest)


def _top(labels: Mapping[str, str], path: str) -> str | None:
    """The format of the file that a path lies in."""
    while path:
        if path in labels:
            return labels[path]
        path = path.rpartition("/")[0]
    return None


def _tell(
    book: Book, kind: str, errand: Errand, items: Sequence[Mapping[str, Any]], table: pa.Table
) -> dict[str, str]:
    """Count the files of a batch; the format of each by its path."""
    names = ("item_id", "reader", "media_type", "status", "reason")
    columns = (table[name].to_pylist() for name in names)
    told = {row[0]: row[1:] for row in zip(*columns, strict=True)}
    labels: dict[str, str] = {}
    for item in items:
        taken = errand.files[item["input"]]
        reader, media_type, status, reason = told[taken.item_id]
        errand.label = labels[taken.entry.path] = reader or media_type or "unknown"
        book.report.file(errand.label, status, reason, taken.entry.path)
        book.done(taken.entry, kind, taken.item_id, taken.size_bytes)
    return labels


def _file_item(rank: int, taken: Taken) -> dict[str, Any]:
    entry = taken.entry
    return {
        "input": rank,
        "item_id": taken.item_id,
        "path": entry.path,
        "name": entry.name,
        "size_bytes": taken.size_bytes,
        "reader": taken.reader,
        "mailbox_id": entry.mailbox_id,
        "mailbox_path": entry.mailbox_path,
    }
