"""Whether a message is person to person or bulk, with every reason for it."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="message_class",
    stage="leak",
    meaning="Whether a message is person to person or bulk, with every reason for it.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("traffic", TEXT, "person or bulk"),
        Column(
            "reasons",
            TEXTS,
            "list_id, list_unsubscribe, precedence, auto_submitted (its own headers say so) and "
            "sender_volume (inferred here); empty for person to person",
        ),
        Column("is_by_headers", FLAG, "whether its own headers make it bulk"),
        Column(
            "recipient_count",
            INT,
            "different recipients that its sender sent the same subject to, in as many messages",
            unit="addresses",
            missing="a reply, or no sender or subject: not measured",
        ),
        *RUN_COLUMNS,
    ),
)
