"""One account as its platform knows it."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

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
        Column("source_item_id", TEXT, "file the row was read from: SHA-256 of its bytes"),
        Column(
            "byte_start",
            INT,
            "first byte of the row in that file, after decompression",
            unit="bytes",
            missing="the format has no byte addresses (Parquet)",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last byte of the row",
            unit="bytes",
            missing="the format has no byte addresses (Parquet)",
        ),
    ),
)
