"""Arrow files from a worker are read within bounds, or refused; nothing in between."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamis import records
from tamis.cell import arrow as reading
from tamis.cell import open_arrow, read_arrow
from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = pa.schema(
    [
        pa.field("n", pa.int64(), nullable=False),
        pa.field("word", pa.string()),
        pa.field("words", pa.list_(pa.field("item", pa.string(), nullable=False))),
    ]
)
ROWS = pa.table(
    {"n": [1, 2, 3], "word": ["a", None, "c"], "words": [["x"], None, ["y", "z"]]}, schema=SCHEMA
)


def written(table: pa.Table = ROWS, times: int = 1, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as file:
        for _ in range(times):
            file.write(table)
    return sink.getvalue().to_pybytes()


@pytest.fixture
def place(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "rows"
        path.write_bytes(data)
        return path

    return write


def test_what_was_written_is_read(place: Callable[[bytes], Path]) -> None:
    assert read_arrow(place(written()), SCHEMA).equals(ROWS)
    assert open_arrow(place(written(times=3)), SCHEMA).read_all().num_rows == 9
    assert read_arrow(place(written(times=0)), SCHEMA).num_rows == 0


def test_every_table_of_a_case_goes_through(place: Callable[[bytes], Path]) -> None:
    for table in records.tables().values():
        empty = pa.Table.from_batches([], table.schema)
        assert read_arrow(place(written(empty)), table.schema).schema.equals(table.schema)


def test_metadata_of_the_worker_is_dropped(place: Callable[[bytes], Path]) -> None:
    noted = ROWS.replace_schema_metadata({"pandas": "{}", "ARROW:extension:name": "x"})
    assert read_arrow(place(written(noted)), SCHEMA).schema.metadata is None


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compressed_batches_are_refused(place: Callable[[bytes], Path], codec: str) -> None:
    with pytest.raises(FormatError, match="compressed"):
        read_arrow(place(written(compression=codec)), SCHEMA)


def test_dictionaries_are_refused(place: Callable[[bytes], Path]) -> None:
    coded = pa.table({"n": pa.array(["a", "b"]).dictionary_encode()})
    with pytest.raises(FormatError, match="dictionaries"):
        read_arrow(place(written(coded)), coded.schema)


def test_large_batches_are_refused(
    place: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BATCH_BYTES", 100)
    with pytest.raises(FormatError, match="too large"):
        read_arrow(place(written()), SCHEMA)


@pytest.mark.parametrize("data", [b"", b"ARROW1", b"x" * 100, b"ARROW1" + bytes(40) + b"ARROW1"])
def test_other_bytes_are_refused(place: Callable[[bytes], Path], data: bytes) -> None:
    with pytest.raises(FormatError):
        open_arrow(place(data), SCHEMA)


def test_batches_that_overlap_are_refused(place: Callable[[bytes], Path]) -> None:
    data = bytearray(written(times=2))
    first, second = _blocks(data)
    data[second : second + 24] = data[first : first + 24]
    with pytest.raises(FormatError, match="overlap"):
        read_arrow(place(bytes(data)), SCHEMA)


@pytest.mark.parametrize(("field", "value"), [("<q", 1 << 40), ("<q", -8), ("<q", 4)])
def test_batches_outside_the_file_are_refused(
    place: Callable[[bytes], Path], field: str, value: int
) -> None:
    data = bytearray(written())
    struct.pack_into(field, data, _blocks(data)[0], value)
    with pytest.raises(FormatError, match="overlap or lie outside"):
        read_arrow(place(bytes(data)), SCHEMA)


def test_other_columns_are_refused(place: Callable[[bytes], Path]) -> None:
    for other in (
        ROWS.select(["word", "n", "words"]),
        ROWS.rename_columns(["m", "word", "words"]),
        ROWS.select(["n", "word"]),
        ROWS.cast(SCHEMA.set(0, pa.field("n", pa.int64(), nullable=True))),
        ROWS.cast(SCHEMA.set(0, pa.field("n", pa.int32(), nullable=False))),
    ):
        with pytest.raises(FormatError, match="columns are not those expected"):
            open_arrow(place(written(other)), SCHEMA)


def test_forbidden_nulls_are_refused_at_any_depth(place: Callable[[bytes], Path]) -> None:
    columns = [pa.array([1, None]), ["a", "b"], [["x"], ["y"]]]
    outer = pa.Table.from_arrays(
        [pa.array(c, type=f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
    with pytest.raises(FormatError, match=r"rows\.n holds NULL"):
        read_arrow(place(written(outer)), SCHEMA)
    loose = pa.array([["x", None]], type=pa.list_(pa.field("item", pa.string(), nullable=False)))
    inner = pa.Table.from_arrays([pa.array([1]), pa.array(["a"]), loose], schema=SCHEMA)
    with pytest.raises(FormatError, match=r"rows\.words\.item holds NULL"):
        read_arrow(place(written(inner)), SCHEMA)


def test_text_that_is_no_utf8_is_refused(place: Callable[[bytes], Path]) -> None:
    data = written(pa.table({"n": [1], "word": ["QQQQ"], "words": [["x"]]}, schema=SCHEMA))
    with pytest.raises(FormatError, match="damaged"):
        read_arrow(place(data.replace(b"QQQQ", b"\xff\xfe\xfd\xfc")), SCHEMA)


def test_links_and_pipes_are_refused(tmp_path: Path, place: Callable[[bytes], Path]) -> None:
    link = tmp_path / "link"
    link.symlink_to(place(written()))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, tmp_path / "absent"):
        with pytest.raises(FormatError, match="no plain file"):
            read_arrow(path, SCHEMA)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 255)), min_size=1, max_size=6),
    cut=st.integers(0, 40),
)
def test_a_damaged_file_is_refused_or_right(
    place: Callable[[bytes], Path], flips: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(written(times=2))
    for where, how in flips:
        data[where % len(data)] ^= how
    try:
        table = read_arrow(place(bytes(data[: len(data) - (cut if cut < 20 else 0)])), SCHEMA)
    except FormatError:
        return
    table.validate(full=True)
    assert table.schema.equals(SCHEMA)
    assert table.column("n").null_count == 0
    assert table.num_rows < len(data)


def _blocks(data: bytearray) -> list[int]:
    """Where the index entries of the batches stand, by what they say: offset, lengths."""
    (length,) = struct.unpack_from("<i", data, len(data) - 10)
    start = len(data) - 10 - length
    footer = reading._Flat(bytes(data[start:-10]), 0, "test")
    first, count = footer.vector(3)
    return [start + first + 24 * position for position in range(count)]
