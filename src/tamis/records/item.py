"""One distinct sequence of bytes that was added, whatever it is."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="item",
    stage="intake",
    meaning="One distinct sequence of bytes that was added, whatever it is.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "SHA-256 of the bytes, 64 hex digits"),
        Column(
            "kind",
            TEXT,
            "side it was first added to (every place says its own): leak, reference, posts, keys, "
            "polls, decoys or claims",
        ),
        Column("size_bytes", INT, "length", unit="bytes"),
        Column(
            "media_type",
            TEXT,
            "type found in the bytes themselves",
            missing="nothing recognised",
        ),
        Column("reader", TEXT, "reader that read it", missing="no reader took it"),
        Column("status", TEXT, "read, partly, failed or refused"),
        Column(
            "reason",
            TEXT,
            "why it is not read, in plain words",
            missing="it was read",
        ),
    ),
)
