"""The JSON values of a file of posts with the bytes each stands in, in constant memory.

Taken are one value a line (NDJSON), values spread over lines, one after another, and one array
of values. A value larger than `MAX_VALUE_BYTES` is reported, not read; where values do not keep
to lines, nothing after it is read either, and the report's bytes reach to the end of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from tamis.registry import Ranges
from tamis.syntax.text import without_half_characters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

    from tamis.registry import Source

MAX_VALUE_BYTES = 64 << 20
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
# A whole string, a string cut by the end of the buffer, or a bracket.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:(")|\\?\Z)|[\[\]{}]', re.DOTALL)
_BETWEEN = b" \t\r\n,"


class Frame(NamedTuple):
    """One value's bytes and where they stand; `data` is None when it is too large."""

    start: int
    end: int
    data: bytes | None


class BrokenValueError(ValueError):
    """Bytes that are no JSON; the text says so in plain words, for the `rejected` table."""


def frames(
    stream: BinaryIO, max_bytes: int = MAX_VALUE_BYTES, *, is_range: bool = False
) -> Iterator[Frame]:
    """Every value of a file in order, blank lines of NDJSON included (their data is b"").

    A range of a file is read line by line, whatever its first line looks like.
    """
    if is_range:
        yield from _lines(stream, stream.readline(max_bytes + 1), 0, max_bytes)
        return
    first = stream.readline(max_bytes + 1)
    at = len(_BOM) if first.startswith(_BOM) else 0
    first = first[at:]
    while first and not first.strip() and first.endswith(b"\n"):
        yield Frame(at, at + len(first.rstrip(b"\r\n")), b"")
        at += len(first)
        first = stream.readline(max_bytes + 1)
    if _is_spread(first):
        yield from _spread(stream, first, at, max_bytes)
    else:
        yield from _lines(stream, first, at, max_bytes)


def by_lines(stream: BinaryIO, source: Source, every: int) -> Ranges | None:
    """Ranges of whole lines, for a reader that reads each line by itself; None for no NDJSON."""
    begin = len(_BOM) if stream.read(len(_BOM)) == _BOM else 0
    stream.seek(begin)
    first = b"\n"
    while first and not first.strip():
        first = stream.readline(MAX_VALUE_BYTES + 1)
    return None if _is_spread(first) else Ranges(line_starts(stream, begin, source, every), {})


def line_starts(stream: BinaryIO, begin: int, source: Source, every: int) -> tuple[int, ...]:
    """`begin`, and after each `every` bytes the first byte after the next line feed."""
    starts = [begin]
    wanted = begin + every
    while wanted < source.size_bytes:
        stream.seek(wanted - 1)
        while (line := stream.readline(_CHUNK)) and not line.endswith(b"\n"):
            pass
        at = stream.tell()
        if at >= source.size_bytes:
            break
        starts.append(at)
        wanted = at + every
    return tuple(starts)


def value(data: bytes) -> Any:
    """The JSON value in `data`; bytes and escapes that are no characters become U+FFFD.

    Errors    BrokenValueError when it is no JSON value, or nested too deeply.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        repaired = without_half_characters(data)
        if repaired is not None:
            try:
                return orjson.loads(repaired)
            except orjson.JSONDecodeError:
                pass
        raise BrokenValueError(f"this is no complete JSON value: {error}") from error


def shown(data: bytes | None, limit: int = 200) -> str:
    """The first characters of a row as a person may read them, control characters escaped."""
    text = (data or b"")[: limit * 4].decode("utf-8", "backslashreplace")[:limit]
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)[
        :limit
    ]


def _is_spread(first: bytes) -> bool:
    """Whether values do not keep to lines, by the first line that is not blank."""
    opening = first.strip()
    return opening.startswith(b"[") or opening[-1:] in {b"{", b"[", b",", b":"}


def _lines(stream: BinaryIO, line: bytes, at: int, max_bytes: int) -> Iterator[Frame]:
    limit = max_bytes + 1
    readline = stream.readline
    while line:
        size = len(line)
        if size == limit and line[-1] != 10:
            while line and line[-1] != 10:
                line = readline(limit)
                size += len(line)
            yield Frame(at, at + size - line.endswith(b"\n"), None)
        else:
            stripped = line.rstrip(b"\r\n")
            yield Frame(at, at + len(stripped), b"" if stripped.isspace() else stripped)
        at += size
        line = readline(limit)


def _spread(stream: BinaryIO, first: bytes, at: int, max_bytes: int) -> Iterator[Frame]:
    """Values that do not keep to lines: found by their brackets, outside of strings."""
    scan = _Scan(at, is_array=first.lstrip().startswith(b"["))
    chunk = first
    while chunk:
        yield from scan.feed(chunk)
        if scan.held > max_bytes:
            left = 0
            while chunk := stream.read(_CHUNK):
                left += len(chunk)
            yield scan.too_large(left)
            return
        chunk = stream.read(_CHUNK)
    yield from scan.rest()


class _Scan:
    """A position in a stream of brackets and strings; holds the bytes of the open value."""

    def __init__(self, at: int, *, is_array: bool) -> None:
        self._buffer = b""
        self._base = at  # file offset of the buffer's first byte
        self._from = 0  # where in the buffer the next token is looked for
        self._done = 0  # up to where in the buffer everything is accounted for
        self._open = -1  # where in the buffer the open value begins
        self._depth = 0
        self._floor = 1 if is_array else 0  # depth at which a value begins

    @property
    def held(self) -> int:
        """How many bytes wait for the end of their value."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The values that `chunk` completes."""
        self._buffer += chunk
        for token in _TOKEN.finditer(self._buffer, self._from):
            mark = token[0][:1]
            if mark == b'"' and token[1] is None:
                self._from = token.start()  # the string goes on in the next chunk
                break
            self._from = token.end()
            if mark in b"[{":
                yield from self._opened(token.start())
            elif mark != b'"':
                yield from self._closed(token.start())
        self._forget()

    def rest(self) -> Iterator[Frame]:
        """What was left open, or stands after the last value."""
        yield from self._stray(len(self._buffer))
        if self._depth and self._open < 0:  # an array never closed: its end is missing
            at = self._base + len(self._buffer)
            yield Frame(at, at, b"[")

    def too_large(self, size: int) -> Frame:
        """The open value, given up; the file ends `size` bytes after what is held."""
        return Frame(self._base, self._base + len(self._buffer) + size, None)

    def _opened(self, at: int) -> Iterator[Frame]:
        if self._depth <= self._floor:
            yield from self._stray(at)
            if self._depth == self._floor:
                self._open = at
            else:
                self._done = at + 1  # the bracket that opens the array of values
        self._depth += 1

    def _closed(self, at: int) -> Iterator[Frame]:
        self._depth -= 1
        if self._depth == self._floor and self._open >= 0:
            start, self._open, self._done = self._open, -1, at + 1
            yield Frame(self._base + start, self._base + at + 1, self._buffer[start : at + 1])
        elif self._depth < self._floor:
            # The array of values ends (what follows are values by themselves), or a bracket
            # closes what was never opened and is reported with what stands before it.
            yield from self._stray(at + (1 - self._floor))
            self._done, self._depth, self._floor = at + 1, 0, 0

    def _stray(self, end: int) -> Iterator[Frame]:
        """Anything but blanks and commas between values."""
        between = self._buffer[self._done : end]
        kept = between.strip(_BETWEEN)
        if kept:
            at = self._base + self._done + between.index(kept)
            yield Frame(at, at + len(kept), kept)
        self._done = end

    def _forget(self) -> None:
        kept_from = self._open if self._open >= 0 else self._done
        self._buffer = self._buffer[kept_from:]
        self._base += kept_from
        self._from = max(self._from - kept_from, 0)
        self._done = 0
        self._open = 0 if self._open >= 0 else -1
