"""The packing methods inside ZIP archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.errors import MemberError
from tamis.sources.leak.containers.unpacking import decode, decoder, errors, lzma_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tamis.sources.leak.containers.zip_directory import Entry

_SMALL = 16 << 10


def plain(method: int, packed: Iterable[bytes], entry: Entry) -> Iterator[bytes]:
    """The plain bytes of an entry.

    Errors    MemberError (partly) where the data is damaged
    """
    return METHODS[method](packed, entry)


def _stored(packed: Iterable[bytes], _: Entry) -> Iterator[bytes]:
    yield from packed


def _by(kind: str) -> Callable[[Iterable[bytes], Entry], Iterator[bytes]]:
    def run(packed: Iterable[bytes], _: Entry) -> Iterator[bytes]:
        return decode(decoder(kind), packed)

    return run


def _lzma(packed: Iterable[bytes], entry: Entry) -> Iterator[bytes]:
    """LZMA behind four bytes of version and length, and its properties (APPNOTE 5.8.8)."""
    pieces = iter(packed)
    head = b""
    while len(head) < 9 and (piece := next(pieces, b"")):
        head += piece
    if len(head) < 9 or head[2:4] != b"\x05\x00":
        raise MemberError("failed", "its LZMA settings are damaged")

    def rest() -> Iterator[bytes]:
        yield head[9:]
        yield from pieces

    left = entry.size
    for piece in decode(lzma_raw(head[4:9]), rest(), needs_end=bool(entry.flags & 2)):
        yield piece[:left] if not entry.flags & 2 else piece
        left -= len(piece)
        if left <= 0 and not entry.flags & 2:
            return


def _deflate64(packed: Iterable[bytes], _: Entry) -> Iterator[bytes]:
    import inflate64  # noqa: PLC0415 (rare)

    one = inflate64.Inflater()
    count = 0
    try:
        for piece in packed:
            # It takes no limit on what comes out: little goes in at a time.
            for start in range(0, len(piece), _SMALL):
                made = one.inflate(piece[start : start + _SMALL])
                count += len(made)
                if made:
                    yield made
                if one.eof:
                    return
    except errors() as problem:
        raise MemberError("partly", f"damaged after {count:,} bytes ({problem})") from None
    raise MemberError("partly", f"cut off after {count:,} bytes of content")


METHODS: dict[int, Callable[[Iterable[bytes], Entry], Iterator[bytes]]] = {
    0: _stored,
    8: _by("deflate"),
    9: _deflate64,
    12: _by("bzip2"),
    14: _lzma,
    93: _by("zstd"),
    20: _by("zstd"),
    95: _by("xz"),
}
