"""One pair of accounts in one layer and window, with one kind of weight."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="co_action",
    stage="coordination",
    meaning="One pair of accounts in one layer and window, with one kind of weight.",
    key=("run_id", "layer", "window_s", "weight_kind", "account_a", "account_b"),
    order=("layer", "window_s", "weight_kind", "account_a", "account_b"),
    columns=(
        Column(
            "layer",
            TEXT,
            "co_repost, co_link, co_domain, co_hashtag, co_text, co_media, co_reply or co_object",
        ),
        Column("window_s", REAL, "largest lag between the two actions", unit="seconds"),
        Column("weight_kind", TEXT, "distinct_objects, co_pairs or distinct_messages"),
        Column("account_a", TEXT, "smaller account_id of the pair"),
        Column("account_b", TEXT, "larger account_id"),
        Column("weight", INT, "the weight named by weight_kind"),
        Column("shared_count", INT, "distinct objects both used within the window", unit="objects"),
        Column("pair_count", INT, "pairs of actions within the window", unit="pairs"),
        Column("message_count_a", INT, "distinct posts of a in those pairs", unit="posts"),
        Column("message_count_b", INT, "distinct posts of b in those pairs", unit="posts"),
        Column("lag_median_s", REAL, "median of time of b minus time of a", unit="seconds"),
        Column(
            "a_first_share",
            REAL,
            "share of pairs where a acted first; ties count half",
            unit="0-1",
        ),
        Column(
            "expected",
            REAL,
            "weight expected by the null model",
            unit="objects",
            missing="not computed",
        ),
        Column(
            "p_value",
            REAL,
            "chance of the weight under the null model",
            unit="0-1",
            missing="not computed",
        ),
        Column(
            "q_value",
            REAL,
            "p-value corrected over all possible pairs",
            unit="0-1",
            missing="not computed",
        ),
        *RUN_COLUMNS,
    ),
)
