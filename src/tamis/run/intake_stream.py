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
# Repeated JSON packs to a hundredth at best; what unpacks further is made to fill a disk.
_BOMB_RATIO = 300
_BOMB_FROM = 1 << 30
# What a decoder of its own accord takes, and what fits into the memory of an ordinary worker.
_USUAL_WINDOW = 27


def packing(head: bytes) -> str | None:
    """gzip, bzip2, xz or zstd, by the first bytes; None for anything else."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def zstd_window(head: bytes) -> int:
    """How many bytes a zstd decoder must hold at once, as the first frame says; 0 for no zstd.

    Source    RFC 8878 section 3.1.1.1
    """
    if packing(head) != "zstd" or len(head) < 18:
        return 0
    told = head[4]
    if not told & 0x20:
        exponent, mantissa = head[5] >> 3, head[5] & 7
        base = 1 << (10 + exponent)
        return base + base // 8 * mantissa
    # One segment: the content is the window, and its size stands after the dictionary's id.
    start = 5 + (0, 1, 2, 4)[told & 3]
    width = 1 << (told >> 6)
    size = int.from_bytes(head[start : start + width], "little")
    return size + 256 if width == 2 else size


def needs_room(head: bytes) -> bool:
    """Whether only a worker with more memory than usual can decompress it."""
    return zstd_window(head) > 1 << _USUAL_WINDOW


def bare_name(name: str) -> str:
    """A file name without the ending of its compression."""
    lower = name.lower()
    suffix = next((one for one in _SUFFIXES if lower.endswith(one)), "")
    return name[: len(name) - len(suffix)] if suffix else name


class Unpacked(io.RawIOBase):
    """The decompressed stream of a file; damage ends it, and is told in `damage`."""

    def __init__(self, stream: BinaryIO, kind: str, *, is_wide: bool = False) -> None:
        """Read `stream`, which is compressed as `kind`, from its start."""
        super().__init__()
        self.damage: str | None = None
        self._errors, self._inner = _open(
            stream, kind, _LONGEST_WINDOW if is_wide else _USUAL_WINDOW
        )
        self._kind = kind
        self._count = 0
        self._packed = stream

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
        if self._count > _BOMB_FROM and self._count > _BOMB_RATIO * self._packed.tell():
            self.damage = (
                f"the {self._kind} data unpacks to more than {_BOMB_RATIO} times its size: after "
                f"{self._count:,} bytes of content it was not read on"
            )
        return len(data)


def unpack(stream: BinaryIO, *, is_wide: bool = False) -> tuple[BinaryIO, Unpacked | None]:
    """The stream to read from, and the decompression behind it, None for a plain file.

    Long windows of zstd are taken only where there is room for them.
    """
    kind = packing(stream.read(8))
    stream.seek(0)
    if kind is None:
        return stream, None
    raw = Unpacked(stream, kind, is_wide=is_wide)
    return cast("BinaryIO", io.BufferedReader(raw, 1 << 20)), raw


def _open(stream: BinaryIO, kind: str, window: int) -> tuple[tuple[type[Exception], ...], Any]:
    if kind == "gzip":
        return (EOFError, OSError, zlib.error), gzip.GzipFile(fileobj=stream, mode="rb")
    if kind == "bzip2":
        return (EOFError, OSError, ValueError), bz2.BZ2File(stream, "rb")
    if kind == "xz":
        return (EOFError, OSError, lzma.LZMAError), lzma.LZMAFile(stream, "rb")
    from backports import zstd  # noqa: PLC0415 (only where it is needed)

    wide: dict[int, int] = {zstd.DecompressionParameter.window_log_max: window}
    inner: Any = zstd.ZstdFile
    return (EOFError, OSError, zstd.ZstdError), inner(stream, "rb", options=wide)
