"""OpenDocument files: text, spreadsheet, presentation, drawing (odt, ods, odp, odg)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import odf_content, odf_locked, text_extraction
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.xml_reader import XmlError
from tamis.sources.leak.documents.zip_package import Package, PackageError, PackageRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

_TYPE = "application/vnd.oasis.opendocument."
_MIME = re.compile(rb"application/vnd\.(?:oasis\.opendocument|sun\.xml)\.([a-z]+)")
_NAMED = re.compile(r"\.(?:o[td][tspg]|sx[wcid])$", re.IGNORECASE)
_KINDS = {
    "text": "text",
    "writer": "text",
    "spreadsheet": "spreadsheet",
    "calc": "spreadsheet",
    "presentation": "presentation",
    "impress": "presentation",
}
_OWN = re.compile(
    r"mimetype|(?:content|styles|meta|settings|manifest)\.(?:xml|rdf)|META-INF/.*"
    r"|layout-cache|Configurations2?/.*|current\.xml",
)
_MACROS = re.compile(r"(?:Basic|Scripts)/.+")


def recognises(glimpse: Glimpse) -> int:
    """How surely this is an OpenDocument file: its first member states its type."""
    if not glimpse.head.startswith(b"PK\x03\x04"):
        return 0
    if glimpse.head.startswith(b"mimetype", 30) and _MIME.search(glimpse.head[:200]):
        return 95
    return 75 if _NAMED.search(glimpse.name) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document, its properties, and each file inside as a child."""
    facts = Facts(sink)
    media_type = f"{_TYPE}text"
    try:
        package = Package(stream)
        media_type = _media_type(package)
        package.check_markup(allow_bare=True)
        locks = odf_locked.locks(package)
        # Since ODF 1.3 the whole package may be one encrypted member.
        locked = {"content.xml" if one == "encrypted-package" else one for one in locks}
    except PackageRefusedError as refusal:
        facts.refuse(media_type, str(refusal))
        return
    except (PackageError, XmlError) as problem:
        sink.row("item", {"status": "failed", "media_type": media_type, "reason": str(problem)})
        return
    kind = _KINDS.get(media_type.rpartition(".")[2].partition("-")[0], "other")
    package.tell(facts)
    own = _parts(package, kind, facts, locked)
    document: dict[str, Any] = {
        "kind": kind,
        "is_encrypted": bool(locked),
        "has_macros": any(_MACROS.fullmatch(name) for name in package.names()),
        "page_count": own.pages if own.pages and kind != "text" else None,
    }
    if "content.xml" in locked:
        sink.row("document", document)
        is_open = odf_locked.hand_over(package, locks, kind, source, facts)
        facts.close(media_type, is_refused=not is_open)
        return
    _children(package, facts, locked)
    stream.seek(0)
    sink.row("document", document | _text(stream.read(), media_type, own.text, facts))
    facts.close(media_type)


def _media_type(package: Package) -> str:
    stated = package.read("mimetype")[:200] if "mimetype" in package else b""
    found = _MIME.match(stated.strip())
    if found is None:
        return f"{_TYPE}text"
    return found[0].decode("ascii")


def _parts(package: Package, kind: str, facts: Facts, locked: set[str]) -> odf_content.Content:
    own = odf_content.Content(facts)

    def safely(name: str, told: Callable[..., None], *given: Any) -> None:
        if name not in package or name in locked:
            return
        try:
            told(*given)
        except (XmlError, PackageError) as problem:
            facts.note(f"{name}: {problem}")

    safely("meta.xml", odf_content.meta, package, facts)
    safely("settings.xml", odf_content.settings, package, facts)
    for name in ("content.xml", "styles.xml"):
        safely(name, own.read, package, name)
    own.tell(kind)
    return own


def _children(package: Package, facts: Facts, locked: set[str]) -> None:
    """Hand over pictures, objects and macros; objects that are folders are told part by part."""
    for name in package.names():
        if name.endswith("/") or _OWN.fullmatch(name) or name in locked:
            continue
        if _MACROS.fullmatch(name):
            facts.add("macro", "part", name, part=name)
        elif name.startswith("Object"):
            facts.add("embedded", "object", name, part=name)
        try:
            facts.child(name, package.read(name), at=package.written_at(name))
        except PackageError as problem:
            facts.lost(name, str(problem))


def _text(content: bytes, media_type: str, own: list[str], facts: Facts) -> dict[str, Any]:
    """The text by the extractor where it knows the format, else the text seen in the parts."""
    found = text_extraction.Extraction(None)
    if media_type in {f"{_TYPE}text", f"{_TYPE}spreadsheet"}:
        found = text_extraction.extract(content, media_type)
    if found.text is None:
        own_text = text_extraction.bounded("".join(own), "tamis")
        if own_text.text is None and found.problem is not None:
            facts.note(found.problem)
        found = own_text
    return dict(found.columns)


READER = LeakReader(
    name="odf",
    media_types=tuple(f"{_TYPE}{one}" for one in ("text", "spreadsheet", "presentation")),
    recognises=recognises,
    read=read,
    keeps=(
        "text; creator, last author, software, template, times, editing time and cycles; tracked "
        "changes, comments, hidden sheets, slides and sections; outside links, printer; ZIP "
        "times; pictures, objects and macros as items"
    ),
    cannot_know="whether any of it is true; its times have no zone unless they state one",
)
