"""The chunks of a PNG file that hold words and times, and what stands behind its end."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000
MAX_TEXT = 1 << 20
_XMP = "XML:com.adobe.xmp"


@dataclass(slots=True)
class Chunks:
    """What was found: texts by keyword with their place, the time of the last change, XMP."""

    texts: list[tuple[str, str, tuple[int, int]]] = field(default_factory=list)
    changed_at: datetime | None = None
    changed_stated: str | None = None
    xmp: bytes | None = None
    bytes_after: int = 0
    notes: list[str] = field(default_factory=list)


def scan(data: bytes) -> Chunks:
    """The texts and the time in a PNG.

    Source    ISO 15948 (PNG) §11.3.4 (tEXt, zTXt, iTXt), §11.3.6 (tIME, which is in UTC).
    """
    found = Chunks()
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            found.notes.append("it ends without its end mark (IEND): cut off")
            return found
        length = int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            found.notes.append("its last chunk is cut off")
            return found
        body = data[at + 8 : end - 4]
        if kind in _TEXTS:
            _text(found, kind, body, (at, end))
        elif kind == b"tIME" and length == 7:
            _time(found, body)
        elif kind == b"IEND":
            found.bytes_after = len(data) - end
            return found
        at = end
    found.notes.append(f"only its first {MAX_CHUNKS:,} chunks were looked at")
    return found


def _text(found: Chunks, kind: bytes, body: bytes, span: tuple[int, int]) -> None:
    keyword, zero, rest = body.partition(b"\0")
    if not zero or len(keyword) > 79:
        found.notes.append("a text in it is malformed")
        return
    name = keyword.decode("latin-1")
    packed = kind == b"zTXt"
    encoding = "latin-1"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        encoding = "utf-8"
    if packed:
        unpacked = _inflated(rest)
        if unpacked is None:
            found.notes.append(f"its text {name!r} is damaged, or more than {MAX_TEXT:,} bytes")
            return
        rest = unpacked
    if name == _XMP:
        found.xmp = rest
        return
    found.texts.append((name, rest.decode(encoding, "replace"), span))


def _inflated(packed: bytes) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(packed, MAX_TEXT)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else text


def _time(found: Chunks, body: bytes) -> None:
    year, month, day, hour, minute, second = int.from_bytes(body[:2]), *body[2:7]
    found.changed_stated = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    try:
        found.changed_at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        found.changed_at = None


_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
