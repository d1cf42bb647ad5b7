"""Six files that break readers, made here: a bomb, a climb, two bad entities, two long messages."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
)
HEAD = b"From: a@example.org\r\nSubject: made\r\nMessage-ID: <1@example.org>\r\n"


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def bomb(name: str = "zeros.txt", mebibytes: int = 1024) -> bytes:
    """A ZIP file of a megabyte with one entry of a gibibyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * mebibytes + packer.flush()
    crc = 0
    for _ in range(mebibytes):
        crc = zlib.crc32(bytes(1 << 20), crc)
    fields = struct.pack("<HHHHIII", 0, 8, 0, 33, crc, len(packed), mebibytes << 20)
    raw = name.encode()
    local = b"PK\x03\x04\x14\0" + fields + struct.pack("<HH", len(raw), 0) + raw + packed
    listed = b"PK\x01\x02\x14\0\x14\0" + fields + struct.pack("<HHHHHII", len(raw), *[0] * 6) + raw
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), len(local), 0)
    return local + listed + b"PK\x05\x06" + end


def document(definitions: str, text: str) -> bytes:
    body = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE d {definitions}>'
        f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    )
    return zipped({"[Content_Types].xml": TYPES.encode(), "word/document.xml": xml.encode()})


def entity_bomb() -> bytes:
    levels = "".join(
        f'<!ENTITY l{rank} "{f"&l{rank - 1};" * 10}">' if rank else '<!ENTITY l0 "lol">'
        for rank in range(12)
    )
    return document(f"[{levels}]", "&l11;")


def outside_entity(address: str) -> bytes:
    return document(f'[<!ENTITY x SYSTEM "{address}">]', "A&x;B")


def outside_definitions(address: str) -> bytes:
    return document(f'SYSTEM "{address}"', "A")


def climbing(folder: str) -> bytes:
    up = "../" * 12 + folder.lstrip("/")
    return zipped({f"{up}/climbed.txt": b"1", f"{folder}/absolute.txt": b"2", "plain.txt": b"3"})


def deep(levels: int = 3000) -> bytes:
    parts = [HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"]
    parts += [
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (rank, rank + 1)
        for rank in range(levels)
    ]
    return b"".join(parts) + b"--b%d\r\n\r\nat the bottom\r\n" % levels


def references(count: int = 80_000) -> bytes:
    listed = b" ".join(b"<%d@example.org>" % rank for rank in range(count))
    return HEAD + b"References: " + listed + b"\r\n\r\nbody\r\n"
