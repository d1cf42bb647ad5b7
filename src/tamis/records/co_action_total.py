"""One layer and window of the co-action network: what was looked at, and what that gave."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="co_action_total",
    stage="coordination",
    meaning="One layer and window of the co-action network: what was looked at, and how much.",
    key=("run_id", "layer", "window_s"),
    order=("layer", "window_s"),
    columns=(
        Column("layer", TEXT, "layer"),
        Column("window_s", REAL, "largest lag between the two actions", unit="seconds"),
        Column("min_weight", INT, "pairs of accounts with a smaller weight are not kept"),
        Column("action_count", INT, "actions with an account and a time", unit="actions"),
        Column("account_count", INT, "accounts that acted", unit="accounts"),
        Column("object_count", INT, "objects acted on", unit="objects"),
        Column(
            "pair_count",
            INT,
            "pairs of actions of different accounts within the window, over all objects",
            unit="pairs",
        ),
        Column(
            "left_out_pair_count",
            INT,
            "those of them on objects that co_action_left_out names: no part of any weight",
            unit="pairs",
        ),
        *RUN_COLUMNS,
    ),
)
