"""What the tests of post readers share: read bytes as one file, all batches checked and joined."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.registry import Glimpse, PostReader, Source

if TYPE_CHECKING:
    from pathlib import Path

ITEM = "ab" * 32


def read(reader: PostReader, data: bytes, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows; each batch has its table's schema, and every line is accounted for."""
    source = Source(ITEM, "invented.file", len(data), options=options)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in records.tables()}
    for made in reader.read(io.BytesIO(data), source):
        for name, batch in made.items():
            batch.validate(full=True)
            assert batch.num_rows > 0
            found[name] += records.table(name).check(pa.Table.from_batches([batch])).to_pylist()
    (count,) = found["intake_count"]
    assert count["row_count"] == sum(
        count[name] for name in ("used_count", "rejected_count", "skipped_count")
    )
    assert count["rejected_count"] == len(found["rejected"])
    assert count["post_count"] == len(found["post"])
    assert count["action_count"] == len(found["action"])
    for name, rows in found.items():
        keys = [tuple(map(str, (row[key] for key in records.table(name).key))) for row in rows]
        assert len(keys) == len(set(keys)), f"{name} has two rows of one key"
    posts = {row["post_id"] for row in found["post"]}
    assert {row["post_id"] for row in found["post_object"]} <= posts
    objects = {row["object_id"] for row in found["object"]}
    assert {row["object_id"] for row in found["post_object"]} == objects
    return found


def read_file(reader: PostReader, path: Path, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """As `read`, of a file."""
    return read(reader, path.read_bytes(), **options)


def glimpse(data: bytes, name: str = "file") -> Glimpse:
    """What a reader is shown of these bytes."""
    return Glimpse(name, data[: 1 << 16], len(data), data[-4096:])
