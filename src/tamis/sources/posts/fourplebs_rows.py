"""Rows of a MySQL dump to CSV: quoted, escaped with a backslash, line ends inside of quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

COLUMNS = (
    *("num", "subnum", "thread_num", "op", "timestamp", "timestamp_expired", "preview_orig"),
    *("preview_w", "preview_h", "media_filename", "media_w", "media_h", "media_size"),
    *("media_hash", "media_orig", "spoiler", "deleted", "capcode", "email", "name", "trip"),
    *("title", "comment", "sticky", "locked", "poster_hash", "poster_country", "exif"),
)
_CHUNK = 1 << 20
_MAX_ROW = 4 << 20
_ROW = re.compile(rb'[^"\n\\]*+(?:(?:\\.|"(?:[^"\\]|\\.)*+")[^"\n\\]*+)*+(?:\n|\Z)', re.DOTALL)
_FIELD = re.compile(rb'(?:"((?:[^"\\]|\\.|"")*+)"|((?:[^,"\\]|\\.)*+))(,|\Z)', re.DOTALL)
_TEXT_FIELD = r'(?:"((?:[^"\\]|\\.|"")*+)"|((?:[^,"\\]|\\.)*+))'
_TEXT_ROW = re.compile(",".join([_TEXT_FIELD] * len(COLUMNS)), re.DOTALL)
_TEXT_ESCAPED = re.compile(r'\\(.)|""', re.DOTALL)
_NONE = frozenset({"N", "\\N", "NULL", ""})
_ESCAPED = re.compile(rb'\\(.)|""', re.DOTALL)
# Where a row begins: three numbers. A row with a torn quote ends at the next such line.
_BEGINS = re.compile(rb'\n(?="?\d{1,12}"?,"?\d{1,12}"?,"?\d{1,12}"?,"?[01]"?,"?\d{9,12}"?,)')


class Record(NamedTuple):
    """One row's bytes without its line end; `why` says why there are none."""

    start: int
    end: int
    data: bytes | None
    why: str | None = None


def records(stream: BinaryIO) -> Iterator[Record]:
    """The rows of a dump in order, in constant memory."""
    buffer, base, at, is_over = b"", 0, 0, False
    while True:
        found = _ROW.match(buffer, at)
        is_cut = found is None or (found.end() == len(buffer) and not is_over)
        if is_cut and not is_over and len(buffer) - at <= _MAX_ROW:
            chunk = stream.read(_CHUNK)
            is_over = not chunk
            buffer, base, at = buffer[at:] + chunk, base + at, 0
            continue
        if at >= len(buffer):
            return
        end = found.end() if found is not None else len(buffer)
        row = buffer[at:end].rstrip(b"\r\n")
        if found is None or is_cut or (b"\n" in row and len(fields(row)) != len(COLUMNS)):
            torn = _BEGINS.search(buffer, at, end)
            end = torn.end() if torn is not None else end
        if found is None and end == len(buffer):
            yield Record(base + at, base + end, None, "a quote is never closed: not read")
        else:
            data = buffer[at:end].rstrip(b"\r\n")
            yield Record(base + at, base + at + len(data), data)
        at = end


def fields(row: bytes) -> list[str | None]:
    """The fields of a row, None for nothing; fewer than there should be where it is broken."""
    try:
        whole = _TEXT_ROW.fullmatch(row.decode())
    except UnicodeDecodeError:
        whole = None
    if whole is None:
        return _one_by_one(row)
    told = whole.groups()
    return [
        (None if bare in _NONE else _bare(bare)) if quoted is None else _bare(quoted) or None
        for quoted, bare in zip(told[::2], told[1::2], strict=True)
    ]


def _bare(text: str) -> str:
    if "\\" in text or '""' in text:
        return _TEXT_ESCAPED.sub(lambda found: '"' if found[1] is None else found[1], text)
    return text


def _one_by_one(row: bytes) -> list[str | None]:
    """The same of a row that is not as it should be, whatever its number of fields."""
    made: list[str | None] = []
    at = 0
    while found := _FIELD.match(row, at):
        quoted, bare, separator = found.groups()
        if quoted is None and bare in {b"N", b"\\N", b"NULL", b""}:
            made.append(None)
        else:
            raw = quoted if quoted is not None else bare
            if b"\\" in raw or b'""' in raw:
                raw = _ESCAPED.sub(_plain, raw)
            made.append(raw.decode("utf-8", "replace") or None)
        at = found.end()
        if not separator:
            return made if at == len(row) else []
    return []


def _plain(found: re.Match[bytes]) -> bytes:
    return b'"' if found[1] is None else found[1]
