"""The language of a message's body or of a document's text; a facet for sorting and searching."""

from __future__ import annotations

from tamis.records.table import RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="text_language",
    stage="leak",
    meaning=(
        "The language of a message's body or of a document's text; a facet for sorting and "
        "searching. Items without text, and files of data (JSON, XML, keys), have no row."
    ),
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message or document"),
        Column(
            "language_detected",
            TEXT,
            "ISO 639 code of the language that the text begins in; und where that is unsure",
        ),
        *RUN_COLUMNS,
    ),
)
