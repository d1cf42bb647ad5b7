"""Earliest known post of an object on one platform, in one container, language or community."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="first_sight_scope",
    stage="spread",
    meaning=(
        "Earliest known post of an object in this collection on one platform, in one container, "
        "language, community or activity-clock profile; of objects that several accounts "
        "introduced. `tamis trace` says the same of any object."
    ),
    key=("object_id", "dimension", "scope", "run_id"),
    order=("object_id", "dimension", "place"),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("kind", TEXT, "kind of object"),
        Column("dimension", TEXT, "platform, container, language, community or clock"),
        Column("scope", TEXT, "which of them; of a language its ISO 639 code, as declared"),
        Column("place", INT, "1 where the object came up first in this dimension, then 2, 3, …"),
        Column("post_id", TEXT, "earliest post"),
        Column("account_id", TEXT, "its account", missing="the export hides it"),
        Column("first_low_at", TIME, "earliest time it can be", missing="only the latest is known"),
        Column("first_high_at", TIME, "latest time it can be"),
        Column("clock", TEXT, "clock of that time", missing="no clock is named"),
        Column("is_certain", FLAG, "no other post of the object there can be earlier"),
        Column(
            "rival_count",
            INT,
            "other posts there whose interval overlaps, or is not known",
            unit="posts",
        ),
        Column("post_count", INT, "posts there that carry the object themselves", unit="posts"),
        Column(
            "introduction_count",
            INT,
            "accounts whose first post of the object stands there and answers no post with it",
            unit="accounts",
        ),
        *SOURCE_COLUMNS,
        *RUN_COLUMNS,
    ),
)
