"""One document of a cohort, with what it states."""

from __future__ import annotations

from tamis.records.table import RUN_COLUMNS, TEXT, TIME, Column, Table

_STATED = "not stated"

TABLE = Table(
    name="cohort_member",
    stage="leak",
    meaning="One document of a cohort, with what it states.",
    key=("cohort_id", "item_id"),
    columns=(
        Column("cohort_id", TEXT, "cohort"),
        Column("item_id", TEXT, "document"),
        Column("last_author", TEXT, "who saved it last", missing=_STATED),
        Column("creator", TEXT, "who made it", missing=_STATED),
        Column("software", TEXT, "program and version", missing=_STATED),
        Column("template", TEXT, "template", missing=_STATED),
        Column("codepage", TEXT, "Windows code page of its properties", missing=_STATED),
        Column("language", TEXT, "language, as the file writes it", missing=_STATED),
        Column("interface", TEXT, "word in which the program spoke", missing=_STATED),
        Column("edit_minutes", TEXT, "editing time, as the file writes it", missing=_STATED),
        Column("created_at", TIME, "made", missing="not stated with a zone"),
        Column("saved_at", TIME, "saved last", missing="not stated with a zone"),
        Column("saved_written", TEXT, "that time as it is written there", missing=_STATED),
        *RUN_COLUMNS,
    ),
)
