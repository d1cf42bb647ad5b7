"""TAR: files as they are, one behind the other, each behind a block of 512 bytes.

Source    POSIX.1-2017 pax interchange format; GNU tar manual, "Basic Tar Format".
Limits    tar states no number of entries: a file cut off between two entries shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers.guards import Tally, unix_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

_BLOCK = 512
_MAX_META = 1 << 20
_MAX_ENTRIES = 1_000_000
_SCAN_BYTES = 1 << 20
_LISTED = {
    b"1": "a hard link to {target!r}: links are not followed",
    b"2": "a link to {target!r}: links are not followed",
    b"3": "a device, not a file",
    b"4": "a device, not a file",
    b"6": "a pipe, not a file",
}
_FILES = {b"0", b"\0", b"7"}


@dataclass(slots=True)
class Member:
    """One entry: where its bytes lie, and what its headers say."""

    name: str
    kind: bytes
    start: int
    size: int
    target: str
    modified_at: datetime | None
    is_sparse: bool = False


@dataclass(slots=True)
class Walk:
    """What was noticed on the way through the file."""

    skipped_bytes: int = 0
    skipped_places: int = 0
    has_end: bool = False
    is_cut: bool = False
    notes: list[str] = field(default_factory=list)


def recognises(glimpse: Glimpse) -> int:
    """39 when the first block is a header whose checksum fits."""
    block = glimpse.head[:_BLOCK]
    return 39 if len(block) == _BLOCK and is_header(block) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """Each file as a span of the archive; links and devices are listed, never followed."""
    tally = Tally(sink)
    walk = Walk()
    folders = 0
    for member in members(stream, source.size_bytes, walk):
        folders += member.kind == b"5"
        if member.kind != b"5":
            _take(tally, member, source.size_bytes)
        if tally.position >= _MAX_ENTRIES:
            walk.notes.append(f"only the first {_MAX_ENTRIES:,} entries were read")
            break
    if folders:
        tally.notes.append(f"{folders:,} folders")
    if not walk.has_end and not walk.is_cut:
        tally.notes.append("the end mark is missing: the archive may be cut off")
    told = list(walk.notes)
    if walk.skipped_bytes:
        told.append(
            f"{walk.skipped_bytes:,} bytes in {walk.skipped_places} places are no entries: "
            "damaged, something may be lost there"
        )
    tally.close("application/x-tar", trouble="; ".join(told) or None)


def _take(tally: Tally, member: Member, size: int) -> None:
    place = {"container_modified_at": member.modified_at, "is_member": True}
    end = member.start + member.size
    if member.kind in _LISTED:
        reason = _LISTED[member.kind].format(target=member.target[:200])
        tally.absent(member.name, "refused", reason, **place)
    elif member.is_sparse:
        reason = "a sparse file: extract it with your own tool and add the folder"
        tally.absent(member.name, "refused", reason, **place)
    elif member.kind not in _FILES:
        kind = member.kind.decode("latin-1")
        tally.absent(member.name, "refused", f"an entry of unknown kind {kind!r}", **place)
    elif end > size:
        there = max(0, size - member.start)
        damage = f"cut off: {there:,} of {member.size:,} bytes are there"
        if there:
            tally.span(member.name, member.start, size, damage=damage, **place)
            tally.reasons[damage] += 1
        else:
            tally.absent(member.name, "failed", damage, **place)
    else:
        tally.span(member.name, member.start, end, **place)


def members(stream: BinaryIO, size: int, walk: Walk) -> Iterator[Member]:
    """Every entry in order; after a damaged header the next good one is looked for."""
    place = 0
    shared: dict[str, str] = {}
    own: dict[str, str] = {}
    while place + _BLOCK <= size:
        stream.seek(place)
        block = stream.read(_BLOCK)
        if block.count(0) == _BLOCK:
            walk.has_end = True
            if _is_all_zero(stream):
                return
            place += _BLOCK
            continue
        if not is_header(block):
            place = _next_header(stream, place + _BLOCK, size, walk)
            own = {}
            continue
        length = _number(block[124:136])
        kind = block[156:157]
        if kind in b"xgLKX" and kind:
            told = _meta(stream, kind, min(length, _MAX_META), walk, length)
            (shared if kind == b"g" else own).update(told)
            place += _BLOCK + _padded(length)
            continue
        member = _member(block, place, {**shared, **own})
        own = {}
        walk.is_cut = member.kind in _FILES and member.start + member.size > size
        yield member
        # A link states the length of its target, but has no bytes of its own.
        has_bytes = member.kind not in {b"1", b"2", b"3", b"4", b"5", b"6"}
        place = member.start + (_padded(member.size) if has_bytes else 0)


def _member(block: bytes, place: int, told: dict[str, str]) -> Member:
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345]:
        name = f"{_text(block[345:500])}/{name}"
    kind = block[156:157]
    size = _stated(told.get("size")) if "size" in told else _number(block[124:136])
    name = told.get("GNU.sparse.name") or told.get("path") or name
    if kind in {b"0", b"\0"} and name.endswith("/"):
        kind = b"5"
    return Member(
        name,
        kind,
        place + _BLOCK,
        size,
        told.get("linkpath") or _text(block[157:257]),
        _time(told.get("mtime"), block[136:148]),
        kind == b"S" or any(key.startswith("GNU.sparse.") for key in told),
    )


def _meta(stream: BinaryIO, kind: bytes, length: int, walk: Walk, stated: int) -> dict[str, str]:
    """What an extended header says of the entry behind it."""
    if stated > length:
        walk.notes.append(f"an extended header of {stated:,} bytes was read only in part")
    data = stream.read(length)
    if kind in b"LK":
        return {"path" if kind == b"L" else "linkpath": _text(data)}
    told: dict[str, str] = {}
    place = 0
    while place < len(data):
        blank = data.find(b" ", place, place + 12)
        digits = data[place:blank] if blank > 0 else b""
        count = int(digits) if digits.isdigit() else 0
        record = data[blank + 1 : place + count - 1]
        if count <= blank - place + 1 or b"=" not in record:
            break
        key, _, value = record.partition(b"=")
        told[_text(key)] = value.decode("utf-8", "backslashreplace").rstrip("\0")
        place += count
    return told


def is_header(block: bytes) -> bool:
    """Whether the checksum fits, counted with or without signs as old programs did."""
    stated = _number(block[148:156])
    rest = block[:148] + b" " * 8 + block[156:]
    if stated == sum(rest):
        return stated != 256
    return stated == sum(rest) - 256 * sum(one > 127 for one in rest)


def _next_header(stream: BinaryIO, place: int, size: int, walk: Walk) -> int:
    """The place of the next good header, or the end."""
    began = place - _BLOCK
    walk.skipped_places += 1
    while place + _BLOCK <= size:
        stream.seek(place)
        window = stream.read(_SCAN_BYTES)
        for offset in range(0, len(window) - _BLOCK + 1, _BLOCK):
            block = window[offset : offset + _BLOCK]
            if block[257:262] == b"ustar" and is_header(block):
                walk.skipped_bytes += place + offset - began
                return place + offset
        place += max(_BLOCK, len(window) // _BLOCK * _BLOCK)
    walk.skipped_bytes += max(0, size - began)
    return size


def _is_all_zero(stream: BinaryIO) -> bool:
    while piece := stream.read(_SCAN_BYTES):
        if piece.count(0) != len(piece):
            return False
    return True


def _number(raw: bytes) -> int:
    """A number in octal digits, or in base 256 where the first bit says so."""
    if raw[:1] == b"\x80":
        return int.from_bytes(raw[1:], "big")
    digits = raw.split(b"\0", 1)[0].strip()
    try:
        return max(0, int(digits or b"0", 8))
    except ValueError:
        return 0


def _stated(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else 0


def _time(told: str | None, raw: bytes) -> datetime | None:
    if told is not None:
        try:
            return unix_time(float(told[:40]))
        except (ValueError, OverflowError):
            return None
    seconds = _number(raw)
    return unix_time(seconds) if seconds else None


def _text(raw: bytes) -> str:
    raw = raw.split(b"\0", 1)[0]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


READER = LeakReader(
    name="tar",
    media_types=("application/x-tar",),
    recognises=recognises,
    read=read,
    keeps="every file with its path and time; links, devices and sparse files by name",
    cannot_know="how many entries there should be: the format does not say",
    is_streaming=True,
)
