"""Exports of posts, and files on what surrounds an incident: read in the cell, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.cell import Job, Outcome, open_arrow
from tamis.errors import TamisError
from tamis.run.intake_store import store
from tamis.run.intake_tasks import READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.cell import Cell
    from tamis.run.intake_book import Book
    from tamis.run.intake_walk import Entry

# What a reader of each group may write; nothing else is believed.
_TABLES = {
    "posts": (
        *("post", "post_snapshot", "action", "account", "account_snapshot", "object"),
        *("post_object", "container", "rejected", "intake_count"),
    ),
    "context": ("dkim_key", "signer_key", "rejected", "intake_count"),
}
# Tables whose rows may come out of several files.
_SHARED = ("object", "container", "dkim_key", "signer_key")


class Exports:
    """The files of one kind on their way through the cell, each a job of its own."""

    def __init__(
        self, book: Book, kind: str, options: Mapping[str, Any], *, by_reference: bool
    ) -> None:
        """Take files in as `kind`: posts, keys, polls, decoys or claims."""
        self.book = book
        self.kind = kind
        self.group = "posts" if kind == "posts" else "context"
        self.options = options
        self.by_reference = by_reference
        self._files: dict[str, tuple[Entry, str, int, str | None]] = {}

    def run(self, cell: Cell, entries: Sequence[tuple[Entry, str | None, str | None]]) -> None:
        """Read each (entry, name of its reader, media type found in it)."""
        for outcome in cell.run(self._jobs(entries)):
            entry, item_id, size, media_type = self._files.pop(outcome.job.job_id)
            reader = outcome.job.items[0]["reader"]
            try:
                status, reason = self._adopt(outcome, item_id)
            except (TamisError, ValueError) as problem:
                status, reason = "failed", f"the parser's answer was refused: {problem}"
            outcome.discard()
            self._account(entry, item_id, size, (reader, media_type, status, reason))
            self.book.commit()

    def _jobs(self, entries: Sequence[tuple[Entry, str | None, str | None]]) -> Iterator[Job]:
        for rank, (entry, reader, media_type) in enumerate(entries):
            taken = store(self.book, entry, self.kind, reader, by_reference=self.by_reference)
            if taken is None:
                continue
            item_id, size, path = taken.item_id, taken.size_bytes, taken.path
            if item_id in self.book.known:
                # The same bytes were read at another place: one more place, no row twice.
                self.book.place(entry, item_id, self.kind)
                self.book.report.file("same bytes as before", "read", None, entry.path)
                self.book.done(entry, self.kind, item_id, size)
                continue
            if reader is None:
                why = f"no reader of {self.kind} recognises it: kept, hashed, not read"
                self._account(entry, item_id, size, (None, media_type, "refused", why))
                continue
            self.book.known.add(item_id)
            job_id = f"{self.kind}-{rank}"
            self._files[job_id] = (entry, item_id, size, media_type)
            item = {
                "input": 0,
                "item_id": item_id,
                "name": entry.name,
                "path": entry.path,
                "size_bytes": size,
                "reader": reader,
            }
            args = {"group": self.group, "options": dict(self.options)}
            yield Job(job_id, READ, (path,), (item,), args)

    def _account(
        self,
        entry: Entry,
        item_id: str,
        size: int,
        told: tuple[str | None, str | None, str, str | None],
    ) -> None:
        """One row of `item` and one of `place` for the file."""
        reader, media_type, status, reason = told
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
        self.book.done(entry, self.kind, item_id, size)

    def _adopt(self, outcome: Outcome, item_id: str) -> tuple[str, str | None]:
        """The status of a file and why, once its rows are on their way."""
        if outcome.status != "done":
            return "failed", outcome.reason
        if unasked := outcome.files.keys() - set(_TABLES[self.group]):
            raise TamisError(f"it wrote {', '.join(sorted(unasked))}, which was not asked for")
        count = self._count(outcome, item_id)
        for table, path in outcome.files.items():
            _check_source(table, path, item_id)
        for table, path in outcome.files.items():
            self._append(table, path)
        return _status(count, outcome.result)

    def _count(self, outcome: Outcome, item_id: str) -> dict[str, Any] | None:
        if "intake_count" not in outcome.files:
            return None
        schema = records.table("intake_count").schema
        found = open_arrow(outcome.files["intake_count"], schema).read_all()
        rows: list[dict[str, Any]] = found.to_pylist()
        if len(rows) != 1 or rows[0]["source_item_id"] != item_id:
            raise TamisError("its counts are not those of one file")
        return rows[0]

    def _append(self, table: str, path: Path) -> None:
        schema = records.table(table).schema
        if table in _SHARED:
            self.book.append(table, self.book.new_keys(table, open_arrow(path, schema).read_all()))
            return
        with pa.memory_map(str(path)) as source:
            rows = sum(batch.num_rows for batch in _batches(pa.ipc.open_file(source)))
        self.book.report.rows[table] += rows
        self.book.writer.append_file(table, path)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    return (reader.get_batch(index) for index in range(reader.num_record_batches))


def _check_source(table: str, path: Path, item_id: str) -> None:
    """Nothing, if every row says that it came from this file."""
    schema = records.table(table).schema
    if "source_item_id" not in schema.names:
        return
    for batch in open_arrow(path, schema):
        if not pc.all(pc.equal(batch["source_item_id"], item_id)).as_py() and batch.num_rows:
            raise TamisError(f"a row of {table} names another file")


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
        return "read", None
    is_lost = count["row_count"] and not count["used_count"]
    return "failed" if is_lost else "partly", "; ".join(told)
