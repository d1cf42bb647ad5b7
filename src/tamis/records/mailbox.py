"""One mailbox, as far as its container shows it."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="mailbox",
    stage="intake",
    meaning="One mailbox, as far as its container shows it.",
    key=("mailbox_id",),
    columns=(
        Column("mailbox_id", TEXT, "SHA-256 of the container's item_id and the path inside it"),
        Column("path", TEXT, "path of the container or folder"),
        Column("holder", TEXT, "whose it is, by its own evidence", missing="not established"),
        Column("message_count", INT, "messages in it", unit="messages"),
        Column("first_at", TIME, "earliest Date stated", missing="no readable Date"),
        Column("last_at", TIME, "latest Date stated", missing="no readable Date"),
    ),
)
