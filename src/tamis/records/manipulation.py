"""How concentrated and how reposted the traffic of one object is, in one window on one platform."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

_REFUSED = "no account is known"
_NO_FIGURE = "refused: see reason"
_NO_BASE = "the window has no fixed number of posts, or there is no other to compare"

TABLE = Table(
    name="manipulation",
    stage="spread",
    meaning=(
        "How concentrated and how reposted the traffic of one object is, in one window on one "
        "platform: C = R/10 + F + U, where R is the percentage of reposts, F that of posts by the "
        "50 most active accounts, U the mean posts of an account. A high value is what campaigns, "
        "fans and programs reach alike; it proves no manipulation."
    ),
    key=("run_id", "object_id", "platform", "window_kind", "window_rank"),
    order=("object_id", "platform", "window_kind", "window_rank"),
    columns=(
        Column("object_id", TEXT, "object, or * for every post"),
        Column("platform", TEXT, "platform"),
        Column(
            "window_kind",
            TEXT,
            "all; first_1h, first_6h, first_24h from the object's first post on that platform; "
            "posts_1000, posts_10000: stretches of so many posts, in order of time",
        ),
        Column("window_rank", INT, "rank of the stretch, from 0"),
        Column("from_at", TIME, "first post", missing="no post has a time"),
        Column("to_at", TIME, "last post", missing="no post has a time"),
        Column("duration_s", REAL, "time between both", unit="seconds", missing="no times"),
        Column("post_count", INT, "posts with a known account: N", unit="posts"),
        Column("account_count", INT, "their accounts", unit="accounts"),
        Column("no_account_count", INT, "posts whose account is hidden, left out", unit="posts"),
        Column("sampled_count", INT, "posts from a sample of a stream or a screen", unit="posts"),
        Column("outcome", TEXT, "measured or refused"),
        Column(
            "reason",
            TEXT,
            "why it was refused: no_accounts, thread_accounts, too_few_posts, reposts_only, "
            "sampled, no_reposts",
            missing="it was measured",
        ),
        Column("repost_share", REAL, "R: share of reposts", unit="0-1", missing=_REFUSED),
        Column(
            "top50_share", REAL, "F: share of the 50 busiest accounts", unit="0-1", missing=_REFUSED
        ),
        Column("posts_per_account", REAL, "U: mean posts", unit="posts", missing=_REFUSED),
        Column("ctm", REAL, "C = R/10 + F + U", missing=_NO_FIGURE),
        Column("ctm_low", REAL, "lower end of its 95 % interval", missing=_NO_FIGURE),
        Column("ctm_high", REAL, "upper end", missing=_NO_FIGURE),
        Column("ctm_bias", REAL, "mean of resampled values less C", missing=_NO_FIGURE),
        Column(
            "floor_ctm",
            REAL,
            "the same sum over a sample, over reposts alone or without reposts: it says how little "
            "such data can show, and is compared with nothing",
            missing="not refused for that",
        ),
        Column("gini", REAL, "inequality of posts over accounts", unit="0-1", missing=_REFUSED),
        Column("top1_share", REAL, "share of the busiest account", unit="0-1", missing=_REFUSED),
        Column("top5_share", REAL, "share of the busiest five", unit="0-1", missing=_REFUSED),
        Column(
            "top1pct_share",
            REAL,
            "share of the busiest 1 % of accounts",
            unit="0-1",
            missing=_REFUSED,
        ),
        Column(
            "top5pct_share",
            REAL,
            "share of the busiest 5 % of accounts",
            unit="0-1",
            missing=_REFUSED,
        ),
        Column(
            "base_count",
            INT,
            "stretches of as many posts of the whole collection on that platform",
            unit="stretches",
        ),
        Column("base_median", REAL, "median of their C", missing=_NO_BASE),
        Column("base_share", REAL, "share of them with C as high", unit="0-1", missing=_NO_BASE),
        Column("base_gini", REAL, "median of their Gini", unit="0-1", missing=_NO_BASE),
        Column("detail", TEXT, "the row in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
