"""One place of an item whose bytes and text were removed on purpose."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="tombstone",
    stage="forget",
    meaning="One place of an item whose bytes and text were removed on purpose.",
    key=("item_id", "redacted_item_id", "byte_start"),
    columns=(
        Column("item_id", TEXT, "SHA-256 of the bytes that were removed"),
        Column("why", TEXT, "reason given by a person"),
        Column("forgotten_at", TIME, "when"),
        Column(
            "redacted_item_id",
            TEXT,
            "container blob in which the span was overwritten with zeros",
            missing="the bytes had a blob of their own",
        ),
        Column(
            "redacted_sha256",
            TEXT,
            "hash of that container blob afterwards",
            missing="no container was overwritten",
        ),
        Column(
            "byte_start",
            INT,
            "first overwritten byte",
            unit="bytes",
            missing="no container was overwritten",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last overwritten byte",
            unit="bytes",
            missing="no container was overwritten",
        ),
    ),
)
