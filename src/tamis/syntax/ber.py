"""Elements of ASN.1 in BER or DER: spans of bytes, nested, without any meaning."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 40
MAX_ELEMENTS = 100_000
SEQUENCE, SET, OCTETS, BITS, OID, INTEGER = 0x30, 0x31, 0x04, 0x03, 0x06, 0x02
_CONSTRUCTED = 0x20


class BerError(ValueError):
    """What is there is no BER within the limits; the message says where."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its identifier octet, its span, the span of its content, what it holds.

    `is_definite` is False where its end is marked by two zero octets, which DER forbids.
    """

    tag: int
    start: int
    content_start: int
    content_end: int
    end: int
    is_definite: bool
    children: tuple[Element, ...] = ()

    def content(self, data: bytes) -> bytes:
        """The content octets."""
        return data[self.content_start : self.content_end]

    def raw(self, data: bytes) -> bytes:
        """The element with its identifier and length."""
        return data[self.start : self.end]

    def integer(self, data: bytes) -> int:
        """The number it holds."""
        return int.from_bytes(self.content(data), "big", signed=True)

    def octets(self, data: bytes) -> bytes:
        """The octets of a string, whose pieces are joined where it was written in pieces."""
        if not self.tag & _CONSTRUCTED:
            return self.content(data)
        return b"".join(child.octets(data) for child in self.children)


def read(data: bytes, start: int = 0) -> Element:
    """The element that begins at `start`.

    Source    ITU-T X.690 section 8.1; identifiers of one octet alone, lengths of at most four.
    Errors    BerError when the bytes are no such element, or nest or number beyond the limits.
    """
    return _Reader(data).element(start, len(data), 0)


class _Reader:
    """Counts the elements read, so that hostile bytes end early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = MAX_ELEMENTS

    def element(self, start: int, limit: int, depth: int) -> Element:
        """The element at `start`, which must end before `limit`."""
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            raise BerError(f"too many or too deep elements at byte {start}")
        if start + 2 > limit or self.data[start] & 0x1F == 0x1F:
            raise BerError(f"no element at byte {start}")
        tag, length, content = self.data[start], self.data[start + 1], start + 2
        if length == 0x80:
            return self._open(tag, start, content, limit, depth)
        if length & 0x80:
            size = length & 0x7F
            if size > 4 or content + size > limit:
                raise BerError(f"a length that no honest element has at byte {start}")
            length = int.from_bytes(self.data[content : content + size], "big")
            content += size
        end = content + length
        if end > limit:
            raise BerError(f"the element at byte {start} is cut off")
        children: list[Element] = []
        position = content
        while tag & _CONSTRUCTED and position < end:
            children.append(self.element(position, end, depth + 1))
            position = children[-1].end
        return Element(tag, start, content, end, end, True, tuple(children))

    def _open(self, tag: int, start: int, content: int, limit: int, depth: int) -> Element:
        if not tag & _CONSTRUCTED:
            raise BerError(f"a primitive element without a length at byte {start}")
        children: list[Element] = []
        position = content
        while self.data[position : position + 2] != b"\0\0":
            children.append(self.element(position, limit, depth + 1))
            position = children[-1].end
        if position + 2 > limit:
            raise BerError(f"the element at byte {start} has no end")
        return Element(tag, start, content, position, position + 2, False, tuple(children))


def dotted(content: bytes) -> str:
    """An object identifier as numbers with dots; empty for octets that are none."""
    if not content or len(content) > 64 or content[-1] & 0x80:
        return ""
    numbers, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))
