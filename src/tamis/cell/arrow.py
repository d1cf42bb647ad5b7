"""Reading Arrow IPC files that a worker wrote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa

from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_arrow(path: Path, schema: pa.Schema) -> pa.Table:
    """The whole table of an Arrow IPC file from a worker, validated."""
    return open_arrow(path, schema).read_all()


def open_arrow(path: Path, schema: pa.Schema) -> pa.RecordBatchReader:
    """The batches of an Arrow IPC file from a worker, each validated as it is read."""
    return pa.RecordBatchReader.from_batches(schema, _batches(path, schema))


def _batches(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        reader = pa.ipc.open_file(file)
        if not reader.schema.equals(schema):
            raise FormatError(f"{path.name}: its columns are not those expected")
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            batch.validate(full=True)
            yield batch
