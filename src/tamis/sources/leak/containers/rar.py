"""RAR archives: listed, and opened where files are stored unpacked.

The packing method is secret to one vendor, whose program may not be passed on, so packed files
are named with the remedy and not opened.

Source    RAR 5.0 archive format, technical note of the vendor; for RAR 1.5 to 4 the block
          layout that its free readers agree upon.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers.guards import Tally, dos_time, file_time, unix_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

_TYPE = "application/vnd.rar"
_OLD, _NEW = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MAX_HEADER = 2 << 20
_MAX_ENTRIES = 500_000
_REMEDY = "extract it with your own tool and add the folder"
_PACKED = f"RAR packing, which no free program may open for you here: {_REMEDY}"
_LOCKED = f"even its list is encrypted: {_REMEDY}"
_ENCRYPTED = f"encrypted inside RAR, which is not opened here: {_REMEDY}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One file as its header states it."""

    name: str
    start: int
    packed: int
    size: int
    crc: int | None
    is_stored: bool
    is_encrypted: bool
    is_split: bool
    is_link: bool
    is_folder: bool
    modified_at: datetime | None
    local_text: str | None = None


def recognises(glimpse: Glimpse) -> int:
    """39 for the first bytes of an archive of either generation."""
    return 39 if glimpse.head.startswith((_OLD, _NEW)) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """Every file by name, and those that are stored unpacked as items."""
    tally = Tally(sink)
    is_new = stream.read(8) == _NEW
    state: dict[str, str] = {}
    files = _new(stream, source.size_bytes, state) if is_new else _old(stream, source, state)
    folders = 0
    for one in files:
        if one.is_folder:
            folders += 1
        else:
            _take(tally, stream, one, source.size_bytes)
        if tally.position >= _MAX_ENTRIES:
            state["trouble"] = f"only the first {_MAX_ENTRIES:,} entries were listed"
            break
    if folders:
        tally.notes.append(f"{folders:,} folders")
    trouble = state.get("trouble")
    tally.close(_TYPE, trouble=trouble, is_refused=trouble == _LOCKED)


def _take(tally: Tally, stream: BinaryIO, one: Stored, size: int) -> None:
    place = {"container_modified_at": one.modified_at, "is_member": True}
    if one.local_text:
        name = "modified (local time of the packer, zone not stated)"
        tally.tell("rar", name, one.local_text, one.name)
    end = one.start + one.packed
    if one.is_link:
        tally.absent(one.name, "refused", "a link: links are not followed", **place)
    elif one.is_encrypted:
        tally.absent(one.name, "refused", _ENCRYPTED, **place)
    elif one.is_split:
        tally.absent(one.name, "refused", f"it goes on in another volume: {_REMEDY}", **place)
    elif not one.is_stored and one.size:
        tally.absent(one.name, "refused", _PACKED, **place)
    elif end > size:
        tally.absent(one.name, "failed", "cut off: its bytes are not all there", **place)
    else:
        damage = None if _fits(stream, one) else "its checksum does not fit: damaged, or altered"
        if damage:
            tally.reasons[damage] += 1
        tally.span(one.name, one.start, end, damage=damage, **place)


def _fits(stream: BinaryIO, one: Stored) -> bool:
    if one.crc is None:
        return True
    stream.seek(one.start)
    checksum, left = 0, one.packed
    while left and (piece := stream.read(min(left, 1 << 20))):
        checksum = zlib.crc32(piece, checksum)
        left -= len(piece)
    return checksum == one.crc


def _old(stream: BinaryIO, source: Source, state: dict[str, str]) -> Iterator[Stored]:
    """The files of RAR 1.5 to 4."""
    place = len(_OLD)
    while place + 7 <= source.size_bytes:
        stream.seek(place)
        head = stream.read(7)
        crc, kind, flags, length = struct.unpack("<HBHH", head)
        body = stream.read(max(0, length - 7))
        if length < 7 or len(body) < length - 7:
            state["trouble"] = "its list is damaged or cut off"
            return
        if zlib.crc32(head[2:] + body) & 0xFFFF != crc and kind in {0x73, 0x74}:
            state["trouble"] = "a header in it does not fit its checksum: damaged"
            return
        if kind == 0x73 and flags & 0x80:
            state["trouble"] = _LOCKED
            return
        if kind == 0x7B:
            return
        more = 0
        if kind in {0x74, 0x7A} and len(body) >= 25:
            entry = _old_file(body, flags, place + length)
            more = entry.packed
            if kind == 0x74:
                yield entry
        elif flags & 0x8000 and len(body) >= 4:
            more = struct.unpack_from("<I", body)[0]
        place += length + more


def _old_file(body: bytes, flags: int, start: int) -> Stored:
    packed, size, system, crc, stamp, _, method, name_size, attributes = struct.unpack_from(
        "<IIBIIBBHI", body
    )
    place = 25
    if flags & 0x100 and len(body) >= 33:
        high_packed, high_size = struct.unpack_from("<II", body, 25)
        packed |= high_packed << 32
        size |= high_size << 32
        place = 33
    is_unix_link = system == 3 and attributes >> 12 & 15 == 0o12
    return Stored(
        name=_old_name(body[place : place + name_size], flags),
        start=start,
        packed=packed,
        size=size,
        crc=crc,
        is_stored=method == 0x30,
        is_encrypted=bool(flags & 4),
        is_split=bool(flags & 3),
        is_link=is_unix_link,
        is_folder=flags & 0xE0 == 0xE0,
        modified_at=None,
        local_text=dos_time(stamp),
    )


def _old_name(raw: bytes, flags: int) -> str:
    """The name; where two forms are kept, the one in 8 bits comes first."""
    narrow, _, wide = raw.partition(b"\0") if flags & 0x200 else (raw, b"", b"")
    if flags & 0x200 and wide:
        return _wide_name(narrow, wide).replace("\\", "/")
    try:
        return narrow.decode().replace("\\", "/")
    except UnicodeDecodeError:
        return narrow.decode("cp437").replace("\\", "/")


def _wide_name(narrow: bytes, packed: bytes) -> str:
    """The name in 16 bits, kept as differences from the one in 8 bits."""
    high, place, flags, flag_bits = packed[0], 1, 0, 0
    found: list[int] = []
    while place < len(packed) and len(found) < 65_536:
        if not flag_bits:
            flags, flag_bits = packed[place], 8
            place += 1
        kind, flags, flag_bits = flags >> 6 & 3, flags << 2 & 255, flag_bits - 2
        rest = packed[place:]
        if kind == 0 and rest:
            found.append(rest[0])
            place += 1
        elif kind == 1 and rest:
            found.append(rest[0] | high << 8)
            place += 1
        elif kind == 2 and len(rest) >= 2:
            found.append(rest[0] | rest[1] << 8)
            place += 2
        elif kind == 3 and rest:
            place += _run(narrow, rest, high, found)
        else:
            break
    raw = b"".join(struct.pack("<H", one) for one in found)
    return raw.decode("utf-16-le", "backslashreplace")


def _run(narrow: bytes, rest: bytes, high: int, found: list[int]) -> int:
    """Take over a stretch of the 8-bit name; how many bytes told of it."""
    count = (rest[0] & 127) + 2
    shift, page, used = 0, 0, 1
    if rest[0] & 128:
        if len(rest) < 2:
            return 1
        shift, page, used = rest[1], high, 2
    for _ in range(count):
        if len(found) >= len(narrow):
            break
        found.append((narrow[len(found)] + shift & 255) | page << 8)
    return used


def _new(stream: BinaryIO, size: int, state: dict[str, str]) -> Iterator[Stored]:
    """The files of RAR 5."""
    place = len(_NEW)
    while place + 7 <= size:
        stream.seek(place)
        start = stream.read(7)
        length, used = _vint(start, 4)
        body = stream.read(0) if length > _MAX_HEADER else b""
        stream.seek(place + used)
        body = stream.read(length) if length <= _MAX_HEADER else b""
        if not length or len(body) < length:
            state["trouble"] = "its list is damaged or cut off"
            return
        if zlib.crc32(start[4:used] + body) != struct.unpack_from("<I", start)[0]:
            state["trouble"] = "a header in it does not fit its checksum: damaged"
            return
        kind, at = _vint(body, 0)
        flags, at = _vint(body, at)
        extra = data = 0
        if flags & 1:
            extra, at = _vint(body, at)
        if flags & 2:
            data, at = _vint(body, at)
        behind = place + used + length
        if kind == 4:
            state["trouble"] = _LOCKED
            return
        if kind == 5:
            return
        if kind == 2:
            yield _new_file(body, at, flags, (behind, data), extra)
        place = behind + data


def _new_file(body: bytes, at: int, flags: int, span: tuple[int, int], extra_size: int) -> Stored:
    kinds, at = _vint(body, at)
    size, at = _vint(body, at)
    _, at = _vint(body, at)
    modified_at = crc = None
    if kinds & 2:
        modified_at = unix_time(int.from_bytes(body[at : at + 4], "little"))
        at += 4
    if kinds & 4:
        crc = int.from_bytes(body[at : at + 4], "little")
        at += 4
    packing, at = _vint(body, at)
    _, at = _vint(body, at)
    name_size, at = _vint(body, at)
    more = _extras(body[len(body) - extra_size :] if extra_size else b"")
    return Stored(
        name=body[at : at + name_size].decode("utf-8", "backslashreplace"),
        start=span[0],
        packed=span[1],
        size=size,
        crc=crc,
        is_stored=packing >> 7 & 7 == 0,
        is_encrypted=1 in more,
        is_split=bool(flags & 0x18),
        is_link=5 in more,
        is_folder=bool(kinds & 1),
        modified_at=_exact(more.get(3)) or modified_at,
    )


def _extras(area: bytes) -> dict[int, bytes]:
    """The extra records of a file by kind."""
    found: dict[int, bytes] = {}
    place = 0
    while place < len(area):
        length, at = _vint(area, place)
        if not length:
            break
        kind, inner = _vint(area, at)
        found.setdefault(kind, area[inner : at + length])
        place = at + length
    return found


def _exact(record: bytes | None) -> datetime | None:
    """The modification time of an extra record."""
    if record is None:
        return None
    flags, at = _vint(record, 0)
    if not flags & 2:
        return None
    if flags & 1:
        return unix_time(int.from_bytes(record[at : at + 4], "little"))
    return file_time(int.from_bytes(record[at : at + 8], "little"))


def _vint(data: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and the place behind it."""
    value = 0
    for rank in range(10):
        if place + rank >= len(data):
            return 0, len(data)
        one = data[place + rank]
        value |= (one & 127) << 7 * rank
        if not one & 128:
            return value, place + rank + 1
    return 0, place + 10


READER = LeakReader(
    name="rar",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps="every file by name and time; the bytes of files that are stored unpacked",
    cannot_know="the content of packed files: RAR's method is not free",
    is_streaming=True,
)
