"""One event in the life of a document, as the document itself tells it."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="revision_event",
    stage="leak",
    meaning="One event in the life of a document, as the document itself tells it.",
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "document"),
        Column(
            "position",
            INT,
            "rank in the document's life: by time, those without a zone as if it were UTC; then "
            "those without a time, in the order of the file",
        ),
        Column("happened_at", TIME, "the moment", missing="no time, or one without a zone"),
        Column("stated", TEXT, "the time as it is written there", missing="no time is written"),
        Column("is_zoned", FLAG, "whether a zone stands with it", missing="no time is written"),
        Column("author", TEXT, "who, as the document says", missing="not stated"),
        Column("what", TEXT, "what happened"),
        Column("source", TEXT, "namespace and name of the property that says so"),
        Column("part_name", TEXT, "part of the file it stands in", missing="the file as a whole"),
        Column("property_position", INT, "position of that row in table property"),
        *RUN_COLUMNS,
    ),
)
