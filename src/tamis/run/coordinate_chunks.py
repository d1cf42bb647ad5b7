"""The rows of a table of posts by columns, some thousands at a time, with where each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tamis.errors import FormatError
from tamis.run.coordinate_columns import Read
from tamis.sources.posts.table_rows import open_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CHUNK_ROWS = 50_000
_EXAMPLES = 20


def row_chunks(
    stream: BinaryIO, name: str
) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, pa.Array]]]]:
    """The names of the columns, and the rows by columns, some thousands at a time."""
    head = stream.read(4)
    stream.seek(0)
    if head == b"PAR1":
        return _parquet_chunks(stream, name)
    if name.lower().endswith((".parquet", ".pq")):
        raise FormatError(f"{name}: it is no Parquet file, which begins with PAR1; export it again")
    table = open_rows(stream, name)
    return table.names, _row_chunks(table.names, table.rows)


def _parquet_chunks(
    stream: BinaryIO, name: str
) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, pa.Array]]]]:
    try:
        file = pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{name}: this Parquet file cannot be read: {error}") from error

    def chunks() -> Iterator[tuple[int, dict[str, pa.Array]]]:
        at = 0
        try:
            for batch in file.iter_batches(_CHUNK_ROWS):
                yield at, dict(zip(batch.schema.names, batch.columns, strict=True))
                at += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise FormatError(f"{name}: this Parquet file breaks off: {error}") from error

    return tuple(file.schema_arrow.names), chunks()


def _row_chunks(
    names: Sequence[str], rows: Iterator[Any]
) -> Iterator[tuple[int, dict[str, pa.Array]]]:
    at = 0
    held: list[Any] = []
    for row in rows:
        if row.values or row.why:
            held.append(row)
        if len(held) == _CHUNK_ROWS:
            yield at, _columns(names, held)
            at += len(held)
            held = []
    if held:
        yield at, _columns(names, held)


def _columns(names: Sequence[str], rows: Sequence[Any]) -> dict[str, Any]:
    """Columns of Python values; a row that could not be read is empty in all of them."""
    empty = (None,) * len(names)
    columns: dict[str, Any] = dict(
        zip(names, map(list, zip(*(row.values or empty for row in rows), strict=True)), strict=True)
    )
    columns["\0start"] = pa.array([row.start for row in rows], pa.int64())
    columns["\0end"] = pa.array([row.end for row in rows], pa.int64())
    columns["\0why"] = pa.array([row.why for row in rows], pa.string())
    return columns


def torn(columns: Mapping[str, pa.Array]) -> Read | None:
    """Which rows could be read at all, and why the others could not; None where all could."""
    whys = columns.get("\0why")
    if whys is None or whys.null_count == len(whys):
        return None
    lost = whys.is_valid().to_numpy(zero_copy_only=False)
    why = tuple((int(row), whys[row].as_py()) for row in np.flatnonzero(lost)[:_EXAMPLES])
    return Read(pa.array(np.ones(len(lost), np.int8), mask=lost), why)
