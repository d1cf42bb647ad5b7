"""Content-addressed bytes: taken in with their hash in one pass, and kept out until committed."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from tamis.case.layout import BLOBS, CHUNK, blob_path, open_regular, sync_file, sync_tree
from tamis.errors import CaseBrokenError, InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

# From this many files on, one sync of the file system costs less than one of each.
_MANY = 64


class BlobStore:
    """The blobs of a case while one writer adds to them.

    Blobs stand under their final name at once, so that they can be read during the run; those
    that no commit has named are removed again when the writer leaves, or by the next writer
    after a crash.
    """

    def __init__(self, root: Path, known: dict[str, str], forgotten: Collection[str]) -> None:
        """Start from the item ids that have bytes already (with how they are stored)."""
        self._root = root
        self._known = known
        self._forgotten = forgotten
        self._folders: set[str] = set()
        self._new: list[str] = []
        self._rows: list[dict[str, Any]] = []
        self.moved_in: set[str] = set()

    def store(self, source: Path, spool: Path) -> tuple[str, int]:
        """Item id and size of a file that was copied in; known bytes are not kept twice."""
        new = spool / "copy"
        found = hashlib.sha256()
        size = 0
        reading = open_regular(source)
        new.unlink(missing_ok=True)  # one that could not be read to its end, and is read-only
        writing = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o444)
        try:
            while chunk := os.read(reading, CHUNK):
                found.update(chunk)
                size += len(chunk)
                rest = memoryview(chunk)
                while rest:
                    rest = rest[os.write(writing, rest) :]
        finally:
            os.close(reading)
            os.close(writing)
        item_id = found.hexdigest()
        self._settle(new, item_id, size)
        return item_id, size

    def adopt(self, path: Path, item_id: str) -> int:
        """The size of a spool file that became the blob of `item_id`.

        Errors    CaseBrokenError when its bytes are others: what a worker says of its own
                  output is checked before it is believed. InputError for a link or pipe.
        """
        if path.is_symlink() or path.stat(follow_symlinks=False).st_nlink != 1:
            raise InputError(f"{path}: expected a file of its own, found a link")
        found = hashlib.sha256()
        size = 0
        descriptor = open_regular(path)
        try:
            while chunk := os.read(descriptor, CHUNK):
                found.update(chunk)
                size += len(chunk)
        finally:
            os.close(descriptor)
        if found.hexdigest() != item_id:
            raise CaseBrokenError(
                f"{path}: expected the bytes of item {item_id}, found {found.hexdigest()}"
            )
        path.chmod(0o444)
        self._settle(path, item_id, size)
        return size

    def refer(self, source: Path) -> tuple[str, int]:
        """Item id and size of a file that stays where it is.

        Errors    InputError when it changes while it is read, or its name is no Unicode.
        """
        location = str(source.resolve())
        try:
            location.encode()
        except UnicodeEncodeError:
            raise InputError(
                f"{source}: the path is no Unicode text and cannot be written down; "
                "add it without --by-reference"
            ) from None
        found = hashlib.sha256()
        descriptor = open_regular(source)
        try:
            before = os.fstat(descriptor)
            while chunk := os.read(descriptor, CHUNK):
                found.update(chunk)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise InputError(f"{source}: it changed while it was read; add it when it is at rest")
        item_id = found.hexdigest()
        if item_id not in self._known and item_id not in self._forgotten:
            self._known[item_id] = "reference"
            self._rows.append(_row(item_id, "reference", location, after.st_size))
        return item_id, after.st_size

    def path(self, item_id: str) -> Path:
        """Where a stored item's own blob stands."""
        return blob_path(self._root, item_id)

    def _settle(self, new: Path, item_id: str, size: int) -> None:
        """Move a finished file to its name, unless its bytes are there or were forgotten."""
        before = self._known.get(item_id)
        if before == "blob" or item_id in self._forgotten:
            new.unlink()
            return
        target = blob_path(self._root, item_id)
        if item_id[:2] not in self._folders:
            target.parent.mkdir(exist_ok=True)
            self._folders.add(item_id[:2])
        new.replace(target)
        self._known[item_id] = "blob"
        self._new.append(item_id)
        self._rows.append(_row(item_id, "blob", None, size))
        if before == "reference":
            self.moved_in.add(item_id)

    def sync(self) -> None:
        """Nothing; every new blob is on the disk afterwards."""
        if len(self._new) > _MANY:
            sync_tree(self._root)
            return
        for item_id in self._new:
            sync_file(self.path(item_id))
        for folder in {item_id[:2] for item_id in self._new}:
            sync_file(self._root / BLOBS / folder)
        if self._new:
            sync_file(self._root / BLOBS)

    def take_rows(self) -> list[dict[str, Any]]:
        """The rows of table `blob` for what came in since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def drop(self) -> None:
        """Remove what no commit has named."""
        for item_id in self._new:
            self.path(item_id).unlink(missing_ok=True)
        self._new.clear()


def _row(item_id: str, storage: str, location: str | None, size: int) -> dict[str, Any]:
    return {"item_id": item_id, "storage": storage, "location": location, "size_bytes": size}
