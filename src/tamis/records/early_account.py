"""One account that was at least twice among the first who passed a post on."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="early_account",
    stage="spread",
    meaning="One account that was at least twice among the first who passed a post on.",
    key=("account_id", "run_id"),
    order=("first_count", "account_id"),
    columns=(
        Column("account_id", TEXT, "account"),
        Column(
            "root_count",
            INT,
            "posts it passed on that had more carriers than count as first",
            unit="posts",
        ),
        Column("first_count", INT, "how often it was surely among the first ten", unit="posts"),
        Column(
            "expected",
            REAL,
            "how often it would have been, had the carriers come in any order",
            unit="posts",
        ),
        Column("p_value", REAL, "chance of as often or more in any order"),
        Column("q_value", REAL, "the same after Benjamini and Hochberg over all tested accounts"),
        Column("test_count", INT, "accounts tested", unit="accounts"),
        *RUN_COLUMNS,
    ),
)
