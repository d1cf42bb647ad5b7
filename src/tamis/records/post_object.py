"""One object in one post."""

from __future__ import annotations

from tamis.records.table import SOURCE_COLUMNS, TEXT, Column, Table

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
        *SOURCE_COLUMNS,
    ),
)
