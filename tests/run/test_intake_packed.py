"""Compressed exports: every kind, damaged ones, and long windows only where there is room."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from typing import TYPE_CHECKING, Any

import pytest
from backports import zstd

from tamis.case import Case
from tamis.run import intake
from tamis.run.intake import Wishes, add
from tamis.run.intake_stream import needs_room, zstd_window

if TYPE_CHECKING:
    from pathlib import Path

LINES = b"".join(
    json.dumps(
        {
            "id": str(860_000_000_000_000_000 + number),
            "author_id": "1",
            "created_at": "2017-05-05T18:49:12.000Z",
            "text": f"post {number}",
            "public_metrics": {},
        }
    ).encode()
    + b"\n"
    for number in range(500)
)


def packed_long(data: bytes, window_log: int) -> bytes:
    options = {
        zstd.CompressionParameter.window_log: window_log,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    packer: Any = zstd.ZstdCompressor(options=options)
    return packer.compress(data[:100]) + packer.compress(data[100:]) + packer.flush()


PACKED = {
    "x.jsonl.gz": gzip.compress(LINES),
    "x.jsonl.bz2": bz2.compress(LINES),
    "x.jsonl.xz": lzma.compress(LINES),
    "x.jsonl.zst": zstd.compress(LINES),
    "long.jsonl.zst": packed_long(LINES, 31),
}


def posts(case: Case) -> int:
    with case.view() as view:
        return view.row_count("post")


@pytest.mark.parametrize("name", PACKED)
def test_a_compressed_export_is_read_as_what_it_holds(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name])
    case = Case.create(tmp_path / "case", title="t")
    report = add(case, [tmp_path / name])
    assert report.formats["x_v2"].statuses == {"read": 1}
    assert posts(case) == 500


@pytest.mark.parametrize("name", PACKED)
def test_a_truncated_one_keeps_what_came_out_and_says_where_it_ends(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(PACKED[name][:-20])
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / name], kind="posts", wishes=Wishes(format_name="x_v2"))
    with case.view() as view:
        (item,) = view.table("item").to_pylist()
    assert item["status"] in {"partly", "failed"}
    assert "damaged or cut off after" in item["reason"]


def test_the_window_is_told_from_the_frame() -> None:
    assert zstd_window(PACKED["long.jsonl.zst"]) == 1 << 31
    assert needs_room(PACKED["long.jsonl.zst"])
    assert not needs_room(packed_long(LINES, 27))
    assert not needs_room(PACKED["x.jsonl.zst"])
    assert zstd_window(zstd.compress(b"x" * 300)) == 300
    assert zstd_window(zstd.compress(b"x" * 70_000)) == 70_000
    assert zstd_window(gzip.compress(b"x")) == zstd_window(b"") == 0


def test_memory_is_raised_for_long_windows_of_posts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[int] = []
    opened = intake.Rooms._cell

    def note(self: Any, limits: Any) -> Any:
        rooms.append(limits.memory_bytes >> 30)
        return opened(self, limits)

    monkeypatch.setattr(intake.Rooms, "_cell", note)
    for name in ("x.jsonl.zst", "long.jsonl.zst"):
        (tmp_path / name).write_bytes(PACKED[name])
    add(Case.create(tmp_path / "one", title="t"), [tmp_path / "x.jsonl.zst"], kind="posts")
    assert rooms == [1]
    add(Case.create(tmp_path / "two", title="t"), [tmp_path / "long.jsonl.zst"], kind="leak")
    assert rooms == [1, 1], "leaked files need no long windows"
    files = [tmp_path / "x.jsonl.zst", tmp_path / "long.jsonl.zst"]
    add(Case.create(tmp_path / "three", title="t"), files, kind="posts")
    assert rooms == [1, 1, 1, 3]
