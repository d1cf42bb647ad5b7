"""What a PowerPoint file before 2007 says of its last user and of how often it was saved.

Source    [MS-PPT] §2.3.2 CurrentUserAtom, §2.3.3 UserEditAtom, §2.4.11 VBAInfoAtom, §2.10.34
          ExOleObjStg
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

STREAM = "PowerPoint Document"
_USER = "Current User"
_SUMMARY = "EncryptedSummary"
_ENCRYPTED, _NOT_ENCRYPTED = 0xF3D1C4DF, 0xE391C05F
_USER_EDIT = 0x0FF5
_OBJECT = 0x1011
_MAX_SAVES = 10_000
_MAX_OBJECTS = 100_000
# Types of the records that list objects, and that describe a lock.
_DIRECTORY, _LOCK = b"\x72\x17", b"\x14\x2f"
_MAX_OBJECT = 64 << 20
# The headers of the container that says whether there are macros, and of the atom in it.
_MACROS = bytes.fromhex("1f00ff031400000002000004 0c000000")


def is_encrypted(storage: Storage) -> bool:
    """Whether the file states that it is encrypted, or holds properties that are."""
    try:
        head = storage.read(_USER, 64)
        properties = storage.read(_SUMMARY) if _SUMMARY in storage else b""
    except StorageError:
        return _SUMMARY in storage
    states = len(head) >= 16 and bool(struct.unpack_from("<I", head, 12)[0] == _ENCRYPTED)
    return states or bool(properties.strip(b"\0"))


def tell(storage: Storage, facts: Facts) -> None:
    """Add the user's name, and how many saves were appended.

    Errors    StorageError where a stream is broken
    """
    if _USER not in storage:
        return
    atom = storage.read(_USER, 4096)
    if len(atom) < 28:
        return
    edit, size = struct.unpack_from("<IH", atom, 16)
    name = atom[28 : 28 + size].decode("cp1252", "replace")
    wide = atom[32 + size : 32 + 3 * size]
    if len(wide) == 2 * size:
        name = wide.decode("utf-16-le", "replace")
    facts.add("current_user", "user_name", name.strip("\0"), part=_USER)
    saves = len(_saves(storage.read(STREAM), edit))
    facts.add("current_user", "save_count", saves or None, part=STREAM)


def tell_objects(storage: Storage, facts: Facts) -> bool:
    """Whether there are macros; objects and macro projects are handed over as OLE files.

    Errors    StorageError where the stream is broken
    """
    data = storage.read(STREAM)
    place = rank = 0
    while place + 8 <= len(data):
        head, kind, size = struct.unpack_from("<HHI", data, place)
        body = data[place + 8 : place + 8 + size]
        if kind == _OBJECT:
            name = f"object{rank}.bin"
            rank += 1
            facts.add("embedded", "object", name, part=STREAM)
            _hand_over(body, name, facts, is_packed=head >> 4 == 1)
        place += 8 + size
    found = data.find(_MACROS)
    return found >= 0 and data[found + 20 : found + 24] not in {b"", bytes(4)}


def _hand_over(body: bytes, name: str, facts: Facts, *, is_packed: bool) -> None:
    if not is_packed:
        facts.child(name, body)
        return
    try:
        content = zlib.decompressobj().decompress(body[4:], _MAX_OBJECT)
    except zlib.error as problem:
        facts.lost(name, f"it could not be unpacked ({problem})")
        return
    facts.child(name, content)


def _saves(data: bytes, place: int) -> list[int]:
    """Where each save stands on the chain that the last one begins; a loop ends it."""
    seen: dict[int, None] = {}
    while place and place not in seen and place + 20 <= len(data) and len(seen) < _MAX_SAVES:
        if struct.unpack_from("<H", data, place + 2)[0] != _USER_EDIT:
            break
        seen[place] = None
        place = struct.unpack_from("<I", data, place + 16)[0]
    return list(seen)


def locked_objects(storage: Storage, data: bytes) -> tuple[list[tuple[int, int]], bytes]:
    """Number and place of each object that is locked, and the description of the lock.

    Errors    StorageError where that is not there
    """
    found: dict[int, int] = {}
    lock: int | None = None
    atom = storage.read(_USER, 64)
    if len(atom) < 20:
        raise StorageError("its description of the encryption is cut off")
    for save in _saves(data, struct.unpack_from("<I", atom, 16)[0]):
        if save + 40 > len(data):
            continue
        directory, _, _, _, number = struct.unpack_from("<IIIII", data, save + 20)
        for one, place in _directory(data, directory):
            if one == number:
                lock = place
            elif place not in found:
                found[place] = one
            if len(found) > _MAX_OBJECTS:
                raise StorageError(f"more than {_MAX_OBJECTS:,} objects are locked")
    if lock is None or data[lock + 2 : lock + 4] != _LOCK:
        raise StorageError("its description of the encryption is not there")
    found.pop(lock, None)
    size = struct.unpack_from("<I", data, lock + 4)[0]
    return [(one, place) for place, one in found.items()], data[lock + 8 : lock + 8 + size]


def _directory(data: bytes, place: int) -> Iterator[tuple[int, int]]:
    """Number and place of each object that the directory of one save lists."""
    if place + 8 > len(data) or data[place + 2 : place + 4] != _DIRECTORY:
        return
    end = min(len(data), place + 8 + struct.unpack_from("<I", data, place + 4)[0])
    place += 8
    while place + 4 <= end:
        head = struct.unpack_from("<I", data, place)[0]
        place += 4
        for rank in range(min(head >> 20, (end - place) // 4)):
            yield (head & 0xFFFFF) + rank, struct.unpack_from("<I", data, place + 4 * rank)[0]
        place += 4 * (head >> 20)


def marked_open(storage: Storage) -> dict[str, bytes]:
    """The streams that say whether the file is locked, saying that it is not."""
    atom = storage.read(_USER)
    out = {_USER: atom[:12] + struct.pack("<I", _NOT_ENCRYPTED) + atom[16:]}
    if _SUMMARY in storage:
        out[_SUMMARY] = bytes(len(storage.read(_SUMMARY)))
    return out
