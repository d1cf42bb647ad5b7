"""What one file of posts held, line by line: the sums add up."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="intake_count",
    stage="intake",
    meaning="What one file of posts held, line by line: the sums add up.",
    key=("source_item_id",),
    columns=(
        Column("source_item_id", TEXT, "file"),
        Column("reader", TEXT, "reader"),
        Column("row_count", INT, "rows or lines read", unit="rows"),
        Column(
            "used_count",
            INT,
            "rows that became a post, action, snapshot or account",
            unit="rows",
        ),
        Column("rejected_count", INT, "rows in rejected", unit="rows"),
        Column(
            "skipped_count",
            INT,
            "rows that hold nothing by design (blank lines, keep-alives)",
            unit="rows",
        ),
        Column("post_count", INT, "posts", unit="rows"),
        Column("action_count", INT, "actions", unit="rows"),
        Column("note", TEXT, "what a person should know", missing="nothing to say"),
    ),
)
