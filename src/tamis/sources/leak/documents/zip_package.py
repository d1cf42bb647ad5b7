"""The ZIP package of an office document (OPC or ODF), read within bounds.

Source    PKWARE APPNOTE.TXT 6.3.10 §4.3 and §4.5; ISO/IEC 29500-2 for what a package holds.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from tamis.errors import FormatError
from tamis.sources.leak.documents import moments
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tamis.registry import Glimpse
    from tamis.sources.leak.documents.facts import Facts

MAX_MEMBERS = 20_000
MAX_TOTAL = 256 << 20
MAX_MEMBER = 128 << 20
MAX_RATIO = 400
_RATIO_FROM = 4 << 20
_CHUNK = 1 << 16
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_EPOCH = "1980-01-01T00:00:00"
_CODES = ("ascii", "utf-16-le", "utf-16-be")
_ENTITIES = tuple("<!ENTITY".encode(code) for code in _CODES)
_DOCTYPES = (*("<!DOCTYPE".encode(code) for code in _CODES), *_ENTITIES)
_SYSTEMS = {0: "fat", 3: "unix", 7: "macintosh", 10: "ntfs", 11: "mvs", 19: "darwin"}
# What the library lets through when the bytes are wrong.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError),
    *(ValueError, OverflowError, LookupError),
)


class PackageError(FormatError):
    """A package that is broken, or larger than is opened."""


class PackageRefusedError(PackageError):
    """A package built to harm whoever opens it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the package: its sizes as the package states them, and its times."""

    name: str
    size: int
    packed: int
    written: str | None
    written_at: datetime | None
    made_by: str
    is_locked: bool


class Package:
    """The members of a package by name; what is unpacked is counted and limited."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the list of members.

        Errors    PackageError where there is no such list; PackageRefusedError where it is a trap
        """
        _check_count(stream)
        try:
            self._archive = zipfile.ZipFile(stream)
        except _BROKEN as problem:
            raise PackageError(f"its ZIP package is broken ({problem})") from None
        self.members = tuple(_member(info) for info in self._archive.infolist())
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self.repeated: list[str] = []
        for info, member in zip(self._archive.infolist(), self.members, strict=True):
            if member.name in self._infos:
                self.repeated.append(member.name)
            self._infos[member.name] = info
        self._by_name = {member.name: member for member in self.members}
        self._unpacked = 0
        total = sum(member.size for member in self.members)
        if total > MAX_TOTAL:
            raise PackageRefusedError(
                f"it would unpack to {total >> 20:,} MiB, more than the {MAX_TOTAL >> 20} MiB that "
                "are opened: not opened"
            )

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def names(self, start: str = "", end: str = "") -> list[str]:
        """The members whose names begin and end so, in the package's order."""
        return [name for name in self._infos if name.startswith(start) and name.endswith(end)]

    def written_at(self, name: str) -> datetime | None:
        """When a member was last changed, where the package states that in UTC."""
        return self._by_name[name].written_at

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece.

        Errors    PackageError where it is broken, locked or absent; PackageRefusedError where it
                  unpacks to far more than any document does
        """
        if name not in self._infos:
            raise PackageError(f"it has no part {name!r}")
        if self._by_name[name].is_locked:
            raise PackageError("it is encrypted")
        packed = self._by_name[name].packed
        done = 0
        try:
            with self._archive.open(self._infos[name]) as member:
                while piece := member.read(_CHUNK):
                    done += len(piece)
                    self._unpacked += len(piece)
                    self._check(name, done, packed)
                    yield piece
        except (*_BROKEN, RuntimeError) as problem:
            raise PackageError(f"it is broken ({problem})") from None

    def read(self, name: str) -> bytes:
        """The bytes of a member, whole; errors as for `chunks`."""
        return b"".join(self.chunks(name))

    def _check(self, name: str, done: int, packed: int) -> None:
        if done > MAX_MEMBER or self._unpacked > 3 * MAX_TOTAL:
            raise PackageRefusedError(f"{name} unpacks to more than is read: not read to its end")
        if done > _RATIO_FROM and done > MAX_RATIO * max(packed, 1):
            raise PackageRefusedError(
                f"{name} unpacks to over {MAX_RATIO} times its size, as only bombs do: not opened"
            )

    def check_markup(self, *, allow_bare: bool = False) -> None:
        """Return once every XML part was looked through, and none declares a document type.

        With `allow_bare` a document type without entities passes, as old writers put one.

        Errors    PackageRefusedError naming the first part that does; whatever else is wrong
                  with a part is left to who reads it.
        """
        for name in self.names():
            if name.endswith((".xml", ".rels", ".vml", ".rdf")):
                try:
                    found = _declares(self.chunks(name), _ENTITIES if allow_bare else _DOCTYPES)
                except PackageRefusedError:
                    raise
                except PackageError:
                    continue
                if found:
                    raise PackageRefusedError(
                        f"its part {name[:200]} declares a document type with entities (DTD), "
                        "which could read files or fill the memory: not opened"
                    )

    def tell(self, facts: Facts) -> None:
        """Add what the package itself says: times, who packed it, members listed twice."""
        facts.add("zip", "member_count", len(self.members))
        times: dict[str, tuple[str, datetime | None, int]] = {}
        for member in self.members:
            if member.written is not None:
                first, at, count = times.get(member.written, (member.name, member.written_at, 0))
                times[member.written] = (first, at, count + 1)
        for written, (first, at, count) in sorted(times.items()):
            name = "modified" if written != _EPOCH else "modified_not_set"
            facts.add(
                "zip", name, written, part=first if count < len(self.members) else None, at=at
            )
        for made_by in sorted({member.made_by for member in self.members}):
            facts.add("zip", "made_by", made_by)
        for name in sorted(set(self.repeated)):
            facts.add("zip", "repeated_member", name, part=name)


def _declares(chunks: Iterator[bytes], marks: tuple[bytes, ...]) -> bool:
    kept = b""
    for chunk in chunks:
        seen = kept + chunk
        if any(mark in seen for mark in marks):
            return True
        kept = seen[-20:]
    return False


def _member(info: zipfile.ZipInfo) -> Member:
    at = _extra_time(info.extra)
    written: str | None = moments.shown(at) if at else None
    if written is None:
        year, month, day, hour, minute, second = info.date_time
        written = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    system = _SYSTEMS.get(info.create_system, str(info.create_system))
    name = storable(info.filename)
    made_by = f"{system}, version {info.create_version / 10:.1f}"
    is_locked = bool(info.flag_bits & 0x41)
    return Member(name, info.file_size, info.compress_size, written, at, made_by, is_locked)


def _extra_time(extra: bytes) -> datetime | None:
    """The modification time in UTC that an extra field states, as Unix or NTFS packers add it."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        body = extra[place + 4 : place + 4 + size]
        if kind == 0x5455 and len(body) >= 5 and body[0] & 1:
            return moments.unix(struct.unpack_from("<I", body, 1)[0])
        if kind == 0x000A and len(body) >= 32:
            return moments.ticks(struct.unpack_from("<Q", body, 8)[0])
        place += 4 + size
    return None


def _check_count(stream: BinaryIO) -> None:
    """Refuse a list of members that is too long, before it is read."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - (1 << 16) - 128))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(_END)
    if end < 0 or end + 22 > len(tail):
        raise PackageError("its ZIP package has no list of contents: it is cut off or broken")
    count, list_size = struct.unpack_from("<HI", tail, end + 10)
    end64 = tail.rfind(_END64, 0, end)
    if count == 0xFFFF or list_size == 0xFFFFFFFF:
        if end64 < 0 or end64 + 48 > len(tail):
            raise PackageError("its ZIP package states a list of contents that is not there")
        count, list_size = struct.unpack_from("<QQ", tail, end64 + 32)
    if count > MAX_MEMBERS or list_size > MAX_MEMBERS * 1024:
        raise PackageRefusedError(
            f"its package lists {count:,} parts, more than the {MAX_MEMBERS:,} that are opened"
        )


def names_in(glimpse: Glimpse) -> set[str]:
    """The names of members that stand at the start and at the end of a ZIP file.

    Limits    Of a large package not all; never the names of members of a package inside it.
    """
    return _first_names(glimpse.head) | _last_names(glimpse.tail)


def _first_names(head: bytes) -> set[str]:
    found = set()
    place = 0
    while head.startswith(_LOCAL, place) and place + 30 <= len(head):
        flags, _, _, _, _, packed, _, name_size, extra_size = struct.unpack_from(
            "<HHHHIIIHH", head, place + 6
        )
        start = place + 30
        found.add(head[start : start + name_size].decode("latin-1"))
        place = start + name_size + extra_size + packed
        if flags & 8 and not packed:
            # The size stands behind the data, where a mark may be that of a package inside.
            break
    return found


def _last_names(tail: bytes) -> set[str]:
    end = tail.rfind(_END)
    if end < 0 or end + 16 > len(tail):
        return set()
    list_size = struct.unpack_from("<I", tail, end + 12)[0]
    region = tail[max(0, end - list_size) : end]
    found = set()
    for mark in re.finditer(_CENTRAL, region):
        place = mark.start()
        if place + 46 <= len(region):
            name_size = struct.unpack_from("<H", region, place + 28)[0]
            found.add(region[place + 46 : place + 46 + name_size].decode("latin-1"))
    return found
