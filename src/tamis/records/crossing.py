"""First sight of an object on a further platform, language, community or clock profile."""

from __future__ import annotations

from tamis.records.table import (
    FLAG,
    INT,
    REAL,
    RUN_COLUMNS,
    SOURCE_COLUMNS,
    TEXT,
    TIME,
    Column,
    Table,
)

_BOUND = "only the latest time of one of the two is known"

TABLE = Table(
    name="crossing",
    stage="spread",
    meaning=(
        "First sight of an object on a further platform, language, community or clock profile: "
        "one row per step of its sequence of first occurrences. A step says what came after what "
        "in this collection, not that the later scope had it from the earlier one."
    ),
    key=("object_id", "dimension", "to_scope", "run_id"),
    order=("object_id", "dimension", "place"),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("kind", TEXT, "kind of object"),
        Column("dimension", TEXT, "platform, language, community or clock"),
        Column("place", INT, "2 for the second scope in which the object came up, then 3, …"),
        Column("origin_scope", TEXT, "scope in which it came up first"),
        Column("from_scope", TEXT, "scope in which it came up just before"),
        Column("to_scope", TEXT, "scope in which it came up now"),
        Column("post_id", TEXT, "earliest post there"),
        Column("account_id", TEXT, "its account", missing="the export hides it"),
        Column(
            "crossed_low_at", TIME, "earliest time it can be", missing="only the latest is known"
        ),
        Column("crossed_high_at", TIME, "latest time it can be"),
        Column("clock", TEXT, "clock of that time", missing="no clock is named"),
        Column(
            "lag_low_s",
            REAL,
            "least lag after from_scope; negative where the order is open",
            unit="seconds",
            missing=_BOUND,
        ),
        Column("lag_high_s", REAL, "largest lag after from_scope", unit="seconds", missing=_BOUND),
        Column(
            "origin_lag_s",
            REAL,
            "lag after origin_scope, from low end to low end",
            unit="seconds",
            missing=_BOUND,
        ),
        Column("is_order_certain", FLAG, "it is later than from_scope whatever the true times are"),
        Column(
            "introduction_count",
            INT,
            "accounts whose first post of the object stands there and answers no post with it",
            unit="accounts",
        ),
        *SOURCE_COLUMNS,
        *RUN_COLUMNS,
    ),
)
