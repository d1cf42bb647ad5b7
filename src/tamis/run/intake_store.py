"""The bytes of a file go into the case before anything looks inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.errors import TamisError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.run.intake_book import Book
    from tamis.run.intake_walk import Entry


@dataclass(frozen=True, slots=True)
class Taken:
    """A file whose bytes the case has; `path` is where they can be read."""

    entry: Entry
    item_id: str
    size_bytes: int
    path: Path
    reader: str | None


def store(
    book: Book, entry: Entry, kind: str, reader: str | None, *, by_reference: bool
) -> Taken | None:
    """The file with its bytes in the case; None, and a row that says why, when there are none.

    A file whose path is no Unicode text cannot be referred to later: it is copied.
    """
    writer = book.writer
    if by_reference and not _is_unicode(entry.place):
        by_reference = False
        book.report.notes.append(
            f"{entry.path}: copied, since its path is no Unicode text and cannot be referred to"
        )
    try:
        item_id, size = writer.store(entry.place, by_reference=by_reference)
    except OSError as problem:
        why = f"it could not be read ({problem.strerror or problem})"
        book.trouble(entry, kind, ("failed", why))
        return None
    except TamisError as problem:
        book.trouble(entry, kind, ("failed", str(problem)))
        return None
    if writer.is_forgotten(item_id):
        book.report.notes.append(f"{entry.path}: forgotten earlier, not taken in again")
        return None
    path = writer.blob(item_id)
    return Taken(entry, item_id, size, path if path.exists() else entry.place.resolve(), reader)


def _is_unicode(place: Path) -> bool:
    try:
        str(place.resolve()).encode()
    except UnicodeEncodeError:
        return False
    return True


def fail(book: Book, taken: Taken, kind: str, reason: str) -> None:
    """Account for a file that was lost to the parser."""
    book.item(failed(taken.item_id, kind, taken.size_bytes, reason))
    book.place(taken.entry, taken.item_id, kind, taken.entry.mailbox_id)
    book.report.file("unknown", "failed", reason, taken.entry.path)
    book.done(taken.entry, kind, taken.item_id, taken.size_bytes)


def failed(item_id: str, kind: str, size: int, reason: str) -> dict[str, object]:
    """The row of an item that could not be read."""
    return {
        "item_id": item_id,
        "kind": kind,
        "size_bytes": size,
        "status": "failed",
        "reason": reason,
    }
