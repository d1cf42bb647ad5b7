"""DKIM keys from a table in CSV: a header row, then one record a row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.csv_rows import DELIMITERS, rows_of
from tamis.sources.context.key_entries import KeySheet, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_NAMED = re.compile(r"\b(?:key_?name|name|dns_?name|selector)\b", re.IGNORECASE)
_TEXT = re.compile(r"\b(?:txt|value|record|dkim_?record|data)\b", re.IGNORECASE)
_SWALLOWED = re.compile(r"[\r\n][^\r\n]*\._domainkey\.", re.IGNORECASE)


def recognises(glimpse: Glimpse) -> int:
    """70 for a header that names a key and its record, with a delimiter between."""
    line = glimpse.head.decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    if line.startswith(("{", "[", ";", "$")) or not any(mark in line for mark in DELIMITERS):
        return 0
    return 70 if _NAMED.search(line) and _TEXT.search(line) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's key rows, its rejected rows, and their count.

    Errors    FormatError when the file is larger than 256 MiB, or its header is no CSV.
    """
    text = read_whole(stream).decode("utf-8-sig", "replace")
    sheet = KeySheet(source.item_id, default_label=f"table {source.name}")
    for row in rows_of(text, sheet.reject):
        if any(_SWALLOWED.search(cell) for _, cell in row):
            told = ",".join(cell for _, cell in row)
            sheet.reject("a cell holds further rows: a quote is not closed", told)
            continue
        sheet.add(None, row)
    yield from sheet.batches(READER.name)


READER = ContextReader(
    name="dkim_keys_csv",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each record of the table with its source and dates",
    cannot_know="whether a party's statement about a key is true; dates that the table leaves out",
)
