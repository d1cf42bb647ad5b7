"""What Excel and PowerPoint packages keep beside their cells and slides.

Source    ISO/IEC 29500-1 §18 (SpreadsheetML) and §19 (PresentationML); [MS-XLSX], [MS-PPTX].
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import moments, xml_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.zip_package import Package

_SHEET = re.compile(r"xl/(?:worksheets|chartsheets|macrosheets|dialogsheets)/[^/]+\.xml")
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_PAIRS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # element: namespace, name, the attributes that make its value
    "fileVersion": ("app", "file_version", ("appName", "lastEdited", "lowestEdited", "rupBuild")),
    "absPath": ("app", "saved_in_folder", ("url",)),
    "fileSharing": ("app", "reserved_by", ("userName",)),
    "workbookProtection": ("settings", "protection", ("lockStructure", "lockWindows")),
    "connection": ("link", "connection", ("name", "type", "sourceFile", "connection", "command")),
    "dbPr": ("link", "connection", ("connection", "command")),
    "webPr": ("link", "connection", ("url",)),
    "textPr": ("link", "connection", ("sourceFile",)),
    "header": ("revision", "saved", ("userName", "dateTime", "guid")),
    "userInfo": ("revision", "author", ("name", "dateTime")),
    "person": ("people", "account", ("displayName", "userId", "providerId")),
    "cmAuthor": ("comment", "author", ("name", "initials")),
    "author": ("comment", "author", ("name", "userId", "providerId")),
    "presenceInfo": ("people", "account", ("userId", "providerId")),
    "threadedComment": ("comment", "noted", ("dT",)),
    "cm": ("comment", "noted", ("dt", "created")),
    "modifyVerifier": ("settings", "protection", ("cryptAlgorithmSid", "spinCount")),
}
_PLAIN_PARTS = re.compile(
    r"xl/(?:connections|workbook|queryTables/[^/]+|revisions/[^/]+|persons/[^/]+"
    r"|threadedComments/[^/]+)\.xml|ppt/(?:presentation|commentAuthors|authors|comments/[^/]+)\.xml"
)


def tell_workbook(package: Package, facts: Facts, safely: Callable[..., None]) -> list[str]:
    """The strings of the workbook, once what it keeps beside them has been added."""
    text: list[str] = []
    _plain(package, facts, safely)
    safely("xl/workbook.xml", _sheets, package, facts)
    for name in package.names("xl/"):
        if _SHEET.fullmatch(name):
            safely(name, _hidden_cells, package, facts, name)
        elif re.fullmatch(r"xl/comments[^/]*\.xml|xl/comments/[^/]+\.xml", name):
            safely(name, _comments, package, facts, name)
    safely("xl/sharedStrings.xml", _collect, package, "xl/sharedStrings.xml", ("t",), "si", text)
    return text


def tell_slides(package: Package, facts: Facts, safely: Callable[..., None]) -> list[str]:
    """The text of the slides, once what they keep beside it has been added."""
    text: list[str] = []
    _plain(package, facts, safely)
    slides = sorted(
        (name for name in package.names("ppt/") if _SLIDE.fullmatch(name)),
        key=lambda name: (len(name), name),
    )
    for name in slides:
        safely(name, _slide, package, facts, name, text)
    return text


def page_count(package: Package) -> int | None:
    """How many sheets or slides the package has parts for; None for a text document."""
    count = sum(1 for name in package.names() if _SHEET.fullmatch(name) or _SLIDE.fullmatch(name))
    binary = sum(1 for name in package.names("xl/worksheets/", ".bin") if "/_rels/" not in name)
    return count + binary or None


def _plain(package: Package, facts: Facts, safely: Callable[..., None]) -> None:
    """Elements that are a property each, with what their attributes state."""
    for name in package.names():
        if _PLAIN_PARTS.fullmatch(name):
            safely(name, _attributes, package, facts, name)


def _attributes(package: Package, facts: Facts, part: str) -> None:
    for tag, given in xml_reader.starts(package.chunks(part)):
        if tag in _PAIRS:
            namespace, name, wanted = _PAIRS[tag]
            values = [given[key] for key in wanted if given.get(key)]
            written = given.get("dateTime") or given.get("dT") or given.get("created") or ""
            at = moments.zoned(written)
            facts.add(namespace, name, ", ".join(values), part=part, at=at)


def _sheets(package: Package, facts: Facts) -> None:
    part = "xl/workbook.xml"
    for tag, given in xml_reader.starts(package.chunks(part)):
        if tag == "sheet":
            state = given.get("state", "visible")
            name = "sheet" if state == "visible" else "hidden_sheet"
            told = given.get("name", "") + ("" if state == "visible" else f" ({state})")
            facts.add("sheet" if state == "visible" else "hidden", name, told, part=part)
        elif tag == "definedName" and given.get("hidden") in {"1", "true"}:
            facts.add("hidden", "hidden_name", given.get("name"), part=part)


def _hidden_cells(package: Package, facts: Facts, part: str) -> None:
    rows = columns = 0
    for tag, given in xml_reader.starts(package.chunks(part)):
        if tag == "row":
            rows += given.get("hidden") in {"1", "true"}
        elif tag == "col" and given.get("hidden") in {"1", "true"}:
            columns += 1
        elif tag == "sheetProtection":
            facts.add("settings", "protection", "sheet", part=part)
    facts.add("hidden", "hidden_row_count", rows or None, part=part)
    facts.add("hidden", "hidden_column_count", columns or None, part=part)


def _comments(package: Package, facts: Facts, part: str) -> None:
    count = 0
    for tag, _, text in xml_reader.leaves(package.chunks(part)):
        if tag == "author":
            facts.add("comment", "author", text, part=part)
        elif tag == "t" and text:
            count += 1
            facts.add("comment", "text", text, part=part)
    facts.add("comment", "comment_count", count or None, part=part)


def _slide(package: Package, facts: Facts, part: str, text: list[str]) -> None:
    first = next(xml_reader.starts(package.chunks(part)), ("", {}))
    if first[1].get("show") in {"0", "false"}:
        facts.add("hidden", "hidden_slide", part.rpartition("/")[2], part=part)
    _collect(package, part, ("t",), "p", text)


def _collect(
    package: Package, part: str, wanted: tuple[str, ...], ends: str, text: list[str]
) -> None:
    for event in xml_reader.events(package.chunks(part)):
        if event.kind == "text" and event.name in wanted:
            text.append(event.text)
        elif event.kind == "end" and event.name == ends:
            text.append("\n")
