"""What any Office package says of itself: its properties, links to the outside, signatures.

Source    ISO/IEC 29500-2 §11 (core properties), §9.3 (relationships); ISO/IEC 29500-1 §22.2 to
          §22.3 (extended and custom properties); [MS-OFFCRYPTO] §2.5 (signature information)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.sources.leak.documents import moments, xml_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.zip_package import Package

_NAMES = {
    "lastModifiedBy": "last_author",
    "lastPrinted": "printed",
    "contentStatus": "content_status",
    "Application": "software",
    "AppVersion": "software_version",
    "TotalTime": "edit_minutes",
    "Template": "template",
    "Company": "company",
    "Manager": "manager",
    "HyperlinkBase": "hyperlink_base",
    "Pages": "page_count",
    "Slides": "slide_count",
    "HiddenSlides": "hidden_slide_count",
    "Notes": "note_count",
    "Words": "word_count",
    "Characters": "character_count",
    "DocSecurity": "security",
}
_CORE = {
    *("creator", "created", "modified", "revision", "title", "subject", "keywords"),
    *("description", "category", "language", "version", "identifier"),
}
_TIMES = {"created", "modified", "printed"}
_SIGNED = {
    *("SignatureTime", "Value", "SignatureText", "WindowsVersion", "OfficeVersion"),
    *("ApplicationVersion", "Monitors", "HorizontalResolution", "VerticalResolution"),
    *("SignatureComments", "X509IssuerName", "X509SerialNumber"),
}
_PRINTER_BYTES = 64


def tell(package: Package, facts: Facts, safely: Callable[..., None]) -> None:
    """Add the core, extended and custom properties, links, signatures and printers."""
    for name in package.names():
        if name.endswith(".rels"):
            safely(name, _links, package, facts, name)
        elif name == "docProps/app.xml":
            safely(name, _stated, package, facts, name)
            safely(name, _headings, package, facts, name)
        elif name.startswith("docProps/") and name.endswith(".xml"):
            is_custom = name.startswith("docProps/custom")
            safely(name, _custom if is_custom else _stated, package, facts, name)
        elif name.startswith("package/services/metadata/core-properties/"):
            safely(name, _stated, package, facts, name)
        elif name.startswith("_xmlsignatures/") and name.endswith(".xml"):
            safely(name, _signature, package, facts, name)
        elif "/printerSettings" in name and name.endswith(".bin"):
            safely(name, _printer, package, facts, name)


def _stated(package: Package, facts: Facts, part: str) -> None:
    namespace = "app" if "app" in part.rpartition("/")[2] else "core"
    for tag, _, text in xml_reader.leaves(package.chunks(part)):
        name = _NAMES.get(tag, tag if tag in _CORE else None)
        if name is not None:
            at = moments.zoned(text) if name in _TIMES else None
            facts.add(namespace, name, text, part=part, at=at)


def _headings(package: Package, facts: Facts, part: str) -> None:
    """The words for sheets, titles and fonts, in the language that the program itself spoke."""
    is_inside = False
    for event in xml_reader.events(package.chunks(part)):
        if event.name == "HeadingPairs" and event.kind != "text":
            is_inside = event.kind == "start"
        elif is_inside and event.kind == "text" and event.name == "lpstr":
            facts.add("app", "heading", event.text.strip(), part=part)


def _custom(package: Package, facts: Facts, part: str) -> None:
    name = ""
    for event in xml_reader.events(package.chunks(part)):
        if event.kind == "start" and event.name == "property":
            name = event.attributes.get("name", "")
        elif event.kind == "text" and event.text.strip():
            at = moments.zoned(event.text) if event.name == "filetime" else None
            facts.add("custom", name or "unnamed", event.text.strip(), part=part, at=at)


def _links(package: Package, facts: Facts, part: str) -> None:
    """What the package wants to load or link to outside itself: never followed."""
    for tag, given in xml_reader.starts(package.chunks(part)):
        if tag == "Relationship" and given.get("TargetMode", "").lower() == "external":
            kind = given.get("Type", "").rpartition("/")[2] or "relationship"
            facts.add("link", kind, given.get("Target"), part=part)


def _signature(package: Package, facts: Facts, part: str) -> None:
    for tag, _, text in xml_reader.leaves(package.chunks(part)):
        if tag in _SIGNED:
            name = "SignatureTime" if tag == "Value" else tag
            facts.add("signature", name, text, part=part, at=moments.zoned(text))


def _printer(package: Package, facts: Facts, part: str) -> None:
    """The name of the printer, with which a Windows DEVMODE begins."""
    name = package.read(part)[:_PRINTER_BYTES].decode("utf-16-le", "replace").split("\0")[0]
    if name.isprintable():
        facts.add("settings", "printer", name, part=part)
