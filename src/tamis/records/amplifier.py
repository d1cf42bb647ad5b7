"""One account that carried others' posts, by what it reposted and how fast."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="amplifier",
    stage="spread",
    meaning="One account that carried others' posts, by what it reposted and how fast.",
    key=("account_id", "run_id"),
    order=("repost_count", "account_id"),
    columns=(
        Column("account_id", TEXT, "account"),
        Column("handle", TEXT, "handle", missing="not exported"),
        Column("repost_count", INT, "reposts, quotes and forwards it made", unit="actions"),
        Column("target_count", INT, "distinct posts it carried", unit="posts"),
        Column("early_count", INT, "carried within 60 s of the post", unit="actions"),
        Column(
            "median_lag_s",
            REAL,
            "median time from post to repost",
            unit="seconds",
            missing="no target with a known time",
        ),
        Column(
            "received_count",
            INT,
            "reposts its own posts received in this collection",
            unit="actions",
        ),
        *RUN_COLUMNS,
    ),
)
