"""Reading Arrow IPC files that a worker wrote, without believing anything they say.

A file's own index (its footer) says where each batch lies. The index is read here, by hand and
within bounds, before Arrow sees a batch: batches that overlap would make a small file large,
and compressed ones could ask for any amount of memory, so both are refused.

Source    Arrow columnar format, IPC file format; File.fbs, Message.fbs; FlatBuffers internals.
"""

from __future__ import annotations

import os
import stat
import struct
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BATCH_BYTES = 1 << 29
_MAX_INDEX_BYTES = 1 << 24
_MAGIC = b"ARROW1"
_RECORD_BATCH = 3
_BLOCK = struct.Struct("<qi4xq")


def read_arrow(path: Path, schema: pa.Schema) -> pa.Table:
    """The whole table of an Arrow IPC file that a worker wrote.

    Errors    FormatError as `open_arrow`.
    """
    return pa.Table.from_batches(batches(path, schema), schema)


def open_arrow(path: Path, schema: pa.Schema) -> pa.RecordBatchReader:
    """The batches of an Arrow IPC file that a worker wrote, each validated as it is read.

    Errors    FormatError when it is no plain file, no Arrow file, has other columns than
              `schema` (NULL rules included), or a batch is damaged: at once, or at that batch.
    """
    with _open(path) as file:
        _layout(file, path.name, schema)
    return pa.RecordBatchReader.from_batches(schema, batches(path, schema))


def batches(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The same batches, as a plain iterator.

    Errors    FormatError as `open_arrow`.
    """
    with _open(path) as file:
        for offset, length in _layout(file, path.name, schema):
            yield _batch(file, offset, length, path.name, schema)


def _open(path: Path) -> BinaryIO:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FormatError(f"{path.name}: no plain file ({error.strerror})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FormatError(f"{path.name}: no plain file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _layout(file: BinaryIO, name: str, schema: pa.Schema) -> list[tuple[int, int]]:
    """Where each batch lies, once the index and the schema are what they must be."""
    size = file.seek(0, os.SEEK_END)
    if size < 20 or os.pread(file.fileno(), 6, 0) != _MAGIC:
        raise FormatError(f"{name}: not an Arrow file")
    (length,) = struct.unpack("<i", os.pread(file.fileno(), 4, size - 10))
    end = size - 10 - length
    if not 0 < length <= _MAX_INDEX_BYTES or end < 8:
        raise FormatError(f"{name}: its index is damaged")
    found = []
    before = 8
    for offset, head, body in _blocks(os.pread(file.fileno(), length, end), name):
        if offset < before or head < 8 or body < 0 or offset + head + body > end:
            raise FormatError(f"{name}: its batches overlap or lie outside the file")
        if head + body > MAX_BATCH_BYTES:
            raise FormatError(f"{name}: a batch of {head + body} bytes is too large")
        before = offset + head + body
        found.append((offset, head + body))
    _check_schema(file, name, schema, len(found))
    return found


def _check_schema(file: BinaryIO, name: str, schema: pa.Schema, count: int) -> None:
    file.seek(0)
    try:
        reader = pa.ipc.open_file(file)
        is_same = reader.num_record_batches == count and reader.schema.equals(schema)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name}: not an Arrow file ({_first_line(error)})") from error
    if not is_same:
        raise FormatError(f"{name}: its columns are not those expected")


def _batch(
    file: BinaryIO, offset: int, length: int, name: str, schema: pa.Schema
) -> pa.RecordBatch:
    data = os.pread(file.fileno(), length, offset)
    message = _Flat(data, 8, name)
    if data[:4] != b"\xff\xff\xff\xff" or message.byte(1) != _RECORD_BATCH:
        raise FormatError(f"{name}: a batch is no batch")
    if message.table(2).has(3):
        raise FormatError(f"{name}: a batch is compressed, which the cell never does")
    try:
        batch = pa.ipc.read_record_batch(pa.ipc.read_message(pa.py_buffer(data)), schema)
        batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name}: a batch is damaged ({_first_line(error)})") from error
    for field, column in zip(schema, batch.columns, strict=True):
        _check_nulls(field, column, f"{name}.{field.name}")
    return batch


def _check_nulls(field: pa.Field, column: pa.Array, name: str) -> None:
    if column.null_count and not field.nullable:
        raise FormatError(f"{name} holds NULL, which it must not")
    if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        _check_nulls(field.type.value_field, column.flatten(), f"{name}.item")
    elif pa.types.is_struct(field.type):
        for position, child in enumerate(column.flatten()):
            _check_nulls(field.type.field(position), child, f"{name}.{position}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _blocks(index: bytes, name: str) -> Iterator[tuple[int, int, int]]:
    """(offset, head length, body length) of every record batch that a footer lists."""
    footer = _Flat(index, 0, name)
    if footer.vector(2)[1]:
        raise FormatError(f"{name}: it has dictionaries, which the cell never writes")
    start, count = footer.vector(3)
    if start + count * _BLOCK.size > len(index):
        raise FormatError(f"{name}: its index is damaged")
    for position in range(start, start + count * _BLOCK.size, _BLOCK.size):
        yield _BLOCK.unpack_from(index, position)


def _number(form: str, data: bytes, position: int, name: str) -> int:
    if 0 <= position <= len(data) - struct.calcsize(form):
        number: int = struct.unpack_from(form, data, position)[0]
        return number
    raise FormatError(f"{name}: its index is damaged")


class _Flat:
    """One FlatBuffers table: as much of the format as two questions need, within bounds."""

    def __init__(self, data: bytes, start: int, name: str) -> None:
        """Take the table that the offset at `start` points at."""
        self._data, self._name = data, name
        self._position = start + self._at("<I", start)
        self._slots = self._position - self._at("<i", self._position)

    def has(self, slot: int) -> bool:
        return self._place(slot) != 0

    def byte(self, slot: int) -> int:
        place = self._place(slot)
        return self._at("<B", place) if place else 0

    def table(self, slot: int) -> _Flat:
        return _Flat(self._data, self._place(slot), self._name)

    def vector(self, slot: int) -> tuple[int, int]:
        """Where the elements of a vector begin, and how many there are."""
        place = self._place(slot)
        if not place:
            return 0, 0
        start = place + self._at("<I", place)
        return start + 4, self._at("<I", start)

    def _place(self, slot: int) -> int:
        entry = 4 + 2 * slot
        if entry + 2 > self._at("<H", self._slots):
            return 0
        offset = self._at("<H", self._slots + entry)
        return self._position + offset if offset else 0

    def _at(self, form: str, position: int) -> int:
        return _number(form, self._data, position, self._name)
