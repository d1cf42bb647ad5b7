"""What one person says of one published claim, and on which evidence."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="claim_word",
    stage="claims",
    meaning=(
        "What one person says of one published claim, and on which evidence; the last word on "
        "each claim, the earlier ones stay among the decisions. The program sets no status."
    ),
    key=("source_item_id", "claim_id"),
    columns=(
        Column("source_item_id", TEXT, "file of claims"),
        Column("claim_id", TEXT, "claim"),
        Column("status", TEXT, "corroborated, contradicted or open"),
        Column("evidence_ids", TEXTS, "evidence that it rests on, each as table:id"),
        Column("note", TEXT, "why, in that person's words"),
        Column("author", TEXT, "who says so"),
        Column("said_at", TIME, "when"),
        Column("change_count", INT, "earlier words on the same claim"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
