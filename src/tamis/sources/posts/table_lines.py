"""Lines of a text table in bulk, and the byte at which each ends."""

from __future__ import annotations

import csv
import io
import re
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_BLOCK = 1 << 20
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]++")
_SAME_ENDS = frozenset({"utf-8", "cp1252"})


class Lines:
    """A table's rows as `csv` splits them, and where the latest one ends in the file.

    A line ends with LF, CR or both, as `csv` itself sees it. What cannot be decoded travels as
    surrogate escapes (`is_torn`, from the first such block on), NUL as U+FFFD.
    """

    def __init__(self, stream: BinaryIO, encoding: str, at: int, delimiter: str) -> None:
        """Read `stream`, whose next byte is the file's byte `at`."""
        self._stream = stream
        self._encoding = encoding
        self._ends = [at]  # of the line before the block, and of each line in it
        self._before = 0  # how many lines were handed out with earlier blocks
        self.is_torn = False
        lines = chain.from_iterable(self._blocks()) if encoding in _SAME_ENDS else self._wide()
        self.reader = csv.reader(lines, delimiter=delimiter)

    @property
    def at(self) -> int:
        """The byte after the lines that the rows so far took."""
        return self._ends[self.reader.line_num - self._before]

    def _blocks(self) -> Iterator[list[str]]:
        rest: list[bytes] = []
        while chunk := self._stream.read(_BLOCK):
            # A CR at the very end may be half of a line end.
            cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, len(chunk) - 1)) + 1
            rest.append(chunk[:cut] if cut else chunk)
            if cut:
                yield self._block(b"".join(rest))
                rest = [chunk[cut:]] if cut < len(chunk) else []
        if rest:
            yield self._block(b"".join(rest))

    def _block(self, data: bytes) -> list[str]:
        """The lines of whole lines' bytes; their ends are noted."""
        has_odd_ends = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
        lines = _LINE.findall(data) if has_odd_ends else io.BytesIO(data).readlines()
        self._before += len(self._ends) - 1
        self._ends = [*accumulate(map(len, lines), initial=self._ends[-1])]
        text = self._decoded(data)
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        # The same ends of lines are the same characters in all these encodings.
        return io.StringIO(text, newline="" if has_odd_ends else "\n").readlines()

    def _decoded(self, data: bytes) -> str:
        if self._encoding != "utf-8":
            return data.decode(self._encoding, "replace")
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.is_torn = True
            return data.decode("utf-8", "surrogateescape")

    def _wide(self) -> Iterator[str]:
        """The same line by line, for encodings of two bytes and more a character."""
        for line in io.TextIOWrapper(self._stream, self._encoding, "replace", newline=""):
            self._before += len(self._ends) - 1
            self._ends = [self._ends[-1]]
            self._ends.append(self._ends[0] + len(line.encode(self._encoding, "replace")))
            yield line.replace("\0", "\ufffd") if "\0" in line else line
