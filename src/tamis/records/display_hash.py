"""Hashes of what one message shows."""

from __future__ import annotations

from tamis.records.table import FLAG, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="display_hash",
    stage="leak",
    meaning="Hashes of what one message shows, by which equal copies are found.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("fields_sha256", TEXT, "From, To, Cc, Subject and Date, relaxed (RFC 6376 3.4.2)"),
        Column("structure_sha256", TEXT, "fields that say how the body is read, relaxed"),
        Column("body_sha256", TEXT, "body with CRLF and one line end at its end (3.4.3)"),
        Column("is_plain", FLAG, "readers agree about the header block; no such field is doubled"),
        *RUN_COLUMNS,
    ),
)
