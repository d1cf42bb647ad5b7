"""The community of one account."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="community_member",
    stage="spread",
    meaning="The community of one account; an account without a row is in none that is known.",
    key=("account_id", "run_id"),
    order=("account_id",),
    columns=(
        Column("account_id", TEXT, "account"),
        Column("community_id", TEXT, "its community"),
        Column("basis", TEXT, "repost_graph or container"),
        Column(
            "tie_count",
            INT,
            "pairs of account and reposted post that tie it to others; posts in the container",
        ),
        Column("inside_share", REAL, "share of these inside its community", unit="0-1"),
        *RUN_COLUMNS,
    ),
)
