"""Compressed exports read as what they hold: gzip, bzip2, xz, zstd, told by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zstd")
# Archives of posts are written with windows of up to 2 GiB (`zstd --long=31`).
_LONGEST_WINDOW = 31


def packing(head: bytes) -> str | None:
    """gzip, bzip2, xz or zstd, by the first bytes; None for anything else."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def bare_name(name: str) -> str:
    """A file name without the ending of its compression."""
    lower = name.lower()
    suffix = next((one for one in _SUFFIXES if lower.endswith(one)), "")
    return name[: len(name) - len(suffix)] if suffix else name


class Unpacked(io.RawIOBase):
    """The decompressed stream of a file; damage ends it, and is told in `damage`."""

    def __init__(self, stream: BinaryIO, kind: str) -> None:
        """Read `stream`, which is compressed as `kind`, from its start."""
        super().__init__()
        self.damage: str | None = None
        self._errors, self._inner = _open(stream, kind)
        self._kind = kind
        self._count = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, target: WriteableBuffer, /) -> int:
        """The number of bytes put into `target`; 0 at the end, and where damage begins."""
        view = memoryview(target).cast("B")
        try:
            data = b"" if self.damage else self._inner.read1(len(view))
        except self._errors as problem:
            self.damage = (
                f"the {self._kind} data is damaged or cut off after {self._count:,} bytes of "
                f"content ({problem}): what comes after could not be read"
            )
            return 0
        view[: len(data)] = data
        self._count += len(data)
        return len(data)


def unpack(stream: BinaryIO) -> tuple[BinaryIO, Unpacked | None]:
    """The stream to read from, and the decompression behind it, None for a plain file."""
    kind = packing(stream.read(8))
    stream.seek(0)
    if kind is None:
        return stream, None
    raw = Unpacked(stream, kind)
    return cast("BinaryIO", io.BufferedReader(raw, 1 << 20)), raw


def _open(stream: BinaryIO, kind: str) -> tuple[tuple[type[Exception], ...], Any]:
    if kind == "gzip":
        return (EOFError, OSError, zlib.error), gzip.GzipFile(fileobj=stream, mode="rb")
    if kind == "bzip2":
        return (EOFError, OSError, ValueError), bz2.BZ2File(stream, "rb")
    if kind == "xz":
        return (EOFError, OSError, lzma.LZMAError), lzma.LZMAFile(stream, "rb")
    from backports import zstd  # noqa: PLC0415 (only where it is needed)

    wide: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _LONGEST_WINDOW}
    inner: Any = zstd.ZstdFile
    return (EOFError, OSError, zstd.ZstdError), inner(stream, "rb", options=wide)
