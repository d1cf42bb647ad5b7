"""The one process that adds to a case: everything or nothing, at `commit`."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import custody, journal, lease, pin, table_file
from tamis.case.blob import BlobStore
from tamis.case.custody import Event
from tamis.case.layout import CUSTODY, SPOOL, digest, write_atomic
from tamis.case.lock import WriterLock, commit_lock
from tamis.case.manifest import Mark
from tamis.case.pin import Pin
from tamis.case.settled import adopt_settings, settle_all
from tamis.case.shelf import Shelf
from tamis.case.view import CaseView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from tamis.case.manifest import Manifest
    from tamis.case.settings import Settings


def _as_table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


# Beyond this, rows that wait in memory are written, the largest table first.
_WAITING_BYTES = 512 << 20


class Writer:
    """The only writer of a case; a context manager that holds the writer lock.

    Whatever is stored, appended, replaced, marked or noted becomes visible at `commit`, all at
    once. Leaving without a commit leaves the case as it was.
    """

    def __init__(self, root: Path) -> None:
        """Take the lock, finish what a killed process began, and clear what it left behind.

        Errors    CaseLockedError at once, naming the process, when another one writes;
                  CaseBrokenError when custody or manifest do not hold; SettingsError when
                  case.toml was edited into something unusable.
        """
        self._root = root
        self._lock = WriterLock(root)
        self._spool: Path | None = None
        try:
            settle_all(root)
            custody.verify(root / CUSTODY)
            self._base = adopt_settings(root)
            is_crashed = lease.sweep(root)
            lease.collect(root)
            self._known = self._read_known()
            if is_crashed:
                lease.drop_strangers(root, self._known)
            self._start()
        except BaseException:
            self._lock.release()
            raise

    def _start(self) -> None:
        self._blobs = BlobStore(self._root, self._known, self._forgotten)
        self._shelves: dict[str, Shelf] = {}
        self._events: list[Event] = []
        self._marks: dict[str, Mark] = {}
        self._new_pins: dict[str, Pin] = {}

    def _read_known(self) -> dict[str, str]:
        with CaseView(self._root) as view:
            columns = view.table("blob", ["item_id", "storage"]).to_pydict()
            self._forgotten = set(view.table("tombstone", ["item_id"]).to_pydict()["item_id"])
        return dict(zip(columns["item_id"], columns["storage"], strict=True))

    @property
    def settings(self) -> Settings:
        """The settings that hold while this writer lives."""
        return self._base.settings

    def view(self) -> CaseView:
        """A view of what is committed."""
        return CaseView(self._root)

    def spool(self) -> Path:
        """A fresh folder inside the case for half-made files, removed when the writer leaves."""
        if self._spool is None:
            name = f"writer-{os.getpid()}-{secrets.token_hex(4)}"
            self._spool = self._root / SPOOL / name
            self._spool.mkdir()
        folder = self._spool / secrets.token_hex(8)
        folder.mkdir()
        return folder

    def store(self, path: Path, *, by_reference: bool = False) -> tuple[str, int]:
        """Item id (SHA-256) and size of a file taken in, copied unless `by_reference`.

        The bytes' row in table `blob` is written with the commit. Bytes that were forgotten
        are hashed, and not kept.
        Errors    InputError for what is no ordinary file; OSError when it cannot be read.
        """
        if by_reference:
            return self._blobs.refer(path)
        if self._spool is None:
            self.spool()
        assert self._spool is not None  # noqa: S101 - made the line above
        return self._blobs.store(path, self._spool)

    def adopt(self, path: Path, item_id: str) -> None:
        """Take a file out of the spool as the bytes of `item_id`, once its hash is checked.

        Errors    CaseBrokenError when its bytes are others.
        """
        self._blobs.adopt(path, item_id)

    def blob(self, item_id: str) -> Path:
        """Where the bytes of an item stand that was stored or adopted, committed or not."""
        return self._blobs.path(item_id)

    def has_bytes(self, item_id: str) -> bool:
        """Whether bytes of their own are kept for an item, committed or not."""
        return item_id in self._known

    def is_forgotten(self, item_id: str) -> bool:
        """Whether an item was forgotten: its bytes and rows are not taken in again."""
        return item_id in self._forgotten

    def append(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Add rows to a table; a reader is streamed, so that it may be larger than memory.

        Rows about items that were forgotten are left out: what was removed does not come back.
        Errors    ValueError when a column disagrees with the table's record.
        """
        record = records.table(table)
        shelf = self._shelf(table)
        batches = [rows] if isinstance(rows, pa.Table) else map(_as_table, rows)
        for batch in batches:
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
        for path in rows:
            shelf.adopt(path)

    def mark(self, stage: str, inputs_sha256: str, run_id: str) -> None:
        """Note which inputs a stage's result was made from, and by which run."""
        self._marks[stage] = Mark(inputs_sha256, run_id)

    def note(self, event: str, **facts: Any) -> None:
        """Note a line of custody, written with the commit; values are JSON values."""
        self._events.append(Event(event, facts))

    def pin(self, report_id: str, view: CaseView, **facts: Any) -> None:
        """Keep the generation that a report was made from, until the report is pinned anew.

        The pin is reports/<report_id>.json; its hash stands in the manifest. `facts` are what
        an audit needs: files of the report and their hashes.
        """
        pin.path_of(self._root, report_id)
        self._new_pins[report_id] = Pin(report_id, view._manifest, facts)  # noqa: SLF001

    def commit(self) -> int:
        """The generation that stands now; the same as before when nothing changed.

        A note alone becomes a line of custody without a new generation.
        """
        self._flush()
        self._blobs.sync()
        for shelf in self._shelves.values():
            shelf.sync()
        with commit_lock(self._root):
            self._base = journal.commit(self._root, self._change)
        self._blobs.keep()
        self._start()
        lease.collect(self._root)
        return self._base.generation

    def _flush(self) -> None:
        if self._blobs.moved_in:
            self._move_in()
        elif self._blobs.rows:
            self.append("blob", records.table("blob").build(self._blobs.rows))
        self._blobs.rows.clear()
        for shelf in self._shelves.values():
            shelf.flush()

    def _move_in(self) -> None:
        """Rewrite table `blob`: files once left outside have been copied in since."""
        new = records.table("blob").build(self._blobs.rows)
        with self.view() as view:
            old = view.table("blob")
        gone = pa.array(sorted(self._blobs.moved_in), pa.string())
        kept = old.filter(pc.invert(pc.is_in(old.column("item_id"), gone)))
        self.replace("blob", pa.concat_tables([kept, new]))

    def _change(self, before: Manifest) -> tuple[Manifest, Sequence[Event]]:
        tables = dict(before.tables)
        for name, shelf in self._shelves.items():
            tables[name] = shelf.result(tables.get(name, ()))
        pins = dict(before.pins)
        for report, one in self._new_pins.items():
            data = one.render()
            if pins.get(report) != digest(data):
                write_atomic(pin.path_of(self._root, report), data)
                pins[report] = digest(data)
        stages = {**before.stages, **self._marks}
        return replace(before, tables=tables, stages=stages, pins=pins), self._events

    def _shelf(self, table: str) -> Shelf:
        if table not in self._shelves:
            record = records.table(table)
            self._shelves[table] = Shelf(self._root, record, self._base.generation + 1)
        return self._shelves[table]

    def _relieve(self) -> None:
        waiting = {name: shelf.waiting_bytes for name, shelf in self._shelves.items()}
        if sum(waiting.values()) > _WAITING_BYTES:
            self._shelves[max(waiting, key=lambda name: waiting[name])].flush()

    def _allowed(self, rows: pa.Table) -> pa.Table:
        if not self._forgotten or "item_id" not in rows.column_names:
            return rows
        gone = pa.array(sorted(self._forgotten), pa.string())
        return rows.filter(pc.invert(pc.is_in(rows.column("item_id"), gone)))

    def close(self) -> None:
        """Drop what was not committed, and give the lock back."""
        for shelf in self._shelves.values():
            shelf.clear()
        self._blobs.drop()
        if self._spool is not None:
            shutil.rmtree(self._spool, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the writer."""
        self.close()
