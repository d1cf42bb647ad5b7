"""One account as its platform knows it."""

from __future__ import annotations

from tamis.records.table import SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="account",
    stage="intake",
    meaning="One account as its platform knows it.",
    key=("account_id", "source_item_id", "byte_start"),
    order=("account_id",),
    columns=(
        Column("account_id", TEXT, "platform:native_id"),
        Column("platform", TEXT, "platform"),
        Column("native_id", TEXT, "id on the platform, as text"),
        Column("scope", TEXT, "global, thread or instance: where the id means the same account"),
        Column("handle", TEXT, "handle", missing="not exported"),
        Column("display_name", TEXT, "display name", missing="not exported"),
        Column("created_at", TIME, "creation of the account", missing="not exported"),
        *SOURCE_COLUMNS,
    ),
)
