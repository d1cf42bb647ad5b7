"""Plain text in any charset: notes, logs, keys, JSON, XML and program text, as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import text_charset
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.text_extraction import bounded
from tamis.sources.leak.magic import media_type

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_BYTES = 64 << 20
_HEAD = 65_536
# Data for programs, whatever words may stand in it.
NO_PROSE = ("application/json", "application/xml", "application/pem-certificate-chain")
_TEXTS = {*NO_PROSE, "text/plain", "text/html", "text/vcard", "text/calendar", "application/rtf"}


def recognises(glimpse: Glimpse) -> int:
    """10 for whatever is text and nothing more: every reader that knows a format goes before."""
    found = media_type(glimpse.head)
    is_text = found is None or found in _TEXTS
    return 10 if is_text and text_charset.looks_like_text(glimpse.head) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document row with the text, and how its charset was found."""
    facts = Facts(sink)
    decoded = decode(stream, source, facts)
    found = media_type(decoded.text[:_HEAD].encode()) or "text/plain"
    row: dict[str, Any] = {"kind": "plain", "is_encrypted": False, **kept(decoded.text, facts)}
    sink.row("document", row)
    facts.close(found)


def decode(
    stream: BinaryIO, source: Source, facts: Facts, declared: str | None = None
) -> text_charset.Decoded:
    """The text of a file as far as it is read; what was assumed goes to its properties."""
    raw = stream.read(MAX_BYTES)
    if source.size_bytes > len(raw):
        facts.note(f"only its first {MAX_BYTES >> 20} MiB were read as text")
    decoded = text_charset.decode(raw, declared)
    facts.add("text", "charset", f"{decoded.charset} ({decoded.found_by})")
    if decoded.replaced_count:
        facts.note(
            f"{decoded.replaced_count:,} places do not fit the charset {decoded.charset} and are "
            "shown as U+FFFD"
        )
    return decoded


def kept(text: str, facts: Facts) -> dict[str, Any]:
    """The columns of `document` that hold a text, cut where it is too long, which is said."""
    extraction = bounded(text, "tamis")
    if extraction.is_cut:
        facts.note(f"its text is cut: it has {len(text):,} characters")
    return dict(extraction.columns)


READER = LeakReader(
    name="text",
    media_types=("text/plain", *sorted(NO_PROSE)),
    recognises=recognises,
    read=read,
    keeps="the text, and how its charset was found",
    cannot_know="a charset that nothing states: then it is guessed, and said to be",
    is_streaming=True,
)
