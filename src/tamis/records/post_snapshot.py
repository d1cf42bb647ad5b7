"""Public counts of a post as of one time."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

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
