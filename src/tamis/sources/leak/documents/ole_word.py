"""What a Word 97 to 2003 file keeps beside its text: who saved it where, revisers, clocks, flags.

Source    [MS-DOC] §2.5 (File Information Block), §2.7.2 (Dop), §2.9.43 (DTTM), §2.2.4 (STTB)
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

STREAM = "WordDocument"
_WORD_97 = 0xA5EC
_ENCRYPTED, _TABLE_ONE = 0x0100, 0x0200
_PAIRS = 154  # where the pairs of offset and length begin
# Ranks of the pairs that are read.
_DOP, _ASSOCIATED, _NOTE_OWNERS, _REVISERS, _SAVED_BY = _READ = (31, 32, 36, 51, 71)
_FLAGS = {1: "is_template", 0x400: "read_only_recommended", 0x800: "reserved"}
_ASSOCIATED_NAMES = {1: "template_path", 6: "creator", 7: "last_author", 8: "data_source"}
_MAX_STRINGS = 500
_MAX_TABLE = 16 << 20


def is_encrypted(storage: Storage) -> bool:
    """Whether the file states that it is encrypted."""
    try:
        head = storage.read(STREAM, 32)
    except StorageError:
        return False
    return len(head) >= 12 and bool(struct.unpack_from("<H", head, 10)[0] & _ENCRYPTED)


def is_word_97(head: bytes) -> bool:
    """Whether the stream's first bytes are of Word 97 or later."""
    return head[:2] == _WORD_97.to_bytes(2, "little")


def tell(storage: Storage, facts: Facts) -> None:
    """Add what the File Information Block and its tables keep.

    Errors    StorageError where a stream is broken
    Limits    Word 6 and 95 have another layout: only version and language are read.
    """
    head = storage.read(STREAM, 4096)
    if len(head) < 32:
        raise StorageError("its Word stream is cut off")
    magic, version = struct.unpack_from("<HH", head)
    language, _, flags = struct.unpack_from("<HHH", head, 6)
    facts.add("fib", "format_version", version, part=STREAM)
    facts.add("fib", "language", f"{language:#06x}", part=STREAM)
    facts.add("fib", "quick_save_count", (flags >> 4) & 15 or None, part=STREAM)
    for bit, name in _FLAGS.items():
        facts.add("fib", name, "true" if flags & bit else None, part=STREAM)
    if magic != _WORD_97 or flags & _ENCRYPTED:
        return
    table_name = "1Table" if flags & _TABLE_ONE else "0Table"
    table = storage.read(table_name, _MAX_TABLE)

    pieces = {rank: _piece(head, table, rank) for rank in _READ}
    _saved_by(pieces[_SAVED_BY], facts, table_name)
    for name in _strings(pieces[_REVISERS]):
        if name != "Unknown":
            facts.add("revision", "author", name, part=table_name)
    for name in _counted(pieces[_NOTE_OWNERS]):
        facts.add("comment", "author", name, part=table_name)
    for rank, text in enumerate(_strings(pieces[_ASSOCIATED])):
        if rank in _ASSOCIATED_NAMES:
            facts.add("associated", _ASSOCIATED_NAMES[rank], text, part=table_name)
    _clock(pieces[_DOP], facts, table_name)


def _piece(head: bytes, table: bytes, rank: int) -> bytes:
    """The part of the table stream that the pair of this rank points at."""
    place = _PAIRS + 8 * rank
    if place + 8 > len(head):
        return b""
    start, length = struct.unpack_from("<II", head, place)
    return table[start : start + length]


def _saved_by(data: bytes, facts: Facts, part: str) -> None:
    """The last ten people who saved the file and the path each saved it to, oldest first."""
    found = _strings(data)
    for author, path in zip(found[::2], found[1::2], strict=False):
        facts.add("saved_by", "author", author, part=part)
        facts.add("saved_by", "path", path, part=part)


def _strings(data: bytes) -> list[str]:
    """The strings of a table of strings (STTB), as far as they are there."""
    if len(data) < 6 or data[:2] != b"\xff\xff":
        return []
    count, extra = struct.unpack_from("<HH", data, 2)
    place = 6
    found: list[str] = []
    for _ in range(min(count, _MAX_STRINGS)):
        if place + 2 > len(data):
            break
        size = 2 * struct.unpack_from("<H", data, place)[0]
        found.append(data[place + 2 : place + 2 + size].decode("utf-16-le", "replace"))
        place += 2 + size + extra
    return found


def _counted(data: bytes) -> list[str]:
    """Strings that stand one behind the other, each with its length before it."""
    place = 0
    found: list[str] = []
    while place + 2 <= len(data) and len(found) < _MAX_STRINGS:
        size = 2 * struct.unpack_from("<H", data, place)[0]
        found.append(data[place + 2 : place + 2 + size].decode("utf-16-le", "replace"))
        place += 2 + size
    return [one for one in found if one]


def _clock(dop: bytes, facts: Facts, part: str) -> None:
    """The times by the clock on the wall where the file was written: no zone is stated."""
    if len(dop) < 40:
        return
    for place, name in ((20, "created_local"), (24, "modified_local"), (28, "printed_local")):
        facts.add("dop", name, local_time(struct.unpack_from("<I", dop, place)[0]), part=part)
    saves, minutes = struct.unpack_from("<hi", dop, 32)
    facts.add("dop", "revision", saves if saves > 0 else None, part=part)
    facts.add("dop", "edit_minutes", minutes if minutes >= 0 else None, part=part)


def local_time(packed: int) -> str | None:
    """A packed DTTM as ISO 8601 without a zone; None for zero, "not set"."""
    if not packed:
        return None
    minute, hour, day = packed & 63, (packed >> 6) & 31, (packed >> 11) & 31
    month, year = (packed >> 16) & 15, ((packed >> 20) & 511) + 1900
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
