"""One range of a large file of posts that has been read: what a later `add` need not read again."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="intake_range",
    stage="intake",
    meaning=(
        "One range of a large file of posts that has been read; a file whose ranges do not reach "
        "its end has no row in item yet, and is read on by the next `tamis add` of it."
    ),
    key=("source_item_id", "byte_start"),
    columns=(
        Column("source_item_id", TEXT, "file"),
        Column("byte_start", INT, "first byte of the range", unit="bytes"),
        Column("byte_end", INT, "one past its last byte", unit="bytes"),
        Column("settings", TEXT, "SHA-256 of reader and options, 16 hex digits"),
        Column("row_count", INT, "rows or lines read", unit="rows"),
        Column("used_count", INT, "rows that became something", unit="rows"),
        Column("rejected_count", INT, "rows in rejected", unit="rows"),
        Column("skipped_count", INT, "rows that hold nothing by design", unit="rows"),
        Column("post_count", INT, "posts", unit="rows"),
        Column("action_count", INT, "actions", unit="rows"),
        Column("note", TEXT, "what a person should know", missing="nothing to say"),
    ),
)
