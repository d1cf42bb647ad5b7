"""One board, channel, page, group or instance."""

from __future__ import annotations

from tamis.records.table import TEXT, Column, Table

TABLE = Table(
    name="container",
    stage="intake",
    meaning="One board, channel, page, group or instance.",
    key=("container_id",),
    columns=(
        Column("container_id", TEXT, "platform:native_id"),
        Column("platform", TEXT, "platform"),
        Column("kind", TEXT, "board, channel, category, group, guild, page, subreddit or instance"),
        Column("name", TEXT, "name", missing="not exported"),
        Column("parent_id", TEXT, "container around it", missing="none"),
    ),
)
