"""What kind of paper an item looks like, for sorting a pile; a facet, never a finding."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="document_kind",
    stage="leak",
    meaning="What kind of paper an item looks like, for sorting a pile; a facet, never a finding.",
    key=("item_id", "label"),
    columns=(
        Column("item_id", TEXT, "message or document"),
        Column(
            "label",
            TEXT,
            (
                "finance, contract, invoice, payroll, press, legal, logistics, personal, "
                "credentials or other"
            ),
        ),
        Column("is_primary", FLAG, "whether it is the best fitting label of the item"),
        Column("score", REAL, "sum of the weights of the rules met; 0 when too few are"),
        Column("words", TEXTS, "words and marks of structure that earned the label, as found"),
        Column("word_count", INT, "distinct rules met", unit="rules"),
        *RUN_COLUMNS,
    ),
)
