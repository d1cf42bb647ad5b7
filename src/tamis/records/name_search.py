"""In how many texts of a language a model searched for names, and in how many nothing did."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="name_search",
    stage="leak",
    meaning=(
        "In how many texts of a language which model searched for names of people; texts for "
        "whose language there is none were not searched. No rows: no model was given."
    ),
    key=("language_detected",),
    columns=(
        Column("language_detected", TEXT, "ISO 639 code; und when it is not known"),
        Column("model_name", TEXT, "model that searched", missing="none is for this language"),
        Column("model_sha256", TEXT, "hash of that model", missing="none is for this language"),
        Column("text_count", INT, "texts of that language", unit="texts"),
        Column("cut_count", INT, "of these, searched only in their first part", unit="texts"),
        *RUN_COLUMNS,
    ),
)
