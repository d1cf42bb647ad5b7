"""The properties of a MAPI object as found, and what they say as text, number and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tamis.syntax.mail.charset import decode, storable
from tamis.syntax.mapi.codepage import codec_of_codepage, codepage_of_language

TEXT = 0x1F
TEXT8 = 0x1E
BINARY = 0x102
TIME = 0x40
OBJECT = 0x0D
MANY = 0x1000
# Types of fixed size whose value is an integer, or is kept as one.
NUMBERS = {0x02: 2, 0x03: 4, 0x0A: 4, 0x0B: 2, 0x14: 8, TIME: 8}
# Types of fixed size that are kept as their bytes: floats, currency, application time, GUID.
FIXED = {0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x48: 16}
MAX_PROPERTIES = 20_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)
_MESSAGE_CODEPAGE, _INTERNET_CODEPAGE, _LANGUAGE = 0x3FFD, 0x3FDE, 0x3FF1

Value = int | bytes | list[bytes]


@dataclass(slots=True)
class Bag:
    """The properties of one object by tag: number in the upper half, type in the lower.

    `page` is the code page of its 8-bit texts where a container states one (0: none stated);
    `spans` says where in a rebuilt message the bytes of a value stand.
    """

    values: dict[int, Value] = field(default_factory=dict)
    page: int = 0
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    def put(self, tag: int, raw: bytes | list[bytes]) -> bool:
        """Keep a property as found; False when there are too many, or it is there already."""
        if len(self.values) >= MAX_PROPERTIES or tag in self.values:
            return False
        if isinstance(raw, bytes) and tag & 0xFFFF in NUMBERS:
            size = NUMBERS[tag & 0xFFFF]
            self.values[tag] = int.from_bytes(raw[:size], "little", signed=size < 8)
        else:
            self.values[tag] = raw
        return True

    def tag(self, number: int, *kinds: int) -> int | None:
        """The tag under which a property is there, the kinds tried in order."""
        return next(
            (number << 16 | one for one in kinds if number << 16 | one in self.values), None
        )

    def number(self, number: int) -> int | None:
        """A whole number or a truth value; None when absent."""
        found = self.tag(number, 0x03, 0x02, 0x0B, 0x14, 0x0A)
        value = None if found is None else self.values[found]
        return value if isinstance(value, int) else None

    def moment(self, number: int) -> datetime | None:
        """A time; None when absent, zero, or outside the years 1601 to 9999."""
        found = self.tag(number, TIME)
        value = None if found is None else self.values[found]
        if not isinstance(value, int):
            return None
        return moment_of(value)

    def raw(self, number: int, *kinds: int) -> bytes | None:
        """The bytes of a property; None when absent or empty."""
        found = self.tag(number, *(kinds or (BINARY, TEXT, TEXT8)))
        value = None if found is None else self.values[found]
        return value if isinstance(value, bytes) and value else None

    def text(self, number: int) -> str | None:
        """A text; None when absent or empty."""
        found = self.tag(number, TEXT, TEXT8)
        return None if found is None else self.text_of(found)

    def text_of(self, tag: int) -> str | None:
        """The text of one property by its tag; None when it is empty or no text."""
        value = self.values[tag]
        if not isinstance(value, bytes):
            return None
        if tag & 0xFFFF == TEXT:
            shown = value[: len(value) & ~1].decode("utf-16-le", "replace")
        elif tag & 0xFFFF == TEXT8:
            shown = decode(value, codec_of_codepage(self.codepage()))[0]
        else:
            return None
        return storable(shown.rstrip("\0")) or None

    def codepage(self) -> int:
        """The code page of 8-bit texts: as stated, or that of the language, or of the body."""
        for stated in (self.number(_MESSAGE_CODEPAGE), self.page):
            if stated and stated != 1200 and codec_of_codepage(stated):
                return stated
        language = self.number(_LANGUAGE)
        by_language = codepage_of_language(language) if language else 1252
        if by_language != 1252:
            return by_language
        inside = self.number(_INTERNET_CODEPAGE)
        return inside if inside and codec_of_codepage(inside) else by_language


def moment_of(ticks: int) -> datetime | None:
    """The time that a count of 100 ns since 1601 names; None outside the years 1601 to 9999."""
    if ticks <= 0 or ticks == 0x0CB34557A3DD4000:  # Outlook's word for "never" (year 4501)
        return None
    try:
        found = _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
    return found if found < _LAST else None
