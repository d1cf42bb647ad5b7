"""Earliest known post of an object in this collection, in all and on each platform."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="first_seen",
    stage="spread",
    meaning="Earliest known post of an object in this collection, in all and on each platform.",
    key=("object_id", "platform", "run_id"),
    order=("object_id", "platform"),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("kind", TEXT, "kind of object"),
        Column("display", TEXT, "one form as found"),
        Column("platform", TEXT, "platform, or * for the whole collection"),
        Column("post_id", TEXT, "earliest post"),
        Column("account_id", TEXT, "its account", missing="the export hides it"),
        Column("first_low_at", TIME, "earliest time it can be", missing="only the latest is known"),
        Column("first_high_at", TIME, "latest time it can be"),
        Column("clock", TEXT, "clock of that time"),
        Column(
            "is_certain",
            FLAG,
            "no other post of the object can be earlier, given the intervals",
        ),
        Column(
            "rival_count", INT, "other posts whose interval overlaps, or is not known", unit="posts"
        ),
        Column("role", TEXT, "in_text, embed, card or attachment"),
        Column("post_count", INT, "posts that carry the object themselves", unit="posts"),
        Column("inherited_count", INT, "posts that carry it by repost", unit="posts"),
        Column("account_count", INT, "accounts of both", unit="accounts"),
        Column("last_at", TIME, "latest post of either kind", missing="none has a time of posting"),
        *SOURCE_COLUMNS,
        *RUN_COLUMNS,
    ),
)
