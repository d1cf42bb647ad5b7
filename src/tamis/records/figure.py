"""One number that a report prints, and how to compute it again."""

from __future__ import annotations

from tamis.records.table import INT, REAL, TEXT, Column, Table

TABLE = Table(
    name="figure",
    stage="report",
    meaning="One number that a report prints, and how to compute it again.",
    key=("figure_id", "report_id"),
    order=("report_id", "figure_id"),
    columns=(
        Column("figure_id", TEXT, "name of the figure"),
        Column("report_id", TEXT, "report that prints it"),
        Column("label", TEXT, "what it says, in words"),
        Column("query", TEXT, "SQL over the tables of the generation"),
        Column("params", TEXT, "JSON: values of its parameters"),
        Column("generation", INT, "generation it was computed on"),
        Column("value", TEXT, "JSON: the value, or the rows"),
        Column("tolerance", REAL, "relative difference that counts as equal", unit="0-1"),
    ),
)
