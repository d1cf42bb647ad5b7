"""Streams of compressed bytes as streams of plain bytes, never more than a piece at a time."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from tamis.errors import MemberError
from tamis.sources.leak.containers.guards import PIECE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MEMORY_BYTES = 300 << 20
_READ_BYTES = 64 << 10
# zstd archives of dumps are written with --long=27 at most; longer windows need more memory.
_LONGEST_WINDOW = 27
_ERRORS = (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error, struct.error)


class Decoder(Protocol):
    """One compressed stream: what came out, and what lies behind its end."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def unused_data(self) -> bytes:
        """What was given and lies behind the end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most `max_length` bytes of what `data` and what was held back give."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more input."""


class _Zlib:
    """zlib with the manners of the other modules."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._was_full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._was_full

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        given = self._inner.unconsumed_tail + data
        made = self._inner.decompress(given, max(0, max_length))
        self._was_full = len(made) == max_length
        return made


def decoder(kind: str) -> Decoder:
    """A decoder for one stream: deflate, zlib, gzip, bzip2, xz, lzma_alone or zstd."""
    makers: dict[str, Callable[[], Any]] = {
        "deflate": lambda: _Zlib(-15),
        "gzip": lambda: _Zlib(31),
        "zlib": lambda: _Zlib(15),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY_BYTES),
        "lzma_alone": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY_BYTES),
        "zstd": _zstd,
    }
    made: Decoder = makers[kind]()
    return made


def lzma_raw(properties: bytes) -> Decoder:
    """A decoder for bare LZMA data, from its five bytes of properties.

    Errors    MemberError when they ask for more memory than is given
    """
    first, size = struct.unpack("<BI", properties)
    if first >= 225 or size > _MEMORY_BYTES:
        raise MemberError("failed", f"its LZMA settings ask for {size:,} bytes of memory")
    settings = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(size, 4096),
        "lc": first % 9,
        "lp": first // 9 % 5,
        "pb": first // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[settings])


def _zstd() -> Any:
    from backports import zstd  # noqa: PLC0415 (only where it is needed)

    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _LONGEST_WINDOW}
    make: Any = zstd.ZstdDecompressor
    return make(options=options)


def errors() -> tuple[type[Exception], ...]:
    """What decoders raise on damaged data."""
    from backports import zstd  # noqa: PLC0415 (only where it is needed)

    return (*_ERRORS, zstd.ZstdError)


def decode(one: Decoder, packed: Iterable[bytes], *, needs_end: bool = True) -> Iterator[bytes]:
    """The plain bytes of one stream.

    Errors    MemberError (partly) where the data is damaged or ends too early
    """
    count = 0
    failures = errors()
    try:
        for piece in packed:
            data = piece
            while not one.eof:
                made = one.decompress(data, PIECE_BYTES)
                count += len(made)
                if made:
                    yield made
                data = b""
                if one.needs_input:
                    break
            if one.eof:
                return
    except failures as problem:
        raise MemberError("partly", _damaged(count, str(problem))) from None
    if needs_end and not one.eof:
        raise MemberError("partly", _damaged(count, "the end is missing"))


def decode_all(kind: str, stream: BinaryIO, told: dict[str, int]) -> Iterator[bytes]:
    """The plain bytes of a whole file: of all compressed streams in it, one after the other.

    `told` gets `streams`, their number, and `behind`, bytes that belong to none.
    Errors    MemberError (partly) where the data is damaged or ends too early
    """
    rest = stream.read(_READ_BYTES)
    told.update(streams=0, behind=0)
    while rest:
        if told["streams"] and not _begins(kind, rest):
            told["behind"] = len(rest) + _count(stream)
            return
        told["streams"] += 1
        one = decoder(kind)
        yield from decode(one, _first(rest, stream))
        rest = one.unused_data or stream.read(_READ_BYTES)
        if len(rest) < 8:
            rest += stream.read(_READ_BYTES)


def _first(rest: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield rest
    while piece := stream.read(_READ_BYTES):
        yield piece


def _count(stream: BinaryIO) -> int:
    return sum(len(piece) for piece in _first(b"", stream))


_STARTS = {
    "gzip": (b"\x1f\x8b\x08",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\x00",),
    # Skippable frames may stand between the others.
    "zstd": (b"\x28\xb5\x2f\xfd", *(bytes((0x50 + one, 0x2A, 0x4D, 0x18)) for one in range(16))),
}


def _begins(kind: str, data: bytes) -> bool:
    return data.startswith(_STARTS.get(kind, (b"",)))


def packing(head: bytes) -> str | None:
    """gzip, bzip2, xz or zstd, by the first bytes; None for anything else."""
    if head.startswith(b"BZh") and not head[3:4].isdigit():
        return None
    found = ((kind, starts[:1]) for kind, starts in _STARTS.items())
    return next((kind for kind, starts in found if head.startswith(starts)), None)


def _damaged(count: int, problem: str) -> str:
    return f"damaged or cut off after {count:,} bytes of content ({problem})"
