"""What the co-action network leaves out: rows that lack something, objects that are too large."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="co_action_left_out",
    stage="coordination",
    meaning=(
        "What the co-action network of a layer leaves out, and by which rule: rows that lack "
        "something, and objects with more pairs of actions in the window than the limit."
    ),
    key=("run_id", "layer", "window_s", "reason", "object_id"),
    order=("layer", "reason", "window_s", "object_id"),
    columns=(
        Column("layer", TEXT, "layer"),
        Column(
            "window_s",
            REAL,
            "window in which it is left out",
            unit="seconds",
            missing="left out in every window",
        ),
        Column(
            "reason",
            TEXT,
            "no_account, no_time, no_original (fast_repost) or too_many_pairs",
        ),
        Column("object_id", TEXT, "the object", missing="the rule is not about an object"),
        Column("action_count", INT, "actions left out", unit="actions"),
        Column(
            "pair_count",
            INT,
            "pairs of these actions within the window, an account's own repeats included",
            unit="pairs",
            missing="not counted",
        ),
        *RUN_COLUMNS,
    ),
)
