"""What the parts of an OpenDocument file keep: metadata, changes, comments, what is hidden.

Source    OASIS OpenDocument 1.3 part 3, §4 (metadata), §5.5 (change tracking), §14.1 to §14.3
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import moments, xml_reader
from tamis.sources.leak.documents.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.zip_package import Package

_NAMES = {
    "initial-creator": "creator",
    "creator": "last_author",
    "creation-date": "created",
    "date": "modified",
    "print-date": "printed",
    "printed-by": "printed_by",
    "editing-cycles": "revision",
    "editing-duration": "edit_duration",
    "generator": "software",
    "title": "title",
    "subject": "subject",
    "description": "description",
    "keyword": "keywords",
    "language": "language",
}
_TIMES = {"created", "modified", "printed"}
_SETTINGS = {"PrinterName": "printer", "CurrentDatabaseDataSource": "database", "Rsid": "rsid_last"}
_ENDS = {
    "p": "\n",
    "h": "\n",
    "table-row": "\n",
    "tab": "\t",
    "line-break": "\n",
    "table-cell": "\t",
}
_CHANGED = {"insertion", "deletion", "format-change"}
_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]+:|//|\\\\|\.\./|/)", re.IGNORECASE)
_COUNTS = {
    "page-count": "page_count",
    "word-count": "word_count",
    "character-count": "character_count",
    "table-count": "table_count",
    "image-count": "image_count",
    "object-count": "object_count",
}


def meta(package: Package, facts: Facts) -> None:
    """Add what meta.xml states."""
    part = "meta.xml"
    for tag, given, text in xml_reader.leaves(package.chunks(part), allow_doctype=True):
        if tag == "user-defined":
            facts.add("custom", given.get("name", "unnamed"), text, part=part)
        elif tag == "template":
            told = " ".join(given.get(key, "") for key in ("title", "href", "date")).strip()
            facts.add("core", "template", told, part=part)
        elif tag == "document-statistic":
            for key, name in _COUNTS.items():
                facts.add("core", name, given.get(key), part=part)
        elif tag in _NAMES:
            name = _NAMES[tag]
            at = moments.zoned(text) if name in _TIMES else None
            facts.add("core", name, text, part=part, at=at)


def settings(package: Package, facts: Facts) -> None:
    """Add the printer, the database and the last revision id of settings.xml."""
    for tag, given, text in xml_reader.leaves(package.chunks("settings.xml"), allow_doctype=True):
        if tag == "config-item" and given.get("name") in _SETTINGS:
            facts.add("settings", _SETTINGS[given["name"]], text, part="settings.xml")


class Content:
    """What content.xml and styles.xml hold, read in one pass each."""

    def __init__(self, facts: Facts) -> None:
        """Collect text, changes, comments and links; hidden things by the styles that hide."""
        self.facts = facts
        self.text: list[str] = []
        self.pages = 0
        self._part = ""
        self._style = ""
        self._hiding: set[str] = set()
        self._styled: list[tuple[str, str, str]] = []
        self._change = ""
        self._note: dict[str, str] | None = None
        self._author = ""
        self._changes = Changes("content.xml")
        self._comments = 0

    def read(self, package: Package, part: str) -> None:
        """Read one part."""
        self._part = part
        for event in xml_reader.events(package.chunks(part), allow_doctype=True):
            if event.kind == "start":
                self._start(event.name, event.attributes)
            elif event.kind == "text":
                self._words(event.name, event.text)
            else:
                self._end(event.name)

    def tell(self, kind: str) -> None:
        """Add what is known only once all parts were read; `kind` is the document's."""
        self._changes.tell(self.facts)
        self.facts.add("comment", "comment_count", self._comments or None, part="content.xml")
        for what, name, style in self._styled:
            is_hidden = style in self._hiding
            namespace = "hidden" if is_hidden else "sheet"
            if is_hidden or (what == "sheet" and kind == "spreadsheet"):
                label = f"hidden_{what}" if is_hidden else what
                self.facts.add(namespace, label, name or "unnamed", part="content.xml")

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        if name == "style":
            self._style = given.get("name", "")
        elif name in {"table-properties", "drawing-page-properties"}:
            if given.get("display") == "false" or given.get("visibility") == "hidden":
                self._hiding.add(self._style)
        elif name == "table" and self._part == "content.xml":
            self.pages += 1
            self._styled.append(("sheet", given.get("name", ""), given.get("style-name", "")))
        elif name == "page" and self._part == "content.xml":
            self.pages += 1
            self._styled.append(("slide", given.get("name", ""), given.get("style-name", "")))
        elif name == "section" and given.get("display") in {"none", "condition"}:
            self.facts.add("hidden", "hidden_section", given.get("name"), part=self._part)
        elif name in _CHANGED:
            self._change = name.replace("-", "_")
            self._note = {}
        elif name == "annotation":
            self._comments += 1
            self._note = {}
        self._link(name, given)

    def _link(self, name: str, given: Mapping[str, str]) -> None:
        target = given.get("href", "")
        if target and _REMOTE.match(target) and not target.startswith("./"):
            self.facts.add("link", name, target, part=self._part)
        for key in ("connection-resource", "database-name", "application"):
            if name in {"dde-source", "database-source-sql", "dde-connection-decl"}:
                self.facts.add("link", name, given.get(key) or given.get(f"dde-{key}"))

    def _words(self, name: str, text: str) -> None:
        if self._note is not None:
            self._note[name] = self._note.get(name, "") + text
        elif text.strip() or text == " ":
            self.text.append(text)

    def _end(self, name: str) -> None:
        note = self._note
        if name == "change-info" and note is not None and self._change:
            self._changes.add(self._change, note.get("creator", ""), note.get("date", ""))
            if self._change == "deletion":
                self._changes.delete(note.get("creator", ""))
            self._note = {}
        elif name in _CHANGED:
            if note is not None and self._change == "deletion":
                self._changes.deleted(" ".join(note.values()))
            self._change, self._note = "", None
        elif name == "annotation" and note is not None:
            who = ", ".join(one for one in (note.get("creator"), note.get("date")) if one)
            at = moments.zoned(note.get("date", ""))
            self.facts.add("comment", "author", who, part=self._part, at=at)
            said = " ".join(value for key, value in note.items() if key in {"p", "span"})
            self.facts.add("comment", "text", said, part=self._part)
            self._note = None
        elif self._note is None and name in _ENDS:
            self.text.append(_ENDS[name])
