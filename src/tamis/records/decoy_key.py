"""The key under which the sketches of one registry can be compared with texts."""

from __future__ import annotations

from tamis.records.table import TEXT, Column, Table

TABLE = Table(
    name="decoy_key",
    stage="intake",
    meaning="The key under which the sketches of one registry can be compared with texts.",
    key=("root", "source_item_id"),
    columns=(
        Column("root", TEXT, "root of the registry's commitment, as hex digits"),
        Column("sketch_key", TEXT, "the key, as hex digits"),
        Column("source_item_id", TEXT, "file it came in"),
    ),
)
