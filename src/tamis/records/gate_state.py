"""What the case answered to a question when it was decided to publish or to hold."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="gate_state",
    stage="gate",
    meaning=(
        "What the case answered to a question of the gate when it was last decided to publish or "
        "to hold, so that what changed since can be shown."
    ),
    key=("question",),
    columns=(
        Column("question", INT, "number of the question"),
        Column("answer", TEXT, "what the case answered then"),
        Column("stated_at", TIME, "when it was decided"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
