"""What a closed group of an RTF file says: a property, a link, a time, or an object.

Source    Rich Text Format Specification 1.9.1; [MS-OLEDS] §2.2 for the OLE 1.0 header of an
          object's data
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import ole_objects
from tamis.sources.leak.documents.ole_properties import decode
from tamis.sources.leak.documents.ole_storage import MAGIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.leak.documents.facts import Facts

_MAX_OBJECTS = 1_000
NAMES = {
    "title": "title",
    "subject": "subject",
    "author": "creator",
    "operator": "last_author",
    "keywords": "keywords",
    "comment": "comment",
    "doccomm": "description",
    "company": "company",
    "manager": "manager",
    "category": "category",
    "hlinkbase": "hyperlink_base",
    "generator": "software",
    "template": "template",
    "propname": "custom_name",
    "staticval": "custom_value",
    "linkval": "custom_link",
    "fldinst": "field",
    "objclass": "object_class",
    "atnauthor": "comment_author",
    "atnid": "comment_initials",
    "annotation": "comment_text",
    "datafield": "data_field",
}
CLOCK = ("yr", "mo", "dy", "hr", "min", "sec")


def state(facts: Facts, word: str, text: str) -> None:
    """Add what a group of this name says; of the table of revisers, one reviser."""
    if word == "revtbl":
        reviser = text.strip(" ;")
        facts.add("revision", "author", reviser if reviser != "Unknown" else None)
        return
    name = NAMES[word]
    if word == "fldinst":
        kind, _, target = text.partition(" ")
        if kind.upper() in {"HYPERLINK", "INCLUDEPICTURE", "INCLUDETEXT", "LINK", "DDEAUTO"}:
            facts.add("link", kind.lower(), target.strip())
    elif word in {"propname", "staticval", "linkval"}:
        facts.add("custom", name, text)
    elif word in {"atnauthor", "atnid", "annotation"}:
        facts.add("comment", name.removeprefix("comment_"), text)
    elif word == "template":
        facts.add("link", name, text)
    elif word != "datafield":
        facts.add("info", name, text.rstrip(";") if name == "software" else text)


def decoded(pieces: list[str], codepage: int) -> str:
    """Pieces of text as one: runs of bytes in the file's code page, the rest as it is."""
    out: list[str] = []
    raw = ""
    for piece in [*pieces, ""]:
        if piece.startswith("\0"):
            raw += piece[1:]
            continue
        if raw:
            out.append(decode(raw.encode("latin-1", "replace"), codepage))
            raw = ""
        out.append(piece)
    return "".join(out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def hand_over(facts: Facts, rank: int, text: str, end: int) -> None:
    """Hand over the data of an object, without the header of OLE 1.0 where one stands."""
    name = f"object{rank}"
    if rank > _MAX_OBJECTS:
        facts.note(f"over {_MAX_OBJECTS:,} objects: the rest was not taken out")
        return
    digits = re.sub(r"[^0-9a-fA-F]", "", text)
    raw = bytes.fromhex(digits[: len(digits) // 2 * 2])
    facts.add("embedded", "object", f"{name}, ends at byte {end:,}")
    class_name, content = _unwrapped(raw)
    if class_name:
        facts.add("embedded", "object_class", class_name)
    if class_name.lower() == "package" and not content.startswith(MAGIC):
        ole_objects.native(struct.pack("<I", len(content)) + content, facts, name)
    else:
        facts.child(f"{name}.bin", content)


def _unwrapped(raw: bytes) -> tuple[str, bytes]:
    """The class an object states, and its data; all of it where there is no header."""
    try:
        _, kind, size = struct.unpack_from("<III", raw)
        place = 12 + size
        name = raw[12:place].rstrip(b"\0").decode("latin-1")
        for _ in range(2):  # topic and item
            place += 4 + struct.unpack_from("<I", raw, place)[0]
        length = struct.unpack_from("<I", raw, place)[0]
    except struct.error:
        return "", raw
    content = raw[place + 4 : place + 4 + length]
    if kind != 2 or size > 256 or not content:
        return "", raw
    return name, content


def written(clock: Mapping[str, int]) -> str | None:
    """The time that a group states, without a zone; None where it states no year."""
    if "yr" not in clock:
        return None
    year, month, day, hour, minute, second = (clock.get(key, 0) for key in CLOCK)
    found = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
    return f"{found}:{second:02}" if "sec" in clock else found
