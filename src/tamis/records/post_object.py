"""One object in one post."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="post_object",
    stage="intake",
    meaning="One object in one post.",
    key=("post_id", "object_id", "role", "source_item_id", "byte_start"),
    order=("object_id", "post_id"),
    columns=(
        Column("post_id", TEXT, "post"),
        Column("object_id", TEXT, "object"),
        Column(
            "role",
            TEXT,
            "in_text, embed, card, attachment or inherited (from the post that was reposted)",
        ),
        Column("method", TEXT, "how it was found: entity, text or column"),
        Column("source_item_id", TEXT, "file the row was read from: SHA-256 of its bytes"),
        Column(
            "byte_start",
            INT,
            "first byte of the row in that file, after decompression",
            unit="bytes",
            missing="the format has no byte addresses (Parquet)",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last byte of the row",
            unit="bytes",
            missing="the format has no byte addresses (Parquet)",
        ),
    ),
)
