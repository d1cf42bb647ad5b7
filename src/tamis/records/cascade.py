"""One post and all that descends from it: reposts, quotes, forwards, and theirs in turn."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="cascade",
    stage="spread",
    meaning="One post and all that descends from it: reposts, quotes, forwards, theirs in turn.",
    key=("post_id", "run_id"),
    order=("post_count", "post_id"),
    columns=(
        Column("post_id", TEXT, "post from which it starts in this collection"),
        Column("account_id", TEXT, "its author", missing="the export hides it"),
        Column("posted_at", TIME, "when it was published", missing="not in the collection"),
        Column("post_count", INT, "posts of the cascade, with the first one", unit="posts"),
        Column("account_count", INT, "accounts that carried it", unit="accounts"),
        Column("depth", INT, "steps from the first post to the farthest one", unit="steps"),
        Column("breadth", INT, "most posts at one depth", unit="posts"),
        Column(
            "virality", REAL, "structural virality: mean distance of two of its posts", unit="steps"
        ),
        Column(
            "grade",
            TEXT,
            "native: every parent named by the platform; partly: some; inferred: some parents are "
            "guessed from who spoke to whom; star: only what was carried is known, not from whom",
        ),
        Column("via_count", INT, "parents that the platform names as intermediate", unit="posts"),
        Column(
            "related_count",
            INT,
            "parents inferred: the latest earlier carrier to whom the account had spoken",
            unit="posts",
        ),
        Column("direct_count", INT, "posts hung on what they carry", unit="posts"),
        Column("untimed_count", INT, "posts without a time, of any parent", unit="posts"),
        Column("last_at", TIME, "its latest post", missing="none has a time"),
        *RUN_COLUMNS,
    ),
)
