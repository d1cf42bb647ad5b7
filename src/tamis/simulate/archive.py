"""Containers and pictures written by hand, because compressors differ from machine to machine.

Everything is "stored" (deflate without compression), so the bytes are the same everywhere.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

_BLOCK = 65_535


class StoredGzip:
    """A gzip stream of stored blocks; `write` and `close` like a file, no clock in its header."""

    def __init__(self, stream: BinaryIO, name: str = "") -> None:
        self._stream = stream
        self._crc = self._size = 0
        self._waiting = bytearray()
        flags, extra = (8, name.encode("latin-1") + b"\x00") if name else (0, b"")
        stream.write(b"\x1f\x8b\x08" + bytes([flags]) + b"\x00" * 4 + b"\x00\xff" + extra)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, data: bytes) -> int:
        """Take bytes in, and write whole blocks out."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._waiting += data
        while len(self._waiting) > _BLOCK:
            self._block(bytes(self._waiting[:_BLOCK]), last=False)
            del self._waiting[:_BLOCK]
        return len(data)

    def _block(self, data: bytes, *, last: bool) -> None:
        size = len(data)
        self._stream.write(bytes([last]) + struct.pack("<HH", size, size ^ 0xFFFF) + data)

    def close(self) -> None:
        """Write the last block and the trailer; the stream below stays open."""
        self._block(bytes(self._waiting), last=True)
        self._waiting.clear()
        self._stream.write(struct.pack("<II", self._crc, self._size & 0xFFFFFFFF))


def stored_zlib(data: bytes) -> bytes:
    """`data` as a zlib stream without compression."""
    out = [b"\x78\x01"]
    for start in range(0, max(1, len(data)), _BLOCK):
        piece = data[start : start + _BLOCK]
        last = start + _BLOCK >= len(data)
        out.append(bytes([last]) + struct.pack("<HH", len(piece), len(piece) ^ 0xFFFF) + piece)
    out.append(struct.pack(">I", zlib.adler32(data)))
    return b"".join(out)


def png(width: int, height: int, colours: Sequence[tuple[int, int, int]]) -> bytes:
    """A picture of horizontal bands, one colour a band."""
    rows = bytearray()
    for y in range(height):
        rows += b"\x00" + bytes(colours[y * len(colours) // height]) * width
    out = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    for kind, body in ((b"IHDR", header), (b"IDAT", stored_zlib(bytes(rows))), (b"IEND", b"")):
        crc = zlib.crc32(kind + body)
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)
    return out


def stored_zip(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of stored entries dated 20 August 2021, 12:00."""
    time, date = 12 << 11, (2021 - 1980) << 9 | 8 << 5 | 20
    body, directory = b"", b""
    for name, data in entries:
        raw = name.encode()
        fields = struct.pack(
            "<HHHHHIIIHH", 20, 0x800, 0, time, date, zlib.crc32(data), len(data), len(data),
            len(raw), 0,
        )  # fmt: skip
        directory += (
            b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        )
        body += b"PK\x03\x04" + fields + raw + data
    count = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end
