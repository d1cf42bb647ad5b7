"""Files inside an OLE file: packages, native data, macros; taken out as bytes, never run.

Source    [MS-OLEDS] §2.3 (OLE 1.0 native data); [MS-OVBA] §2.3.4.2 (dir stream), §2.4.1
          (compression)
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tamis.sources.leak.documents.ole_properties import decode
from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

_MAX_MODULES = 1_000
_MAX_SOURCE = 16 << 20
_HOLDERS = ("WordDocument", "Workbook", "Book", "PowerPoint Document")
_CONTENTS = {"contents", "package", "ole10itemname"}


def tell_objects(storage: Storage, facts: Facts) -> None:
    """Hand over what lies in storages inside; whole Office files there are listed."""
    for path in storage.streams():
        folder, _, name = path.rpartition("/")
        try:
            if name == "\x01Ole10Native":
                native(storage.read(path), facts, folder or "Ole10Native")
            elif folder and name.lower() in _CONTENTS:
                facts.add("embedded", "object", path, part=path)
                facts.child(_shown(path), storage.read(path))
            elif folder and name in _HOLDERS:
                facts.add("embedded", "object", path, part=path)
                facts.lost(_shown(folder), "an Office file inside, of which only the name is read")
        except StorageError as problem:
            facts.lost(_shown(path), str(problem))


def native(data: bytes, facts: Facts, part: str) -> None:
    """Hand over a file packed by the OLE packager, with the paths it states.

    Limits    Data without the packager's header is handed over as it is.
    """
    label, path, temporary, content = _unpacked(data)
    if path:
        facts.add("embedded", "original_path", path, part=part)
    if temporary and temporary != path:
        facts.add("embedded", "temporary_path", temporary, part=part)
    name = (label or path).replace("\\", "/").rpartition("/")[2] or "native"
    facts.child(f"{_shown(part)}/{name}", content)


def _unpacked(data: bytes) -> tuple[str, str, str, bytes]:
    """Label, original path, temporary path and content of the packager's data."""
    whole = data[4:] if len(data) > 4 else data
    try:
        place = 6
        label_end = data.index(b"\0", place, place + 1024)
        path_end = data.index(b"\0", label_end + 1, label_end + 2048)
        size = struct.unpack_from("<I", data, path_end + 5)[0]
        start = path_end + 9
        temporary = data[start : start + size]
        length = struct.unpack_from("<I", data, start + size)[0]
        content = data[start + size + 4 : start + size + 4 + length]
    except (ValueError, struct.error):
        return "", "", "", whole
    if len(content) != length or size > 4096:
        return "", "", "", whole
    texts = (data[place:label_end], data[label_end + 1 : path_end], temporary)
    label, path, shown = (decode(one, 0) for one in texts)
    return label, path, shown, content


def tell_macros(storage: Storage, facts: Facts) -> bool:
    """Whether there are macros; their sources are handed over as files."""
    found = False
    for path in storage.streams("dir"):
        folder, _, name = path.rpartition("/")
        if name != "dir" or folder.rpartition("/")[2].upper() != "VBA":
            continue
        found = True
        facts.add("macro", "project", folder, part=path)
        try:
            modules, codepage = _modules(decompress(storage.read(path), 0))
        except StorageError as problem:
            facts.lost(_shown(path), str(problem))
            continue
        for stream, offset in modules[:_MAX_MODULES]:
            _module(storage, facts, f"{folder}/{decode(stream, codepage)}", offset)
    return found


def _module(storage: Storage, facts: Facts, path: str, offset: int) -> None:
    if path not in storage:
        facts.note(f"the macro project names a module that is not there ({path})")
        return
    try:
        source = decompress(storage.read(path), offset)
    except StorageError as problem:
        facts.lost(f"{_shown(path)}.bas", str(problem))
        return
    facts.child(f"{_shown(path)}.bas", source)


def _modules(data: bytes) -> tuple[list[tuple[bytes, int]], int]:
    """Stream name and place of the source of each module, and the project's code page."""
    found: list[tuple[bytes, int]] = []
    codepage = 1252
    stream = b""
    place = 0
    while place + 6 <= len(data):
        kind, size = struct.unpack_from("<HI", data, place)
        body = data[place + 6 : place + 6 + size]
        if kind == 0x0009:
            size += 2  # the version record states less than it takes
        elif kind == 0x0003 and len(body) >= 2:
            codepage = struct.unpack_from("<H", body)[0]
        elif kind == 0x001A:
            stream = body
        elif kind == 0x0031 and len(body) >= 4:
            found.append((stream, struct.unpack_from("<I", body)[0]))
        place += 6 + size
    return found, codepage


def decompress(data: bytes, start: int) -> bytes:
    """The content of a compressed container of a macro project.

    Errors    StorageError where the bytes are no such container, or unpack to too much.
    """
    if start >= len(data) or data[start] != 1:
        raise StorageError("its macro source is not stored as the format says")
    out = bytearray()
    place = start + 1
    while place + 2 <= len(data):
        header = struct.unpack_from("<H", data, place)[0]
        end = min(place + (header & 0xFFF) + 3, len(data))
        if header & 0x8000:
            _chunk(data, place + 2, end, out)
        else:
            out += data[place + 2 : end]
        place = end
        if len(out) > _MAX_SOURCE:
            raise StorageError("its macro source unpacks to too much")
    return bytes(out)


def _chunk(data: bytes, place: int, end: int, out: bytearray) -> None:
    """Unpack one compressed chunk behind what `out` holds already."""
    begin = len(out)
    while place < end:
        flags = data[place]
        place += 1
        for bit in range(8):
            if place >= end:
                return
            if not flags >> bit & 1:
                out.append(data[place])
                place += 1
                continue
            if place + 2 > end:
                return
            token = struct.unpack_from("<H", data, place)[0]
            place += 2
            bits = max(4, (len(out) - begin - 1).bit_length())
            length = (token & (0xFFFF >> bits)) + 3
            offset = (token >> (16 - bits)) + 1
            if offset > len(out) - begin:
                raise StorageError("its macro source refers to what is not there")
            for _ in range(length):
                out.append(out[-offset])


def _shown(path: str) -> str:
    return "".join(one if one >= " " else "_" for one in path)
