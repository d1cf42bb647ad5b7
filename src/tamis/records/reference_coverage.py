"""A stretch of time for which the reference originals can be expected to hold a message."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="reference_coverage",
    stage="leak",
    meaning=(
        "A stretch of time for which the reference originals can be expected to hold what one "
        "address sent, or what it received. Outside of these nothing is said of a message."
    ),
    key=("coverage_id",),
    order=("address", "direction", "first_at"),
    columns=(
        Column("coverage_id", TEXT, "address, direction and rank of the stretch"),
        Column("address", TEXT, "holder of the reference mailboxes, by their own evidence"),
        Column("direction", TEXT, "sent or received"),
        Column("first_at", TIME, "Date of the first reference message of the stretch"),
        Column("last_at", TIME, "Date of its last one"),
        Column("message_count", INT, "reference messages in it, before narrowing", unit="messages"),
        Column(
            "narrowed_by",
            TEXT,
            "setting of the case that narrowed it",
            missing="as computed",
        ),
        *RUN_COLUMNS,
    ),
)
