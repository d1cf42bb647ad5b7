"""Word, Excel and PowerPoint files since 2007 (docx, xlsx, pptx and their kin)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import (
    ooxml_properties,
    ooxml_sheets,
    ooxml_word,
    text_extraction,
    xml_reader,
    zip_package,
)
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.xml_reader import XmlError
from tamis.sources.leak.documents.zip_package import Package, PackageError, PackageRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

_OPEN = "application/vnd.openxmlformats-officedocument."
_WORD = f"{_OPEN}wordprocessingml.document"
_EXCEL = f"{_OPEN}spreadsheetml.sheet"
_POWER = f"{_OPEN}presentationml.presentation"
_NAMED = re.compile(
    r"\.(?:do[ct][xm]|xl(?:s[xmb]|t[xm]|am)|p(?:p[tsa][xm]|ot[xm]))$", re.IGNORECASE
)
_CONTENTS = "[Content_Types].xml"
# What the main part is called tells the family; its content type tells the exact kind.
_FAMILIES = (
    ("word/", "text", _WORD),
    ("xl/", "spreadsheet", _EXCEL),
    ("ppt/", "presentation", _POWER),
)
_INSIDE = re.compile(
    r"(?:word|xl|ppt)/(?:embeddings|media|activeX|drawings/media)/[^/]+|"
    r"docProps/thumbnail\.[^/]+|(?:word/)?afchunk[^/]*|.*vbaProject[^/]*\.bin",
    re.IGNORECASE,
)
_MACROS = re.compile(r".*vbaProject[^/]*\.bin|xl/macrosheets/.+", re.IGNORECASE)


def recognises(glimpse: Glimpse) -> int:
    """How surely this is an Office package, by the names of its members and its own."""
    if not glimpse.head.startswith(b"PK\x03\x04"):
        return 0
    names = zip_package.names_in(glimpse)
    has_family = any(name.startswith(("word/", "xl/", "ppt/")) for name in names)
    if _CONTENTS in names:
        return 90 if has_family else 65 if _NAMED.search(glimpse.name) else 55
    if _NAMED.search(glimpse.name):
        return 80
    return 70 if has_family and "_rels/.rels" in names else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The document, its properties, and each file inside as a child."""
    facts = Facts(sink)
    try:
        package = Package(stream)
        kind, shown = _kind(package)
        package.check_markup()
    except PackageRefusedError as refusal:
        facts.refuse(_by_name(stream), str(refusal))
        return
    except PackageError as problem:
        sink.row("item", {"status": "failed", "media_type": _WORD, "reason": str(problem)})
        return
    if kind == "other":
        facts.note("a package of Office's kind, but neither text, sheets nor slides: only listed")
    package.tell(facts)
    own = _parts(package, kind, facts)
    has_macros = _children(package, facts)
    stream.seek(0)
    text = _text(stream.read(), kind, shown, own, facts) if kind != "other" else {}
    sink.row(
        "document",
        {
            "kind": kind,
            "is_encrypted": False,
            "has_macros": has_macros,
            "page_count": ooxml_sheets.page_count(package),
            **text,
        },
    )
    facts.close(shown)


def _by_name(stream: BinaryIO) -> str | None:
    """A media type for a package that is not opened."""
    stream.seek(0)
    head = stream.read(1 << 16)
    names = zip_package.names_in(Glimpse("", head, len(head)))
    for start, _, media_type in _FAMILIES:
        if any(name.startswith(start) for name in names):
            return media_type
    return "application/zip"


def _kind(package: Package) -> tuple[str, str]:
    """What kind of document the package is, and its media type."""
    stated = ""
    try:
        for tag, given in xml_reader.starts(package.chunks(_CONTENTS)):
            content_type = given.get("ContentType", "")
            if tag in {"Override", "Default"} and ".main" in content_type:
                stated = content_type.removesuffix("+xml").removesuffix(".main")
                stated += ".12" if stated.endswith("macroEnabled") else ""
                break
    except xml_reader.XmlRefusedError as refusal:
        raise PackageRefusedError(f"{_CONTENTS}: {refusal}") from None
    except (XmlError, PackageError):
        stated = ""
    for start, kind, media_type in _FAMILIES:
        if package.names(start):
            return kind, stated or media_type
    return "other", stated or "application/zip"


def _parts(package: Package, kind: str, facts: Facts) -> list[str]:
    """Whatever the parts keep goes to the facts; the text that was seen on the way comes back."""

    def safely(name: str, told: Callable[..., None], *given: Any) -> None:
        if name not in package:
            return
        try:
            told(*given)
        except (XmlError, PackageError) as problem:
            facts.note(f"{name}: {problem}")

    ooxml_properties.tell(package, facts, safely)
    if kind == "text":
        return ooxml_word.tell(package, facts, safely)
    if kind == "spreadsheet":
        return ooxml_sheets.tell_workbook(package, facts, safely)
    if kind == "presentation":
        return ooxml_sheets.tell_slides(package, facts, safely)
    return []


def _children(package: Package, facts: Facts) -> bool:
    """Hand over the files inside; whether macros are among them."""
    has_macros = False
    for name in package.names():
        if name.endswith("/"):
            continue
        if _MACROS.fullmatch(name):
            has_macros = True
            facts.add("macro", "part", name, part=name)
        if not _INSIDE.fullmatch(name):
            continue
        if "/embeddings/" in name or "/activeX/" in name:
            facts.add("embedded", "object", name, part=name)
        try:
            facts.child(name, package.read(name), at=package.written_at(name))
        except PackageError as problem:
            facts.lost(name, str(problem))
    return has_macros


def _text(
    content: bytes, kind: str, media_type: str, own: list[str], facts: Facts
) -> dict[str, Any]:
    """The text by the extractor; where it finds none, the text that stands in the parts."""
    # Macros and templates change the name of the type, not how its text is stored.
    family = next((one for _, name, one in _FAMILIES if name == kind), media_type)
    found = text_extraction.extract(content, media_type if "binary" in media_type else family)
    if found.text is None:
        own_text = text_extraction.bounded("".join(own), "tamis")
        if own_text.text is None and found.problem is not None:
            facts.note(found.problem)
        found = own_text
    return dict(found.columns)


READER = LeakReader(
    name="ooxml",
    media_types=(_WORD, _EXCEL, _POWER),
    recognises=recognises,
    read=read,
    keeps=(
        "text; author, last author, software, template, company, times, edit minutes; revision "
        "ids, tracked changes and deleted text, comments; hidden sheets, rows, slides; outside "
        "links, saved-in folder, printer; ZIP times; embedded files, images and macros as items"
    ),
    cannot_know=(
        "whether any of it is true: every property can be edited; Word's own times of changes are "
        "the editor's local time without a zone"
    ),
)
