"""EMLX of Apple Mail: a line with a length, a message of that length, and a property list."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers.guards import unix_time

if TYPE_CHECKING:
    from typing import BinaryIO

_TYPE = "message/x-emlx"
_LENGTH = re.compile(rb"\s{0,4}(\d{1,12})[ \t]*\r?\n")
_FIELD = re.compile(rb"(?:>?From |[!-9;-~]{1,100}[ \t]*:)")
_PLIST = re.compile(rb"\s*(?:<\?xml|<!DOCTYPE plist|<plist|bplist00)")
_MAX_PLIST = 1 << 20
_MAX_VALUES = 200
# What plistlib raises on damaged lists, besides the parser's own errors.
_DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError),
    *(TypeError, ValueError, struct.error),
)


def recognises(glimpse: Glimpse) -> int:
    """96 when a line of digits stands before a header field and the name ends in emlx, else 75."""
    length = _LENGTH.match(glimpse.head)
    if length is None or not _FIELD.match(glimpse.head, length.end()):
        return 0
    if glimpse.name.lower().endswith(".emlx"):
        return 96
    return 75 if int(length[1]) + length.end() <= glimpse.size_bytes else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The message as a span of the file, and what the property list says as properties."""
    head = stream.read(64)
    found = _LENGTH.match(head)
    if found is None:
        raise ValueError("no line with a length at the start")
    start, stated = found.end(), int(found[1])
    end = min(start + stated, source.size_bytes)
    told = []
    if end < start + stated:
        told.append(f"cut off: {end - start:,} of {stated:,} bytes of the message are there")
    stream.seek(end)
    rest = stream.read(_MAX_PLIST)
    if rest.strip() and not _PLIST.match(rest):
        told.append("no property list follows where the message should end: the length is wrong")
        place = rest.find(b"<?xml")
        if place >= 0:
            end, rest = end + place, rest[place:]
    damage = "; ".join(told) or None
    sink.child(
        f"{source.name.rpartition('.')[0] or source.name}.eml",
        byte_start=start,
        byte_end=end,
        position=0,
        claimed_type="message/rfc822",
        is_member=True,
        damage=damage,
    )
    told += _properties(rest, sink, end)
    status = "partly" if told else "read"
    reason = "; ".join(told) or None
    sink.row("item", {"status": status, "media_type": _TYPE, "reason": reason})
    ledger = {"expected_count": 1, "emitted_count": 1, "failed_count": 0, "note": reason}
    sink.row("ledger", ledger)


def _properties(raw: bytes, sink: Sink, start: int) -> list[str]:
    """What was wrong with the property list; its values go to table `property`."""
    import plistlib  # noqa: PLC0415 (only for Apple's mail)
    from xml.parsers.expat import ExpatError  # noqa: PLC0415

    if not raw.strip():
        return []
    try:
        # plistlib refuses entity declarations, so nothing can be expanded or fetched.
        values = plistlib.loads(raw.strip())
    except (ExpatError, *_DAMAGE) as problem:
        return [f"its property list cannot be read ({type(problem).__name__})"]
    if not isinstance(values, dict):
        return ["its property list is none"]
    for name, value in list(values.items())[:_MAX_VALUES]:
        is_time = "date" in str(name).lower() and isinstance(value, int | float)
        sink.row(
            "property",
            {
                "namespace": "emlx",
                "name": str(name),
                "value": _shown(value),
                "noted_at": unix_time(value) if is_time and value > 0 else None,
                "byte_start": start,
                "byte_end": start + len(raw),
            },
        )
    return []


def _shown(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.hex()[:2000]
    return None if value is None else str(value)[:10_000]


READER = LeakReader(
    name="emlx",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps="the message as the span of bytes found; flags, dates and the rest as properties",
    cannot_know="attachments that Apple Mail moved to a folder of their own (partial.emlx)",
)
