"""One run of one stage."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="run",
    stage="run",
    meaning="One run of one stage.",
    key=("run_id", "stage"),
    order=("started_at", "stage"),
    columns=(
        Column("run_id", TEXT, "id of the run"),
        Column("stage", TEXT, "name of the stage"),
        Column("started_at", TIME, "when the stage began"),
        Column("ended_at", TIME, "when it ended"),
        Column("engine", TEXT, "duckdb or spark"),
        Column("versions", TEXT, "JSON: tamis, analyses, libraries"),
        Column("settings", TEXT, "JSON: parameters used"),
        Column(
            "inputs_sha256",
            TEXT,
            "digest of input files, versions and settings: the same digest gives the same result",
        ),
        Column("row_count", INT, "rows written", unit="rows"),
        Column("summary", TEXT, "the result in one line"),
    ),
)
