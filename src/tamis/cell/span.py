"""A worker's view of its inputs: read-only streams over descriptors it was handed."""

from __future__ import annotations

import io
import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Span(io.RawIOBase, ABC):
    """`length` bytes that lie somewhere, as a seekable stream of their own."""

    def __init__(self, length: int) -> None:
        """Begin at the first byte."""
        super().__init__()
        self._length = length
        self._position = 0

    @abstractmethod
    def fill(self, view: memoryview, position: int) -> int:
        """The number of bytes put into `view`, which reaches from `position` to within the span."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        if start + offset < 0:
            raise ValueError("a position before the start of the stream")
        self._position = start + offset
        return self._position

    def readinto(self, target: WriteableBuffer, /) -> int:
        """The number of bytes put into `target`."""
        view = memoryview(target).cast("B")
        wanted = max(0, min(len(view), self._length - self._position))
        if not wanted:
            return 0
        count = self.fill(view[:wanted], self._position)
        self._position += count
        return count


class _Stretch(Span):
    """Bytes `offset` to `offset + length` of a descriptor, as a file of their own.

    It reads by position, so several streams over one file do not disturb each other.
    """

    def __init__(self, descriptor: int, offset: int, length: int, name: str) -> None:
        super().__init__(length)
        self.name = name
        self._descriptor = descriptor
        self._offset = offset

    def fill(self, view: memoryview, position: int) -> int:
        count = os.preadv(self._descriptor, [view], self._offset + position)
        # The cell shares the descriptor: where it stands tells how far the reading has come.
        os.lseek(self._descriptor, self._offset + position + count, os.SEEK_SET)
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def stretch(descriptor: int, offset: int, length: int, name: str = "") -> BinaryIO:
    """A buffered, seekable, read-only stream; closing it closes the descriptor."""
    raw = _Stretch(descriptor, offset, length, name)
    return cast("BinaryIO", io.BufferedReader(raw, buffer_size=1 << 16))
