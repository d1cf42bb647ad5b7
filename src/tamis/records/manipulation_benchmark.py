"""A published or measured value to hold a coefficient of traffic against, with its source."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NOT = "not published"

TABLE = Table(
    name="manipulation_benchmark",
    stage="spread",
    meaning="A published or measured coefficient of traffic, with N, window and source.",
    key=("run_id", "benchmark_id"),
    columns=(
        Column("benchmark_id", TEXT, "name of the row"),
        Column("case_name", TEXT, "what was measured"),
        Column("post_count", INT, "posts: N", unit="posts", missing=_NOT),
        Column("account_count", INT, "accounts", unit="accounts", missing=_NOT),
        Column("repost_share", REAL, "share of reposts: R", unit="0-1", missing=_NOT),
        Column(
            "top50_share", REAL, "share of the 50 busiest accounts: F", unit="0-1", missing=_NOT
        ),
        Column("posts_per_account", REAL, "U, where N and accounts are known", missing=_NOT),
        Column("ctm", REAL, "C as published", missing=_NOT),
        Column("rest_ctm", REAL, "R/10 + F that C and U leave", missing="C or U is not known"),
        Column("note", TEXT, "window, and what to heed"),
        Column("source", TEXT, "where it was read"),
        *RUN_COLUMNS,
    ),
)
