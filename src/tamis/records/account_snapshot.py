"""Profile numbers and names of an account as of one time."""

from __future__ import annotations

from tamis.records.table import INT, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="account_snapshot",
    stage="intake",
    meaning="Profile numbers and names of an account as of one time.",
    key=("account_id", "seen_at", "source_item_id", "byte_start"),
    order=("account_id", "seen_at"),
    columns=(
        Column("account_id", TEXT, "account"),
        Column("seen_at", TIME, "as of", missing="the export does not say"),
        Column("handle", TEXT, "handle then", missing="not exported"),
        Column("display_name", TEXT, "display name then", missing="not exported"),
        Column("follower_count", INT, "followers", unit="accounts", missing="not exported"),
        Column(
            "following_count",
            INT,
            "followed accounts",
            unit="accounts",
            missing="not exported",
        ),
        Column("post_count", INT, "posts so far", unit="posts", missing="not exported"),
        Column("description", TEXT, "profile text", missing="not exported"),
        Column("location", TEXT, "place stated by the account", missing="not exported"),
        *SOURCE_COLUMNS,
    ),
)
