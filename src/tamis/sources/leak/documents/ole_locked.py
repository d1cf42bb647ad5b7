"""Word, Excel and PowerPoint files before 2007 behind a password: opened with one of the list.

The same file with its streams opened, at the same places and marked as not locked, is handed over
as a file inside and read in its turn.

Source    [MS-DOC] §2.2.6, [MS-XLS] §2.2.10, [MS-PPT] §2.3.7 (what is locked); [MS-OFFCRYPTO]
          §2.3.5.4 (properties locked with it)
Limits    Pivot caches, revision logs and the pictures of slides stay as they were found, and so do
          files of Word 6 and 95. A password from the list proves nothing about who set it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tamis.sources.leak.documents import (
    office_encryption,
    ole_properties,
    ole_sheets,
    ole_slides,
    ole_word,
)
from tamis.sources.leak.documents.office_ciphers import Rc4, Xor, rc4_lock, xor_lock
from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from tamis.registry import Source
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.office_ciphers import Lock
    from tamis.sources.leak.documents.ole_storage import Storage

Key = TypeVar("Key", Rc4, Xor)

_OUTSIDE = "only what stands outside the encrypted part was read"
_NEEDED = f"a password is needed to open it, and none of the list fits: {_OUTSIDE}"
_NAMES = {"text": "opened.doc", "spreadsheet": "opened.xls", "presentation": "opened.ppt"}
# Excel: records that are never locked, and how much of a record's start is not.
_FILEPASS, _BOUND_SHEET = 0x2F, 0x85
_PLAIN = {0x809, _FILEPASS, 0x194, 0x195, 0xE1, 0x196, 0x138}
_PLAIN_SHEET = 4
# Word: the start of the main stream is never locked.
_WORD_HEAD = 68
_FLAGS, _KEY = 10, 14
_ENCRYPTED, _TABLE_ONE, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_SUMMARIES = ("EncryptedSummary", "encryption")
_MAX_SUMMARIES = 100


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a fitting password gives: the cipher, and what makes the streams as it opens them."""

    cipher: Rc4 | Xor
    streams: Callable[[], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class _Locked:
    """How a file is locked, and what a password does about it."""

    method: str
    opening: Callable[[str], _Opening | None]


def hand_over(kind: str, storage: Storage, stream: BinaryIO, source: Source, facts: Facts) -> bool:
    """Whether a password fits: then the opened file was handed over, with its properties told."""
    reason = _NEEDED
    try:
        found = _locked(kind, storage)
        facts.add("encryption", "method", found.method)
        opening = office_encryption.fitting(found.opening, source, facts)
        if opening is not None:
            facts.child(_NAMES[kind], storage.rewritten(stream, opening.streams()))
            if isinstance(opening.cipher, Rc4):
                _summaries(storage, opening.cipher, facts)
            return True
    except StorageError as problem:
        reason = f"it is encrypted in a way that is not opened ({problem}): {_OUTSIDE}"
    facts.note(reason)
    facts.failed += 1
    return False


def _by(lock: Lock[Key], opened: Callable[[Key], Mapping[str, bytes]]) -> _Locked:
    """A file that is locked so, and whose streams are opened so."""

    def opening(password: str) -> _Opening | None:
        key = lock.key_of(password)
        return None if key is None else _Opening(key, partial(opened, key))

    return _Locked(lock.name, opening)


def _locked(kind: str, storage: Storage) -> _Locked:
    """How the file is locked.

    Errors    StorageError where that is not understood
    """
    if kind == "text":
        return _word(storage)
    return _sheets(storage) if kind == "spreadsheet" else _slides(storage)


def _word(storage: Storage) -> _Locked:
    head = storage.read(ole_word.STREAM, _WORD_HEAD)
    if len(head) < _WORD_HEAD or not ole_word.is_word_97(head):
        raise StorageError("that of Word 6 or 95")
    flags, key = struct.unpack_from("<H", head, _FLAGS)[0], struct.unpack_from("<I", head, _KEY)[0]
    table = "1Table" if flags & _TABLE_ONE else "0Table"

    def opened(cipher: Rc4 | Xor, kept: int) -> Mapping[str, bytes]:
        plain = flags & ~(_ENCRYPTED | _OBFUSCATED)
        start = head[:_FLAGS] + struct.pack("<H", plain) + head[_FLAGS + 2 : _KEY] + bytes(4)
        start += head[_KEY + 4 :]
        out = {ole_word.STREAM: start + cipher.text(storage.read(ole_word.STREAM))[_WORD_HEAD:]}
        locked = storage.read(table)
        out[table] = locked[:kept] + cipher.text(locked)[kept:]
        if "Data" in storage:
            out["Data"] = cipher.text(storage.read("Data"))
        return out

    if flags & _OBFUSCATED:
        return _by(xor_lock(key >> 16, key & 0xFFFF), lambda cipher: opened(cipher, 0))
    info = storage.read(table, min(key, 4096))
    return _by(rc4_lock(info), lambda cipher: opened(cipher, len(info)))


def _sheets(storage: Storage) -> _Locked:
    name = ole_sheets.stream_of(storage) or ""
    data = storage.read(name)
    info = next((body for kind, body in ole_sheets.records(data) if kind == _FILEPASS), b"")

    def opened(cipher: Rc4 | Xor) -> Mapping[str, bytes]:
        return {name: b"".join(_records(data, cipher))}

    if info[:2] == b"\x01\0":
        return _by(rc4_lock(info[2:]), opened)
    # Excel 95 states no type.
    pair = info[2:6] if info[:2] == b"\0\0" and len(info) >= 6 else info
    if len(pair) != 4:
        raise StorageError("its description of the encryption is wrong")
    return _by(xor_lock(*struct.unpack("<HH", pair)), opened)


def _records(data: bytes, cipher: Rc4 | Xor) -> Iterator[bytes]:
    """The workbook's records, opened; an empty record stands where its lock was described."""
    place = 0
    is_locked = False
    for kind, body in ole_sheets.records(data):
        end = place + 4 + len(body)
        plain = len(body)
        if kind == _FILEPASS and not is_locked:
            is_locked = True
            yield struct.pack("<HH", 0, len(body)) + bytes(len(body))
        else:
            if is_locked and kind not in _PLAIN:
                plain = min(plain, _PLAIN_SHEET) if kind == _BOUND_SHEET else 0
            start = place + 4 + plain
            yield data[place:start]
            yield cipher.sheet(data, start, end, plain)
        place = end
    yield data[place:]


def _slides(storage: Storage) -> _Locked:
    data = storage.read(ole_slides.STREAM)
    objects, info = ole_slides.locked_objects(storage, data)

    def opened(cipher: Rc4) -> Mapping[str, bytes]:
        out = bytearray(data)
        for number, place in objects:
            head = cipher.block(number, data[place : place + 8])
            size = 8 + struct.unpack_from("<I", head.ljust(8, b"\0"), 4)[0]
            piece = cipher.block(number, data[place : place + size])
            out[place : place + len(piece)] = piece
        return {ole_slides.STREAM: bytes(out)} | ole_slides.marked_open(storage)

    return _by(rc4_lock(info), opened)


def _summaries(storage: Storage, cipher: Rc4, facts: Facts) -> None:
    """Tell the properties that were locked with the file."""
    name = next((one for one in _SUMMARIES if one in storage), None)
    if name is None:
        return
    data = storage.read(name)
    try:
        for part, content in _inside(data, cipher):
            ole_properties.tell(content, facts, f"{name}/{part}")
    except (struct.error, StorageError):
        facts.note(f"the properties locked in {name!r} could not be read")


def _inside(data: bytes, cipher: Rc4) -> Iterator[tuple[str, bytes]]:
    """The streams in a locked stream of properties, by name."""
    listed = struct.unpack("<I", cipher.block(0, data[:4]))[0]
    table = cipher.block(0, data[listed:])
    place = 4
    for _ in range(min(struct.unpack_from("<I", table)[0], _MAX_SUMMARIES)):
        start, size, number, length, _ = struct.unpack_from("<IIHBB4x", table, place)
        name = table[place + 16 : place + 16 + 2 * length].decode("utf-16-le", "replace")
        yield name.replace("\x05", ""), cipher.block(number, data[start : start + size])
        place += 16 + 2 * length + 2
