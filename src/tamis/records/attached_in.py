"""One file attached to one message, and what that message's verdict says of the file."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="attached_in",
    stage="leak.attached_in",
    meaning="One file attached to one message, and what that message's verdict says of the file.",
    key=("content_item_id", "item_id"),
    columns=(
        Column("content_item_id", TEXT, "file: SHA-256 of its decoded bytes"),
        Column("item_id", TEXT, "message that carries it"),
        Column("name", TEXT, "name it has there", missing="none declared"),
        Column("carrier_verdict", TEXT, "verdict of that message", missing="it has none"),
        Column(
            "is_attested",
            FLAG,
            "whether that message is verified: then these bytes were attached there when it was "
            "signed",
        ),
        Column("carrier_count", INT, "messages that carry the same bytes", unit="messages"),
        Column("verified_carrier_count", INT, "verified ones among them", unit="messages"),
        Column(
            "verified_carrier_id",
            TEXT,
            "a verified message that carries the same bytes, the earliest by its Date",
            missing="none is verified",
        ),
        Column("detail", TEXT, "the result in a sentence"),
        *RUN_COLUMNS,
    ),
)
