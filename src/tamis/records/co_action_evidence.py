"""One pair of actions behind a pair of accounts."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="co_action_evidence",
    stage="coordination",
    meaning="One pair of actions behind a pair of accounts.",
    key=(
        "run_id",
        "layer",
        "window_s",
        "account_a",
        "account_b",
        "object_id",
        "post_id_a",
        "post_id_b",
    ),
    order=("layer", "window_s", "account_a", "account_b", "object_id"),
    columns=(
        Column("layer", TEXT, "layer"),
        Column("window_s", REAL, "window", unit="seconds"),
        Column("account_a", TEXT, "smaller account_id"),
        Column("account_b", TEXT, "larger account_id"),
        Column("object_id", TEXT, "what both used"),
        Column("post_id_a", TEXT, "post of a"),
        Column("post_id_b", TEXT, "post of b"),
        Column("acted_at_a", TIME, "when a acted"),
        Column("acted_at_b", TIME, "when b acted"),
        Column("lag_s", REAL, "time of b minus time of a", unit="seconds"),
        Column(
            "source_item_id_a",
            TEXT,
            "file that holds the post of a",
            missing="stand-alone input without files",
        ),
        Column(
            "byte_start_a",
            INT,
            "where in that file",
            unit="bytes",
            missing="no byte addresses",
        ),
        Column(
            "byte_end_a",
            INT,
            "where its row or value ends",
            unit="bytes",
            missing="no byte addresses",
        ),
        Column(
            "source_item_id_b",
            TEXT,
            "file that holds the post of b",
            missing="stand-alone input without files",
        ),
        Column(
            "byte_start_b",
            INT,
            "where in that file",
            unit="bytes",
            missing="no byte addresses",
        ),
        Column(
            "byte_end_b",
            INT,
            "where its row or value ends",
            unit="bytes",
            missing="no byte addresses",
        ),
        Column("why", TEXT, "the same as a sentence to quote, with both times in UTC"),
        *RUN_COLUMNS,
    ),
)
