"""One item of the dump that is a sealed decoy, or shares its words."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="decoy_match",
    stage="leak",
    meaning="One item of the dump that is byte for byte a sealed decoy, or shares its words.",
    key=("item_id", "decoy_id"),
    columns=(
        Column("item_id", TEXT, "message or document"),
        Column("decoy_id", TEXT, "name of the sealed file"),
        Column("root", TEXT, "root of the commitment, as hex digits"),
        Column("relation", TEXT, "same_bytes, or shares_text (evidence alone, never a verdict)"),
        Column(
            "standing",
            TEXT,
            "decoy: sealed before the leak; decoy_asserted: no trusted time before the leak; "
            "NULL for shared text",
            missing="text alone is shared",
        ),
        Column(
            "sealed_at",
            TIME,
            "latest moment at which the seal can have been made, by the earliest token that holds",
            missing="no token holds under a trusted root",
        ),
        Column("authorities", TEXTS, "roots under which tokens hold"),
        Column(
            "shared_count",
            INT,
            "five-word runs shared that no background text has",
            missing="no sketch was shown",
        ),
        Column("sketch_count", INT, "five-word runs of the sketch", missing="no sketch was shown"),
        Column("detail", TEXT, "the match in a sentence"),
        *RUN_COLUMNS,
    ),
)
