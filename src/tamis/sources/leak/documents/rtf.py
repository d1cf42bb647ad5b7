"""RTF files: text, what the information group states, revisions, fields, objects inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import html_tags, rtf_groups, text_extraction
from tamis.sources.leak.documents.facts import Facts
from tamis.syntax.mapi import rtf as rtf_text

if TYPE_CHECKING:
    from typing import BinaryIO

_TYPE = "application/rtf"
_HEAD = 8_192
_MAX_LOADS = 200


def recognises(glimpse: Glimpse) -> int:
    """How surely this is RTF: it begins with the group that says so."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return 90 if head[:4].lower() == b"{\\rt" else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The document, its properties, and each object inside as a child."""
    data = stream.read()
    facts = Facts(sink)
    own = rtf_groups.tell(data, facts)
    if b"\\fromhtml" in data[:_HEAD]:
        # A page that Outlook wrapped: its program shows the page.
        found_loads, more = html_tags.loads(rtf_text.read(data).text, _MAX_LOADS)
        for one in found_loads:
            facts.add("loads", one.name, one.value)
        if more:
            facts.add("loads", "not listed", more)
    found = text_extraction.extract(data, _TYPE)
    if found.text is None:
        own_text = text_extraction.bounded(own, "tamis")
        if own_text.text is None and found.problem is not None:
            facts.note(found.problem)
        found = own_text
    document: dict[str, Any] = {"kind": "text", "is_encrypted": False, **found.columns}
    sink.row("document", document)
    facts.close(_TYPE)


READER = LeakReader(
    name="rtf",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps=(
        "text; author, last author, times, software, company, template, code page, language, "
        "revision ids and revisers; outside links; objects inside as items"
    ),
    cannot_know="whether any of it is true; its times have no zone",
)
