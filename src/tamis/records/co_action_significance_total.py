"""One layer and window of the null models: what was tested, against how many, and the placebo."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NOTHING = "no pair was kept, so nothing was tested"

TABLE = Table(
    name="co_action_significance_total",
    stage="coordination",
    meaning=(
        "One layer and window of the null models: how many pairs were tested, how many no null "
        "explains, and what a placebo found where there is nothing to find."
    ),
    key=("run_id", "layer", "window_s"),
    order=("layer", "window_s"),
    columns=(
        Column("layer", TEXT, "layer"),
        Column("window_s", REAL, "largest lag between the two actions", unit="seconds"),
        Column("pair_count", INT, "kept pairs of accounts, all of them tested", unit="pairs"),
        Column(
            "test_count",
            INT,
            "pairs that accounts of the layer can form, times layers and windows looked at: what "
            "p_family and q_value are corrected over",
            unit="pairs",
        ),
        Column(
            "unexplained_count",
            INT,
            "tested pairs that no null explains: p_family at most 0.05",
            unit="pairs",
        ),
        Column(
            "weaker_count",
            INT,
            "further pairs that nothing explains but a source inferred to be theirs alone: "
            "p_seen_family at most 0.05",
            unit="pairs",
        ),
        Column(
            "placebo_factor",
            REAL,
            "inflation under shifted times, at least 1: p-values are raised to 1 / this",
            missing=_NOTHING,
        ),
        Column(
            "placebo_pair_count",
            INT,
            "pairs that the placebo kept",
            unit="pairs",
            missing=_NOTHING,
        ),
        Column(
            "placebo_smallest",
            REAL,
            "smallest p-value of the placebo",
            unit="0-1",
            missing=_NOTHING,
        ),
        *RUN_COLUMNS,
    ),
)
