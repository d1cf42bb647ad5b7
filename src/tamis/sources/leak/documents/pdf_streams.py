"""The streams of a PDF, unpacked within limits; a few bytes can claim gigabytes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_UNPACKED = 256 << 20
_MAX_ENCODED = 1 << 20
_MOST_ROUNDS = 4
_RATIO = 1_032  # the most that one byte of deflated data can stand for
_PIECE = 1 << 20


def is_bomb(stream: Any) -> bool:
    """Whether a stream unpacks to more than any program should be given.

    Limits    Only FlateDecode is looked at, also when it stands several times.
    """
    rounds = _filters(stream).count("/FlateDecode")
    if rounds > _MOST_ROUNDS:
        return True
    if not rounds:
        return False
    raw: bytes = stream.read_raw_bytes()
    if len(raw) * _RATIO**rounds <= MAX_UNPACKED:
        return False
    pieces: Iterator[bytes] = iter((raw,))
    for _ in range(rounds):
        pieces = _inflating(pieces)
    total = 0
    try:
        for piece in pieces:
            total += len(piece)
            if total > MAX_UNPACKED:
                return True
    except zlib.error:
        return False
    return False


def _inflating(packed: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for one in packed:
        left = one
        while left and not inflater.eof:
            yield inflater.decompress(left, _PIECE)
            left = inflater.unconsumed_tail


def _filters(stream: Any) -> list[str]:
    import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

    stated = stream.get("/Filter")
    if stated is None:
        return []
    return [str(one) for one in stated] if isinstance(stated, pikepdf.Array) else [str(stated)]


def stream_bytes(stream: Any, most: int) -> bytes | None:
    """The unpacked bytes of a stream; None when they are more than `most`.

    Limits    Only FlateDecode is unpacked piece by piece; other filters only for small streams.
    """
    filters = _filters(stream)
    raw: bytes = stream.read_raw_bytes()
    if any(one != "/FlateDecode" for one in filters) or "/DecodeParms" in stream:
        if len(raw) > _MAX_ENCODED:
            raise ValueError(f"packed in a way ({', '.join(filters)}) that is not opened")
        raw = stream.read_bytes()
        filters = []
    for _ in filters[:8]:
        unpacked = _inflated(raw, most)
        if unpacked is None:
            return None
        raw = unpacked
    return raw if len(raw) <= most else None


def _inflated(raw: bytes, most: int) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(raw, max(most, 1))
    except zlib.error as problem:
        raise ValueError(f"damaged compressed data: {problem}") from None
    return None if inflater.unconsumed_tail else found
