"""What one person answered to one question of the publish-or-hold gate."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="gate_word",
    stage="gate",
    meaning=(
        "What one person answered to one question of the publish-or-hold gate; the last word on "
        "each, the earlier ones stay among the decisions."
    ),
    key=("question",),
    columns=(
        Column("question", INT, "number of the question"),
        Column("answer", TEXT, "the answer, or publish, hold or about_the_hack_only"),
        Column("why", TEXT, "the reason of a decision", missing="the question asks for none"),
        Column("author", TEXT, "who answers"),
        Column("reviewer", TEXT, "who reviewed a decision", missing="no decision, or nobody"),
        Column("said_at", TIME, "when"),
        Column("change_count", INT, "earlier words on the same question"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
