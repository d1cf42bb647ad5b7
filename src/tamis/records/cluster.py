"""A group of accounts whose pairs acted together more than any null model explains."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

_NO_DATES = "no member's day of creation is known"
_NO_CROWD = "nobody else used these objects"

TABLE = Table(
    name="cluster",
    stage="coordination",
    meaning=(
        "A group of accounts whose pairs acted together more than any null model explains; "
        "no proof of a common will."
    ),
    key=("run_id", "cluster_id"),
    order=("layer", "window_s", "cluster_id"),
    columns=(
        Column("cluster_id", TEXT, "hash of layer, window, grade and members"),
        Column(
            "grade",
            TEXT,
            "first: no null model explains its pairs; second, weaker: nothing does but sources "
            "that are only inferred, followed by these accounts alone",
        ),
        Column("layer", TEXT, "layer, or `merged` where pairs of several layers were joined"),
        Column("window_s", REAL, "largest lag between two actions", unit="seconds"),
        Column("layers", TEXTS, "layers in which pairs of it stand out"),
        Column(
            "platforms",
            TEXTS,
            "platforms of its members",
            missing="the account ids do not name a platform",
        ),
        Column("member_count", INT, "accounts", unit="accounts"),
        Column("core_count", INT, "members of its densest part", unit="accounts"),
        Column("edge_count", INT, "pairs that stand out", unit="pairs"),
        Column("density", REAL, "share of possible pairs that stand out", unit="0-1"),
        Column(
            "stability",
            REAL,
            "mean overlap (Jaccard) with its like under other windows and thresholds",
            unit="0-1",
        ),
        Column(
            "p_value",
            REAL,
            "largest family-wise p-value of its pairs (of p_seen in the second grade), over all "
            "possible pairs, at least 1e-6",
            unit="0-1",
        ),
        Column("object_count", INT, "objects on which two or more members met", unit="objects"),
        Column(
            "evidence_count",
            INT,
            "rows of co_action_evidence between its members, in its layers and window",
            unit="rows",
        ),
        Column("top_objects", TEXTS, "those with most members"),
        Column("lag_median_s", REAL, "median distance behind the first member", unit="seconds"),
        Column("first_at", TIME, "first such action"),
        Column("last_at", TIME, "last such action"),
        Column("member_within_share", REAL, "pairs of members' uses in the window", unit="0-1"),
        Column(
            "crowd_within_share",
            REAL,
            "the same of others on the same objects, mean over objects",
            unit="0-1",
            missing=_NO_CROWD,
        ),
        Column("crowd_object_count", INT, "objects with others to compare", unit="objects"),
        Column("created_first_at", TIME, "creation of the oldest member", missing=_NO_DATES),
        Column("created_last_at", TIME, "creation of the youngest member", missing=_NO_DATES),
        Column("created_known_count", INT, "members whose creation is known", unit="accounts"),
        Column("detail", TEXT, "the cluster in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
