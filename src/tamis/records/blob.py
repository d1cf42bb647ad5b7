"""Where an item's bytes are kept, if they are kept as a file of their own."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="blob",
    stage="intake",
    meaning="Where an item's bytes are kept, if they are kept as a file of their own.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "item whose bytes these are"),
        Column("storage", TEXT, "blob (inside the case) or reference (left where it was)"),
        Column("location", TEXT, "absolute path of a referenced file", missing="inside the case"),
        Column("size_bytes", INT, "length", unit="bytes"),
    ),
)
