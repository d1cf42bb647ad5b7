"""DKIM keys from a JSON file: `{name: txt}` or `{name: [{txt, src, seen_from, seen_to, …}]}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.json_members import members
from tamis.sources.context.key_entries import BATCH_ROWS, KeySheet, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

# The name * is that of private keys, which an export writes first.
_IN_HEAD = re.compile(
    rb'"(?:[^"\s]{1,190}\._domainkey\.[^"\s]{1,253}"\s*:|\*"\s*:\s*\[?\s*\{\s*"txt"\s*:)',
    re.IGNORECASE,
)


def recognises(glimpse: Glimpse) -> int:
    """95 for a JSON object whose first names are names of DKIM keys."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return 0
    return 95 if _IN_HEAD.match(head[1:].lstrip()) else 0


def load_keys(data: bytes, item_id: str = "") -> KeySheet:
    """The entries of a key file; its rows are those of `dkim_key`.

    The source of an entry is dns, archive, party or recovered; `party` (given by somebody) where
    the file does not say. Equal entries count once.

    Errors    FormatError when the bytes are no JSON object.
    """
    sheet = KeySheet(item_id)
    for name, entry in _entries(_text(data)):
        sheet.add(name, entry)
    return sheet


def _text(data: bytes) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as problem:
        raise FormatError(f"the key file is no JSON ({problem})") from None


def _entries(text: str) -> Iterator[tuple[str, Any]]:
    try:
        for name, stated in members(text):
            for entry in stated if isinstance(stated, list) else [stated]:
                yield name, entry
    except FormatError as problem:
        raise FormatError(f"the key file is {problem}") from None


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's key rows, its rejected entries, and their count.

    A name that comes twice is two entries. The file is read to its end before its first row
    goes out, so that a file that breaks off gives none.

    Errors    FormatError when the file is no JSON object, or larger than 256 MiB.
    """
    text = _text(read_whole(stream))
    for _ in _entries(text):
        pass
    sheet = KeySheet(source.item_id)
    for name, entry in _entries(text):
        sheet.add(name, entry)
        if len(sheet.rows) >= BATCH_ROWS:
            yield from sheet.drain()
    yield from sheet.batches(READER.name)


READER = ContextReader(
    name="dkim_keys_json",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each key record with its source and the dates on which the source saw it",
    cannot_know="whether a party's statement about a key is true; dates that the file leaves out",
)
