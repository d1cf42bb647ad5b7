"""Web pages: the text they show, what they say of themselves, what they would load or send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import html_tags, moments, text, text_charset
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.magic import media_type
from tamis.syntax.mail.html import text_of

if TYPE_CHECKING:
    from typing import BinaryIO

_NAMED = re.compile(r"\.(?:x?html?|xht)$", re.IGNORECASE)
_CHARSET = re.compile(
    rb"(?:charset|encoding)\s{0,8}=\s{0,8}[\"']?\s{0,8}([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
_ANY_TAG = re.compile(rb"<(?:!doctype|html|head|body|title|meta|p|div|table|a|br)\b", re.IGNORECASE)
_HEAD = 4_096
_MAX_LOADS = 2_000
_MAX_LINKS = 1_000


def recognises(glimpse: Glimpse) -> int:
    """35 for the first tags of a page, in whatever charset; 30 for a page by name with any tag."""
    if media_type(glimpse.head) == "text/html":
        return 35
    if not text_charset.looks_like_text(glimpse.head):
        return 0
    start = text_charset.decode(glimpse.head[:_HEAD]).text.encode()
    if media_type(start) == "text/html":
        return 35
    is_page = b"<html" in start.lower() and start.lstrip()[:1] == b"<"
    if _NAMED.search(glimpse.name) and _ANY_TAG.search(start):
        return 30
    return 25 if is_page else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document row with the text, and its properties: metadata, resources, forms, links."""
    facts = Facts(sink)
    declared = _CHARSET.search(stream.read(_HEAD))
    stream.seek(0)
    decoded = text.decode(stream, source, facts, declared[1].decode("ascii") if declared else None)
    page = html_tags.survey(decoded.text)
    for one in page.stated:
        facts.add("html", one.name, one.value, at=moments.zoned(one.value))
    _listed(facts, "loads", page.loads, _MAX_LOADS)
    _listed(facts, "link", page.links, _MAX_LINKS)
    for remark in page.notes:
        facts.note(remark)
    row = {
        "kind": "web",
        "is_encrypted": False,
        "has_macros": page.has_scripts,
        **text.kept(text_of(decoded.text), facts),
    }
    sink.row("document", row)
    facts.close("text/html")


def _listed(facts: Facts, namespace: str, found: list[html_tags.Stated], most: int) -> None:
    distinct = list(dict.fromkeys(found))
    for one in distinct[:most]:
        facts.add(namespace, one.name, one.value)
    if len(distinct) > most:
        facts.add(namespace, "not listed", len(distinct) - most)


READER = LeakReader(
    name="html",
    media_types=("text/html",),
    recognises=recognises,
    read=read,
    keeps=(
        "the text without scripts and styles, title, metadata, and the addresses that a browser "
        "would load or send to, as text: nothing is loaded"
    ),
    cannot_know="what scripts would add or load; text that styles hide is kept as text",
    is_streaming=True,
)
