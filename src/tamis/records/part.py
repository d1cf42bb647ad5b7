"""One MIME part of a message."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, Column, Table

TABLE = Table(
    name="part",
    stage="intake",
    meaning="One MIME part of a message.",
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("position", INT, "rank in document order, from 0, the message itself being 0"),
        Column("parent_position", INT, "part around it", missing="the outermost part"),
        Column("media_type", TEXT, "declared type, lower-cased", missing="none declared"),
        Column("charset", TEXT, "declared charset", missing="none declared"),
        Column(
            "transfer_encoding",
            TEXT,
            "declared Content-Transfer-Encoding, lower-cased",
            missing="none declared",
        ),
        Column("disposition", TEXT, "attachment or inline as declared", missing="none declared"),
        Column("name", TEXT, "file name as declared, decoded", missing="none declared"),
        Column("byte_start", INT, "first byte of the part's body in the item", unit="bytes"),
        Column("byte_end", INT, "one past its last byte", unit="bytes"),
        Column(
            "content_item_id",
            TEXT,
            "item made of the decoded bytes",
            missing="text of the body, or a multipart",
        ),
    ),
)
