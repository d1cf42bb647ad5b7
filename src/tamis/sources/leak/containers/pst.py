"""PST and OST: Outlook's mailboxes, folder by folder and message by message."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.errors import MemberError
from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak import libpff
from tamis.sources.leak.outlook import MESSAGE_TYPE
from tamis.syntax.mapi.bag import Bag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

MAX_MESSAGES = 5_000_000
_MAGIC = b"!BDN"
_CLIENTS = {b"SM", b"SO", b"AB"}
_ENCRYPTION = {0: "none", 1: "compressible (no key needed)", 2: "high (no key needed)"}
_KINDS = {b"SM": "PST", b"SO": "OST", b"AB": "PAB"}
_CUT = re.compile(r"\s+")
_NOTES = 40


def recognises(glimpse: Glimpse) -> int:
    """Certain, by the mark at the start and the kind of store behind it."""
    head = glimpse.head
    return 100 if head.startswith(_MAGIC) and head[8:10] in _CLIENTS else 0


@dataclass(slots=True)
class _Tally:
    """What the store declares, what is listed in it, and what a person should know."""

    declared: int = 0
    listed: int = 0
    missing: int = 0
    failed: int = 0
    hidden: int = 0
    notes: list[str] = field(default_factory=list)

    def folder(self, folder: libpff.Folder) -> None:
        """Take one folder in."""
        self.listed += folder.listed
        self.hidden += folder.hidden
        if folder.problem is not None:
            self.notes.append(f"{folder.path[:80] or 'the root folder'}: {folder.problem}")
        declared = folder.listed if folder.declared is None else folder.declared
        self.declared += max(declared, folder.listed)
        if declared > folder.listed:
            self.missing += declared - folder.listed
        if declared != folder.listed:
            self.notes.append(
                f"{folder.path[:80]}: it declares {declared:,} items and lists {folder.listed:,}"
            )

    def note(self) -> str | None:
        """All remarks in one text."""
        notes = list(dict.fromkeys(self.notes))
        if self.hidden:
            notes.append(f"{self.hidden:,} hidden items (views, settings) are not read")
        more = len(notes) - _NOTES
        shown = "; ".join(notes[:_NOTES])
        return (f"{shown}; and {more:,} more remarks" if more > 0 else shown) or None


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """Every item of every folder as a child that is rebuilt when its turn comes."""
    try:
        file = libpff.open_store(stream)
    except libpff.TROUBLE as problem:
        _lost(sink, f"it could not be opened as an Outlook mailbox ({libpff.said(problem)})")
        return
    tally = _Tally()
    position = 0
    for folder in libpff.folders(file):
        tally.folder(folder)
        for rank in range(min(folder.listed, MAX_MESSAGES - position)):
            name = f"{folder.path}/{rank + 1}" if folder.path else f"{rank + 1}"
            _hand_over(sink, name, position, _pieces(tally, folder.handle.get_sub_message, rank))
            position += 1
    position = _orphans(file, sink, tally, position)
    _properties(file, stream, sink)
    sink.row(
        "ledger",
        {
            "expected_count": tally.declared,
            "emitted_count": tally.listed - tally.failed,
            "failed_count": tally.missing + tally.failed,
            "note": tally.note(),
        },
    )
    reason = "; ".join(tally.notes)[:1000] if tally.missing or tally.notes else None
    media_type = READER.media_types[0]
    status = "partly" if tally.notes else "read"
    sink.row("item", {"status": status, "media_type": media_type, "reason": reason})


def _hand_over(sink: Sink, name: str, position: int, pieces: Iterator[bytes]) -> None:
    sink.child(
        name,
        content=pieces,
        position=position,
        claimed_type=MESSAGE_TYPE,
        is_member=True,
        is_path=True,
        is_apart=True,
    )


def _pieces(tally: _Tally, fetch: Callable[[int], Any], rank: int) -> Iterator[bytes]:
    """One item's bytes.

    Errors    MemberError with libpff's complaint: one bad item costs one
    """
    try:
        content = libpff.rebuild(fetch(rank))
    except libpff.TROUBLE as problem:
        tally.failed += 1
        raise MemberError("failed", f"it could not be read ({libpff.said(problem)})") from None
    yield content


def members(stream: BinaryIO) -> Callable[[int], bytes]:
    """What rebuilds the item at a position, counted as `read` counts them."""
    file = libpff.open_store(stream)
    starts: list[int] = []
    held: list[libpff.Folder] = []
    count = 0
    for folder in libpff.folders(file):
        starts.append(count)
        held.append(folder)
        count += folder.listed

    def fetch(position: int) -> bytes:
        if position >= count:
            return b"".join(_pieces(_Tally(), file.get_orphan_item, position - count))
        place = bisect_right(starts, position) - 1
        one = held[place].handle.get_sub_message
        return b"".join(_pieces(_Tally(), one, position - starts[place]))

    return fetch


def _orphans(file: Any, sink: Sink, tally: _Tally, position: int) -> int:
    """Items that lie in no folder, if the library finds any."""
    try:
        count = file.number_of_orphan_items
    except libpff.TROUBLE as problem:
        tally.notes.append(f"items outside all folders: {libpff.said(problem)}")
        return position
    for rank in range(min(count, MAX_MESSAGES - position)):
        name = f"outside all folders/{rank + 1}"
        _hand_over(sink, name, position, _pieces(tally, file.get_orphan_item, rank))
        position += 1
    tally.declared += count
    tally.listed += count
    return position


def _properties(file: Any, stream: BinaryIO, sink: Sink) -> None:
    """What the store says about itself: its kind, its name, its encryption."""
    stream.seek(8)
    told: dict[str, str | None] = {
        "kind of store": _KINDS.get(stream.read(2)),
        "encryption": _ENCRYPTION.get(file.encryption_type, str(file.encryption_type)),
    }
    bag = Bag()
    try:
        libpff.fill(bag, file.message_store, [])
        told["name of the store"] = bag.text(0x3001)
    except libpff.TROUBLE:
        told["name of the store"] = None
    rows = [(name, value) for name, value in told.items() if value]
    for rank, (name, value) in enumerate(rows):
        sink.row(
            "property",
            {"position": rank, "namespace": "pst", "name": name, "value": _CUT.sub(" ", value)},
        )


def _lost(sink: Sink, reason: str) -> None:
    sink.row("item", {"status": "failed", "media_type": READER.media_types[0], "reason": reason})


READER = LeakReader(
    name="pst",
    media_types=("application/vnd.ms-outlook-pst",),
    recognises=recognises,
    read=read,
    is_streaming=True,
    members=members,
    keeps=(
        "every folder, and every message, contact, appointment, task and note in it with all "
        "properties, attachments and attached messages, each rebuilt as an item of its own"
    ),
    cannot_know=(
        "the bytes that were sent; items that Outlook deleted and overwrote; whether a property "
        "was changed after the message arrived"
    ),
)
