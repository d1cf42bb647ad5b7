"""Rows that a worker read from a file of posts: checked, and put on their way into the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.cell import open_arrow
from tamis.errors import TamisError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamis.cell import Outcome
    from tamis.run.intake_book import Book

# What a reader of each group may write; nothing else is believed.
_TABLES = {
    "posts": (
        *("post", "post_snapshot", "action", "account", "account_snapshot", "object"),
        *("post_object", "container", "rejected", "intake_count"),
    ),
    "context": (
        *("dkim_key", "signer_key", "claim", "poll", "silence_rule"),
        *("dkim_key", "signer_key", "decoy", "decoy_key", "time_root"),
        *("rejected", "intake_count"),
    ),
}
# Tables whose rows may come out of several files.
_SHARED = ("object", "container", "dkim_key", "signer_key")


def checked_count(group: str, outcome: Outcome, item_id: str) -> dict[str, Any] | None:
    """The row of `intake_count` that came with the rows of a file, None when there is none.

    Errors    TamisError for a table that was not asked for, or a row of another file.
    """
    if unasked := outcome.files.keys() - set(_TABLES[group]):
        raise TamisError(f"it wrote {', '.join(sorted(unasked))}, which was not asked for")
    for table, path in outcome.files.items():
        _check_source(table, path, item_id)
    if "intake_count" not in outcome.files:
        return None
    schema = records.table("intake_count").schema
    found = open_arrow(outcome.files["intake_count"], schema).read_all()
    rows: list[dict[str, Any]] = found.to_pylist()
    if len(rows) != 1 or rows[0]["source_item_id"] != item_id:
        raise TamisError("its counts are not those of one file")
    return rows[0]


def append(book: Book, table: str, path: Path) -> None:
    """Add the rows of a worker's file to a table; those of other files too, where not yet there."""
    if table in _SHARED:
        rows = open_arrow(path, records.table(table).schema).read_all()
        book.append(table, book.new_keys(table, rows))
        return
    with pa.memory_map(str(path)) as source:
        book.report.rows[table] += sum(one.num_rows for one in _batches(pa.ipc.open_file(source)))
    book.writer.append_file(table, path)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    return (reader.get_batch(index) for index in range(reader.num_record_batches))


def _check_source(table: str, path: Path, item_id: str) -> None:
    """Nothing, if every row says that it came from this file."""
    if "source_item_id" not in records.table(table).schema.names:
        return
    # The cell has validated the file and put it out of its worker's reach: one column is enough.
    with pa.memory_map(str(path)) as source:
        for batch in _batches(pa.ipc.open_file(source)):
            if not pc.all(pc.equal(batch["source_item_id"], item_id)).as_py() and batch.num_rows:
                raise TamisError(f"a row of {table} names another file")
