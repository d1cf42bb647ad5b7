from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tamis.sources.leak.containers import tnef_stream

Open = Callable[..., Any]
IS_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def attribute(level: int, kind: int, data: bytes, checksum: int | None = None) -> bytes:
    told = sum(data) & 0xFFFF if checksum is None else checksum
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", told)


def prop(tag: int, data: bytes, name: str | None = None) -> bytes:
    out = struct.pack("<HH", tag & 0xFFFF, tag >> 16)
    if name is not None:
        raw = name.encode("utf-16-le") + b"\0\0"
        out += bytes(16) + struct.pack("<II", 1, len(raw)) + raw + bytes(-len(raw) % 4)
    if tag & 0xFFFF in {0x1E, 0x1F, 0x0D, 0x102}:
        out += struct.pack("<II", 1, len(data))
    return out + data + bytes(-len(data) % 4)


def props(*given: bytes) -> bytes:
    return struct.pack("<I", len(given)) + b"".join(given)


def text(number: int, value: str) -> bytes:
    return prop(number << 16 | 0x1F, value.encode("utf-16-le") + b"\0\0")


def bundle(*attributes: bytes) -> bytes:
    head = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x89006, b"\0\0\1\0")
    return head + attribute(1, 0x69007, struct.pack("<II", 1251, 0)) + b"".join(attributes)


def attachment(title: bytes, data: bytes | None, more: bytes | None = None) -> bytes:
    out = attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, title + b"\0")
    if data is not None:
        out += attribute(2, 0x6800F, data)
    return out + (attribute(2, 0x69005, more) if more is not None else b"")


def test_attachments_are_spans_with_their_long_names(opened: Open) -> None:
    raw = bundle(
        attribute(1, 0x69003, props(text(0x0037, "тема"), text(0x1000, "Привет"))),
        attachment("План.doc".encode("cp1251"), b"first"),
        attachment(b"SHORT~1.TXT", b"second", props(text(0x3707, "the long name.txt"))),
    )
    found = opened(raw, "winmail.dat")
    assert found.bytes("План.doc") == b"first"
    assert found.bytes("the long name.txt") == b"second"
    place = found.children["План.doc"]
    assert found.raw[place["byte_start"] : place["byte_end"]] == b"first"
    assert found.rows["document"][0]["text"] == "Привет"
    assert found.top["status"] == "read"
    assert found.ledger["emitted_count"] == 2


def test_the_formatted_body_is_an_item(opened: Open) -> None:
    rtf = b"{\\rtf1 hello}"
    stored = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    page = prop(0x10130102, b"<p>hello</p>")
    found = opened(bundle(attribute(1, 0x69003, props(prop(0x10090102, stored), page))), "x.dat")
    assert found.bytes("body.rtf") == rtf
    assert found.bytes("body.html") == b"<p>hello</p>"


def test_an_attached_message_becomes_a_message(opened: Open) -> None:
    inner = bundle(
        attribute(1, 0x69003, props(text(0x001A, "IPM.Note"), text(0x0037, "inside"))),
        attachment(b"deep.txt", b"deep"),
    )
    more = props(prop(0x3701000D, IS_MESSAGE + inner), text(0x3001, "attached message"))
    found = opened(bundle(attachment(b"msg", None, more)), "winmail.dat")
    assert [row["subject"] for row in found.rows["message"]] == ["inside"]
    deep = [row for row in found.rows["place"] if row["name"] == "deep.txt"]
    assert [row["depth"] for row in deep] == [2]


def test_damage_is_told_and_the_rest_read(opened: Open) -> None:
    raw = bundle(attachment(b"a.txt", b"first"), attachment(b"b.txt", b"second"))
    cut = opened(raw[:-4], "x.dat")
    assert cut.bytes("a.txt") == b"first"
    assert "cut off inside the attribute" in cut.top["reason"]
    wrong = opened(bundle(attribute(1, 0x18004, b"x\0", checksum=7)), "x.dat")
    assert "1 attributes do not fit their checksum" in wrong.top["reason"]
    lying = opened(bundle(attribute(1, 0x69003, struct.pack("<I", 1 << 31) + b"xx")), "x.dat")
    assert "properties is damaged" in lying.top["reason"]
    nothing = opened(bundle(attachment(b"a.txt", None)), "x.dat")
    assert nothing.status("a.txt") == "failed"
    assert nothing.ledger["failed_count"] == 1


def test_named_properties_are_skipped_over_rightly() -> None:
    named = prop(0x8001001F, "v".encode("utf-16-le"), name="x-own")
    found = tnef_stream.parse(bundle(attribute(1, 0x69003, props(named, text(0x0037, "s")))))
    assert found.bag.text(0x0037) == "s"
    assert found.names[0x8001].endswith(":x-own")
    assert not found.problems


@pytest.mark.shared_data
def test_real_bundles(opened: Open, shared_data: Path) -> None:
    expected = {
        "mime/MimeKit/tnef__MAPI_OBJECT.tnef": 2,
        "mime/MimeKit/tnef__christmas.tnef": 4,
        "mime/MimeKit/tnef__long-filename.tnef": 2,
        "mime/MimeKit/tnef__missing-filenames.tnef": 5,
        "mime/MimeKit/tnef__triples.tnef": 1,
        "mime/MimeKit/tnef__unicode-mapi-attr-name.tnef": 5,
        "docs/tika/test-documents__testWINMAIL.dat": 6,
    }
    for name, count in expected.items():
        found = opened((shared_data / "leak" / name).read_bytes(), name.rpartition("/")[2])
        assert found.top["status"] == "read", name
        assert found.ledger["emitted_count"] == count, name
    assert (
        "allproductsmar2000.dat"
        in opened(
            (shared_data / "leak/mime/MimeKit/tnef__long-filename.tnef").read_bytes(), "x.tnef"
        ).children
    )


@pytest.mark.parametrize(
    "stated",
    [
        attribute(1, 0x18004, "тема".encode("cp1251") + b"\0"),
        attribute(1, 0x69003, props(text(0x0037, "тема"))),
    ],
)
def test_the_subject_of_the_bundle_is_kept(opened: Open, stated: bytes) -> None:
    rows = opened(bundle(stated), "winmail.dat").rows["property"]
    assert [row["value"] for row in rows if row["name"] == "subject"] == ["тема"]
