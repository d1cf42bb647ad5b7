from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]


def vint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def block(kind: int, fields: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    """A block of RAR 5."""
    flags = (1 if extra else 0) | (2 if data else 0)
    body = vint(kind) + vint(flags)
    body += (vint(len(extra)) if extra else b"") + (vint(len(data)) if data else b"")
    body += fields + extra
    sized = vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def file5(name: str, data: bytes, packing: int = 0, extra: bytes = b"", kinds: int = 6) -> bytes:
    fields = vint(kinds) + vint(len(data)) + vint(0)
    fields += struct.pack("<II", 1_493_938_800, zlib.crc32(data)) + vint(packing << 7) + vint(0)
    fields += vint(len(name.encode())) + name.encode()
    return block(2, fields, data, extra)


NEW = b"Rar!\x1a\x07\x01\x00" + block(1, vint(0))
END = block(5, vint(0))


def test_stored_files_come_out_and_packed_ones_are_named(opened: Open) -> None:
    link = vint(3) + vint(5) + b"\1\0"
    raw = NEW + file5("a/é.txt", b"stored") + file5("b.bin", b"packed", 3)
    raw += file5("link", b"x", 0, link) + END
    found = opened(raw, "x.rar")
    assert found.bytes("a/é.txt") == b"stored"
    assert found.status("a/é.txt") == "read"
    stated = found.children["a/é.txt"]["container_modified_at"]
    assert stated.isoformat() == "2017-05-04T23:00:00+00:00"
    assert found.status("b.bin") == "refused"
    assert "add the folder" in found.reason("b.bin")
    assert "not followed" in found.reason("link")
    assert (found.ledger["emitted_count"], found.ledger["failed_count"]) == (1, 2)


def test_damage_is_told(opened: Open) -> None:
    raw = NEW + file5("a.txt", b"stored") + file5("b.txt", b"second") + END
    altered = opened(raw.replace(b"stored", b"stOred"), "x.rar")
    assert altered.status("a.txt") == "partly"
    cut = opened(raw[: raw.index(b"second") + 2], "x.rar")
    assert cut.bytes("a.txt") == b"stored"
    assert cut.status("b.txt") == "failed"
    broken = opened(raw.replace(b"b.txt", b"c.txt"), "x.rar")
    assert "does not fit its checksum" in broken.top["reason"]


def test_an_encrypted_list_is_refused_with_the_remedy(opened: Open) -> None:
    found = opened(b"Rar!\x1a\x07\x01\x00" + block(4, vint(0) * 5), "x.rar")
    assert "even its list is encrypted" in found.top["reason"]
    assert found.top["status"] == "refused"
    assert not found.children


def old(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def test_the_older_generation(opened: Open) -> None:
    def file(name: bytes, data: bytes, method: int, flags: int = 0x8000) -> bytes:
        stated = (len(data), len(data), 2, zlib.crc32(data), 33 << 16, 20, method, len(name), 32)
        return old(0x74, flags, struct.pack("<IIBIIBBHI", *stated) + name, data)

    raw = b"Rar!\x1a\x07\x00" + old(0x73, 0, bytes(6))
    raw += file(b"a\\plain.txt", b"stored", 0x30) + file(b"b.txt", b"packed", 0x33)
    raw += file(b"c.txt", b"secret", 0x30, 0x8004) + old(0x7B, 0x4000, b"")
    found = opened(raw, "x.rar")
    assert found.bytes("a/plain.txt") == b"stored"
    assert found.children["a/plain.txt"]["container_modified_at"] is None
    assert "add the folder" in found.reason("b.txt")
    assert "encrypted" in found.reason("c.txt")
    told = {row["value"] for row in found.rows["property"] if row["namespace"] == "rar"}
    assert told == {"1980-01-01 00:00:00"}


@pytest.mark.shared_data
def test_real_archives_are_listed(opened: Open, shared_data: Path) -> None:
    root = shared_data / "leak"
    found = opened((root / "mixed/ingest-file/fixtures__test-documents.rar").read_bytes(), "x.rar")
    assert found.ledger["failed_count"] == 9
    assert all(found.status(name) == "refused" for name in found.children)
    locked = (root / "docs/tika/test-documents__test-documents-enc.rar").read_bytes()
    assert "even its list is encrypted" in opened(locked, "x.rar").top["reason"]
