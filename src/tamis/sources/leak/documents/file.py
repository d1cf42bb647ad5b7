"""Any file that no other reader takes: it is named, kept and hashed, and not opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.magic import media_type, words

if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD_BYTES = 65536
_TAIL_BYTES = 4096
_LARGE_BYTES = 256 << 20


def recognises(glimpse: Glimpse) -> int:
    """One for every file: whoever knows more wins."""
    return 1 if glimpse.size_bytes >= 0 else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """A row that says what the file is and that it was not opened."""
    if source.size_bytes == 0:
        sink.row("item", {"status": "refused", "reason": "the file is empty (0 bytes)"})
        return
    head = stream.read(_HEAD_BYTES)
    stream.seek(max(0, source.size_bytes - _TAIL_BYTES))
    found = media_type(head, stream.read(_TAIL_BYTES))
    if found == "text/plain":
        found = None  # the first bytes might be, but the reader of texts did not take it
    reason = "no reader for this kind of file: kept, hashed, not opened"
    if source.size_bytes > _LARGE_BYTES:
        reason = "too large to be read as a whole (256 MiB): kept, hashed, not opened"
    if head.count(b"\0") == len(head):
        reason = "it begins with nothing but zero bytes: kept, hashed, not opened"
    sink.row(
        "item",
        {"status": "refused", "media_type": found, "reason": f"{words(found)}; {reason}"},
    )


READER = LeakReader(
    name="file",
    media_types=("application/octet-stream",),
    recognises=recognises,
    read=read,
    keeps="the bytes, their hash, what the first bytes say the file is",
    cannot_know="anything inside the file: it is not opened",
)
