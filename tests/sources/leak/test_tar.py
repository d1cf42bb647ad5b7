from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from tamis.registry import Glimpse
from tamis.sources.leak.containers import tar as reader

Open = Callable[..., Any]
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def archive(entries: dict[str, bytes], form: int = tarfile.PAX_FORMAT, **facts: Any) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as made:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in facts.items():
                setattr(info, key, value)
            made.addfile(info, io.BytesIO(data))
    return target.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_gives_back_the_bytes_as_spans(opened: Open, form: int) -> None:
    long = "/".join(["folder" * 5] * 7) + "/end.txt"
    entries = {
        "a.eml": b"From: a@b\nSubject: x\nDate: x\n\nx\n",
        "empty": b"",
        "b.bin": b"\0" * 700,
    }
    if form != tarfile.USTAR_FORMAT:
        entries[long] = b"far away"
        entries["é.txt"] = b"accent"
    found = opened(archive(entries, form, mtime=1_493_938_800), "x.tar")
    assert {name: found.bytes(name) for name in entries} == entries
    place = found.children["a.eml"]
    assert found.raw[place["byte_start"] : place["byte_end"]] == entries["a.eml"]
    assert place["container_modified_at"].isoformat() == "2017-05-04T23:00:00+00:00"
    assert found.ledger["expected_count"] is None
    assert found.ledger["emitted_count"] == len(entries)
    assert found.top["status"] == "read"


def test_links_and_devices_are_listed_and_never_followed(opened: Open) -> None:
    target = io.BytesIO()
    kinds = {
        "link": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "device": tarfile.CHRTYPE,
        "pipe": tarfile.FIFOTYPE,
        "folder": tarfile.DIRTYPE,
    }
    with tarfile.open(fileobj=target, mode="w") as made:
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type = kind
            info.linkname = "/etc/passwd" if name in {"link", "hard"} else ""
            made.addfile(info)
    found = opened(target.getvalue(), "x.tar")
    assert set(found.children) == {"link", "hard", "device", "pipe"}
    assert {found.status(name) for name in found.children} == {"refused"}
    assert "'/etc/passwd'" in found.reason("link")
    assert "'/etc/passwd'" in found.reason("hard")
    assert found.ledger["failed_count"] == 4
    assert not found.files


def test_a_cut_archive_keeps_what_is_there(opened: Open) -> None:
    raw = archive({"a.txt": b"a" * 600, "b.txt": b"b" * 600})
    found = opened(raw[: raw.index(b"b" * 100) + 300], "x.tar")
    assert found.bytes("a.txt") == b"a" * 600
    assert found.bytes("b.txt") == b"b" * 300
    assert found.status("b.txt") == "partly"
    assert "300 of 600 bytes" in found.reason("b.txt")
    assert found.top["status"] == "partly"


def test_the_next_entry_is_found_behind_a_damaged_header(opened: Open) -> None:
    raw = bytearray(archive({"a.txt": b"a", "b.txt": b"b", "c.txt": b"c"}, tarfile.USTAR_FORMAT))
    raw[1024 + 150] ^= 0x55  # the checksum of the second header
    found = opened(bytes(raw), "x.tar")
    assert set(found.children) == {"a.txt", "c.txt"}
    assert "1,024 bytes in 1 places are no entries" in found.top["reason"]


def test_a_missing_end_is_told(opened: Open) -> None:
    raw = archive({"a.txt": b"a" * 512}, tarfile.USTAR_FORMAT)
    found = opened(raw[:1024], "x.tar")
    assert found.bytes("a.txt") == b"a" * 512
    assert "end mark is missing" in found.ledger["note"]


def test_hostile_numbers_and_names(opened: Open) -> None:
    climbing = archive({"../../x": b"1", "/y": b"2", "a/./b": b"3"})
    found = opened(climbing, "x.tar")
    assert {row["path"] for row in found.children.values()} == {
        "x.tar/_/_/x",
        "x.tar/y",
        "x.tar/a/_/b",
    }
    huge = bytearray(archive({"a.txt": b"a"}, tarfile.USTAR_FORMAT))
    huge[124:136] = b"\x80" + b"\xff" * 11
    huge[148:156] = b"%06o\0 " % (sum(huge[:148]) + 256 + sum(huge[156:512]))
    told = opened(bytes(huge), "x.tar")
    assert told.top["status"] == "partly"
    assert "cut off" in told.top["reason"]


def test_a_large_file_is_cut_into_spans_of_jobs_to_come(opened: Open) -> None:
    raw = archive({"a/b.eml": b"From: a@b\n\nx\n", "c.txt": b"c"})
    found = opened(raw, "x.tar", is_deferred=True)
    first, second = found.rows["span"]
    assert raw[first["byte_start"] : first["byte_end"]] == b"From: a@b\n\nx\n"
    assert (first["name"], first["is_path"], second["position"]) == ("a/b.eml", True, 1)
    assert found.ledger["emitted_count"] == 2


def test_a_first_file_that_is_a_message_makes_the_archive_no_message(opened: Open) -> None:
    entries = {"boxes.eml": b"From: a@b\nTo: c@d\nSubject: x\nDate: y\n\nz\n"}
    found = opened(archive(entries, tarfile.USTAR_FORMAT), "x")
    assert found.top["reader"] == "tar"
    assert set(found.children) == {"boxes.eml"}


def test_recognition_needs_the_checksum() -> None:
    raw = archive({"a.txt": b"a"})
    assert reader.recognises(Glimpse("x", raw, len(raw))) == 39
    assert reader.recognises(Glimpse("x.tar", b"\0" * 1024, 1024)) == 0
    assert reader.recognises(Glimpse("x.tar", raw[:300], 300)) == 0
