"""Office files before 2007 (doc, xls, ppt), and any other OLE compound file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import (
    office_encryption,
    ole_locked,
    ole_objects,
    ole_properties,
    ole_sheets,
    ole_slides,
    ole_word,
    text_extraction,
)
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.ole_storage import MAGIC, Storage, StorageError

if TYPE_CHECKING:
    from typing import BinaryIO

_TYPES = {
    "text": "application/msword",
    "spreadsheet": "application/vnd.ms-excel",
    "presentation": "application/vnd.ms-powerpoint",
    "other": "application/x-ole-storage",
}
_NAMED = re.compile(r"\.(?:do[ct]|xl[stwa]|pp[sta]|pot|vsd|pub|mpp|wps|shw)$", re.IGNORECASE)


def recognises(glimpse: Glimpse) -> int:
    """How surely this is an OLE file that no other reader knows better."""
    if not glimpse.head.startswith(MAGIC):
        return 0
    return 60 if _NAMED.search(glimpse.name) else 50


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document, its properties, and each file and macro inside as a child."""
    facts = Facts(sink)
    try:
        storage = Storage(stream)
    except StorageError as problem:
        told = {"status": "failed", "media_type": _TYPES["other"], "reason": str(problem)}
        sink.row("item", told)
        return
    if "EncryptedPackage" in storage:
        office_encryption.read(storage, source, facts)
        return
    kind = _kind(storage)
    storage.tell(facts)
    for path in storage.streams():
        if path.rpartition("/")[2] in {
            "\x05SummaryInformation",
            "\x05DocumentSummaryInformation",
        }:
            _safely(facts, path, storage)
    document: dict[str, Any] = {"kind": kind, "is_encrypted": False, "page_count": None}
    document["has_macros"] = ole_objects.tell_macros(storage, facts)
    has_text = False
    try:
        has_text = _inside(kind, storage, facts, document)
    except StorageError as problem:
        facts.note(str(problem))
    ole_objects.tell_objects(storage, facts)
    if document["is_encrypted"]:
        sink.row("document", document)
        is_open = ole_locked.hand_over(kind, storage, stream, source, facts)
        facts.close(_TYPES[kind], is_refused=not is_open)
        return
    if kind != "other":
        stream.seek(0)
        found = text_extraction.extract(stream.read(), _TYPES[kind])
        if found.problem is not None:
            facts.note(found.problem)
        elif found.text is None and has_text:
            facts.note("its cells hold text, of which none could be read")
        document |= found.columns
    sink.row("document", document)
    facts.close(_TYPES[kind])


def _safely(facts: Facts, path: str, storage: Storage) -> None:
    try:
        ole_properties.tell(storage.read(path), facts, path.replace("\x05", ""))
    except StorageError as problem:
        facts.note(str(problem))


def _kind(storage: Storage) -> str:
    """What kind of document the streams make."""
    if ole_word.STREAM in storage:
        return "text"
    if ole_sheets.stream_of(storage) is not None:
        return "spreadsheet"
    return "presentation" if ole_slides.STREAM in storage else "other"


def _inside(kind: str, storage: Storage, facts: Facts, document: dict[str, Any]) -> bool:
    """Whether there must be text: what the main stream keeps is added on the way."""
    if kind == "text":
        document["is_encrypted"] = ole_word.is_encrypted(storage)
        ole_word.tell(storage, facts)
    elif kind == "presentation":
        document["is_encrypted"] = ole_slides.is_encrypted(storage)
        ole_slides.tell(storage, facts)
        if not document["is_encrypted"]:
            document["has_macros"] |= ole_slides.tell_objects(storage, facts)
    elif (name := ole_sheets.stream_of(storage)) is not None:
        data = storage.read(name)
        document["is_encrypted"] = ole_sheets.is_encrypted(data)
        workbook = ole_sheets.Workbook(facts, name)
        workbook.tell(data)
        document["has_macros"] |= workbook.has_macros
        document["page_count"] = workbook.sheet_count or None
        return workbook.has_text
    return False


READER = LeakReader(
    name="ole",
    media_types=tuple(_TYPES.values()),
    recognises=recognises,
    read=read,
    keeps=(
        "text; author, last author, software, company, template, code page, times; who saved it "
        "under which path, revisers, the writer's local clock; Excel's user name, hidden sheets, "
        "outside links; times of the directory; embedded files and macro sources as items"
    ),
    cannot_know=(
        "whether any of it is true; what Office files inside hold; local times have no zone"
    ),
)
