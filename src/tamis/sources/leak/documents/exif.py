"""EXIF: what a camera or a program noted in an image, as it is written there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis.sources.leak.documents import moments, stated_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.sources.leak.documents.facts import Facts

_SUB_DIRECTORIES = ((None, "exif"), (0x8769, "exif"), (0x8825, "exif gps"), (0xA005, "exif"))
_POINTERS = {0x8769, 0x8825, 0xA005, 0x014A}
# Which tag holds the offset of a time.
_OFFSETS = {"DateTime": 0x9010, "DateTimeOriginal": 0x9011, "DateTimeDigitized": 0x9012}
_WIDE = {"XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"}
_BULKY = {"MakerNote", "PrintImageMatching", "JPEGTables", "InterColorProfile", "XMLPacket"}
# Where a TIFF keeps its picture is no statement about it.
_STRUCTURE = {
    *("StripOffsets", "StripByteCounts", "TileOffsets", "TileByteCounts", "JpegIFOffset"),
    *("JpegIFByteCount", "RowsPerStrip", "ColorMap", "ImageResources"),
}
_CHARSETS = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "euc_jp"}
_MAX_BYTES = 200
_MAX_NUMBERS = 64


def note(image: Any, facts: Facts) -> None:
    """Put the tags of an image into `facts`; a time becomes a moment only beside its offset tag.

    Source    Exif 2.31 (CIPA DC-008): the GPS time is in UTC, other times have no zone of
              their own.
    """
    from PIL import ExifTags  # noqa: PLC0415 (loaded when an image is read)

    exif = image.getexif()
    base = dict(exif)
    below = exif.get_ifd(0x8769)
    for pointer, namespace in _SUB_DIRECTORIES:
        tags = base if pointer is None else exif.get_ifd(pointer)
        names = ExifTags.GPSTAGS if pointer == 0x8825 else ExifTags.TAGS
        for tag, name, value in _named(tags, names):
            if tag in _POINTERS or name in _STRUCTURE:
                continue
            told = _told(name, value)
            at = None
            if name in _OFFSETS and told:
                offset = below.get(_OFFSETS[name], base.get(_OFFSETS[name]))
                at = stated_time.exif_time(told, str(offset) if offset else None)
                at = at or moments.zoned(told)
            elif name == "GPSTimeStamp":
                at = _satellite_time(tags)
            facts.add(namespace, name, told, at=at)


def _named(tags: Mapping[int, Any], names: Mapping[int, str]) -> Iterator[tuple[int, str, Any]]:
    for tag in sorted(tags):
        yield tag, names.get(tag, f"tag {tag:#06x}"), tags[tag]


def _told(name: str, value: Any) -> str | None:
    """A tag's value as text, as it is written."""
    if isinstance(value, bytes):
        return _bytes(name, value)
    if isinstance(value, tuple | list):
        if name in _WIDE and all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return _bytes(name, bytes(value))
        more = len(value) - _MAX_NUMBERS
        told = ", ".join(_number(one) for one in value[:_MAX_NUMBERS])
        return f"{told} and {more:,} more" if more > 0 else told
    return _number(value) if not isinstance(value, str) else value.strip("\0 ") or None


def _number(value: Any) -> str:
    top, bottom = getattr(value, "numerator", None), getattr(value, "denominator", None)
    if isinstance(value, int | str) or top is None or bottom is None:
        return str(value)
    return f"{top}/{bottom}" if bottom != 1 else str(top)


def _bytes(name: str, value: bytes) -> str | None:
    if name in _BULKY:
        return f"({len(value):,} bytes)"
    if name in _WIDE:
        return value.decode("utf-16-le", "replace").strip("\0 ") or None
    if name == "UserComment" and value[:8] in _CHARSETS:
        return value[8:].decode(_CHARSETS[value[:8]], "replace").strip("\0 ") or None
    plain = value.rstrip(b"\0 ")
    if plain.isascii() and plain.decode("ascii").isprintable():
        return plain.decode("ascii") or None
    more = f"… ({len(value):,} bytes)" if len(value) > _MAX_BYTES else ""
    return value[:_MAX_BYTES].hex() + more


def _satellite_time(tags: Mapping[int, Any]) -> datetime | None:
    """The moment that GPSDateStamp and GPSTimeStamp state together."""
    try:
        day = datetime.strptime(str(tags[29]).strip("\0 "), "%Y:%m:%d").replace(tzinfo=UTC)
        hours, minutes, seconds = (float(one) for one in tags[7])
        return day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (KeyError, ValueError, TypeError, OverflowError, ZeroDivisionError):
        return None
