"""Small office files made by hand: ZIP packages, OLE compound files, property sets."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NO = 0xFFFFFFFF


def package(
    members: Mapping[str, str | bytes], *, time: tuple[int, ...] = (1980, 1, 1, 0, 0, 0)
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, time)  # type: ignore[arg-type]
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def docx(body: str, **more: str | bytes) -> bytes:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006'
            '/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
    }
    parts.update(
        {name.replace("__", "/").replace("_DOT_", "."): value for name, value in more.items()}
    )
    return package(parts)


def property_set(format_id: bytes, values: Mapping[int, bytes]) -> bytes:
    """A stream with one set; each value with its type before it."""
    head = struct.pack("<HHHH16sI16sI", 0xFFFE, 0, 0x0105, 2, bytes(16), 1, format_id, 48)
    offset = 8 + 8 * len(values)
    table, body = b"", b""
    for number, value in values.items():
        table += struct.pack("<II", number, offset + len(body))
        body += value + bytes(-len(value) % 4)
    return head + struct.pack("<II", 8 + len(table) + len(body), len(values)) + table + body


def text_value(raw: bytes) -> bytes:
    return struct.pack("<II", 30, len(raw) + 1) + raw + b"\0"


def ole(streams: Mapping[str, bytes], ticks: int = 0) -> bytes:
    """A compound file; each stream fills at least 4096 bytes, so that no small sectors are needed.

    Directory entries hang in one chain to the right; folders by slashes, one level deep.
    """
    folders: dict[str, list[str]] = {}
    for path in streams:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    order: list[tuple[str, str, bool]] = [("", "Root Entry", True)]
    order += [("", name, False) for name in folders.get("", [])]
    for folder, inside in folders.items():
        if folder:
            order.append(("", folder, True))
            order += [(folder, name, False) for name in inside]
    sectors: list[bytes] = []
    chains: list[list[int]] = []

    def put(content: bytes) -> int:
        start = len(sectors)
        pieces = [content[i : i + 512].ljust(512, b"\0") for i in range(0, len(content), 512)]
        sectors.extend(pieces)
        chains.append(list(range(start, start + len(pieces))))
        return start

    rows: list[bytes] = []
    for rank, (folder, name, is_folder) in enumerate(order):
        held = name if is_folder and rank else ("" if not rank else None)
        after = next((i for i in range(rank + 1, len(order)) if order[i][0] == folder and rank), NO)
        child = NO
        if held is not None:
            child = next(
                (i for i in range(1, len(order)) if i != rank and order[i][0] == held and i > rank),
                NO,
            )
        start, size = END, 0
        if not is_folder:
            content = streams[f"{folder}/{name}" if folder else name]
            size = max(len(content), 4096)
            start = put(content.ljust(4096, b"\0"))
        kind = 5 if not rank else 1 if is_folder else 2
        wide = name.encode("utf-16-le") + b"\0\0"
        rows.append(
            wide.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(wide), kind, 1, NO, after, child)
            + bytes(16)
            + struct.pack("<IQQIQ", 0, ticks, ticks, start, size)
        )
    directory = put(b"".join(rows).ljust(-(-len(rows) // 4) * 512, b"\0"))
    links = [FREE] * 128
    assert len(sectors) < 127
    for chain in chains:
        for here, there in zip(chain, [*chain[1:], END], strict=True):
            links[here] = there
    links[len(sectors)] = FAT
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, 4096, END, 0, END, 0
    )
    header += struct.pack("<I", len(sectors)) + struct.pack("<I", FREE) * 108
    return header + b"".join(sectors) + struct.pack("<128I", *links)
