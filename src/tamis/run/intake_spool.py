"""The bytes of items found inside others: in memory while they are few, else read back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.errors import MemberError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A larger item is read as a stream, and what a large file contains in jobs of its own.
DEFER_BYTES = 32 << 20
# What is held of items that wait for their turn.
_HELD_BYTES = 160 << 20
_PIECE_BYTES = 1 << 20
_WORDS = "the file around it had given {:,} bytes before: extract it yourself and add the folder"


class FullError(MemberError):
    """No more bytes are taken out of this file; the entry is listed and left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes taken in: their hash, and where they can be read again."""

    item_id: str
    size_bytes: int
    data: bytes | None
    blob: tuple[str, int, int] | None
    damage: str | None = None


@dataclass(slots=True)
class Spool:
    """All bytes that one call of the task takes out of its files.

    `limit_bytes` is for the call: when several files were given, going beyond fails the call, and
    the cell reads them one by one.
    """

    out: Any
    limit_bytes: int
    is_alone: bool
    held_bytes: int = 0
    total_bytes: int = 0
    # Spool files by the hash of what they hold, told to the parent with the result.
    names: dict[str, str] = field(default_factory=dict)
    _written: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def keep(self, content: bytes | Iterable[bytes]) -> Kept:
        """Take in one item's bytes.

        Errors    MemberError when the pieces raise it and nothing is kept, or the limit is reached
        """
        if isinstance(content, bytes | bytearray | memoryview):
            return self._keep_whole(bytes(content), None)
        pieces = iter(content)
        start: list[bytes] = []
        size = 0
        damage = None
        try:
            for piece in pieces:
                start.append(piece)
                size += len(piece)
                if size > DEFER_BYTES:
                    return self._keep_large(start, pieces)
        except MemberError as problem:
            if problem.status != "partly":
                raise
            damage = str(problem)
        return self._keep_whole(b"".join(start), damage)

    def open(self, blob: tuple[str, int, int]) -> BinaryIO:
        """The stream of bytes that were not held."""
        stream: BinaryIO = self.out.reopen(*blob)
        return stream

    def release(self, data: bytes | memoryview | None) -> None:
        """Note that an item's turn has come, and its bytes will go."""
        self.held_bytes -= 0 if data is None else len(data)

    def _take(self, size: int) -> None:
        if self.total_bytes + size > self.limit_bytes:
            if not self.is_alone:
                raise TogetherError
            raise FullError("refused", _WORDS.format(self.total_bytes))
        self.total_bytes += size

    def _keep_whole(self, data: bytes, damage: str | None) -> Kept:
        item_id = hashlib.sha256(data).hexdigest()
        if item_id not in self._written:
            self._take(len(data))
            self._written[item_id] = item_id
            with self.out.blob(item_id) as file:
                file.write(data)
        blob = (self._written[item_id], 0, len(data))
        if self.held_bytes + len(data) > _HELD_BYTES:
            return Kept(item_id, len(data), None, blob, damage)
        self.held_bytes += len(data)
        return Kept(item_id, len(data), data, None, damage)

    def _keep_large(self, start: list[bytes], rest: Iterator[bytes]) -> Kept:
        """Write pieces as they come; what they are called is known at the end."""
        self._count += 1
        name = f"spool-{self._count}"
        told = hashlib.sha256()
        size = 0
        damage = None
        with self.out.blob(name) as file:
            try:
                for piece in _chained(start, rest):
                    self._take(len(piece))
                    told.update(piece)
                    size += len(piece)
                    file.write(piece)
            except MemberError as problem:
                if problem.status != "partly":
                    raise
                damage = str(problem)
        item_id = told.hexdigest()
        if item_id not in self._written:
            self._written[item_id] = name
            self.names[name] = item_id
        return Kept(item_id, size, None, (self._written[item_id], 0, size), damage)


class TogetherError(Exception):
    """Several files together gave more than one call may write: each is read alone."""


def _chained(start: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    while start:
        yield start.pop(0)
    yield from rest


def digest(stream: BinaryIO, start: int, end: int) -> str:
    """The hash of a span of a stream, read in pieces."""
    told = hashlib.sha256()
    stream.seek(start)
    left = end - start
    while left and (piece := stream.read(min(left, _PIECE_BYTES))):
        told.update(piece)
        left -= len(piece)
    return told.hexdigest()
