"""TNEF, Outlook's bundle of what MIME cannot say: attributes one after another.

Source    MS-OXTNEF: 2.1.3 attributes and checksums, 2.2 message and attachment attributes,
          2.1.3.3.19 and 2.1.3.4.2 the encoding of MAPI properties.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.syntax.mapi.bag import BINARY, FIXED, MANY, NUMBERS, OBJECT, TEXT, TEXT8, Bag

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES = 100_000
MAX_ATTACHMENTS = 10_000
_MAX_VALUES = 20_000
_ATTRIBUTE = struct.Struct("<BII")
_MESSAGE, _ATTACHMENT = 1, 2
_CODEPAGE, _PROPERTIES, _RECIPIENTS = 0x69007, 0x69003, 0x69004
_BEGIN, _TITLE, _DATA, _MORE = 0x69002, 0x18010, 0x6800F, 0x69005
_MODIFIED = 0x38013
# Attributes that older programs write instead of properties, by the property they stand for.
_OLD_TEXTS = {0x18004: 0x0037, 0x18009: 0x1035, 0x2800C: 0x1000, 0x78008: 0x001A}
IS_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(slots=True)
class Attached:
    """One attachment: where its bytes lie in the stream, and what is said of it."""

    title: str | None = None
    span: tuple[int, int] | None = None
    bag: Bag = field(default_factory=Bag)
    is_message: bool = False
    modified: str | None = None


@dataclass(slots=True)
class Bundle:
    """Everything found in one TNEF stream."""

    bag: Bag = field(default_factory=Bag)
    recipients: list[Bag] = field(default_factory=list)
    attachments: list[Attached] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def parse(data: bytes) -> Bundle:
    """What the attributes say, as far as they can be read; never raises on damage."""
    bundle = Bundle()
    if len(data) < 6 or not data.startswith(MAGIC):
        bundle.problems.append("it does not begin as TNEF does")
        return bundle
    place, count, wrong = 6, 0, 0
    while place + _ATTRIBUTE.size <= len(data):
        level, kind, length = _ATTRIBUTE.unpack_from(data, place)
        start = place + _ATTRIBUTE.size
        end = start + length
        if level not in {_MESSAGE, _ATTACHMENT}:
            bundle.problems.append(f"no attribute stands at byte {place:,}: the rest is not read")
            break
        if end > len(data):
            bundle.problems.append(f"cut off inside the attribute at byte {place:,}")
            end = len(data)
        elif end + 2 <= len(data):
            wrong += sum(data[start:end]) & 0xFFFF != struct.unpack_from("<H", data, end)[0]
        _attribute(bundle, data, (level, kind), (start, end))
        place = end + 2
        count += 1
        if count >= MAX_ATTRIBUTES:
            bundle.problems.append(f"more than {MAX_ATTRIBUTES:,} attributes: the rest is not read")
            break
    if wrong:
        bundle.problems.append(f"{wrong} attributes do not fit their checksum")
    return bundle


def _attribute(bundle: Bundle, data: bytes, what: tuple[int, int], span: tuple[int, int]) -> None:
    level, kind = what
    if level == _ATTACHMENT:
        if kind == _BEGIN or not bundle.attachments:
            if len(bundle.attachments) >= MAX_ATTACHMENTS:
                return
            bundle.attachments.append(Attached(bag=Bag(page=bundle.bag.page)))
        _of_attachment(bundle, data, kind, span)
        return
    raw = data[slice(*span)]
    if kind == _CODEPAGE and len(raw) >= 4:
        bundle.bag.page = struct.unpack_from("<I", raw)[0]
    elif kind == _PROPERTIES:
        _fill(bundle, bundle.bag, data, span)
    elif kind == _RECIPIENTS and len(raw) >= 4:
        _recipients(bundle, data, span)
    elif kind in _OLD_TEXTS:
        bundle.bag.put(_OLD_TEXTS[kind] << 16 | TEXT8, raw.rstrip(b"\0"))


def _of_attachment(bundle: Bundle, data: bytes, kind: int, span: tuple[int, int]) -> None:
    one = bundle.attachments[-1]
    raw = data[slice(*span)]
    if kind == _TITLE:
        shown = Bag(page=bundle.bag.page)
        shown.put(0x3001 << 16 | TEXT8, raw)
        one.title = shown.text(0x3001)
    elif kind == _DATA:
        one.span = span
    elif kind == _MODIFIED and len(raw) >= 12:
        year, month, day, hour, minute, second = struct.unpack_from("<6H", raw)
        one.modified = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    elif kind == _MORE:
        _fill(bundle, one.bag, data, span)
        _object(one, data)


def _object(one: Attached, data: bytes) -> None:
    """The bytes of an attached message or object, which stand among the properties."""
    span = one.bag.spans.get(0x3701 << 16 | OBJECT) or one.bag.spans.get(0x3701 << 16 | BINARY)
    if span is None:
        return
    start, end = span
    if (0x3701 << 16 | OBJECT) in one.bag.spans and end - start > 16:
        one.is_message = data[start : start + 16] == IS_MESSAGE
        start += 16
    if one.span is None or one.is_message:
        one.span = (start, end)


def _recipients(bundle: Bundle, data: bytes, span: tuple[int, int]) -> None:
    start, end = span
    count = struct.unpack_from("<I", data, start)[0]
    place = start + 4
    for _ in range(min(count, _MAX_VALUES)):
        if place + 4 > end:
            bundle.problems.append("the list of recipients is cut off")
            return
        bag = Bag(page=bundle.bag.page)
        place = _fill(bundle, bag, data, (place, end))
        bundle.recipients.append(bag)


def _fill(bundle: Bundle, bag: Bag, data: bytes, span: tuple[int, int]) -> int:
    """The place behind a list of properties, which go to `bag`."""
    reader = _Reader(data, *span)
    try:
        for _ in range(min(reader.number(4), _MAX_VALUES)):
            kind, number = reader.number(2), reader.number(2)
            if number >= 0x8000:
                name = reader.name()
                bundle.names.setdefault(number, name)
            tag = number << 16 | kind
            values = list(reader.values(kind))
            spans = [data[one[0] : one[1]] for one in values]
            if kind & MANY:
                bag.put(tag, spans)
            elif spans and bag.put(tag, b"" if kind == OBJECT else spans[0]):
                bag.spans[tag] = values[0]
    except _EndError:
        bundle.problems.append("a list of properties is damaged or cut off")
        return span[1]
    return reader.place


class _EndError(Exception):
    """More is asked for than there is."""


class _Reader:
    """Numbers and values one after another, never beyond the end."""

    def __init__(self, data: bytes, place: int, end: int) -> None:
        self.data = data
        self.place = place
        self.end = end

    def take(self, size: int) -> tuple[int, int]:
        """The span of the next bytes."""
        start = self.place
        if size < 0 or start + size > self.end:
            raise _EndError
        self.place += size
        return start, self.place

    def number(self, size: int) -> int:
        """The next whole number."""
        return int.from_bytes(self.data[slice(*self.take(size))], "little")

    def name(self) -> str:
        """The name of a property that has no number of its own."""
        space = self.data[slice(*self.take(16))].hex()
        if not self.number(4):
            return f"{space}:{self.number(4):04x}"
        length = self.number(4)
        raw = self.data[slice(*self.take(length))]
        self.take(min(-length % 4, self.end - self.place))
        shown = raw[: len(raw) & ~1].decode("utf-16-le", "backslashreplace").rstrip("\0")
        return f"{space}:{shown}"

    def values(self, kind: int) -> Iterator[tuple[int, int]]:
        """The spans of the values of one property."""
        base = kind & ~MANY
        is_long = base in {TEXT, TEXT8, BINARY, OBJECT}
        size = NUMBERS.get(base) or FIXED.get(base) or 0
        if not is_long and not size:
            raise _EndError
        count = self.number(4) if is_long or kind & MANY else 1
        if count > _MAX_VALUES:
            raise _EndError
        for _ in range(count):
            length = self.number(4) if is_long else size
            span = self.take(length)
            self.take(min(-length % 4, self.end - self.place))
            yield span
