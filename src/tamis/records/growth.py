"""One account whose posts were passed on while an object grew from one order of magnitude on."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="growth",
    stage="spread",
    meaning="One account whose posts were passed on while an object grew tenfold.",
    key=("object_id", "from_count", "place", "run_id"),
    columns=(
        Column("object_id", TEXT, "hashtag, address or phrase"),
        Column(
            "from_count",
            INT,
            "posts with the object when the stretch began: 1, 100, 1,000, 10,000, …",
            unit="posts",
        ),
        Column("to_count", INT, "posts when it ended", unit="posts"),
        Column("from_at", TIME, "first post of the stretch"),
        Column("to_at", TIME, "last post of the stretch"),
        Column("repost_count", INT, "posts of the stretch that pass another one on", unit="posts"),
        Column("place", INT, "1 for the account that received most of them"),
        Column("account_id", TEXT, "account whose posts were passed on"),
        Column("received_count", INT, "how often, in this stretch", unit="posts"),
        Column("received_share", REAL, "of the stretch's posts that pass another one on"),
        Column(
            "account_first_at",
            TIME,
            "the account's own first post with the object",
            missing="none in the collection",
        ),
        Column("is_before", FLAG, "whether that post is older than the stretch", missing="unknown"),
        *RUN_COLUMNS,
    ),
)
