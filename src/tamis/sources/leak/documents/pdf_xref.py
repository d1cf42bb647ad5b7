"""Cross-reference sections of a PDF, tables and streams, read without trusting a number in them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

_BLANK = rb"[\0\t\n\f\r ]"
_TABLE = re.compile(_BLANK + rb"{0,16}xref" + _BLANK + rb"{1,8}")
_XREF_LINE = re.compile(rb"[\r\n](xref)[\r\n ]")
_RANGE = re.compile(_BLANK + rb"{0,64}(\d{1,10})[ \t]{1,8}(\d{1,10})" + _BLANK + rb"{1,8}")
_ENTRY = re.compile(_BLANK + rb"{0,4}(\d{1,10}) {1,4}\d{1,5} {1,4}([nf])")
_TRAILER = re.compile(_BLANK + rb"{0,64}trailer")
_OBJECT = re.compile(
    _BLANK + rb"{0,16}\d{1,10}" + _BLANK + rb"{1,8}\d{1,5}" + _BLANK + rb"{1,8}obj"
)
_STREAM = re.compile(rb"stream(?:\r\n|\n|\r)")
_NUMBER = {
    name: re.compile(rb"/" + name + _BLANK + rb"{0,8}(\d{1,12})(?!\d)")
    for name in (b"Prev", b"XRefStm", b"Size", b"Predictor", b"Columns")
}
_WIDTHS = re.compile(
    rb"/W" + _BLANK + rb"{0,8}\[" + (_BLANK + rb"{0,8}(\d)") * 3 + _BLANK + rb"{0,8}\]"
)
_INDEX = re.compile(rb"/Index" + _BLANK + rb"{0,8}\[([\0\t\n\f\r 0-9]{0,20000})\]")
_FILTER = re.compile(rb"/Filter" + _BLANK + rb"{0,8}\[?" + _BLANK + rb"{0,8}/(\w{1,30})")
_BESIDE = 24
_DICTIONARY = 65_536
_MAX_ENTRIES = 1_000_000
_MAX_STREAM = 32 << 20


@dataclass(slots=True)
class Section:
    """One section: `written` gives the place of each object it lists, None inside a stream."""

    place: int
    written: dict[int, int | None] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    previous: int | None = None


class Reader:
    """Reads the sections of one file; what all of them list together is limited."""

    def __init__(self, data: bytes, bytes_before: int) -> None:
        """Take the file and how many bytes stand before its `%PDF-`."""
        self.data = data
        self.bytes_before = bytes_before
        self.entries_left = _MAX_ENTRIES
        self.notes: list[str] = []

    def section(self, at: int) -> Section | None:
        """The section that stands at a stated offset; None when none stands there.

        Offsets count from the start of the file, or from `%PDF-` where something stands before;
        a few bytes beside it is near enough, as every viewer has it.
        """
        for place in dict.fromkeys((at, at + self.bytes_before, self._beside(at))):
            if not 0 <= place < len(self.data):
                continue
            if match := _TABLE.match(self.data, place):
                return self._table(place, match.end())
            if match := _OBJECT.match(self.data, place):
                return self._stream(place, match.end())
        return None

    def _beside(self, at: int) -> int:
        start = max(at - _BESIDE, 0)
        near = self.data[start : at + _BESIDE]
        match = _XREF_LINE.search(near)
        return -1 if match is None else start + match.start(1)

    def _table(self, place: int, at: int) -> Section:
        section = Section(place)
        while match := _RANGE.match(self.data, at):
            first, count = int(match[1]), int(match[2])
            at = match.end()
            for number in range(first, first + count):
                entry = _ENTRY.match(self.data, at)
                if entry is None or not self._may_go_on():
                    break
                at = entry.end()
                self._note(section, number, int(entry[1]) if entry[2] == b"n" else -1)
        trailer = _TRAILER.match(self.data, at)
        if trailer is None:
            self.notes.append(f"the cross-reference table at byte {place:,} has no trailer")
            return section
        stated = self.data[trailer.end() : trailer.end() + _DICTIONARY].partition(b"startxref")[0]
        section.previous = _number(stated, b"Prev")
        hybrid = _number(stated, b"XRefStm")
        if hybrid is not None and (match := _OBJECT.match(self.data, hybrid)):
            inner = self._stream(hybrid, match.end())
            if inner is not None:
                section.freed -= inner.written.keys()
                section.written = {**inner.written, **section.written}
        return section

    def _stream(self, place: int, at: int) -> Section | None:
        head = self.data[at : at + _DICTIONARY]
        begin = _STREAM.search(head)
        if begin is None:
            return None
        stated = head[: begin.start()]
        widths = _WIDTHS.search(stated)
        if widths is None or b"/XRef" not in stated:
            return None
        section = Section(place, previous=_number(stated, b"Prev"))
        sizes = [int(one) for one in widths.groups()]
        rows = self._rows(stated, at + begin.end(), sum(sizes))
        if rows is None:
            self.notes.append(f"the cross-reference stream at byte {place:,} cannot be read")
            return section
        self._entries(section, stated, rows, sizes)
        return section

    def _rows(self, stated: bytes, at: int, width: int) -> bytes | None:
        """The stream's bytes, without filter and predictor."""
        named = _FILTER.search(stated)
        if named is None:
            end = self.data.find(b"endstream", at)
            return self.data[at : min(end if end >= 0 else at, at + _MAX_STREAM)]
        if named[1] != b"FlateDecode":
            return None
        try:
            inflater = zlib.decompressobj()
            window = memoryview(self.data)[at : at + _MAX_STREAM]
            rows = inflater.decompress(window, _MAX_STREAM)
        except zlib.error:
            return None
        if (_number(stated, b"Predictor") or 1) < 10:
            return rows
        if _number(stated, b"Columns") != width:
            return None
        return _unpredicted(rows, width)

    def _entries(self, section: Section, stated: bytes, rows: bytes, sizes: list[int]) -> None:
        index = _INDEX.search(stated)
        pairs = [int(one[:12]) for one in index[1].split()] if index else []
        if len(pairs) < 2:
            pairs = [0, _number(stated, b"Size") or 0]
        kind_size, place_size, _ = sizes
        width = sum(sizes)
        at = 0
        for first, count in zip(pairs[::2], pairs[1::2], strict=False):
            for number in range(first, first + count):
                row = rows[at : at + width]
                if not width or len(row) < width or not self._may_go_on():
                    return
                at += width
                kind = int.from_bytes(row[:kind_size]) if kind_size else 1
                place = int.from_bytes(row[kind_size : kind_size + place_size])
                if kind in {0, 1, 2}:
                    self._note(section, number, (-1, place, None)[kind])

    def _note(self, section: Section, number: int, place: int | None) -> None:
        if number == 0:
            return
        if place == -1:
            section.freed.add(number)
        else:
            section.written[number] = place

    def _may_go_on(self) -> bool:
        self.entries_left -= 1
        if self.entries_left == 0:
            self.notes.append(f"more than {_MAX_ENTRIES:,} objects are listed: the rest is left")
        return self.entries_left > 0


def _number(stated: bytes, name: bytes) -> int | None:
    match = _NUMBER[name].search(stated)
    return None if match is None else int(match[1])


def _unpredicted(rows: bytes, width: int) -> bytes | None:
    """Rows after the PNG filters None, Sub and Up are undone; None for another filter.

    Source    ISO 32000-1 §7.4.4.4; PNG (ISO 15948) §9.
    """
    whole = bytearray()
    above = bytes(width)
    for start in range(0, len(rows) - width, width + 1):
        kind = rows[start]
        row = bytearray(rows[start + 1 : start + 1 + width])
        if kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above, strict=True))
        elif kind == 1:
            for place in range(1, width):
                row[place] = (row[place] + row[place - 1]) & 255
        elif kind != 0:
            return None
        whole += row
        above = bytes(row)
    return bytes(whole)
