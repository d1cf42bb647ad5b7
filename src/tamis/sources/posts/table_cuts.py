"""Where a large table can be cut so that its ranges are read one by one, as the same rows."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Any, cast

from tamis.sources.posts.frames import by_lines, line_starts
from tamis.sources.posts.table_lines import Lines
from tamis.sources.posts.table_rows import HEAD_BYTES, beginning, dialect, open_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from tamis.registry import Source


class _Kept(io.RawIOBase):
    """A stream that others may close, and that stays open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        chunk = self._stream.read(len(target))
        target[: len(chunk)] = chunk
        return len(chunk)


def shared_of(stream: BinaryIO, name: str) -> Mapping[str, Any] | None:
    """What the beginning of a table says about all of it; None when it cannot be cut."""
    head = stream.read(HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return None
    told: dict[str, Any] = {"begin": 0, "delimiter": None, "encoding": "utf-8", "note": None}
    stream.seek(0)
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}:
        told["begin"] = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
        return {**told, "names": list(open_rows(_buffered(stream), name).names)}
    encoding, bom, note = beginning(head)
    known = dialect(head[bom:].decode(encoding, "replace"))
    if known is None or encoding.startswith("utf-16"):
        return None
    delimiter, names = known
    stream.seek(bom)
    lines = Lines(_buffered(stream), encoding, bom, delimiter)
    for header in lines.reader:
        if header:
            break
    told.update(begin=lines.at, delimiter=delimiter, encoding=encoding, note=note)
    return {**told, "names": list(names)}


def row_starts(
    stream: BinaryIO, source: Source, shared: Mapping[str, Any], every: int
) -> tuple[int, ...]:
    """The first bytes of ranges of about `every` bytes, each the start of a row.

    A line feed within quotes ends no row, and which quotes those are only the rows before tell:
    hence all of them are split, as when they are read.
    """
    begin: int = shared["begin"]
    if shared["delimiter"] is None:
        stream.seek(0)
        found = by_lines(stream, source, source.size_bytes)
        return (begin,) if found is None else line_starts(stream, begin, source, every)
    stream.seek(begin)
    lines = Lines(_buffered(stream), shared["encoding"], begin, shared["delimiter"])
    starts = [begin]
    wanted = begin + every
    while True:
        try:
            for _ in lines.reader:
                if lines.at >= wanted:
                    break
            else:
                break
        except csv.Error:
            continue
        if lines.at < source.size_bytes:
            starts.append(lines.at)
        wanted = lines.at + every
    return tuple(starts)


def _buffered(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Kept(stream), 1 << 20))
