"""The elements of one named list inside JSON objects of any size, each with its own bytes.

Exports of several gigabytes are one object with a list of messages in it. Taken are such an
object, several behind one another, and one object a line: there a torn line costs itself alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from tamis.registry import Ranges
from tamis.sources.posts.frames import MAX_VALUE_BYTES, BrokenValueError, line_starts, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from tamis.registry import Source

_CHUNK = 1 << 20
_MAX_OUTSIDE = 16 << 20
_BOM = b"\xef\xbb\xbf"
# Everything up to and with the next bracket that stands in no string.
_STEP = re.compile(
    rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL
)
_KEY = re.compile(rb'"([a-z_A-Z]{1,40})"\s*:\s*\[\Z')
_FIRST_KEY = re.compile(rb'\s{0,8}"[a-zA-Z_]{1,40}"\s{0,8}:')
_CLOSES = {b"[": b"]", b"{": b"}"}


class Piece(NamedTuple):
    """One element of the list, with what the objects around it say before it.

    `data` is None where `why` says what is wrong. With `is_end`, the outermost object is over
    and `around` is all that it holds beside the lists.
    """

    start: int
    end: int
    data: bytes | None
    around: Mapping[str, Any]
    key: str = ""
    why: str | None = None
    is_end: bool = False
    parsed: Any = None  # the value in `data`, where it was read already


def nested(
    stream: BinaryIO,
    keys: frozenset[str],
    max_bytes: int = MAX_VALUE_BYTES,
    *,
    is_range: bool = False,
) -> Iterator[Piece]:
    """The elements of every list that stands under one of `keys`, in order, in constant memory.

    A range of a file is read line by line, whatever its first lines look like.
    """
    line = stream.readline(max_bytes + 1)
    at = len(_BOM) if line.startswith(_BOM) else 0
    line = line[at:]
    following = stream.readline(max_bytes + 1) if line.endswith(b"\n") else b""
    is_lines = is_range or _keep_to_lines(line, following)
    scan = Scan(at, keys, max_bytes)
    if not is_lines:
        yield from scan.feed(line + following)
        while not scan.is_lost and (chunk := stream.read(_CHUNK)):
            yield from scan.feed(chunk)
        left = 0
        while chunk := stream.read(_CHUNK):
            left += len(chunk)
        yield from scan.rest(left)
        return
    while line:
        scan = Scan(at, keys, max_bytes)
        yield from scan.feed(line)
        yield from scan.rest(0)
        at += len(line)
        line, following = following, stream.readline(max_bytes + 1)


def by_object_lines(stream: BinaryIO, source: Source, every: int) -> Ranges | None:
    """Ranges of whole lines, for a reader that reads each object by itself; None for no lines."""
    begin = len(_BOM) if stream.read(len(_BOM)) == _BOM else 0
    stream.seek(begin)
    first, second = (stream.readline(MAX_VALUE_BYTES + 1) for _ in range(2))
    if not _keep_to_lines(first, second):
        return None
    return Ranges(line_starts(stream, begin, source, every), {})


def _keep_to_lines(first: bytes, second: bytes) -> bool:
    return first.rstrip().endswith(b"}") and second.lstrip().startswith(b"{")


@dataclass(slots=True)
class _Outside:
    """What stands around the lists: its text, without their elements, and its open brackets."""

    text: bytearray = field(default_factory=bytearray)
    opened: list[tuple[bytes, int, bool]] = field(default_factory=list)  # mark, place, holds a list

    def open(self, mark: bytes) -> None:
        """One bracket opens, as the last of the text."""
        self.opened.append((mark, len(self.text) - 1, False))

    def close(self, mark: bytes) -> bool:
        """One bracket closes, as the last of the text; whether it is of the open one's kind."""
        opened, start, is_holder = self.opened.pop()
        if is_holder and self.opened:  # an object whose lists are done says nothing of later ones
            self.text[start:] = b"{}"
        return _CLOSES[opened] == mark

    def hold(self) -> Mapping[str, Any]:
        """What the object that holds the list just opened has said so far."""
        holder = len(self.opened) - 2
        if holder < 0:
            return {}
        mark, start, _ = self.opened[holder]
        self.opened[holder] = (mark, start, True)
        try:
            told = orjson.loads(bytes(self.text[start:]) + b"]}")
        except orjson.JSONDecodeError:
            return {}
        return told if isinstance(told, dict) else {}


@dataclass(slots=True)
class _Ends:
    """What stands between two elements of the list, which shows where the next one may end.

    `lead` in a file with one way of indenting; without one, `key` is the end of an element and
    the beginning of the next up to its first name.
    """

    lead: bytes = b""
    key: bytes = b""

    def learn(self, lead: bytes, buffer: bytes, at: int) -> None:
        """Take over what stood before an element, whose bracket ends at `at`; the first counts."""
        if self.lead:
            return
        if b"\n" in lead:
            self.lead = lead
        elif not self.key and (named := _FIRST_KEY.match(buffer, at)):
            self.key = b"}" + lead + named[0]

    def next(self, buffer: bytes, start: int, end: int | None = None) -> int:
        """Where indentation shows that another element begins; -1 where it shows none."""
        return buffer.find(self.lead, start, end) if self.lead else -1

    def guess(self, buffer: bytes, start: int) -> tuple[int, Any] | None:
        """Where the element at `start` ends, and its value; None where only its brackets tell.

        A guess is taken where the bytes up to there are one whole JSON value: then their brackets
        end there, too.
        """
        seen = self.lead or self.key
        end = buffer.find(seen, start) if seen and start >= 0 else -1
        if end < 0:
            return None
        end += not self.lead  # the key's form begins with the end of the element
        try:
            return end, orjson.loads(memoryview(buffer)[start:end])
        except orjson.JSONDecodeError:
            return None


@dataclass(slots=True)
class Scan:
    """A position in the brackets of a file; holds the open element and what stands around it."""

    base: int
    keys: frozenset[str]
    max_bytes: int
    is_lost: bool = False
    _buffer: bytes = b""
    _at: int = 0  # where in the buffer the next step begins
    _element: int = -1  # where the open element begins, -1 outside of one
    _depth: int = 0  # of brackets inside the open element
    _outside: _Outside = field(default_factory=_Outside)
    _around: Mapping[str, Any] = field(default_factory=dict)
    _key: str = ""
    _in_list: bool = False
    _began: int = 0  # file offset of the outermost object
    _ends: _Ends = field(default_factory=_Ends)
    _lost: tuple[int, str] = (0, "")  # from where on nothing was read, and why

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """The elements that `chunk` completes."""
        self._buffer += chunk
        while True:
            yield from self._steps()
            torn = self._torn()
            if torn is None:
                break
            yield torn
        self._forget()
        if len(self._outside.text) > _MAX_OUTSIDE or len(self._buffer) > self.max_bytes:
            self._lose(f"more than {self.max_bytes >> 20} MiB without an end")

    def rest(self, unread: int) -> Iterator[Piece]:
        """What was left open or not read; `unread` bytes follow what was fed."""
        end = self.base + len(self._buffer) + unread
        start = self._at if self._element < 0 else self._element
        if self.is_lost:
            at, why = self._lost
            why += ": not read, nor what follows"
            yield Piece(at, end, None, self._around, self._key, why)
        elif self._outside.opened:
            why = "the file ends inside this: it was cut off"
            yield Piece(self.base + start, end, None, self._around, self._key, why)
        elif self._buffer[start:].strip():
            yield Piece(self.base + start, end, None, {}, "", "this is no JSON object")

    def _steps(self) -> Iterator[Piece]:
        step = _STEP.match
        while not self.is_lost and (found := step(self._buffer, self._at)):
            begin, self._at = self._at, found.end()
            mark = found[1]
            if self._element >= 0:
                self._depth += 1 if mark in b"[{" else -1
                if self._depth == 0:
                    if (
                        self._ends.lead
                        and self._buffer.find(self._ends.lead, self._element, self._at) >= 0
                    ):
                        return  # it swallowed others: `_torn` tells them apart
                    start, self._element = self._element, -1
                    yield self._piece(start, self._at)
            elif self._in_list:
                yield from self._between(begin, mark)
                found_end = self._ends.guess(self._buffer, self._element)
                if found_end is not None:
                    start, self._element, self._depth = self._element, -1, 0
                    self._at, parsed = found_end
                    yield self._piece(start, self._at)._replace(parsed=parsed)
            else:
                yield from self._outer(begin, mark)

    def _torn(self) -> Piece | None:
        """An element that lost its end, where the indentation shows that the next one began."""
        start = self._element
        following = self._ends.next(self._buffer, start) if start >= 0 else -1
        if following < 0:
            return None
        self._element, self._at = -1, following
        data = self._buffer[start:following]
        why = "this has no end of its own: the next one begins"
        return Piece(*(self.base + start, self.base + following, data, self._around, "", why))

    def _lose(self, why: str) -> None:
        if not self.is_lost:
            start = self._at if self._element < 0 else self._element
            self.is_lost, self._lost = True, (self.base + start, why)

    def _piece(self, start: int, end: int) -> Piece:
        data = self._buffer[start:end]
        return Piece(self.base + start, self.base + end, data, self._around, self._key)

    def _between(self, begin: int, mark: bytes) -> Iterator[Piece]:
        """Between two elements of the list, or at its end."""
        before = self._buffer[begin : self._at - 1]
        stray = before.strip(b" \t\r\n,")
        if stray or mark == b"}":
            start = self.base + begin
            why = "an object was expected here"
            data = self._buffer[begin : self._at][:400]
            yield Piece(start, self.base + self._at, data, self._around, "", why)
        elif mark == b"{" and b"," in before:
            self._ends.learn(before + mark, self._buffer, self._at)
        if mark in b"[{":
            self._element, self._depth = self._at - 1, 1
        elif mark == b"]":
            self._in_list = False
            self._outside.text += b"]"
            self._close(mark)

    def _outer(self, begin: int, mark: bytes) -> Iterator[Piece]:
        """Outside of the lists: kept, as it says whose elements they are."""
        text = self._buffer[begin : self._at]
        if not self._outside.opened:
            stray = text[:-1].strip(b" \t\r\n,\x00")
            if stray or mark in b"]}":
                why = "this stands outside of any object"
                span = (self.base + begin, self.base + self._at)
                yield Piece(*span, text[:400], {}, "", why)
            text = text[-1:]
            self._began = self.base + self._at - 1
            self._outside.text.clear()
            if mark in b"]}":
                return
        self._outside.text += text
        if mark in b"]}":
            self._close(mark)
            if not self._outside.opened:
                yield self._whole()
            return
        self._outside.open(mark)
        found = _KEY.search(text) if mark == b"[" else None
        if found and (key := found[1].decode()) in self.keys:
            self._in_list, self._key, self._around = True, key, self._outside.hold()

    def _close(self, mark: bytes) -> None:
        if not self._outside.close(mark):
            self._lose("brackets that do not belong together")

    def _whole(self) -> Piece:
        data, self._around, end = bytes(self._outside.text), {}, self.base + self._at
        self._outside.text.clear()
        return _ended(self._began, end, data, self._key)

    def _forget(self) -> None:
        kept_from = self._element if self._element >= 0 else self._at
        self._buffer = self._buffer[kept_from:]
        self.base += kept_from
        self._at -= kept_from
        self._element = 0 if self._element >= 0 else -1


def _ended(start: int, end: int, data: bytes, key: str) -> Piece:
    """The outermost object, once it is over and its lists are out of it."""
    try:
        around = value(data)
    except BrokenValueError as error:
        return Piece(start, end, data[:400], {}, "", str(error))
    if not isinstance(around, dict):
        return Piece(start, end, data[:400], {}, "", "an object was expected here")
    return Piece(start, end, None, around, key, is_end=True)
