"""Entries of a ZIP archive that has lost its directory, found by their own headers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.errors import MemberError
from tamis.sources.leak.containers.guards import PIECE_BYTES
from tamis.sources.leak.containers.unpacking import decode, decoder
from tamis.sources.leak.containers.zip_directory import CENTRAL, Entry, local, next_local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_DESCRIPTOR = b"PK\x07\x08"
_MAX_ENTRIES = 500_000
_MAX_PLAIN = 1 << 30


def entries(stream: BinaryIO, size: int) -> Iterator[Entry]:
    """Every entry whose header stands behind the end of the one before, or further on.

    An entry that states its size only behind its bytes is measured by unpacking it; where that
    is not possible it reaches to the next header.
    """
    place = next_local(stream, 0, size)
    count = 0
    while place is not None and count < _MAX_ENTRIES:
        entry = local(stream, place)
        if entry is None or entry.data_start is None:
            return
        if entry.flags & 8 and not entry.packed:
            entry = _measured(stream, entry, size)
        count += 1
        yield entry
        start = entry.data_start or place + 30
        place = next_local(stream, max(place + 30, min(start + entry.packed, size)), size)


def _measured(stream: BinaryIO, entry: Entry, size: int) -> Entry:
    """The entry with the sizes and checksum that stand behind its bytes."""
    start = entry.data_start or 0
    packed = _unpacked_length(stream, start, size) if entry.method == 8 else None
    if packed is None:
        packed = _up_to(stream, start, size) - start
    stream.seek(start + packed)
    behind = stream.read(16)
    if behind.startswith(_DESCRIPTOR):
        crc = int.from_bytes(behind[4:8], "little")
        plain = int.from_bytes(behind[12:16], "little")
        return replace(entry, packed=packed, crc=crc, size=plain)
    return replace(entry, packed=packed)


def _unpacked_length(stream: BinaryIO, start: int, size: int) -> int | None:
    """How many bytes a deflate stream takes; None when it does not end."""
    one = decoder("deflate")
    given = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given
        stream.seek(start)
        while piece := stream.read(min(PIECE_BYTES, size - start - given)):
            given += len(piece)
            yield piece

    count = 0
    try:
        for made in decode(one, pieces()):
            count += len(made)
            if count > _MAX_PLAIN:
                return None
    except MemberError:
        return None
    return given - len(one.unused_data)


def _up_to(stream: BinaryIO, start: int, size: int) -> int:
    """The place of the next thing that belongs to the archive and not to this entry."""
    place = start
    while place < size:
        stream.seek(place)
        window = stream.read(PIECE_BYTES + 3)
        marks = (window.find(mark) for mark in (_DESCRIPTOR, b"PK\x03\x04", CENTRAL))
        found = min((one for one in marks if one >= 0), default=-1)
        if found >= 0:
            return place + found
        place += PIECE_BYTES
    return size
