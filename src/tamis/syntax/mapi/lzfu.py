"""Compressed RTF, as Outlook stores bodies: decoded within stated limits, damage told."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

_HEADER = struct.Struct("<IIII")
_COMPRESSED = 0x75465A4C  # "LZFu"
_STORED = 0x414C454D  # "MELA"
_WINDOW = 4096
# What the window holds before the first byte, as the format fixes it.
_PRELOAD = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
MAX_BYTES = 32 << 20


class Rtf(NamedTuple):
    """What came out, and what was wrong with it (None when nothing was)."""

    data: bytes
    problem: str | None


def expand(raw: bytes, limit: int = MAX_BYTES) -> Rtf:
    """The RTF inside a compressed body; what could be read of it when it is damaged.

    Source    MS-OXRTFCP 2.1 and 3.1: header, dictionary of 4,096 bytes, runs of eight tokens;
              a reference to the writing position ends the text.
    Limits    A wrong checksum is told and the text kept: Outlook shows it too.
    """
    if len(raw) < _HEADER.size:
        return Rtf(b"", "the compressed text is shorter than its header")
    _, raw_size, kind, stated = _HEADER.unpack_from(raw)
    body = raw[_HEADER.size :]
    wanted = min(raw_size, limit)
    if kind == _STORED:
        return Rtf(body[:wanted], None if len(body) >= raw_size else "the text is cut off")
    if kind != _COMPRESSED:
        return Rtf(b"", "the compressed text is of an unknown kind")
    return _checked(body, (raw_size, stated), limit)


def _checked(body: bytes, stated: tuple[int, int], limit: int) -> Rtf:
    raw_size, checksum = stated
    data, used, has_end = _expand(body, min(raw_size, limit))
    if raw_size > limit:
        return Rtf(data, f"the compressed text is longer than {limit:,} bytes: cut there")
    if not has_end and len(data) < raw_size:
        return Rtf(data, "the compressed text is cut off")
    if checksum not in {_crc(body[:used]), _crc(body)}:
        return Rtf(data, "the checksum of the compressed text is wrong")
    return Rtf(data, None)


def _expand(body: bytes, wanted: int) -> tuple[bytes, int, bool]:
    """The decoded bytes, how much of `body` was used, and whether its end mark was met."""
    window = bytearray(_PRELOAD.ljust(_WINDOW, b" "))
    write = len(_PRELOAD)
    out = bytearray()
    place, size = 0, len(body)
    while place < size and len(out) < wanted:
        control = body[place]
        place += 1
        for bit in range(8):
            if place >= size:
                return bytes(out[:wanted]), place, False
            if not control >> bit & 1:
                out.append(body[place])
                window[write] = body[place]
                write = (write + 1) % _WINDOW
                place += 1
                continue
            if place + 2 > size:
                return bytes(out[:wanted]), size, False
            token = body[place] << 8 | body[place + 1]
            place += 2
            start, length = token >> 4, (token & 0xF) + 2
            if start == write:
                return bytes(out[:wanted]), place, True
            for step in range(length):
                byte = window[(start + step) % _WINDOW]
                out.append(byte)
                window[write] = byte
                write = (write + 1) % _WINDOW
    return bytes(out[:wanted]), place, False


def _crc(data: bytes) -> int:
    """The format's checksum: the usual CRC-32, but started and left without inversion."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
