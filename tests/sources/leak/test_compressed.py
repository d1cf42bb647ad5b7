from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

Open = Callable[..., Any]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}
TEXT = b"words and words\n" * 20_000


@pytest.mark.parametrize("kind", sorted(PACK))
def test_what_is_packed_comes_out(opened: Open, kind: str) -> None:
    found = opened(PACK[kind](TEXT), f"notes.txt.{kind}")
    assert found.bytes("notes.txt") == TEXT
    assert found.top["status"] == "read"
    assert found.ledger["expected_count"] == found.ledger["emitted_count"] == 1


@pytest.mark.parametrize("kind", sorted(PACK))
def test_streams_behind_each_other_are_one_file(opened: Open, kind: str) -> None:
    found = opened(PACK[kind](b"first ") + PACK[kind](b"second"), f"x.{kind}")
    assert found.bytes("x") == b"first second"
    assert "2 packed streams" in found.ledger["note"]


@pytest.mark.parametrize("kind", sorted(PACK))
def test_damage_keeps_what_came_before(opened: Open, kind: str) -> None:
    noise = b"".join(n.to_bytes(4, "big") for n in range(200_000))
    packed = PACK[kind](noise)
    found = opened(packed[: len(packed) // 2], f"x.{kind}")
    kept = found.bytes("x")
    assert noise.startswith(kept)
    assert found.top["status"] == "partly"
    assert "damaged or cut off" in found.top["reason"]
    if kept:
        assert found.status("x") in {"partly", "failed"}


@pytest.mark.parametrize("kind", sorted(PACK))
def test_bytes_behind_the_end_are_told(opened: Open, kind: str) -> None:
    found = opened(PACK[kind](TEXT) + b"something else", f"x.{kind}")
    assert found.bytes("x") == TEXT
    assert "14 bytes behind the packed data" in found.top["reason"]


@pytest.mark.parametrize("kind", sorted(PACK))
def test_a_bomb_is_refused(opened: Open, kind: str) -> None:
    found = opened(PACK[kind](bytes(90 << 20)), f"x.{kind}")
    assert found.status("x") == "refused"
    assert "swells" in found.reason("x")
    assert sum(map(len, found.files.values())) == 0


def test_a_packed_tar_is_opened_in_turn(opened: Open) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:xz") as made:
        info = tarfile.TarInfo("a/b.txt")
        info.size = 5
        made.addfile(info, io.BytesIO(b"hello"))
    found = opened(target.getvalue(), "x.txz")
    assert set(found.children) == {"x.tar"}
    (deep,) = (row for row in found.rows["place"] if row["depth"] == 2)
    assert deep["path"] == "x.txz/x.tar/a/b.txt"


def test_gzip_states_name_and_time(opened: Open) -> None:
    target = io.BytesIO()
    with gzip.GzipFile("../../étrange.csv", "wb", fileobj=target, mtime=1_493_938_800) as made:
        made.write(b"a,b\n")
    found = opened(target.getvalue(), "x.gz")
    (place,) = found.children.values()
    assert place["name"] == "étrange.csv"
    assert place["container_modified_at"].isoformat() == "2017-05-04T23:00:00+00:00"


@pytest.mark.shared_data
def test_a_quine_is_opened_once(opened: Open, shared_data: Path) -> None:
    raw = (shared_data / "leak/docs/tika/test-documents__quine.gz").read_bytes()
    found = opened(raw, "quine.gz")
    assert len(found.rows["place"]) == 2
    assert len(found.rows["item"]) == 1
    assert "a container that lies around them" in found.ledger["note"]
