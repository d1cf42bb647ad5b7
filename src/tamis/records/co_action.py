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
            (
                "co_repost, co_reply, co_link, co_domain, co_hashtag, co_hashtag_sequence, "
                "co_text, co_media, co_mention, co_presence, fast_repost or co_object"
            ),
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
            "lag_low_s",
            REAL,
            "a quarter of these lags are this or less: the ⌈n/4⌉-th smallest",
            unit="seconds",
        ),
        Column(
            "lag_high_s",
            REAL,
            "a quarter of these lags are this or more: the ⌈n/4⌉-th largest",
            unit="seconds",
        ),
        Column(
            "a_first_share",
            REAL,
            "share of pairs where a acted first; ties count half",
            unit="0-1",
        ),
        Column(
            "object_count_a",
            INT,
            "distinct objects of a in the layer, at any time",
            unit="objects",
            missing="not defined in this layer (fast_repost)",
        ),
        Column(
            "object_count_b",
            INT,
            "distinct objects of b in the layer, at any time",
            unit="objects",
            missing="not defined in this layer (fast_repost)",
        ),
        Column(
            "cosine",
            REAL,
            (
                "TF-IDF cosine of the objects of both in which only objects shared within the "
                "window meet"
            ),
            unit="0-1",
            missing="not defined in this layer (fast_repost)",
        ),
        Column(
            "jaccard",
            REAL,
            "objects shared within the window, divided by the objects that either used",
            unit="0-1",
            missing="not defined in this layer (fast_repost)",
        ),
        *RUN_COLUMNS,
    ),
)
