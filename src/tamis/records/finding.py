"""One statement with its evidence and its limits."""

from __future__ import annotations

from tamis.records.table import TEXT, TEXTS, Column, Table

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
        Column("run_id", TEXT, "run that produced the row"),
        Column("analysis_version", TEXT, "name and version of the analysis that produced the row"),
    ),
)
