"""ZIP archives: each entry an item, the directory compared with what really lies there."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.errors import MemberError
from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers import zip_directory as directories
from tamis.sources.leak.containers import zip_recovery
from tamis.sources.leak.containers.guards import (
    PIECE_BYTES,
    Tally,
    dos_time,
    metered,
    passwords,
)
from tamis.sources.leak.containers.zip_crypt import Locks, aes_method
from tamis.sources.leak.containers.zip_methods import METHODS, plain
from tamis.sources.leak.magic import media_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from functools import partial
    from typing import BinaryIO

    from tamis.sources.leak.containers.zip_directory import Entry

_ZIP = "application/zip"
_STARTS = (directories.LOCAL, directories.END, b"PK00PK\x03\x04")


def recognises(glimpse: Glimpse) -> int:
    """39 for an archive, 20 when the first bytes say that it is an office document.

    An archive behind something else (a program that unpacks itself) shows at its end: 15.
    """
    if glimpse.head.startswith(_STARTS):
        found = media_type(glimpse.head, glimpse.tail)
        return 39 if found in {_ZIP, None} else 20
    return 15 if directories.END in glimpse.tail and directories.LOCAL in glimpse.head else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """Every entry of the directory, or without one every entry found by its own header."""
    tally = Tally(sink)
    archive = _Archive(stream, source, tally)
    directory = directories.find(stream, source.size_bytes)
    entries = list(directories.entries(stream, directory)) if directory else []
    trouble = None
    if directory is not None and (entries or not directory.declared):
        tally.expected = directory.declared
        if directory.comment:
            comment = directory.comment.decode("utf-8", "backslashreplace")
            sink.row("property", {"namespace": "zip", "name": "comment", "value": comment})
    else:
        entries = list(zip_recovery.entries(stream, source.size_bytes))
        trouble = (
            f"the directory at its end is missing or damaged: {len(entries):,} entries were found "
            "by their own headers, there may have been more"
        )
        if directory is not None:
            tally.expected = directory.declared
    archive.take(entries)
    tally.close(_ZIP, trouble=trouble)


class _Archive:
    """One archive on its way out."""

    def __init__(self, stream: BinaryIO, source: Source, tally: Tally) -> None:
        self.stream = stream
        self.size = source.size_bytes
        self.tally = tally
        self.locks = Locks(passwords(source))
        self.renamed = 0

    def take(self, entries: list[Entry]) -> None:
        """Hand every entry over, in the order of the directory."""
        tally = self.tally
        folders = 0
        overlapping = _overlapping(entries)
        for rank, entry in enumerate(entries):
            if entry.is_folder:
                folders += 1
                continue
            self._one(entry, is_overlapping=rank in overlapping)
        if tally.expected is not None:
            # A folder is an entry to ZIP, but holds nothing that could come out.
            tally.expected -= folders
        if folders:
            tally.notes.append(f"{folders:,} folders")
        again = sum(n - 1 for n in Counter(one.name for one in entries).values())
        if again:
            tally.notes.append(f"{again:,} entries have the name of another: all are kept")
        odd = sum(_climbs(one.name) for one in entries)
        if odd:
            tally.notes.append(
                f"{odd:,} names would lead outside a folder they were unpacked into: kept as "
                "names, nothing is written there"
            )
        if self.renamed:
            tally.notes.append(
                f"{self.renamed:,} entries have another name in their own header than in the "
                "directory: programs show one or the other"
            )

    def _one(self, entry: Entry, *, is_overlapping: bool) -> None:
        tally = self.tally
        place = {"container_modified_at": entry.modified_at, "is_member": True}
        self._tell(entry)
        if is_overlapping:
            why = "its bytes overlap those of another entry: a trick of decompression bombs"
            tally.absent(entry.name, "refused", why, **place)
            return
        own = directories.local(self.stream, entry.offset)
        if own is None or own.data_start is None:
            why = "there is no entry at the place the directory names: damaged or cut off"
            tally.absent(entry.name, "failed", why, **place)
            return
        self.renamed += own.name != entry.name
        found = replace(entry, data_start=own.data_start, extra=entry.extra or own.extra)
        if found.is_link:
            target = b"".join(_some(self._content(found), 1000)).decode("utf-8", "backslashreplace")
            why = f"a link to {target[:200]!r}: links are not followed"
            tally.absent(entry.name, "refused", why, **place)
            return
        tally.take(entry.name, self._content(found), **place)

    def _tell(self, entry: Entry) -> None:
        name = "modified (local time of the packer, zone not stated)"
        stated = dos_time(entry.stamp)
        self.tally.tell("zip", name, stated, entry.name, noted_at=entry.modified_at)

    def _content(self, entry: Entry) -> Iterator[bytes]:
        """The entry's bytes, checked as they go.

        Errors    MemberError for what does not come out, comes out damaged, or swells
        """
        checksum = 0
        count = 0
        for piece in metered(self._plain(entry), min(entry.packed, self.size)):
            checksum = zlib.crc32(piece, checksum)
            count += len(piece)
            yield piece
        if checksum != entry.crc and not (aes_method(entry) and not entry.crc):
            raise MemberError(
                "partly",
                "its checksum does not fit what came out: damaged, or altered after packing",
            )
        if count != entry.size:
            raise MemberError("partly", "its stated size is not the size of what came out")

    def _plain(self, entry: Entry) -> Iterator[bytes]:
        method, packed = entry.method, self._packed(entry)
        if entry.is_encrypted:
            if entry.flags & 0x40 and entry.method != 99:
                raise MemberError("refused", "encrypted in a way that tamis does not open")
            aes = aes_method(entry)
            if aes is not None:
                method = aes[1]
                packed = self.locks.open_aes(aes[0], entry.packed, self._reader(entry))
            elif entry.method == 99:
                raise MemberError("failed", "encrypted, and what says how is damaged")
            else:
                packed = self.locks.open_old(
                    entry, entry.packed, self._reader(entry), lambda one: _fits(entry, one)
                )
        if method not in METHODS:
            raise MemberError("failed", f"packed by method {method}, which tamis does not open")
        return plain(method, packed, entry)

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        return self._pieces(entry, 0, entry.packed)

    def _reader(self, entry: Entry) -> partial[Iterator[bytes]]:
        from functools import partial as bind  # noqa: PLC0415 (only for encrypted entries)

        return bind(self._pieces, entry)

    def _pieces(self, entry: Entry, start: int, end: int) -> Iterator[bytes]:
        if entry.data_start is None:
            return
        place, stop = entry.data_start + start, entry.data_start + end
        while place < stop:
            self.stream.seek(place)
            piece = self.stream.read(min(PIECE_BYTES, stop - place))
            if not piece:
                raise MemberError("partly", "cut off: the archive ends before the entry does")
            place += len(piece)
            yield piece


def _fits(entry: Entry, packed: Iterable[bytes]) -> bool:
    """Whether decrypted bytes unpack to the checksum stated."""
    checksum = 0
    try:
        for piece in metered(plain(entry.method, packed, entry), entry.packed):
            checksum = zlib.crc32(piece, checksum)
    except MemberError:
        return False
    return checksum == entry.crc


def _some(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """The first bytes, however it goes on."""
    try:
        yield next(pieces, b"")[:limit]
    except MemberError:
        return


def _overlapping(entries: list[Entry]) -> set[int]:
    """The ranks of entries that begin inside the bytes of one that lies before them."""
    found = set()
    reach = -1
    order = sorted(range(len(entries)), key=lambda rank: (entries[rank].offset, rank))
    for rank in order:
        entry = entries[rank]
        if entry.offset < reach:
            found.add(rank)
        reach = max(reach, entry.offset + 30 + entry.packed)
    return found


def _climbs(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or parts[0].endswith(":")


READER = LeakReader(
    name="zip",
    media_types=(_ZIP,),
    recognises=recognises,
    read=read,
    keeps=(
        "every entry with name, time (UTC where the archive states it, else the local text), "
        "what its checksum says; links and encrypted entries by name; entries found without a "
        "directory"
    ),
    cannot_know="the zone of plain ZIP times; entries cut out together with their listing",
    is_streaming=True,
)
