"""DKIM keys from what nslookup, host and dig +short print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.key_entries import KeySheet, read_whole
from tamis.syntax.lookup_text import read_lookups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_PRINTED = re.compile(
    r"_domainkey[^\s]{0,260}\s+(?:text\s*=|descriptive text)|dig\s[^\n]{0,300}_domainkey",
    re.IGNORECASE,
)


def recognises(glimpse: Glimpse) -> int:
    """65 for a transcript of look-ups below _domainkey, unless dig printed whole answers."""
    head = _decode(glimpse.head)
    if "ANSWER SECTION" in head:
        return 0
    return 65 if _PRINTED.search(head) else 0


def _decode(data: bytes) -> str:
    """The text of a transcript; a console of Windows saves UTF-16."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The transcript's key rows and their count; such output carries no time.

    Errors    FormatError when the file is larger than 256 MiB.
    """
    shown = _decode(read_whole(stream))
    sheet = KeySheet(source.item_id, "dns", f"transcript of look-ups {source.name}")
    for found in read_lookups(shown):
        if "._domainkey." in found.name.lower():
            sheet.add(found.name, {"txt": found.text})
    yield from sheet.batches(READER.name)


READER = ContextReader(
    name="dkim_keys_lookup",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each TXT record below _domainkey that nslookup, host or dig +short printed",
    cannot_know="when and of whom it was asked: the output says neither",
)
