"""Rules of electoral silence in TOML, added beside those that come with tamis."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tamis import records
from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.syntax.silence.reading import read_rules, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_LARGEST_BYTES = 1 << 20


def recognises(glimpse: Glimpse) -> int:
    """90 for a text with a jurisdiction and its rules in TOML."""
    head = glimpse.head
    return 90 if b"[[jurisdiction]]" in head and b"[[jurisdiction.rule]]" in head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """One row a jurisdiction, once every rule of the file is of the form expected.

    Errors    FormatError naming every problem, or for a file larger than 1 MiB.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("a file of rules of silence is at most 1 MiB")
    told = read_toml(data)
    read_rules(told, source.item_id)
    rows = [
        {
            "jurisdiction": entry["code"],
            "rule_count": len(entry["rule"]),
            "definition": json.dumps(entry, sort_keys=True),
            "source_item_id": source.item_id,
            "byte_start": None,
            "byte_end": None,
        }
        for entry in told["jurisdiction"]
    ]
    count = {
        "source_item_id": source.item_id,
        "reader": READER.name,
        "row_count": len(rows),
        "used_count": len(rows),
        "rejected_count": 0,
        "skipped_count": 0,
        "post_count": 0,
        "action_count": 0,
        "note": f"{sum(len(entry['rule']) for entry in told['jurisdiction'])} rules of silence",
    }
    for table, found in (("silence_rule", rows), ("intake_count", [count])):
        for batch in records.table(table).build(found).to_batches():
            yield {table: batch}


READER = ContextReader(
    name="silence_rules",
    kind="silence",
    recognises=recognises,
    read=read,
    keeps="each jurisdiction with its territories and rules, as the file states them",
    cannot_know="whether the rules are those of the law: they are the word of the file",
)
