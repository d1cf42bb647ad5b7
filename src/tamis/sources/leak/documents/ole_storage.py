"""An OLE compound file: its streams, storages and their times, read within bounds.

Source    [MS-CFB] §2.6 (directory entries, times in UTC)
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import olefile  # type: ignore[import-untyped]

from tamis.errors import FormatError
from tamis.sources.leak.documents import moments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tamis.sources.leak.documents.facts import Facts

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 20_000
MAX_STREAM = 128 << 20
MAX_TOTAL = 512 << 20
# What the library lets through when the bytes are wrong.
_BROKEN = (
    *(OSError, ValueError, LookupError, OverflowError),
    *(TypeError, AttributeError, struct.error),
)
_NO_CLASS = "00000000-0000-0000-0000-000000000000"


class StorageError(FormatError):
    """An OLE file, or a stream of one, that is broken or too large."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream or storage, by its path with slashes."""

    path: str
    is_stream: bool
    size: int
    class_id: str
    created_at: datetime | None
    modified_at: datetime | None


class Storage:
    """The streams of a compound file by path; what is read is counted and limited."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the directory.

        Errors    StorageError where it is broken.
        """
        try:
            self._ole = olefile.OleFileIO(stream)
            listed = self._ole.listdir(streams=True, storages=True)
        except (*_BROKEN, RecursionError) as problem:
            raise StorageError(f"its OLE structure is broken ({problem})") from None
        if len(listed) > MAX_ENTRIES:
            raise StorageError(f"it has {len(listed):,} streams, more than are read")
        self.entries = tuple(self._entry(parts) for parts in listed)
        self._by_path = {entry.path: entry for entry in self.entries}
        self._parts = {"/".join(parts): parts for parts in listed}
        self._read = 0
        self.class_id = str(getattr(self._ole.root, "clsid", "") or "").lower()

    def __contains__(self, path: str) -> bool:
        entry = self._by_path.get(path)
        return entry is not None and entry.is_stream

    def streams(self, end: str = "") -> list[str]:
        """The paths of the streams that end so."""
        return [one.path for one in self.entries if one.is_stream and one.path.endswith(end)]

    def read(self, path: str, limit: int = MAX_STREAM) -> bytes:
        """The first bytes of a stream, whole unless it is longer than `limit`.

        Errors    StorageError where it is absent, broken, or the sum of all is too large.
        """
        if path not in self:
            raise StorageError(f"it has no stream {path!r}")
        try:
            with self._ole.openstream(self._parts[path]) as stream:
                found: bytes = stream.read(limit)
        except _BROKEN as problem:
            raise StorageError(f"the stream {path!r} is broken ({problem})") from None
        self._read += len(found)
        if self._read > MAX_TOTAL:
            raise StorageError(f"its streams hold more than {MAX_TOTAL >> 20} MiB")
        return found

    def rewritten(self, stream: BinaryIO, streams: Mapping[str, bytes]) -> bytes:
        """The whole file with other bytes, as many as before, in some of its streams.

        Errors    StorageError where they do not fit, or the file is broken there
        """
        stream.seek(0)
        copy = io.BytesIO(stream.read())
        try:
            ole = olefile.OleFileIO(copy, write_mode=True)
            for path, content in streams.items():
                ole.write_stream(self._parts[path], content)
        except (*_BROKEN, AssertionError, RecursionError) as problem:
            raise StorageError(f"its streams could not be put back ({problem})") from None
        return copy.getvalue()

    def tell(self, facts: Facts) -> None:
        """Add what the directory says: the class, the times of storages, and how many streams."""
        facts.add("ole", "class_id", self.class_id if self.class_id != _NO_CLASS else None)
        facts.add("ole", "stream_count", len(self.streams()))
        root: Any = self._ole.root
        self._times(facts, None, _moment(root, "createTime"), _moment(root, "modifyTime"))
        for entry in self.entries:
            self._times(facts, entry.path, entry.created_at, entry.modified_at)

    def _times(
        self, facts: Facts, path: str | None, created: datetime | None, modified: datetime | None
    ) -> None:
        if created is not None:
            facts.add("ole", "created", moments.shown(created), part=path, at=created)
        if modified is not None:
            facts.add("ole", "modified", moments.shown(modified), part=path, at=modified)

    def _entry(self, parts: list[str]) -> Entry:
        found: Any = None
        size = 0
        try:
            found = self._ole.direntries[self._ole._find(parts)]  # noqa: SLF001 (no public way)
            size = int(found.size)
        except _BROKEN:
            found = None
        is_stream = found is not None and found.entry_type == olefile.STGTY_STREAM
        return Entry(
            "/".join(parts),
            is_stream,
            size,
            str(getattr(found, "clsid", "") or "").lower(),
            _moment(found, "createTime"),
            _moment(found, "modifyTime"),
        )


def _moment(entry: Any, name: str) -> datetime | None:
    count = getattr(entry, name, 0)
    return moments.ticks(count) if isinstance(count, int) else None
