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
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

STREAM = "PowerPoint Document"
_USER = "Current User"
_ENCRYPTED = 0xF3D1C4DF
_USER_EDIT = 0x0FF5
_OBJECT = 0x1011
_MAX_SAVES = 10_000
_MAX_OBJECT = 64 << 20
# The headers of the container that says whether there are macros, and of the atom in it.
_MACROS = bytes.fromhex("1f00ff031400000002000004 0c000000")


def is_encrypted(storage: Storage) -> bool:
    """Whether the file states that it is encrypted."""
    try:
        head = storage.read(_USER, 64)
    except StorageError:
        return False
    return len(head) >= 16 and bool(struct.unpack_from("<I", head, 12)[0] == _ENCRYPTED)


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
    saves = _saves(storage.read(STREAM), edit)
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


def _saves(data: bytes, place: int) -> int:
    """How many saves hang on the chain that the last one begins; a loop ends it."""
    seen: set[int] = set()
    while place and place not in seen and place + 20 <= len(data) and len(seen) < _MAX_SAVES:
        if struct.unpack_from("<H", data, place + 2)[0] != _USER_EDIT:
            break
        seen.add(place)
        place = struct.unpack_from("<I", data, place + 16)[0]
    return len(seen)
