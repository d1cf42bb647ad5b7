"""One header field of a message, in the order and with the duplicates found."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="header",
    stage="intake",
    meaning="One header field of a message, in the order and with the duplicates found.",
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("position", INT, "rank from the top, from 0"),
        Column("name", TEXT, "field name as written"),
        Column("value", TEXT, "raw value, unfolded, undecodable bytes escaped as \\xNN"),
        Column("byte_start", INT, "first byte of the field in the item", unit="bytes"),
        Column("byte_end", INT, "one past its last byte, line end included", unit="bytes"),
    ),
)
