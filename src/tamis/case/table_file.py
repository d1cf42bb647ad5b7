"""Parquet files of tables: written in one pass with their hash, sorted, and read back."""

from __future__ import annotations

import hashlib
import io
import os
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tamis.case.manifest import TableFile
from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tamis.records import Table

ROW_GROUP = 122_880
_LOOKED_AT = 8_192


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is written, so that it need not be read again."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("xb")
        self.found = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._file.write(view)
        self.found.update(view)
        self.size += view.nbytes
        return view.nbytes

    def close(self) -> None:
        if not self.closed:
            super().close()
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())


def write(path: Path, record: Table, batches: Iterable[pa.Table], relative: str) -> TableFile:
    """One new Parquet file with its hash, on the disk; `relative` is its path in the case."""
    rows = 0
    sink = _Hashing(path)
    parts = iter(batches)
    first = next(parts, None)
    repeating = _repeating(record, first)
    with (
        sink,
        pq.ParquetWriter(
            sink, record.schema, compression="zstd", use_dictionary=repeating
        ) as writer,
    ):
        for batch in chain(() if first is None else (first,), parts):
            rows += batch.num_rows
            writer.write_table(batch, row_group_size=ROW_GROUP)
    return TableFile(relative, sink.found.hexdigest(), rows, sink.size)


def _repeating(record: Table, rows: pa.Table | None) -> list[str]:
    """The columns whose values come again and again; to count those of others is lost time."""
    if rows is None:
        return list(record.schema.names)
    look = rows.slice(0, _LOOKED_AT)
    return [
        column.name
        for column in record.schema
        if pa.types.is_nested(column.type)
        or 2 * pc.count_distinct(look.column(column.name)).as_py() <= look.num_rows
    ]


def ordered(record: Table, rows: pa.Table) -> pa.Table:
    """`rows` sorted by the table's paging key, NULL last; equal rows keep their order."""
    if rows.num_rows < 2:
        return rows
    keys = [(name, "ascending") for name in record.paging]
    order = pc.sort_indices(rows, sort_keys=keys)
    # Exports are often in order already, and moving every row costs more than sorting them.
    is_ordered = np.array_equal(order, np.arange(rows.num_rows, dtype=np.uint64))
    return rows if is_ordered else rows.take(order)


def fit(record: Table, rows: pa.Table, source: str) -> pa.Table:
    """`rows` with exactly the table's schema, checked.

    Errors    ValueError naming the column that disagrees, and where the rows come from.
    """
    if rows.schema.names != record.schema.names:
        raise ValueError(f"{source}: {record.name} has the columns {record.schema.names}")
    try:
        return record.check(rows if rows.schema.equals(record.schema) else rows.cast(record.schema))
    except (pa.ArrowInvalid, ValueError) as problem:
        raise ValueError(f"{source}: {problem}") from problem


def read(path: Path, record: Table, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one file, or some of its columns.

    Errors    CaseBrokenError when it is no Parquet file of this table.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            return file.read(columns=list(columns) if columns is not None else None)
    except (OSError, pa.ArrowException) as problem:
        raise CaseBrokenError(
            f"{path}: expected a Parquet file of table {record.name}: {problem}"
        ) from None


def stream(
    path: Path, record: Table, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of one file in batches of at most a row group.

    Errors    CaseBrokenError when it is no Parquet file of this table.
    """
    schema = part_of(record.schema, columns)
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(ROW_GROUP, columns=schema.names):
                yield batch.select(schema.names).cast(schema)
    except (OSError, pa.ArrowException) as problem:
        raise CaseBrokenError(
            f"{path}: expected a Parquet file of table {record.name}: {problem}"
        ) from None


def part_of(schema: pa.Schema, columns: Sequence[str] | None) -> pa.Schema:
    """The schema of the chosen columns, in the order asked for."""
    return schema if columns is None else pa.schema([schema.field(name) for name in columns])


def checked(path: Path, record: Table) -> Iterator[pa.Table]:
    """The rows of a Parquet file made elsewhere, in batches with exactly the table's schema.

    Errors    ValueError naming the file and the column that disagrees.
    """
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROW_GROUP):
            yield fit(record, pa.Table.from_batches([batch]), str(path))


def ipc_batches(source: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    """The record batches of an Arrow IPC file or stream."""
    is_file = source.read(6) == b"ARROW1"
    source.seek(0)
    if is_file:
        reader = pa.ipc.open_file(source)
        yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
    else:
        yield from pa.ipc.open_stream(source)
