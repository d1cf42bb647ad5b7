"""7-Zip archives: each file an item, unpacked block by block as a stream.

The header and the coders are read by py7zr; what comes out, how much, and what is never made a
file anywhere, is decided here.
"""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any

from tamis.errors import MemberError
from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers.guards import (
    ENCRYPTED,
    FREE_BYTES,
    MAX_RATIO,
    PIECE_BYTES,
    Tally,
    file_time,
    passwords,
)
from tamis.sources.leak.containers.unpacking import errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_TYPE = "application/x-7z-compressed"
_MAGIC = b"7z\xbc\xaf\x27\x1c"
_MEMORY_BYTES = 300 << 20
_LZMA2, _LZMA1, _AES = b"\x21", b"\x03\x01\x01", b"\x06\xf1\x07\x01"
# Each password costs half a million rounds of SHA-256 and more.
_TRY_S = 20.0
_MAX_ROUNDS = 22
_BEHIND = "the packed block it lies in is damaged before it"


def recognises(glimpse: Glimpse) -> int:
    """39 for the first bytes of an archive."""
    return 39 if glimpse.head.startswith(_MAGIC) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """Every file of the archive; links and encrypted files by name."""
    keys = _Keys(passwords(source))
    try:
        archive, is_locked = _opened(stream, keys)
    except MemberError as problem:
        reason = f"even its list is {problem}"
        sink.row("item", {"status": "refused", "media_type": _TYPE, "reason": reason})
        return
    except _damage() as problem:
        _failed(sink, f"its header is damaged or cut off ({type(problem).__name__}: {problem})")
        return
    if archive is None:
        sink.row(
            "item",
            {"status": "refused", "media_type": _TYPE, "reason": f"even its list is {ENCRYPTED}"},
        )
        return
    tally = Tally(sink)
    files = list(getattr(archive, "files", ()))
    folders = sum(bool(one.is_directory) for one in files)
    tally.expected = len(files) - folders
    if folders:
        tally.notes.append(f"{folders:,} folders")
    if is_locked:
        tally.notes.append("its list was encrypted, and opened with a password of the list")
    blocks = _Blocks(stream, archive, keys)
    for one in files:
        if not one.is_directory:
            _take(tally, blocks, one)
    tally.close(_TYPE)


def _damage() -> tuple[type[Exception], ...]:
    """What py7zr and its decoders raise on damaged archives and wrong passwords."""
    from py7zr import exceptions  # noqa: PLC0415 (only for such archives)

    return (
        *(exceptions.ArchiveError, exceptions.PasswordRequired, ArithmeticError, AssertionError),
        *(AttributeError, LookupError, RuntimeError, TypeError, *errors()),
    )


def _opened(stream: BinaryIO, keys: _Keys) -> tuple[Any, bool]:
    """The archive with its header read, and whether that took a password; None without one."""
    import py7zr  # noqa: PLC0415 (only for such archives)
    from py7zr.exceptions import PasswordRequired  # noqa: PLC0415

    try:
        return py7zr.SevenZipFile(stream), False
    except PasswordRequired:
        pass
    for key in keys.tries():
        stream.seek(0)
        try:
            archive = py7zr.SevenZipFile(stream, password=key)
        except _damage():  # a wrong password shows as any kind of damage
            continue
        keys.found(key)
        return archive, True
    return None, True


def _failed(sink: Sink, reason: str) -> None:
    sink.row("item", {"status": "failed", "media_type": _TYPE, "reason": reason})
    note = {"expected_count": None, "emitted_count": 0, "failed_count": 0, "note": reason}
    sink.row("ledger", note)


def _take(tally: Tally, blocks: _Blocks, one: Any) -> None:
    name = str(one.filename)
    stamp = one.lastwritetime
    moment = None if stamp is None else file_time(int(stamp))
    place = {"container_modified_at": moment, "is_member": True}
    if one.is_symlink or one.is_junction or one.is_socket:
        tally.absent(name, "refused", "a link or device: not followed", **place)
        blocks.skip(one)
    elif one.emptystream:
        tally.take(name, iter(()), **place)
    else:
        tally.take(name, blocks.content(one), **place)


class _Keys:
    """The passwords, the one that opened something first, until their time is up."""

    def __init__(self, given: list[str]) -> None:
        self._given = given
        self._spent = 0.0

    def tries(self) -> Iterator[str]:
        """Each password in turn, as long as trying may take."""
        for one in tuple(self._given):
            if self._spent > _TRY_S:
                raise MemberError("refused", f"{ENCRYPTED} within {_TRY_S:.0f} seconds of trying")
            began = time.process_time()
            yield one
            self._spent += time.process_time() - began

    def found(self, key: str) -> None:
        """Try this one first from now on."""
        self._given.remove(key)
        self._given.insert(0, key)
        self._spent = 0.0


class _Blocks:
    """The packed blocks (py7zr: folders) of an archive; each is a stream of several files."""

    def __init__(self, stream: BinaryIO, archive: Any, keys: _Keys) -> None:
        self.stream = stream
        self.keys = keys
        self.current: Any = None
        self.decoder: Any = None
        self.trouble: MemberError | None = None
        self.left_bytes = 0
        streams = getattr(archive.header, "main_streams", None)
        self.places: dict[int, tuple[int, int]] = {}
        if streams is not None:
            start, rank = archive.afterheader + streams.packinfo.packpos, 0
            for one in streams.unpackinfo.folders:
                count = max([coder.get("numinstreams", 1) for coder in one.coders], default=1)
                size = sum(streams.packinfo.packsizes[rank : rank + count])
                self.places[id(one)] = (start, size)
                start, rank = start + size, rank + count

    def content(self, one: Any) -> Iterator[bytes]:
        """The bytes of the next file of a block, checked as they go.

        Errors    MemberError for what does not come out, comes out damaged, or swells
        """
        if one.folder is not self.current:
            self._begin(one)
        if self.trouble is not None:
            raise self.trouble
        checksum = 0
        for piece in self._pieces(self.decoder, one.uncompressed):
            self.left_bytes -= len(piece)
            if self.left_bytes < 0:
                why = (
                    f"the block it lies in swells to over {MAX_RATIO} times its packed size: "
                    "a decompression bomb, or extract it yourself"
                )
                self.trouble = MemberError("refused", why)
                raise self.trouble
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if one.crc32 is not None and checksum != one.crc32:
            why = "its checksum does not fit what came out: damaged, or altered after packing"
            raise MemberError("partly", why)

    def skip(self, one: Any) -> None:
        """Move behind a file that is not wanted."""
        if one.emptystream:
            return
        try:
            for _ in self.content(one):
                pass
        except MemberError:
            return

    def _begin(self, one: Any) -> None:
        self.current = one.folder
        self.trouble = None
        size = self.places.get(id(one.folder), (0, 0))[1]
        self.left_bytes = max(FREE_BYTES, MAX_RATIO * size)
        try:
            self._check(one.folder)
            if any(coder["method"] == _AES for coder in one.folder.coders):
                self._unlock(one)
            self.decoder = self._decoder(one.folder, None)
        except MemberError as problem:
            self.trouble = problem
        except _damage() as problem:
            why = f"packed in a way that cannot be opened ({type(problem).__name__}: {problem})"
            self.trouble = MemberError("failed", why)

    def _unlock(self, one: Any) -> None:
        """Find the password by unpacking the first file of the block against its checksum."""
        for key in self.keys.tries():
            checksum = 0
            try:
                left = self.left_bytes
                for piece in self._pieces(self._decoder(one.folder, key), one.uncompressed):
                    checksum = zlib.crc32(piece, checksum)
                    left -= len(piece)
                    if left < 0:
                        break
            except MemberError:
                continue
            except _damage():  # a wrong password shows as any kind of damage
                continue
            if checksum == one.crc32:
                self.keys.found(key)
                # A wrong password tried before looked like damage.
                self.trouble = None
                return
        raise MemberError("refused", ENCRYPTED)

    def _decoder(self, block: Any, key: str | None) -> Any:
        start, size = self.places[id(block)]
        self.stream.seek(start)
        if key is not None:
            block.password = key
        return block.get_decompressor(size, reset=True)

    def _pieces(self, decoder: Any, size: int) -> Iterator[bytes]:
        left = size
        while left > 0:
            before = decoder.consumed
            try:
                piece = bytes(decoder.decompress(self.stream, min(left, PIECE_BYTES)))
            except _damage() as problem:
                self.trouble = MemberError("failed", _BEHIND)
                why = f"damaged after {size - left:,} bytes ({type(problem).__name__}: {problem})"
                raise MemberError("partly" if left < size else "failed", why) from None
            if not piece and decoder.consumed == before:
                self.trouble = MemberError("failed", _BEHIND)
                why = f"cut off after {size - left:,} bytes of content"
                raise MemberError("partly" if left < size else "failed", why)
            left -= len(piece)
            if piece:
                yield piece

    def _check(self, block: Any) -> None:
        """Nothing, unless the coders would take more memory or time than there is."""
        for coder in block.coders:
            properties = coder.get("properties") or b""
            wanted = 0
            if coder["method"] == _LZMA1 and len(properties) >= 5:
                wanted = int.from_bytes(properties[1:5], "little")
            elif coder["method"] == _LZMA2 and properties:
                wanted = (2 | properties[0] & 1) << (properties[0] // 2 + 11)
            elif coder["method"] == _AES and properties and properties[0] & 63 > _MAX_ROUNDS:
                raise MemberError("refused", "encrypted so that trying a password takes minutes")
            if wanted > _MEMORY_BYTES:
                why = f"packed with a window of {wanted:,} bytes, more than a reader here may use"
                raise MemberError("refused", f"{why}: extract it yourself and add the folder")


READER = LeakReader(
    name="sevenzip",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps="every file with name and time in UTC; links and encrypted files by name",
    cannot_know="what lies behind damage inside one packed block",
    is_streaming=True,
)
