"""Public counts of a post as of one time."""

from __future__ import annotations

from tamis.records.table import INT, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="post_snapshot",
    stage="intake",
    meaning="Public counts of a post as of one time.",
    key=("post_id", "seen_at", "source_item_id", "byte_start"),
    order=("post_id", "seen_at"),
    columns=(
        Column("post_id", TEXT, "post"),
        Column("seen_at", TIME, "as of", missing="the export does not say"),
        Column("repost_count", INT, "reposts", unit="posts", missing="not exported"),
        Column("reply_count", INT, "replies", unit="posts", missing="not exported"),
        Column("like_count", INT, "likes", unit="accounts", missing="not exported"),
        Column("quote_count", INT, "quotes", unit="posts", missing="not exported"),
        Column("view_count", INT, "views", unit="views", missing="not exported"),
        *SOURCE_COLUMNS,
    ),
)
