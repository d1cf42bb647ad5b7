"""The breakout level that a person signed for one object."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="breakout_level",
    stage="board",
    meaning=(
        "The breakout level that a person signed for one object; the last word counts, earlier "
        "ones stay among the decisions. No level is ever computed."
    ),
    key=("object_id",),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("level", INT, "1 to 6"),
        Column("note", TEXT, "why, in that person's words"),
        Column("author", TEXT, "who signs"),
        Column("signed_at", TIME, "when"),
        Column("checklist_run_id", TEXT, "run of the checklist that lay before that person"),
        Column("change_count", INT, "earlier levels of the same object"),
        Column("decision_number", INT, "the decision that holds it, also in custody"),
    ),
)
