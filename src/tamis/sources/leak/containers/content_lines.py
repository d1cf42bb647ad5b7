"""Content lines, the common grammar of calendars and address cards.

Source    RFC 5545 section 3.1 and RFC 6350 section 3.2; vCard 2.1 for quoted-printable.
"""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tamis.syntax.mail import charset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.registry import Sink

MAX_LINES = 200_000
MAX_PROPERTIES = 50_000
MAX_TEXT = 8 << 20
_NAME = re.compile(rb"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")
_TIME = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})(Z?)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NEW_LINES = {"n": "\n", "N": "\n"}


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: a name, its parameters, its value, and where it stands."""

    name: str
    params: dict[str, str]
    raw: bytes
    byte_start: int
    byte_end: int

    @property
    def encoding(self) -> str:
        """base64, quoted-printable, or nothing."""
        stated = self.params.get("ENCODING", "").upper()
        if stated in {"B", "BASE64"} or "BASE64" in self.params:
            return "base64"
        is_quoted = stated == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in self.params
        return "quoted-printable" if is_quoted else ""

    @property
    def text(self) -> str:
        """The value as text, escapes resolved."""
        raw = quopri.decodestring(self.raw) if self.encoding == "quoted-printable" else self.raw
        found = charset.decode(raw, self.params.get("CHARSET"))[0]
        return _ESCAPED.sub(lambda one: _NEW_LINES.get(one[1], one[1]), found)

    @property
    def content(self) -> bytes | None:
        """The bytes of a value in base64; None when it is not, or holds none."""
        if self.encoding != "base64":
            return None
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", self.raw)
        # A single letter left over stands for nothing.
        whole = letters[:-1] if len(letters) % 4 == 1 else letters
        return base64.b64decode(whole + b"==") or None

    @property
    def moment(self) -> datetime | None:
        """The value as a moment, when it states a zone that is known."""
        found = _TIME.fullmatch(self.raw.decode("ascii", "replace").strip())
        if found is None:
            return None
        try:
            if found[7]:
                return datetime(*map(int, found.groups()[:6]), tzinfo=UTC)  # type: ignore[misc,arg-type]
            zone = ZoneInfo(self.params["TZID"])
            local = datetime(*map(int, found.groups()[:6]), tzinfo=zone)  # type: ignore[misc,arg-type]
            return local.astimezone(UTC)
        except (KeyError, ValueError, OSError, OverflowError):
            return None


def lines(data: bytes) -> Iterator[Line]:
    """Every content line, unfolded; lines that are none are left out."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = b"\n\n\n" + data[3:]  # the places of what follows stay as they are
    for count, (start, end, raw) in enumerate(_unfolded(data)):
        if count >= MAX_LINES:
            return
        found = _line(raw, start, end)
        if found is not None:
            yield found


def _unfolded(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Start, end and bytes of each line with what goes on behind it."""
    parts: list[bytes] = []
    start = end = place = 0
    is_soft = False
    while place < len(data):
        stop = data.find(b"\n", place)
        stop = len(data) if stop < 0 else stop + 1
        bare = data[place:stop].rstrip(b"\r\n")
        if parts and is_soft:
            parts.append(b"\n" + bare)
        elif parts and bare[:1] in {b" ", b"\t"}:
            parts.append(bare[1:])
        else:
            if parts:
                yield start, end, b"".join(parts)
            parts, start = [bare], place
            is_quoted = b"QUOTED-PRINTABLE" in bare.partition(b":")[0].upper()
        is_soft = is_quoted and bare.endswith(b"=")
        end = place = stop
    if parts:
        yield start, end, b"".join(parts)


def _line(raw: bytes, start: int, end: int) -> Line | None:
    found = _NAME.match(raw)
    if found is None:
        return None
    place = found.end()
    params: dict[str, str] = {}
    while raw[place : place + 1] == b";":
        stop = _param_end(raw, place + 1)
        key, _, value = raw[place + 1 : stop].partition(b"=")
        shown = value.decode("utf-8", "replace").strip('"')
        params.setdefault(key.decode("ascii", "replace").upper()[:100], shown)
        place = stop
    if raw[place : place + 1] != b":":
        return None
    return Line(found[1].decode("ascii").upper(), params, raw[place + 1 :], start, end)


def _param_end(raw: bytes, place: int) -> int:
    """Where a parameter ends: at the next ; or : outside quotation marks."""
    is_quoted = False
    for rank in range(place, len(raw)):
        one = raw[rank]
        if one == 0x22:
            is_quoted = not is_quoted
        elif not is_quoted and one in {0x3A, 0x3B}:
            return rank
    return len(raw)


def tell(data: bytes, sink: Sink, media_type: str, namespace: str, shown: dict[str, str]) -> None:
    """Rows for a file of content lines: its text, every field, and what is inside as items.

    Input     `shown` maps the names of fields to the words the text has for them; all others
              stand among the properties only
    """
    text: list[str] = []
    size = fields = components = children = 0
    open_names: list[str] = []
    for line in lines(data):
        value = "" if line.encoding == "base64" else line.text
        if line.name == "BEGIN":
            components += 1
            open_names.append(f"{value[:100]} {components}")
            text.append("")
            continue
        if line.name == "END":
            open_names = open_names[:-1]
            continue
        content = line.content
        if content is not None:
            name = line.params.get("X-FILENAME") or line.params.get("FILENAME") or line.name.lower()
            stated = line.params.get("FMTTYPE") or line.params.get("TYPE")
            claimed = stated.lower() if stated and "/" in stated else None
            sink.child(name, content=content, position=children, claimed_type=claimed)
            children += 1
            value = f"({len(content):,} bytes)"
        if line.name in shown and value and size < MAX_TEXT:
            told = f"{shown[line.name]}: {_named(line, value)}"
            size += len(told)
            text.append(told)
        fields += 1
        if fields <= MAX_PROPERTIES:
            _property(sink, namespace, line, value, open_names)
    _close(sink, media_type, "\n".join(text).strip(), (fields, components, len(open_names)), size)
    if children:
        counts = {"expected_count": children, "emitted_count": children, "failed_count": 0}
        sink.row("ledger", {**counts, "note": None})


def _named(line: Line, value: str) -> str:
    """A value with the name of the person it stands for."""
    name = line.params.get("CN")
    address = value[7:] if value.lower().startswith("mailto:") else value
    if name and name != address:
        return f"{name} <{address}>"
    zone = line.params.get("TZID")
    return f"{address} {zone}" if zone else address


def _property(sink: Sink, namespace: str, line: Line, value: str, open_names: list[str]) -> None:
    params = "".join(f";{key}={shown}" for key, shown in line.params.items())
    sink.row(
        "property",
        {
            "namespace": namespace,
            "name": f"{line.name}{params}"[:1000],
            "value": value[:100_000],
            "noted_at": line.moment,
            "part_name": "/".join(open_names[-8:]) or None,
            "byte_start": line.byte_start,
            "byte_end": line.byte_end,
        },
    )


def _close(sink: Sink, media_type: str, text: str, counts: tuple[int, int, int], size: int) -> None:
    fields, components, left_open = counts
    sink.row(
        "document",
        {
            "kind": "other",
            "text": text or None,
            "text_reader": "tamis content lines 1" if text else None,
            "text_is_cut": size >= MAX_TEXT if text else None,
            "is_encrypted": False,
        },
    )
    told = []
    if not components:
        told.append("nothing begins in it: no calendar and no card")
    if left_open:
        told.append(f"{left_open} parts do not end: the file may be cut off")
    if fields > MAX_PROPERTIES:
        told.append(f"of {fields:,} fields the first {MAX_PROPERTIES:,} are kept as properties")
    status = "partly" if told else "read"
    reason = "; ".join(told) or None
    sink.row("item", {"status": status, "media_type": media_type, "reason": reason})
