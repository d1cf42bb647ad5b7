"""One row of an input that could not be used, and why."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="rejected",
    stage="intake",
    meaning="One row of an input that could not be used, and why.",
    key=("source_item_id", "byte_start", "position"),
    columns=(
        Column("source_item_id", TEXT, "file"),
        Column(
            "byte_start",
            INT,
            "first byte of the row, after decompression",
            unit="bytes",
            missing="the format has no byte addresses",
        ),
        Column("position", INT, "rank of the row in the file, from 0"),
        Column("reason", TEXT, "why, in plain words"),
        Column("sample", TEXT, "first 200 characters, escaped"),
    ),
)
