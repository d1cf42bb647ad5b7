"""Published claims from JSON: a list of objects, with the names that `claims` documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.claim_rows import ClaimSheet, is_header, read_whole
from tamis.sources.context.json_members import DECODER, Pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa


def recognises(glimpse: Glimpse) -> int:
    """60 for a JSON list whose first object has the names of a claim."""
    head = glimpse.head.decode("utf-8-sig", "replace").lstrip()
    if not head.startswith("["):
        return 0
    try:
        first, _ = DECODER.raw_decode(head[1:].lstrip())
    except (ValueError, RecursionError):
        return 0
    return 60 if isinstance(first, dict | Pairs) and is_header(list(dict(first))) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's claims, its rejected entries, and their count.

    Errors    FormatError when the file is larger than 64 MiB, or no JSON list.
    """
    text = read_whole(stream)
    try:
        entries = DECODER.decode(text)
    except (json.JSONDecodeError, ValueError, RecursionError) as problem:
        raise FormatError(f"the file of claims is no JSON ({str(problem)[:200]})") from None
    if not isinstance(entries, list):
        raise FormatError("expected a JSON list with one object a claim")
    sheet = ClaimSheet(source.item_id)
    for entry in entries:
        if isinstance(entry, dict | Pairs):
            sheet.add(entry)
        else:
            sheet.reject("a claim must be an object", str(entry))
    yield from sheet.batches(READER.name)


READER = ContextReader(
    name="claims_json",
    kind="claims",
    recognises=recognises,
    read=read,
    keeps="each claim of the list, with the columns that claims_csv keeps",
    cannot_know="whether a claim is true; what a claim in words only counts",
)
