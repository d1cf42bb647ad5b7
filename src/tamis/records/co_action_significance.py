"""What the null models say of one pair of accounts in one layer and window."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_DECIDED = "the burst alone explains the pair (p_burst above 0.001)"

TABLE = Table(
    name="co_action_significance",
    stage="coordination",
    meaning=(
        "What the null models say of one pair of accounts in one layer and window: small p-values "
        "say that they do not explain the pair, never that the two agreed."
    ),
    key=("run_id", "layer", "window_s", "account_a", "account_b"),
    order=("layer", "window_s", "account_a", "account_b"),
    columns=(
        Column("layer", TEXT, "layer; fast_repost is not tested: each pair has one publisher"),
        Column("window_s", REAL, "largest lag between the two actions", unit="seconds"),
        Column("account_a", TEXT, "smaller account_id of the pair"),
        Column("account_b", TEXT, "larger account_id"),
        Column("common_count", INT, "objects both used at any time", unit="objects"),
        Column("session_count", INT, "sessions of the pair that hold a match", unit="sessions"),
        Column(
            "independent_count",
            INT,
            "matches that share neither a session nor a source, seen or inferred",
            unit="matches",
        ),
        Column(
            "expected",
            REAL,
            "matches that bursts explain (and habits, where p_burst is small)",
            unit="matches",
        ),
        Column("p_burst", REAL, "p-value under the bursts of the objects", unit="0-1"),
        Column("p_hours", REAL, "under shared hours of the day", unit="0-1", missing=_DECIDED),
        Column("p_reaction", REAL, "under usual reactions", unit="0-1", missing=_DECIDED),
        Column(
            "p_seen",
            REAL,
            "under all time nulls at once, where only known publishers count as sources",
            unit="0-1",
        ),
        Column("p_choice", REAL, "under shared tastes; decides nothing", unit="0-1"),
        Column(
            "p_value",
            REAL,
            "under all time nulls at once, sources known and inferred, after the placebo",
            unit="0-1",
        ),
        Column(
            "p_family",
            REAL,
            "p_value corrected (Holm) over all pairs that accounts of the layer can form, times "
            "the layers and windows looked at",
            unit="0-1",
        ),
        Column("p_seen_family", REAL, "p_seen corrected in the same way", unit="0-1"),
        Column(
            "q_value", REAL, "false-discovery rate (Benjamini, Hochberg) over the same", unit="0-1"
        ),
        Column("reading", TEXT, "what that allows to say, in a sentence"),
        *RUN_COLUMNS,
    ),
)
