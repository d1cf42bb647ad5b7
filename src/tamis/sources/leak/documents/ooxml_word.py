"""What the parts of a Word package keep: text, tracked changes, comments, revision ids, fields.

Source    ISO/IEC 29500-1 §17 (WordprocessingML); [MS-DOCX] for people and times in UTC.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import moments, xml_reader
from tamis.sources.leak.documents.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.zip_package import Package

_STORY = re.compile(r"word/(?:document\d*|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_CHANGES = {
    "ins": "insertion",
    "del": "deletion",
    "moveFrom": "move_from",
    "moveTo": "move_to",
    "rPrChange": "formatting",
    "pPrChange": "paragraph_formatting",
    "sectPrChange": "section_formatting",
    "tblPrChange": "table_formatting",
    "trPrChange": "row_formatting",
    "tcPrChange": "cell_formatting",
    "numberingChange": "numbering",
    "cellIns": "cell_insertion",
    "cellDel": "cell_deletion",
    "cellMerge": "cell_merge",
}
_FIELD = re.compile(
    r"\s*(HYPERLINK|INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE|LINK|IMPORT|DATABASE)\b(.*)",
    re.DOTALL | re.IGNORECASE,
)
_RSIDS = {"rsidR", "rsidRPr", "rsidP", "rsidRDefault", "rsidTr", "rsidDel", "rsidSect"}
_MAX_RSIDS = 2_000


def tell(package: Package, facts: Facts, safely: Callable[..., None]) -> list[str]:
    """The text of the stories, once what they keep beside it has been added."""
    text: list[str] = []
    rsids: Counter[str] = Counter()
    for name in package.names("word/"):
        if _STORY.fullmatch(name):
            safely(name, _Story(name, facts, text, rsids).read, package)
    safely("word/settings.xml", _settings, package, facts)
    safely("word/people.xml", _people, package, facts)
    safely("word/commentsExtensible.xml", _comment_times, package, facts)
    for rsid, count in rsids.most_common(_MAX_RSIDS):
        facts.add("rsid", "used", f"{rsid}, {count} times")
    if rsids:
        facts.add("rsid", "used_count", len(rsids))
    return text


class _Story:
    """One part with paragraphs: the body, a header, notes, comments."""

    def __init__(self, name: str, facts: Facts, text: list[str], rsids: Counter[str]) -> None:
        self.name = name
        self.facts = facts
        self.text = text
        self.rsids = rsids
        self.changes = Changes(name)
        self.hidden = 0
        self.comments = 0
        self.field: list[str] = []
        self.comment: list[str] | None = None

    def read(self, package: Package) -> None:
        for event in xml_reader.events(package.chunks(self.name)):
            if event.kind == "start":
                self._start(event.name, event.attributes)
            elif event.kind == "text":
                self._words(event.name, event.text)
            else:
                self._end(event.name)
        self._field_done()
        self.changes.tell(self.facts)
        if self.comments:
            self.facts.add("comment", "comment_count", self.comments, part=self.name)
        if self.hidden:
            self.facts.add("hidden", "hidden_text_count", self.hidden, part=self.name)

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        kind = _CHANGES.get(name)
        if kind is not None and ("author" in given or "date" in given):
            author = given.get("author", "")
            self.changes.add(kind, author, given.get("date", ""), given.get("dateUtc", ""))
            if name in {"del", "moveFrom"}:
                self.changes.delete(author)
        elif name in {"p", "r", "tr", "sectPr"}:
            for key in sorted(_RSIDS & given.keys()):
                self.rsids[given[key]] += 1
        elif name == "vanish" and given.get("val") not in {"0", "false", "off"}:
            self.hidden += 1
        elif name == "comment":
            self._comment(given)
        elif name == "fldSimple":
            self.field.append(given.get("instr", ""))
            self._field_done()
        elif name == "fldChar":
            self._field_done()
        elif name in {"tab", "br", "cr"}:
            self.text.append("\t" if name == "tab" else "\n")

    def _words(self, name: str, text: str) -> None:
        if name == "t":
            self.text.append(text)
            if self.comment is not None:
                self.comment.append(text)
        elif name == "delText":
            self.changes.deleted(text)
        elif name in {"instrText", "delInstrText"}:
            self.field.append(text)

    def _end(self, name: str) -> None:
        if name == "p":
            self.text.append("\n")
        elif name == "comment" and self.comment is not None:
            self.facts.add("comment", "text", "".join(self.comment), part=self.name)
            self.comment = None

    def _comment(self, given: Mapping[str, str]) -> None:
        self.comments += 1
        self.comment = []
        written = given.get("dateUtc") or given.get("date", "")
        told = ", ".join(one for one in (given.get("author", ""), written) if one)
        at = moments.zoned(given.get("dateUtc", ""))
        self.facts.add("comment", "author", told, part=self.name, at=at)

    def _field_done(self) -> None:
        found = _FIELD.match("".join(self.field))
        if found:
            self.facts.add("link", found[1].lower(), found[2].strip(), part=self.name)
        self.field.clear()


def _settings(package: Package, facts: Facts) -> None:
    name = "word/settings.xml"
    rsids: list[str] = []
    for tag, given in xml_reader.starts(package.chunks(name)):
        if tag in {"rsid", "rsidRoot"} and "val" in given:
            rsids.append(given["val"])
            if tag == "rsidRoot" or len(rsids) <= _MAX_RSIDS:
                facts.add("rsid", "root" if tag == "rsidRoot" else "session", given["val"])
        elif tag == "trackRevisions":
            facts.add("settings", "tracks_changes", given.get("val", "true"), part=name)
        elif tag == "documentProtection":
            facts.add("settings", "protection", given.get("edit", "stated"), part=name)
        elif tag == "docVar":
            facts.add("settings", f"variable {given.get('name', '')}", given.get("val"), part=name)
        elif tag in {"docId", "themeFontLang", "query", "connectString"}:
            value = given.get("val") or given.get("eastAsia")
            label = {"docId": "document_id", "themeFontLang": "language"}.get(tag, tag)
            facts.add("settings", label, value, part=name)
    if rsids:
        facts.add("rsid", "session_count", len(set(rsids)))


def _people(package: Package, facts: Facts) -> None:
    author = ""
    for tag, given in xml_reader.starts(package.chunks("word/people.xml")):
        if tag == "person":
            author = given.get("author", "")
            facts.add("people", "author", author, part="word/people.xml")
        elif tag == "presenceInfo":
            told = f"{author}: {given.get('providerId', '')} {given.get('userId', '')}"
            facts.add("people", "account", told, part="word/people.xml")


def _comment_times(package: Package, facts: Facts) -> None:
    name = "word/commentsExtensible.xml"
    for _, given in xml_reader.starts(package.chunks(name)):
        if "dateUtc" in given:
            at = moments.zoned(given["dateUtc"])
            facts.add("comment", "noted", given["dateUtc"], part=name, at=at)
