"""What share of an object's posts one kind of account or text makes, beside the whole."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NONE = "nothing to divide by"

TABLE = Table(
    name="crowd_share",
    stage="spread",
    meaning=(
        "What share of an object's posts on one platform came from accounts of coordinated "
        "clusters, or repeats a text of another account, beside the same share of all posts of "
        "that platform in this collection."
    ),
    key=("run_id", "object_id", "platform", "measure", "window_kind"),
    order=("object_id", "platform", "measure", "window_kind"),
    columns=(
        Column("object_id", TEXT, "object, or * for every post"),
        Column("platform", TEXT, "platform"),
        Column(
            "measure",
            TEXT,
            "clusters (posts by accounts of clusters of the first grade), or repeated_text (posts "
            "that are no reposts and whose text, or a copy of it, another account posted too)",
        ),
        Column(
            "window_kind",
            TEXT,
            "all, or first_1h, first_6h, first_24h from the object's first post on that platform",
        ),
        Column("post_count", INT, "posts that count", unit="posts"),
        Column("hit_count", INT, "of these, those that the measure names", unit="posts"),
        Column("hit_account_count", INT, "accounts of the latter", unit="accounts"),
        Column("hit_share", REAL, "share of these posts", unit="0-1", missing=_NONE),
        Column("base_post_count", INT, "posts of the platform that count", unit="posts"),
        Column("base_hit_count", INT, "of these, those that the measure names", unit="posts"),
        Column("base_share", REAL, "share in the whole collection", unit="0-1", missing=_NONE),
        *RUN_COLUMNS,
    ),
)
