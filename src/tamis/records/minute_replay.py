"""Posts in one minute, by platform, language, community and cluster: what a replay draws."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="minute_replay",
    stage="spread",
    meaning="Posts in one minute, by platform, language, community and cluster of their accounts.",
    key=("run_id", "object_id", "minute_at", "platform", "language", "community_id", "cluster_id"),
    order=("object_id", "minute_at", "platform", "language", "community_id", "cluster_id"),
    columns=(
        Column("object_id", TEXT, "object, or * for every post"),
        Column("minute_at", TIME, "begin of the minute, UTC"),
        Column("platform", TEXT, "platform"),
        Column("language", TEXT, "language the platform states", missing="none stated"),
        Column(
            "community_id",
            TEXT,
            "community of the account before the incident",
            missing="none is known",
        ),
        Column(
            "cluster_id",
            TEXT,
            "cluster of the first grade that the account stands for",
            missing="it is in none",
        ),
        Column("post_count", INT, "posts, reposts too", unit="posts"),
        Column("repost_count", INT, "of these, reposts", unit="posts"),
        *RUN_COLUMNS,
    ),
)
