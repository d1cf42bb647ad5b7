"""One statement with its evidence and its limits."""

from __future__ import annotations

from tamis.records.table import RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="finding",
    stage="report",
    meaning="One statement with its evidence and its limits.",
    key=("finding_id",),
    columns=(
        Column("finding_id", TEXT, "stable id"),
        Column("statement", TEXT, "the sentence"),
        Column("limits", TEXTS, "what it does not say"),
        Column("table_name", TEXT, "table that holds its rows"),
        Column("row_filter", TEXT, "expression that selects them"),
        *RUN_COLUMNS,
    ),
)
