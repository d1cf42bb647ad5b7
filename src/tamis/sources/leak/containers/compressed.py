"""One file packed by gzip, bzip2, xz or zstd: what it holds is one item."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers.guards import Tally, metered, unix_time
from tamis.sources.leak.containers.unpacking import decode_all, packing

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

_SUFFIXES = (
    *((".tgz", ".tar"), (".tbz2", ".tar"), (".tbz", ".tar"), (".txz", ".tar"), (".tzst", ".tar")),
    *((".gz", ""), (".bz2", ""), (".xz", ""), (".zst", ""), (".zstd", "")),
)
_TYPES = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "zstd": "application/zstd",
}
_HEAD_BYTES = 70_000


def recognises(glimpse: Glimpse) -> int:
    """35 for the first bytes of a packing: not so sure that exports of posts would be mail."""
    return 35 if packing(glimpse.head) is not None else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """What is packed, as one item, as far as it can be unpacked."""
    head = stream.read(_HEAD_BYTES)
    kind = packing(head) or "gzip"
    stream.seek(0)
    name, modified_at = _gzip_header(head) if kind == "gzip" else (None, None)
    tally = Tally(sink, expected=1)
    told: dict[str, int] = {}
    tally.take(
        name or bare_name(source.name),
        metered(decode_all(kind, stream, told), source.size_bytes),
        container_modified_at=modified_at,
        is_member=True,
    )
    if told.get("streams", 0) > 1:
        tally.notes.append(f"it is {told['streams']:,} packed streams, joined into one file")
    trouble = None
    if told.get("behind"):
        trouble = f"{told['behind']:,} bytes behind the packed data belong to nothing known"
    tally.close(_TYPES[kind], trouble=trouble)


def bare_name(name: str) -> str:
    """A file name without the ending of its packing."""
    lower = name.lower()
    for suffix, instead in _SUFFIXES:
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: len(name) - len(suffix)] + instead
    return f"{name}.unpacked"


def _gzip_header(head: bytes) -> tuple[str | None, datetime | None]:
    """The name and time of the first member, as RFC 1952 section 2.3 places them."""
    if len(head) < 10:
        return None, None
    flags, stamp = head[3], struct.unpack_from("<I", head, 4)[0]
    place = 10
    if flags & 4 and len(head) >= 12:
        place += 2 + struct.unpack_from("<H", head, 10)[0]
    name = None
    if flags & 8:
        end = head.find(b"\0", place)
        raw = head[place:end] if end >= 0 else b""
        name = raw.decode("utf-8" if _is_utf8(raw) else "latin-1").replace("\\", "/") or None
        if name is not None:
            name = name.rstrip("/").rpartition("/")[2] or None
    return name, unix_time(stamp) if stamp else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


READER = LeakReader(
    name="compressed",
    media_types=tuple(_TYPES.values()),
    recognises=recognises,
    read=read,
    keeps="the unpacked file; name and time from a gzip header; what came before damage",
    cannot_know="whether a file cut off at the end of a packed stream was longer",
    is_streaming=True,
)
