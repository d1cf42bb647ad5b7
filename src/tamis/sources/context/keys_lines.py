"""DKIM keys from the JSON lines of an archive of keys: one object a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.json_members import DECODER
from tamis.sources.context.key_entries import BATCH_ROWS, KeySheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_NAMES = re.compile(
    rb'"selector"\s*:|"(?:key_?|dns_?)?name"\s*:\s*"[^"]*\._domainkey\.', re.IGNORECASE
)
_LONGEST_LINE = 1 << 20
_TEXTS = re.compile(rb'"(?:txt|value|record|dkim_?record|data)"\s*:', re.IGNORECASE)


def recognises(glimpse: Glimpse) -> int:
    """75 for lines of JSON objects that name a key and hold its record."""
    line = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    if not line.startswith(b"{"):
        return 0
    return 75 if _NAMES.search(line) and _TEXTS.search(line) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's key rows, its rejected lines, and their count; line by line, however long it is.

    What says that it was computed from signatures (public archives hold such keys beside those
    seen in the DNS) becomes `recovered`; everything else is `archive`.
    """
    sheet = KeySheet(source.item_id, "archive", f"archive dump {source.name}", is_strict=False)
    place = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        start, place = place, place + len(line)
        if len(line) > _LONGEST_LINE:
            sheet.reject("the line is longer than 1 MiB", line[:200].decode("latin-1"), start)
            while line and not line.endswith(b"\n"):
                line = stream.readline(_LONGEST_LINE)
                place += len(line)
            continue
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not text:
            continue
        try:
            sheet.add(None, _entry(text), start)
        except (ValueError, RecursionError) as problem:
            sheet.reject(f"the line is no JSON ({problem})", text[:200].decode("latin-1"), start)
        if len(sheet.rows) >= BATCH_ROWS:
            yield from sheet.drain()
    yield from sheet.batches(READER.name)


def _entry(text: bytes) -> Any:
    """What a line holds; a name that comes twice in an object is kept twice."""
    entry = orjson.loads(text)
    if isinstance(entry, dict) and (
        b"\\u" in text or any(text.count(b'"%b"' % name.encode()) > 1 for name in entry)
    ):
        return DECODER.decode(text.decode())
    return entry


READER = ContextReader(
    name="dkim_keys_lines",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each record of an archive dump with the dates on which the archive saw it in the DNS",
    cannot_know="whether the archive saw a record itself where the dump does not say how it came",
)
