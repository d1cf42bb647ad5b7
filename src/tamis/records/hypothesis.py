"""One hypothesis that a person put on the board of the case."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="hypothesis",
    stage="board",
    meaning="One hypothesis that a person put on the board of the case; the program has none.",
    key=("hypothesis_id",),
    columns=(
        Column("hypothesis_id", TEXT, "H and its number, in the order they were put"),
        Column("statement", TEXT, "the hypothesis, in that person's words"),
        Column("author", TEXT, "who put it"),
        Column("stated_at", TIME, "when"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
