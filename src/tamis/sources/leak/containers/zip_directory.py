"""The directory of a ZIP archive: what it declares, and where each entry lies.

Source    PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.6; Info-ZIP extra fields.
Limits    Names without the UTF-8 flag that are no UTF-8 are read as code page 437.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.sources.leak.containers.guards import file_time, unix_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCAL = struct.Struct("<4s5HIIIHH")
_CENTRAL = struct.Struct("<4s6HIIIHHHHHII")
_END = struct.Struct("<4s4HIIH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_MAX_DIRECTORY = 256 << 20
_SCAN_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the directory (or, when recovered, its own header) states it."""

    name: str
    flags: int
    method: int
    stamp: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int
    extra: bytes
    modified_at: datetime | None
    data_start: int | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flags & 1)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link, made on a Unix."""
        return self.mode >> 12 == 0o12

    @property
    def is_folder(self) -> bool:
        """Whether it names a folder and holds nothing."""
        return self.name.endswith(("/", "\\")) and not self.size


@dataclass(frozen=True, slots=True)
class Directory:
    """The whole directory; `declared` is None when there is none."""

    declared: int | None
    start: int
    size: int
    shift: int
    comment: bytes


def find(stream: BinaryIO, size: int) -> Directory | None:
    """The directory that the end record names; None when there is no end record.

    The record nearest to the end wins whose comment reaches exactly to the end; failing that,
    the last record of all.
    """
    length = min(size, _END.size + _FULL16)
    stream.seek(size - length)
    tail = stream.read(length)
    places = []
    place = tail.rfind(END)
    while place >= 0:
        if place + _END.size <= len(tail):
            places.append(place)
        place = tail.rfind(END, 0, place)
    if not places:
        return None
    place = next((one for one in places if _fits(tail, one)), places[0])
    fields = _END.unpack_from(tail, place)
    declared, held, start = fields[4], fields[5], fields[6]
    comment = tail[place + _END.size : place + _END.size + fields[7]]
    ends_at = size - length + place
    if _FULL16 in fields[3:5] or _FULL32 in fields[5:7]:
        wide = _wide(stream, ends_at)
        if wide is not None:
            declared, held, start, ends_at = wide
    shift = ends_at - held - start
    # Something may stand before the archive, which all offsets then leave out.
    return Directory(declared, start, held, max(0, shift), comment)


def entries(stream: BinaryIO, directory: Directory) -> Iterator[Entry]:
    """The entries the directory lists, as long as they can be read."""
    if directory.size > _MAX_DIRECTORY:
        return
    stream.seek(directory.start + directory.shift)
    data = stream.read(directory.size)
    place = 0
    while place + _CENTRAL.size <= len(data):
        fields = _CENTRAL.unpack_from(data, place)
        if fields[0] != CENTRAL:
            return
        name_end = place + _CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        extra = data[name_end:extra_end]
        size, packed, offset = _sizes(extra, fields[9], fields[8], fields[16])
        is_unix = fields[1] >> 8 in {3, 19}
        yield Entry(
            name=name_of(data[place + _CENTRAL.size : name_end], fields[3], extra),
            flags=fields[3],
            method=fields[4],
            stamp=fields[6] << 16 | fields[5],
            crc=fields[7],
            packed=packed,
            size=size,
            offset=offset + directory.shift,
            mode=fields[15] >> 16 if is_unix else 0,
            extra=extra,
            modified_at=modified_at(extra),
        )
        place = extra_end + fields[12]


def local(stream: BinaryIO, offset: int) -> Entry | None:
    """The header at the start of an entry, None when there is none."""
    stream.seek(offset)
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(LOCAL):
        return None
    fields = _LOCAL.unpack(head)
    raw = stream.read(fields[9])
    extra = stream.read(fields[10])
    size, packed, _ = _sizes(extra, fields[8], fields[7], 0)
    return Entry(
        name=name_of(raw, fields[2], extra),
        flags=fields[2],
        method=fields[3],
        stamp=fields[5] << 16 | fields[4],
        crc=fields[6],
        packed=packed,
        size=size,
        offset=offset,
        mode=0,
        extra=extra,
        modified_at=modified_at(extra),
        data_start=offset + _LOCAL.size + fields[9] + fields[10],
    )


def next_local(stream: BinaryIO, start: int, size: int) -> int | None:
    """The place of the next local header from `start` on, None when there is none."""
    place = start
    while place < size:
        stream.seek(place)
        window = stream.read(_SCAN_BYTES + len(LOCAL) - 1)
        found = window.find(LOCAL)
        if found >= 0:
            return place + found
        place += _SCAN_BYTES
    return None


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """The content of one extra field."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == wanted:
            return extra[place + 4 : place + 4 + length]
        place += 4 + length
    return None


def name_of(raw: bytes, flags: int, extra: bytes) -> str:
    """An entry's name: as its flag, its Unicode field or its own bytes say."""
    unicode = extra_field(extra, 0x7075)
    if unicode is not None and len(unicode) > 5 and unicode[0] == 1:
        stated = struct.unpack_from("<I", unicode, 1)[0]
        if stated == zlib.crc32(raw):
            return unicode[5:].decode("utf-8", "backslashreplace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & 0x800:
            return raw.decode("utf-8", "backslashreplace")
        return raw.decode("cp437")


def modified_at(extra: bytes) -> datetime | None:
    """The moment an extra field states in UTC; the time in the header has no zone."""
    stamp = extra_field(extra, 0x5455)
    if stamp is not None and len(stamp) >= 5 and stamp[0] & 1:
        return unix_time(struct.unpack_from("<i", stamp, 1)[0])
    ntfs = extra_field(extra, 0x000A)
    if ntfs is not None and len(ntfs) >= 16 and ntfs[4:8] == b"\x01\x00\x18\x00":
        return file_time(struct.unpack_from("<Q", ntfs, 8)[0])
    return None


def _fits(tail: bytes, place: int) -> bool:
    length: int = _END.unpack_from(tail, place)[7]
    return place + _END.size + length == len(tail)


def _wide(stream: BinaryIO, ends_at: int) -> tuple[int, int, int, int] | None:
    """Number, size, start and end of the directory from the records of ZIP64."""
    if ends_at < 20:
        return None
    stream.seek(ends_at - 20)
    locator = stream.read(20)
    if not locator.startswith(b"PK\x06\x07"):
        return None
    for place in (struct.unpack_from("<Q", locator, 8)[0], ends_at - 20 - _END64.size):
        if 0 <= place < ends_at:
            stream.seek(place)
            head = stream.read(_END64.size)
            if len(head) == _END64.size and head.startswith(b"PK\x06\x06"):
                fields = _END64.unpack(head)
                return fields[7], fields[8], fields[9], place
    return None


def _sizes(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset, from the ZIP64 field where they do not fit their own."""
    values = [size, packed, offset]
    wide = extra_field(extra, 0x0001)
    if wide is None:
        return size, packed, offset
    place = 0
    for rank, value in enumerate(values):
        if value == _FULL32 and place + 8 <= len(wide):
            values[rank] = struct.unpack_from("<Q", wide, place)[0]
            place += 8
    return values[0], values[1], values[2]
