"""Rows on their way into one table: gathered, cut into sorted files, and named on commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tamis.case import table_file
from tamis.case.layout import TABLES, sync_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tamis.case.manifest import TableFile
    from tamis.records import Table

# A file is sorted in memory before it is written: this many rows or bytes at a time.
_ROWS = 1_000_000
_BYTES = 64 << 20


class Shelf:
    """What one writer puts into one table until it commits.

    `is_replacing`: the new files stand instead of the old ones, not beside them.
    """

    def __init__(self, root: Path, record: Table, generation: int) -> None:
        """Start empty; files will carry the number of the generation they are made for."""
        self._root = root
        self.record = record
        self._generation = generation
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._bytes = 0
        self.files: list[TableFile] = []
        self.kept: list[TableFile] = []
        self.is_replacing = False

    @property
    def waiting_bytes(self) -> int:
        """How much memory the rows take that stand in no file yet."""
        return self._bytes

    def add(self, rows: pa.Table) -> None:
        """Gather rows; a file is written whenever enough have come together."""
        for piece in _pieces(rows):
            self._waiting.append(piece)
            self._rows += piece.num_rows
            self._bytes += piece.nbytes
            if self._rows >= _ROWS or self._bytes >= _BYTES:
                self.flush()

    def flush(self) -> None:
        """Write what waits into one sorted file."""
        if not self._rows:
            return
        rows = table_file.ordered(self.record, pa.concat_tables(self._waiting))
        self._waiting, self._rows, self._bytes = [], 0, 0
        self.write_file([rows])

    def write_file(self, batches: Iterable[pa.Table]) -> TableFile:
        """One new file of rows that are sorted already."""
        path = self._next_path()
        new = table_file.write(path, self.record, batches, str(path.relative_to(self._root)))
        self.files.append(new)
        return new

    def _next_path(self) -> Path:
        """The path of the next file; generations and counters make it unused."""
        folder = self._root / TABLES / self.record.name
        folder.mkdir(exist_ok=True)
        count = len(self.files)
        while (path := folder / f"{self._generation:06d}-{count:04d}.parquet").exists():
            count += 1
        return path

    def adopt(self, path: Path) -> None:
        """Take a finished Parquet file from the spool, in batches so that memory stays flat.

        Errors    ValueError when it has another schema, or NULL where none may stand.
        """
        self.write_file(table_file.checked(path, self.record))

    def clear(self) -> None:
        """Forget what waits, and remove the files made so far."""
        self._waiting, self._rows, self._bytes = [], 0, 0
        for one in self.files:
            (self._root / one.path).unlink(missing_ok=True)
        self.files = []

    def sync(self) -> None:
        """Nothing; the files (synced when closed) have their names on the disk afterwards."""
        if self.files:
            sync_file(self._root / TABLES / self.record.name)
            sync_file(self._root / TABLES)

    def result(self, before: tuple[TableFile, ...]) -> tuple[TableFile, ...]:
        """The files of the table after the commit; equal content keeps the files it had."""
        if not self.is_replacing:
            return (*before, *self.files)
        after = (*self.kept, *self.files)
        if [one.sha256 for one in before] == [one.sha256 for one in after]:
            self.clear()
            return before
        return after


def _pieces(rows: pa.Table) -> Iterator[pa.Table]:
    """`rows` in slices that fit into one file each."""
    if not rows.num_rows:
        return
    mean = max(1, rows.nbytes // rows.num_rows)
    step = max(1, min(_ROWS, _BYTES // mean))
    for start in range(0, rows.num_rows, step):
        yield rows.slice(start, step)
