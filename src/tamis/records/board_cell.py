"""What one person says of one piece of evidence under one hypothesis."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="board_cell",
    stage="board",
    meaning=(
        "What one person says of one piece of evidence under one hypothesis; the last word of "
        "each cell, the earlier ones stay among the decisions."
    ),
    key=("hypothesis_id", "evidence_id"),
    columns=(
        Column("hypothesis_id", TEXT, "hypothesis: the row of the board"),
        Column("evidence_id", TEXT, "evidence: the column of the board"),
        Column(
            "evidence_table",
            TEXT,
            "table it stands in: evidence, cohort, document_time_conflict or hole",
        ),
        Column("bearing", TEXT, "consistent, inconsistent, neutral or not_applicable"),
        Column("note", TEXT, "why, in that person's words"),
        Column("author", TEXT, "who says so"),
        Column("said_at", TIME, "when"),
        Column("change_count", INT, "earlier words on the same cell"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
