"""Property sets of OLE files: SummaryInformation, DocumentSummaryInformation, custom properties.

Source    [MS-OLEPS] §2 (property sets, typed values, code pages); [MS-OSHARED] §2.3.3 (names)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from tamis.sources.leak.documents import moments
from tamis.syntax.mail import charset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tamis.sources.leak.documents.facts import Facts

_SUMMARY = UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9")
_DOCUMENT = UUID("d5cdd502-2e9c-101b-9397-08002b2cf9ae")
_CUSTOM = UUID("d5cdd505-2e9c-101b-9397-08002b2cf9ae")
_NAMES = {
    _SUMMARY: (
        "summary",
        {
            2: "title",
            3: "subject",
            4: "creator",
            5: "keywords",
            6: "description",
            7: "template",
            8: "last_author",
            9: "revision",
            10: "edit_minutes",
            11: "printed",
            12: "created",
            13: "modified",
            14: "page_count",
            15: "word_count",
            16: "character_count",
            18: "software",
            19: "security",
        },
    ),
    _DOCUMENT: (
        "document_summary",
        {
            2: "category",
            3: "presentation_format",
            5: "line_count",
            6: "paragraph_count",
            7: "slide_count",
            8: "note_count",
            9: "hidden_slide_count",
            13: "part_names",
            14: "manager",
            15: "company",
            23: "software_version",
            26: "content_type",
            27: "content_status",
            28: "language",
            29: "document_version",
        },
    ),
    _CUSTOM: ("custom", {}),
}
_MAX_PROPERTIES = 2_000
_MAX_BYTES = 4 << 20
_DICTIONARY, _CODEPAGE, _LOCALE, _DURATION, _VERSION = 0, 1, 0x80000000, 10, 23
_NUMBERS = {2: "<h", 3: "<i", 4: "<f", 5: "<d", 16: "<b", 17: "<B", 18: "<H", 19: "<I"}
_NUMBERS |= {20: "<q", 21: "<Q", 22: "<i", 23: "<I"}
_TEXT_A, _TEXT_W, _FILETIME, _BOOL, _BSTR = 30, 31, 64, 11, 8
_MAX_VECTOR = 500


@dataclass(frozen=True, slots=True)
class Value:
    """A property's value as text, and as a moment where it is one."""

    text: str
    at: datetime | None = None


def tell(data: bytes, facts: Facts, part: str) -> None:
    """Add every property of a property set stream that can be read.

    Limits    A value that is cut off or of a type unknown here is left out.
    """
    data = data[:_MAX_BYTES]
    if len(data) < 48 or data[:2] != b"\xfe\xff":
        facts.note(f"{part}: no property set")
        return
    system, version = struct.unpack_from("<HH", data, 4)[::-1]
    facts.add("summary", "system", _system(system, version), part=part)
    for index in range(min(struct.unpack_from("<I", data, 24)[0], 4)):
        if 28 + 20 * index + 20 > len(data):
            return
        format_id = UUID(bytes_le=data[28 + 20 * index : 44 + 20 * index])
        start = struct.unpack_from("<I", data, 44 + 20 * index)[0]
        namespace, names = _NAMES.get(format_id, (f"set {format_id}", {}))
        _tell_set(_Set(data, start), namespace, names, facts, part)


def _system(kind: int, version: int) -> str:
    name = {0: "Windows 16-bit", 1: "Macintosh", 2: "Windows"}.get(kind, f"system {kind}")
    return f"{name} {version & 0xFF}.{version >> 8}"


def _tell_set(one: _Set, namespace: str, names: dict[int, str], facts: Facts, part: str) -> None:
    for number, value in one.values():
        if number == _CODEPAGE:
            facts.add(namespace, "codepage", one.codepage, part=part)
        elif number == _LOCALE:
            facts.add(namespace, "locale", value.text, part=part)
        elif namespace == "summary" and number == _DURATION:
            facts.add(namespace, names[number], value.text, part=part)
        elif namespace == "document_summary" and number == _VERSION and value.text.isdigit():
            whole = int(value.text)
            facts.add(namespace, names[number], f"{whole >> 16}.{whole & 0xFFFF}", part=part)
        else:
            name = names.get(number) or one.dictionary.get(number)
            if name is not None or namespace not in {"summary", "document_summary"}:
                label = name or f"property {number}"
                facts.add(namespace, label, value.text, part=part, at=value.at)


class _Set:
    """One set of the stream: where its properties lie, their code page and their own names."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        self.codepage = 1252
        self.dictionary: dict[int, str] = {}
        self._places: list[tuple[int, int]] = []
        if start + 8 > len(data):
            return
        count = min(struct.unpack_from("<I", data, start + 4)[0], _MAX_PROPERTIES)
        for rank in range(count):
            place = start + 8 + 8 * rank
            if place + 8 > len(data):
                break
            number, offset = struct.unpack_from("<II", data, place)
            self._places.append((number, start + offset))
        places = dict(self._places)
        if _CODEPAGE in places and places[_CODEPAGE] + 6 <= len(data):
            self.codepage = struct.unpack_from("<H", data, places[_CODEPAGE] + 4)[0]
        if _DICTIONARY in places:
            self._names(places[_DICTIONARY])

    def values(self) -> Iterator[tuple[int, Value]]:
        """Number and value of each property that can be read."""
        for number, place in self._places:
            if number == _DICTIONARY:
                continue
            try:
                value = self._value(number, place)
            except struct.error:
                continue
            if value is not None:
                yield number, value

    def _value(self, number: int, place: int) -> Value | None:
        kind = struct.unpack_from("<I", self.data, place)[0]
        if kind & 0x1000:
            return self._vector(kind & 0xFFF, place + 4)
        return self._single(kind & 0xFFF, place + 4, is_duration=number == _DURATION)

    def _single(self, kind: int, place: int, *, is_duration: bool = False) -> Value | None:
        data = self.data
        if kind in _NUMBERS:
            return Value(str(struct.unpack_from(_NUMBERS[kind], data, place)[0]))
        if kind == _BOOL:
            return Value("true" if struct.unpack_from("<h", data, place)[0] else "false")
        if kind == _FILETIME:
            count = struct.unpack_from("<Q", data, place)[0]
            if is_duration:
                return Value(str(count // 600_000_000))
            at = moments.ticks(count)
            return None if at is None else Value(moments.shown(at), at)
        if kind in {_TEXT_A, _TEXT_W, _BSTR}:
            return Value(self._text(kind, place)[0])
        return None

    def _vector(self, kind: int, place: int) -> Value | None:
        if kind not in {_TEXT_A, _TEXT_W}:
            return None
        count = min(struct.unpack_from("<I", self.data, place)[0], _MAX_VECTOR)
        place += 4
        found = []
        for _ in range(count):
            text, size = self._text(kind, place)
            found.append(text)
            place += size
        return Value(", ".join(found))

    def _text(self, kind: int, place: int) -> tuple[str, int]:
        """A counted string, and how many bytes it takes."""
        count = struct.unpack_from("<I", self.data, place)[0]
        if kind == _TEXT_W:
            size = min(2 * count, len(self.data))
            raw = self.data[place + 4 : place + 4 + size]
            return raw.decode("utf-16-le", "replace").split("\0")[0], 4 + size + (-size % 4)
        size = min(count, len(self.data))
        return decode(self.data[place + 4 : place + 4 + size], self.codepage), 4 + size

    def _names(self, place: int) -> None:
        """The names of custom properties, in the code page of the set."""
        try:
            count = min(struct.unpack_from("<I", self.data, place)[0], _MAX_PROPERTIES)
            place += 4
            for _ in range(count):
                number, length = struct.unpack_from("<II", self.data, place)
                is_wide = self.codepage == 1200
                size = 2 * length if is_wide else length
                raw = self.data[place + 8 : place + 8 + size]
                self.dictionary[number] = decode(raw, self.codepage)
                place += 8 + size + (-size % 4 if is_wide else 0)
        except struct.error:
            return


def decode(raw: bytes, codepage: int) -> str:
    """Bytes in a Windows code page as text, up to the first zero character."""
    if codepage == 1200:
        return raw.decode("utf-16-le", "replace").split("\0")[0]
    names = {65001: "utf-8", 10000: "mac_roman", 10007: "mac_cyrillic", 0: "cp1252"}
    text, _ = charset.decode(raw.split(b"\0")[0], names.get(codepage, f"cp{codepage}"))
    return text
