"""The parts of a message: a tree with byte ranges, built in one pass and without recursion."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, NamedTuple

from tamis.syntax.mail.params import disposition_of, type_of
from tamis.syntax.mail.words import base64_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 100
MAX_PARTS = 10_000
_DELIMITER = re.compile(rb"^--[^\r\n]*", re.MULTILINE)
_BLANK = re.compile(rb"\n\r?\n")
_FIELD = re.compile(
    rb"^content-(type|transfer-encoding|disposition)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
# Misspelt names of "as it is" are many; what they mean is not in doubt.
_IDENTITY = {
    *("7bit", "8bit", "binary", "7-bit", "8-bit", "7 bit", "8 bit", "7bits", "8bits", "none"),
    *("6bit", "us-ascii", "ascii", "text", "plain", "identity"),
}


class Part(NamedTuple):
    """One part; `byte_start` and `byte_end` are the range of its body in the message.

    `header_start` is where its own header begins, which a signature over the part covers.

    Missing   None where the header declares nothing; `charset` and the others are as declared.
    """

    position: int
    parent_position: int | None
    depth: int
    media_type: str | None
    charset: str | None
    transfer_encoding: str | None
    disposition: str | None
    name: str | None
    byte_start: int
    byte_end: int
    is_multipart: bool
    header_start: int = 0

    @property
    def shown_type(self) -> str:
        """The type that counts: the declared one, or text/plain (RFC 2045 section 5.2)."""
        return self.media_type or "text/plain"


class Tree(NamedTuple):
    """The parts in document order, and sentences about what could not be taken apart."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...]


class _Open:
    """A part whose end has not been seen."""

    __slots__ = ("boundary", "depth", "part")

    def __init__(self, part: Part, boundary: bytes | None, depth: int) -> None:
        self.part = part
        self.boundary = boundary
        self.depth = depth


def walk(raw: bytes, fields: Sequence[tuple[bytes, bytes]], body_start: int) -> Tree:
    """The part tree of a message whose header fields are given as (name, value).

    Source    RFC 2046 section 5.1: a delimiter line of an outer multipart ends all inner ones.
              Departures: a missing close delimiter ends its multipart at the end of the message
              and is noted; a part header runs to a blank line or to the next known delimiter.
    Limits    At most 100 levels and 10,000 parts; what lies deeper stays one unopened part.
    """
    declared: dict[str, bytes] = {}
    for name, value in fields:
        key = name.lower()
        if key.startswith(b"content-"):
            declared.setdefault(key.decode("latin-1"), value)
    walker = _Walker(raw)
    walker.open(declared, body_start, None)
    if walker.boundaries:
        walker.run(body_start)
    return walker.finish()


class _Walker:
    """The state of one pass over the lines that begin with two hyphens."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts: list[Part | None] = []
        self.stack: list[_Open] = []
        self.boundaries: dict[bytes, list[int]] = {}
        self.blank: tuple[int, int] | None = (0, 0)
        self.notes: dict[str, None] = {}

    def open(
        self, declared: dict[str, bytes], start: int, parent: int | None, header_start: int = 0
    ) -> None:
        """Begin a part whose body starts at `start`."""
        media_type, params = type_of(declared.get("content-type"))
        disposition, name = disposition_of(declared.get("content-disposition"))
        encoding = declared.get("content-transfer-encoding")
        depth = len(self.stack)
        boundary = ""
        if media_type and media_type.startswith("multipart/"):
            boundary = params.get("boundary", "")
            if not boundary:
                self.notes["declared as multipart without a delimiter"] = None
        if boundary and depth >= MAX_DEPTH:
            self.notes[f"parts nested deeper than {MAX_DEPTH} levels were not opened"] = None
            boundary = ""
        part = Part(
            len(self.parts),
            parent,
            depth,
            media_type,
            params.get("charset"),
            _token(encoding),
            disposition,
            name or params.get("name"),
            start,
            len(self.raw),
            bool(boundary),
            header_start,
        )
        self.parts.append(None)
        mark = boundary.rstrip().encode("latin-1", "replace") if boundary else None
        if mark is not None:
            self.boundaries.setdefault(mark, []).append(len(self.stack))
        self.stack.append(_Open(part, mark, depth))

    def run(self, start: int) -> None:
        """Open and close parts at every delimiter line after `start`."""
        skip_to = start
        for line in _DELIMITER.finditer(self.raw, start):
            if line.start() < skip_to:
                continue
            found = self._level(line[0])
            if found is None:
                continue
            level, is_close = found
            self._close_to(level + 1, self._before(line.start(), start))
            if is_close:
                self._close_to(level, line.end())
                continue
            if len(self.parts) >= MAX_PARTS:
                self.notes[f"more than {MAX_PARTS:,} parts: the rest was not opened"] = None
                return
            header_start = self._next_line(line.end())
            skip_to = self._begin(header_start)

    def finish(self) -> Tree:
        """Close what is open at the end of the message."""
        size = len(self.raw)
        if len(self.parts) > 1 and any(one.boundary for one in self.stack):
            self.notes["a multipart has no closing delimiter: the message may be cut off"] = None
        if len(self.parts) == 1 and self.stack and self.stack[0].boundary is not None:
            self.notes["declared as multipart, but its delimiter never occurs"] = None
        self._close_to(0, size)
        return Tree(tuple(part for part in self.parts if part is not None), tuple(self.notes))

    def _level(self, line: bytes) -> tuple[int, bool] | None:
        """The open multipart that a line delimits, and whether it closes it."""
        mark = line[2:].rstrip(b" \t")
        levels = self.boundaries.get(mark)
        if levels:
            return levels[-1], False
        if mark.endswith(b"--"):
            levels = self.boundaries.get(mark[:-2])
            if levels:
                return levels[-1], True
        return None

    def _begin(self, start: int) -> int:
        """Open the part whose header starts at `start`; return where its body does."""
        end, body = self._header_end(start)
        declared: dict[str, bytes] = {}
        for match in _FIELD.finditer(self.raw, start, end):
            declared.setdefault(f"content-{match[1].decode('latin-1').lower()}", match[2])
        self.open(declared, body, self.stack[-1].part.position, start)
        return body

    def _header_end(self, start: int) -> tuple[int, int]:
        raw = self.raw
        first = raw[start : start + 2]
        if first[:1] == b"\n" or first == b"\r\n":
            return start, start + (1 if first[:1] == b"\n" else 2)
        if self.blank is not None and self.blank[0] < start:
            match = _BLANK.search(raw, start)
            self.blank = (match.start() + 1, match.end()) if match else None
        end, body = self.blank or (len(raw), len(raw))
        # A header without a blank line ends where a known delimiter stands.
        place = raw.find(b"\n--", start, end)
        while place >= 0:
            match = _DELIMITER.match(raw, place + 1)
            if match and self._level(match[0]) is not None:
                return place + 1, place + 1
            place = raw.find(b"\n--", place + 1, end)
        return end, body

    def _close_to(self, level: int, end: int) -> None:
        while len(self.stack) > level:
            closed = self.stack.pop()
            if closed.boundary is not None:
                levels = self.boundaries[closed.boundary]
                levels.pop()
                if not levels:
                    del self.boundaries[closed.boundary]
            part = closed.part
            self.parts[part.position] = part._replace(byte_end=max(part.byte_start, end))

    def _before(self, position: int, start: int) -> int:
        """Where the content before a delimiter ends: its line end belongs to the delimiter."""
        raw = self.raw
        if position > start and raw[position - 1 : position] == b"\n":
            position -= 1
            if position > start and raw[position - 1 : position] == b"\r":
                position -= 1
        return position

    def _next_line(self, position: int) -> int:
        found = self.raw.find(b"\n", position)
        return len(self.raw) if found < 0 else found + 1


def content(raw: bytes, part: Part) -> tuple[bytes, str | None]:
    """The decoded bytes of a part's body, and what is wrong with its encoding (None if nothing).

    Source    RFC 2045 section 6. Strangers in base64 are skipped, a broken escape of
              quoted-printable stays as written; both are noted only when something may be lost.
    """
    body = raw[part.byte_start : part.byte_end]
    encoding = part.transfer_encoding
    if encoding is None or encoding in _IDENTITY:
        return body, None
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body), None
    if encoding == "base64":
        return _base64(body)
    if encoding in {"x-uuencode", "x-uue", "uuencode", "x-uu"}:
        return _uu(body)
    return body, f"transfer encoding {encoding[:40]!r} is unknown: kept as found"


def is_identity(part: Part) -> bool:
    """Whether the part's bytes stand in the message as they are."""
    return part.transfer_encoding is None or part.transfer_encoding in _IDENTITY


def leaves(tree: Tree) -> Iterator[Part]:
    """The parts that hold content."""
    return (part for part in tree.parts if not part.is_multipart)


def _base64(body: bytes) -> tuple[bytes, str | None]:
    # An inner "=" ends the data for some readers and is skipped by others: both are kept.
    bare = body.translate(None, b"\r\n \t")
    inner = bare.find(b"=")
    if 0 <= inner < len(bare) - 2 or (inner == len(bare) - 2 and bare[-1:] != b"="):
        pieces = [base64_bytes(piece) for piece in re.split(rb"=+", bare) if piece]
        return b"".join(pieces), "base64 goes on after its end mark: all of it was read"
    decoded = base64_bytes(bare)
    if inner < 0 and len(bare) % 4 == 1:
        return decoded, "base64 is cut off: what is complete was read"
    return decoded, None


def _uu(body: bytes) -> tuple[bytes, str | None]:
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return body, "declared as uuencoded, but no begin line is there: kept as found"
    out: list[bytes] = []
    for line in body[begin.end() :].split(b"\n"):
        bare = line.rstrip(b"\r")
        if bare == b"end":
            return b"".join(out), None
        if not bare or bare in {b"`", b" "}:
            continue
        try:
            out.append(binascii.a2b_uu(bare))
        except binascii.Error:
            return b"".join(out), "uuencoded data is broken: what came before was read"
    return b"".join(out), "uuencoded data has no end line: it may be cut off"


def _token(value: bytes | None) -> str | None:
    if value is None:
        return None
    text = value.decode("latin-1").partition("(")[0].strip(" \t\r\n;\"'").lower()
    return text or None
