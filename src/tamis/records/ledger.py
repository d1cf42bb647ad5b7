"""What one container declared, and what came out of it."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="ledger",
    stage="intake",
    meaning="What one container declared, and what came out of it.",
    key=("container_item_id", "reader"),
    columns=(
        Column("container_item_id", TEXT, "container"),
        Column("reader", TEXT, "reader that opened it"),
        Column(
            "expected_count",
            INT,
            "entries that the container itself declares",
            unit="entries",
            missing="it declares nothing",
        ),
        Column("emitted_count", INT, "entries that came out", unit="entries"),
        Column("failed_count", INT, "entries that did not", unit="entries"),
        Column(
            "note",
            TEXT,
            "what a person should know about this container",
            missing="nothing to say",
        ),
    ),
)
