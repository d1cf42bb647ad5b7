"""What a task writes in the cell: Arrow tables and blobs in its spool folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from tamis.cell.frames import is_name
from tamis.cell.span import stretch

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from _typeshed import ReadableBuffer

_FLUSH_ROWS = 4096
# Where a worker notes what it is at, for when it dies; no output file can be called so.
MARK = ".mark"
MARK_BYTES = 64


class OutputLimitError(Exception):
    """A task wrote more than it may; the worker tells the cell so."""


class _Counted:
    """A file that counts what all files of one call have written together."""

    def __init__(self, output: Output, descriptor: int) -> None:
        self._output = output
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 16)

    def write(self, data: ReadableBuffer, /) -> int:
        self._output.count(memoryview(data).nbytes)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _ArrowFile:
    """One Arrow IPC file: opened at its first use, closed by the output."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        import pyarrow as pa  # noqa: PLC0415  a worker that writes no table loads no Arrow

        self.schema = schema.remove_metadata()
        self._file = file
        self._writer = pa.ipc.new_file(file, self.schema)

    def write(self, batch: pa.RecordBatch | pa.Table) -> None:
        """Add a record batch, or a table, of exactly this file's schema."""
        self._writer.write(batch)

    def close(self) -> None:
        if not self._file.closed:
            self._writer.close()
            self._file.close()


class Output:
    """Where a task puts its results; the worker makes one for each call."""

    def __init__(self, folder: int, limit_bytes: int) -> None:
        self._folder = folder
        self._left = limit_bytes
        self._blobs: dict[str, BinaryIO] = {}
        self._arrows: dict[str, _ArrowFile] = {}
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        self._mark: int | None = None

    def mark(self, what: str) -> None:
        """Note what is being read now, in at most 64 ASCII characters; "" for nothing special.

        Should the worker die of it, the outcome says so; until then who follows the cell sees it.
        """
        if self._mark is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._mark = os.open(MARK, flags, 0o600, dir_fd=self._folder)
        os.pwrite(self._mark, what.encode("ascii").ljust(MARK_BYTES)[:MARK_BYTES], 0)

    def arrow(self, name: str, schema: pa.Schema) -> _ArrowFile:
        """The Arrow file called `name`, with `.write(batch)`; the same one for the same name.

        Errors    ValueError for a name that is no plain file name, or is taken by a blob.
        """
        if name not in self._arrows:
            self._arrows[name] = _ArrowFile(self._open(name), schema)
        return self._arrows[name]

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row to the Arrow file of a table of the case, under the table's name.

        Errors    KeyError for an unknown table or column; ValueError for a forbidden NULL.
        """
        rows = self._rows.setdefault(table, [])
        rows.append(values)
        if len(rows) >= _FLUSH_ROWS:
            self._flush(table)

    def blob(self, name: str) -> BinaryIO:
        """A new binary file called `name`, for writing.

        Errors    ValueError for a name that is no plain file name, or is taken.
        """
        self._blobs[name] = file = self._open(name)
        return file

    def reopen(self, name: str, start: int, end: int) -> BinaryIO:
        """Bytes `start` to `end` of a blob that is written and closed, as a seekable stream.

        Errors    ValueError for a name that is no finished blob of this call.
        """
        if name not in self._blobs or not self._blobs[name].closed:
            raise ValueError(f"{name!r} is no finished blob")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        return stretch(os.open(name, flags, dir_fd=self._folder), start, end - start, name)

    def count(self, byte_count: int) -> None:
        """Note that so many bytes are written.

        Errors    OutputLimitError when that is more than the call may write.
        """
        self._left -= byte_count
        if self._left < 0:
            raise OutputLimitError

    def close(self) -> tuple[tuple[str, bool], ...]:
        """Finish every file; the name of each, and whether it is an Arrow file."""
        for table in tuple(self._rows):
            self._flush(table)
        for arrow in self._arrows.values():
            arrow.close()
        for blob in self._blobs.values():
            blob.close()
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None
        names = [(name, True) for name in self._arrows] + [(name, False) for name in self._blobs]
        return tuple(names)

    def _flush(self, table: str) -> None:
        from tamis import records  # noqa: PLC0415  see _ArrowFile

        rows, self._rows[table] = self._rows[table], []
        if rows:
            built = records.table(table).build(rows)
            self.arrow(table, built.schema).write(built)

    def _open(self, name: str) -> BinaryIO:
        if not is_name(name) or name in self._arrows or name in self._blobs:
            raise ValueError(f"{name!r} cannot be the name of a new output file")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return _Counted(self, os.open(name, flags, 0o600, dir_fd=self._folder))  # type: ignore[return-value]
