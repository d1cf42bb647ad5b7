"""What readers of a case hold: one generation that stays as it is while others write."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis import records
from tamis.case import index_folder, manifest, pin
from tamis.case.generation import Generation
from tamis.case.layout import BLOBS, TABLES
from tamis.case.lease import Lease
from tamis.case.locate import Location, Locator
from tamis.case.lock import READ_ONLY, commit_lock
from tamis.closing import Closing
from tamis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tamis.case.manifest import Manifest
    from tamis.engines import Engine
    from tamis.plan import Query


class CaseView(Generation, Closing):
    """One generation of a case, read-only; a context manager that holds a lease on its files.

    Many views may be open at once, also while a writer runs: a view goes on showing the
    generation it was opened on.
    """

    def __init__(self, root: Path, report_id: str | None = None) -> None:
        """Take a lease on the newest generation, or on the one that a report was made from.

        Errors    InputError for an unknown report; CaseBrokenError when the manifest is broken.
        """
        self._lease: Lease | None = None
        self._locator: Locator | None = None
        self._engine: Engine | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        with commit_lock(root):
            newest = manifest.read(root)
            self._pins = dict(newest.pins)
            super().__init__(root, newest)
            if report_id is not None:
                self._manifest = self._pinned(report_id)
            try:
                self._lease = Lease(root, self._manifest)
            except OSError as problem:
                # In a folder that cannot be written, nobody removes files either.
                if problem.errno not in READ_ONLY:
                    raise

    def _pinned(self, report_id: str) -> Manifest:
        if report_id not in self._pins:
            known = ", ".join(sorted(self._pins)) or "none"
            raise InputError(f"{self._root}: no report {report_id!r} is pinned; pinned: {known}")
        return pin.read(self._root, report_id, self._pins[report_id]).manifest

    @property
    def reports(self) -> tuple[str, ...]:
        """The reports that are pinned, by id."""
        return tuple(sorted(self._pins))

    def report_facts(self, report_id: str) -> Mapping[str, Any]:
        """What the maker of a report kept with its pin.

        Errors    InputError for an unknown report; CaseBrokenError when the pin was changed.
        """
        self._pinned(report_id)
        return pin.read(self._root, report_id, self._pins[report_id]).facts

    def engine(self, name: str = "duckdb", memory_gib: float | None = None) -> Engine:
        """An engine on which every table of the case is registered; close it before the view.

        Input     `memory_gib` is what it may hold before it spills to the case's scratch folder
        """
        from tamis.engines import open_engine  # noqa: PLC0415  # loads the engine

        allowed = [self._root / TABLES, self._root / BLOBS]
        engine = open_engine(name, allowed=allowed, scratch=self.scratch(), memory_gib=memory_gib)
        for table, record in records.tables().items():
            engine.register(table, self.files(table), record.schema)
        return engine

    def query(self, query: Query, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The rows of one query over the tables of the case, on the embedded engine."""
        if self._engine is None:
            self._engine = self.engine()
        return self._engine.query(query, params)

    def index(self) -> Path | None:
        """The folder of the search index of this generation; None when none was made of it."""
        return index_folder.find(self._root, self._manifest)

    def scratch(self) -> Path:
        """A folder for temporary files, removed when the view is closed."""
        if self._lease is not None:
            self._lease.folder.mkdir(exist_ok=True)
            return self._lease.folder
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="tamis-")
        return Path(self._scratch.name)

    def locator(self) -> Locator:
        """Where the bytes of every item stand."""
        if self._locator is None:
            self._locator = Locator(self._root, self.table)
        return self._locator

    def read_item(self, item_id: str) -> bytes:
        """The bytes of an item, their SHA-256 checked.

        Errors    CaseError when the case holds none (or they were forgotten); CaseBrokenError
                  when they are other bytes.
        """
        return self.locator().read(item_id)

    def open_item(self, item_id: str) -> BinaryIO:
        """A stream of an item's bytes, their SHA-256 checked first; errors as `read_item`."""
        return self.locator().open(item_id)

    def location(self, item_id: str) -> Location:
        """The span of a file that holds an item, and the decodings from there.

        Errors    CaseError when there is none.
        """
        return self.locator().locate(item_id)

    def locate_item(self, item_id: str) -> tuple[Path, int, int]:
        """File, offset and length of an item's bytes, to be handed to the cell unread.

        An item that only exists decoded is written to the view's scratch folder first.
        Errors    CaseError when there is none.
        """
        found = self.location(item_id)
        if found.steps:
            path = self.scratch() / item_id
            if not path.exists():
                path.write_bytes(self.read_item(item_id))
            found = Location(path, 0, path.stat().st_size)
        return found.path, found.byte_start, found.byte_end - found.byte_start

    def close(self) -> None:
        """Give the lease back."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._lease is not None:
            self._lease.release()
        if self._scratch is not None:
            self._scratch.cleanup()
