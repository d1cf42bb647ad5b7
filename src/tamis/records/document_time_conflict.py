"""A document that states a time after the message that carries it had been sent."""

from __future__ import annotations

from tamis.records.table import FLAG, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="document_time_conflict",
    stage="leak",
    meaning=(
        "A document that states a time after the message that carries it had been sent, whatever "
        "the unknown zones are."
    ),
    key=("conflict_id",),
    order=("item_id", "carrier_item_id", "conflict_id"),
    columns=(
        Column("conflict_id", TEXT, "hash of document, message and source of the time"),
        Column("item_id", TEXT, "document"),
        Column("carrier_item_id", TEXT, "message that carries it, also inside an archive"),
        Column("source", TEXT, "where the time stands: namespace and name of the property"),
        Column("stated", TEXT, "the time as it is written there"),
        Column("is_zoned", FLAG, "whether a zone stands with it"),
        Column("document_low_at", TIME, "earliest moment it can mean"),
        Column("document_high_at", TIME, "latest moment it can mean"),
        Column("sent_at", TIME, "Date of the message"),
        Column("received_at", TIME, "topmost Received field", missing="absent or unreadable"),
        Column("bound_at", TIME, "latest moment that the message's own times can mean"),
        Column("lag_s", REAL, "least time from that moment to the document's", unit="seconds"),
        Column("detail", TEXT, "the conflict in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
