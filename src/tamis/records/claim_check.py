"""What this collection says of one published claim."""

from __future__ import annotations

from tamis.records.table import REAL, RUN_COLUMNS, TEXT, TEXTS, Column, Table

_NOT_ASKED = "nothing could be asked"

TABLE = Table(
    name="claim_check",
    stage="spread",
    meaning=(
        "What this collection says of one published claim. `confirmed` and `contradicted` are of "
        "this collection, never of the world; most claims are not testable with a collection."
    ),
    key=("run_id", "source_item_id", "claim_id"),
    order=("source_item_id", "claim_id"),
    columns=(
        Column("source_item_id", TEXT, "file of claims"),
        Column("claim_id", TEXT, "claim"),
        Column("outcome", TEXT, "confirmed, contradicted or not_testable"),
        Column(
            "reason",
            TEXT,
            "agrees or differs; why not testable: in_words, invented_collection, invented_claim, "
            "other_incident, not_held, ambiguous, outside_time, no_begin, sample, incomplete, "
            "clock_too_coarse",
        ),
        Column("measured", REAL, "number that the collection gives", missing="none was computed"),
        Column("measured_text", TEXT, "the same, a time or an order, in words", missing="none"),
        Column("query_sql", TEXT, "the query that gives it", missing=_NOT_ASKED),
        Column("query_params", TEXT, "JSON: values of its parameters", missing=_NOT_ASKED),
        Column("conflict_ids", TEXTS, "claims that say otherwise of the same thing"),
        Column("detail", TEXT, "the outcome in a sentence"),
        *RUN_COLUMNS,
    ),
)
