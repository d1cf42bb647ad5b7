from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import py7zr
import pytest

Open = Callable[..., Any]
ENTRIES = {"a/mail.eml": b"From: a@b\nSubject: x\nDate: y\n\nz\n", "b.bin": bytes(range(256)) * 900}
FILTERS = {
    "lzma2": None,
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "copy": [{"id": py7zr.FILTER_COPY}],
    "zstd": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    "deflate": [{"id": py7zr.FILTER_DEFLATE}],
}


def archive(entries: dict[str, bytes], **options: Any) -> bytes:
    target = io.BytesIO()
    header = options.pop("header_encryption", False)
    with py7zr.SevenZipFile(target, "w", **options) as made:
        if header:
            made.set_encrypted_header(mode=True)
        for name, data in entries.items():
            made.writestr(data, name)
    return target.getvalue()


@pytest.mark.parametrize("kind", sorted(FILTERS))
def test_every_method_gives_back_the_bytes(opened: Open, kind: str) -> None:
    entries = {**ENTRIES, "empty.txt": b""}
    found = opened(archive(entries, filters=FILTERS[kind]), "x.7z")
    assert {name: found.bytes(name) for name in entries} == entries
    assert found.top["status"] == "read"
    assert found.ledger["expected_count"] == found.ledger["emitted_count"] == 3
    assert found.children["a/mail.eml"]["path"] == "x.7z/a/mail.eml"


def test_encrypted_files_are_listed_or_opened(opened: Open) -> None:
    raw = archive(ENTRIES, password="naïve")  # noqa: S106
    locked = opened(raw, "x.7z", ["wrong"])
    assert {locked.status(name) for name in ENTRIES} == {"refused"}
    assert "no password in the list opened it" in locked.reason("b.bin")
    assert locked.ledger["failed_count"] == locked.ledger["expected_count"] == 2
    assert locked.top["status"] == "refused"
    found = opened(raw, "x.7z", ["wrong", "naïve"])
    assert {name: found.bytes(name) for name in ENTRIES} == ENTRIES


def test_an_encrypted_list_is_refused_or_opened(opened: Open) -> None:
    raw = archive(ENTRIES, password="key", header_encryption=True)  # noqa: S106
    locked = opened(raw, "x.7z", ["wrong"])
    assert locked.top["status"] == "refused"
    assert "even its list is encrypted" in locked.top["reason"]
    assert not locked.children
    found = opened(raw, "x.7z", ["wrong", "key"])
    assert {name: found.bytes(name) for name in ENTRIES} == ENTRIES


def test_a_bomb_is_refused_and_what_lies_before_kept(opened: Open) -> None:
    raw = archive({"a.txt": b"before", "bomb": bytes(100 << 20), "c.txt": b"behind"})
    found = opened(raw, "x.7z")
    assert found.bytes("a.txt") == b"before"
    assert found.status("bomb") == "refused"
    assert "swells" in found.reason("bomb")
    assert found.status("c.txt") == "refused"
    assert (found.ledger["emitted_count"], found.ledger["failed_count"]) == (1, 2)


def test_damage_in_the_packed_data_is_told(opened: Open) -> None:
    raw = bytearray(archive(ENTRIES, filters=FILTERS["copy"]))
    place = raw.index(b"Subject")
    raw[place] ^= 1
    found = opened(bytes(raw), "x.7z")
    assert "checksum does not fit" in found.reason("a/mail.eml")
    assert found.bytes("a/mail.eml") == ENTRIES["a/mail.eml"].replace(b"S", b"R", 1)
    assert found.bytes("b.bin") == ENTRIES["b.bin"]


def test_a_damaged_header_is_a_reason(opened: Open) -> None:
    raw = archive(ENTRIES)
    for damaged in (raw[:-5], raw[:40], raw[:32] + b"\0" * (len(raw) - 32)):
        found = opened(damaged, "x.7z")
        assert found.top["status"] == "failed"
        assert "header" in found.top["reason"]


@pytest.mark.shared_data
def test_real_archives(opened: Open, shared_data: Path) -> None:
    root = shared_data / "leak/mixed/ingest-file"
    locked = (root / "fixtures__7z_password.7z").read_bytes()
    assert opened(locked, "x.7z").top["status"] == "refused"
    assert opened(locked, "x.7z", ["password"]).top["status"] == "read"
    pages = opened((root / "fixtures__500_pages.7z").read_bytes(), "x.7z")
    assert pages.ledger["emitted_count"] == 1
    link = opened((root / "fixtures__bad7zip.7z").read_bytes(), "x.7z")
    assert link.ledger["failed_count"] == 1
    assert not link.files
