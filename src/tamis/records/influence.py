"""How far posts of an object on one platform or in one place led to posts of it on another."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

_REFUSED = "status is refused"

TABLE = Table(
    name="influence",
    stage="spread",
    meaning=(
        "How far posts of an object in one group led to posts of it in another, by a Hawkes "
        "process, or why that cannot be told."
    ),
    key=("run_id", "object_id", "grouping", "source_group", "target_group"),
    order=("object_id", "grouping", "source_group", "target_group"),
    columns=(
        Column("object_id", TEXT, "object", missing="no object could be looked at"),
        Column("grouping", TEXT, "platform, container or community"),
        Column("source_group", TEXT, "group that leads", missing=_REFUSED),
        Column("target_group", TEXT, "group that follows", missing=_REFUSED),
        Column("status", TEXT, "estimated, not_identifiable or refused"),
        Column("is_influence", FLAG, "estimated, surely not 0, and one-sided in time"),
        Column("weight", REAL, "direct offspring of one post", unit="posts", missing=_REFUSED),
        Column("weight_low", REAL, "low end, 90 % interval", unit="posts", missing=_REFUSED),
        Column("weight_high", REAL, "high end, 90 % interval", unit="posts", missing=_REFUSED),
        Column("p_value", REAL, "chance if 0 (Holm over the set)", unit="0-1", missing=_REFUSED),
        Column(
            "order_p_value",
            REAL,
            "chance if offspring run both ways alike",
            unit="0-1",
            missing="a group on itself, or refused",
        ),
        Column("caused_share", REAL, "target's posts so caused", unit="0-1", missing=_REFUSED),
        Column("caused_low", REAL, "low end, 90 % interval", unit="0-1", missing=_REFUSED),
        Column("caused_high", REAL, "high end, 90 % interval", unit="0-1", missing=_REFUSED),
        Column("background_share", REAL, "target's with no parent", unit="0-1", missing=_REFUSED),
        Column("source_count", INT, "posts of the source", unit="posts", missing=_REFUSED),
        Column("target_count", INT, "posts of the target", unit="posts", missing=_REFUSED),
        Column(
            "together_share", REAL, "replays with as common rises", unit="0-1", missing=_REFUSED
        ),
        Column("lumps_share", REAL, "replays as lumpy", unit="0-1", missing=_REFUSED),
        Column("gaps_share", REAL, "replays with as odd gaps", unit="0-1", missing=_REFUSED),
        Column("jitter", REAL, "change within the clock", unit="posts", missing=_REFUSED),
        Column("unseen_share", REAL, "carried from outside", unit="0-1", missing=_REFUSED),
        Column("first_at", TIME, "first post looked at", missing=_REFUSED),
        Column("last_at", TIME, "last post looked at", missing=_REFUSED),
        Column("reading", TEXT, "the row in a sentence"),
        *RUN_COLUMNS,
    ),
)
