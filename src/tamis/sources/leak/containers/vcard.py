"""Address cards (VCF): people as text, every field as a property, pictures as items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers import content_lines

if TYPE_CHECKING:
    from typing import BinaryIO

_TYPE = "text/vcard"
_SHOWN = {
    "FN": "Name",
    "N": "Name parts",
    "NICKNAME": "Nickname",
    "ORG": "Organisation",
    "TITLE": "Title",
    "ROLE": "Role",
    "EMAIL": "E-mail",
    "TEL": "Telephone",
    "ADR": "Address",
    "LABEL": "Address",
    "URL": "Link",
    "BDAY": "Birthday",
    "NOTE": "Note",
    "CATEGORIES": "Categories",
    "X-ABRELATEDNAMES": "Related",
}


def recognises(glimpse: Glimpse) -> int:
    """95 when the first line begins a card."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return 95 if head[:11].upper() == b"BEGIN:VCARD" else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The rows of a file of cards."""
    content_lines.tell(stream.read(), sink, _TYPE, "vcard", _SHOWN)


READER = LeakReader(
    name="vcard",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps="every field of every card with its place; pictures, sounds and keys inside",
    cannot_know="whose address book it was, unless the file says so",
)
