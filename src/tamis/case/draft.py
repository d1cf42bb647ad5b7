"""What a writer has gathered and not committed yet: bytes, rows, marks, notes, pins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import pin, table_file
from tamis.case.custody import Event
from tamis.case.journal import Change
from tamis.case.layout import REPORTS, digest
from tamis.case.manifest import Mark
from tamis.case.pin import Pin
from tamis.case.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tamis.case.generation import Generation
    from tamis.case.manifest import Manifest, TableFile

# Beyond this, rows that wait in memory are written, the largest table first.
_WAITING_BYTES = 64 << 20


class Draft:
    """Rows, marks, notes and pins on top of one generation, seen by nobody until committed."""

    def __init__(self, root: Path, base: Manifest, forgotten: frozenset[str]) -> None:
        """Start empty on top of `base`; rows about `forgotten` items are never taken in."""
        self._root = root
        self._base = base
        self._forgotten = forgotten
        self._gone = pa.array(sorted(forgotten), pa.string())
        self._shelves: dict[str, Shelf] = {}
        self._events: list[Event] = []
        self.touched: set[str] = set()
        self._marks: dict[str, Mark] = {}
        self._pins: dict[str, Pin] = {}

    def append(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Add rows to a table; a reader is streamed, so that it may be larger than memory.

        Rows about items that were forgotten are left out: what was removed does not come back.
        Errors    ValueError when a column disagrees with the table's record.
        """
        record = records.table(table)
        shelf = self._shelf(table)
        for batch in [rows] if isinstance(rows, pa.Table) else map(_as_table, rows):
            shelf.add(self._allowed(table_file.fit(record, batch, f"append to {table}")))
            self._relieve()

    def append_file(self, table: str, path: Path) -> None:
        """Add the rows of an Arrow IPC file or stream from the spool, each batch validated.

        Errors    ValueError when it is not sound, or a column disagrees.
        """
        with pa.memory_map(str(path)) as source:
            try:
                for batch in table_file.ipc_batches(source):
                    batch.validate(full=True)
                    self.append(table, _as_table(batch))
            except pa.ArrowException as problem:
                raise ValueError(f"{path}: expected Arrow IPC of {table}: {problem}") from problem

    def replace(self, table: str, rows: pa.Table | Sequence[Path]) -> None:
        """Let a table hold these rows and no others; paths are Parquet files from the spool.

        Equal rows keep the files that stand, so that doing the same again changes nothing.
        Errors    ValueError when a column disagrees with the table's record.
        """
        shelf = self._shelf(table)
        shelf.clear()
        shelf.is_replacing = True
        if isinstance(rows, pa.Table):
            self.append(table, rows)
            return
        record = records.table(table)
        for path in rows:
            shelf.write_file(self._allowed(one) for one in table_file.checked(path, record))

    def rearrange(self, table: str, parts: Iterable[TableFile | pa.Table]) -> None:
        """Let a table consist of these parts: files that it has and that stay, or rows anew."""
        shelf = self._shelf(table)
        shelf.clear()
        shelf.is_replacing = True
        for part in parts:
            if isinstance(part, pa.Table):
                shelf.add(part)
                shelf.flush()
            else:
                shelf.kept.append(part)

    def mark(self, stage: str, inputs_sha256: str, run_id: str) -> None:
        """Note which inputs a stage's result was made from, and by which run."""
        self._marks[stage] = Mark(inputs_sha256, run_id)

    def note(self, event: str, **facts: Any) -> None:
        """Note a line of custody, written with the commit; values are JSON values."""
        self._events.append(Event(event, facts))

    def pin(self, report_id: str, view: Generation, **facts: Any) -> None:
        """Keep the generation that a report was made from, until the report is pinned anew.

        The pin is reports/<report_id>.json; its hash stands in the manifest. `facts` are what
        an audit needs: files of the report and their hashes.
        Errors    InputError for an id that could not be a file name.
        """
        pin.path_of(self._root, report_id)
        self._pins[report_id] = Pin(report_id, view.manifest, facts)

    def flush(self) -> None:
        """Write every row that waits, and bring the files to the disk."""
        for shelf in self._shelves.values():
            shelf.flush()
            shelf.sync()

    def change(self, before: Manifest) -> Change:
        """What the commit is to bring, on top of what stands now."""
        tables = dict(before.tables)
        for name, shelf in self._shelves.items():
            tables[name] = shelf.result(tables.get(name, ()))
        pins, files = dict(before.pins), {}
        for report, one in self._pins.items():
            data = one.render()
            if pins.get(report) != digest(data):
                files[f"{REPORTS}/{report}.json"] = data.decode()
                pins[report] = digest(data)
        stages = {**before.stages, **self._marks}
        after = replace(before, tables=tables, stages=stages, pins=pins)
        return Change(after, self._events, files)

    def drop(self) -> None:
        """Remove the files of rows that are not to be committed."""
        for shelf in self._shelves.values():
            shelf.clear()

    def _shelf(self, table: str) -> Shelf:
        if table not in self._shelves:
            self.touched.add(table)
            record = records.table(table)
            self._shelves[table] = Shelf(self._root, record, self._base.generation + 1)
        return self._shelves[table]

    def _relieve(self) -> None:
        waiting = {name: shelf.waiting_bytes for name, shelf in self._shelves.items()}
        if sum(waiting.values()) > _WAITING_BYTES:
            self._shelves[max(waiting, key=lambda name: waiting[name])].flush()

    def _allowed(self, rows: pa.Table) -> pa.Table:
        for name in ("item_id", "source_item_id") if self._forgotten else ():
            if name in rows.column_names and rows.num_rows:
                rows = rows.filter(pc.invert(pc.is_in(rows.column(name), self._gone)))
        return rows


def _as_table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])
