"""One place where an item's bytes occur; the same bytes in two folders are two places."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="place",
    stage="intake",
    meaning="One place where an item's bytes occur; the same bytes in two folders are two places.",
    key=("item_id", "parent_item_id", "root", "path", "position"),
    order=("path", "position"),
    columns=(
        Column("item_id", TEXT, "item found here"),
        Column(
            "parent_item_id",
            TEXT,
            "container it came out of",
            missing="a file given by the investigator",
        ),
        Column("root", TEXT, "folder or file given by the investigator, as an absolute path"),
        Column(
            "kind",
            TEXT,
            "side it was added to here: leak, reference, posts, keys, polls, decoys or claims",
            missing="added before places said so: the item's kind holds",
        ),
        Column("path", TEXT, "path below the root, through all containers, joined by /"),
        Column("name", TEXT, "last part of the path, as found"),
        Column(
            "claimed_type",
            TEXT,
            "type claimed here, by the name or by a MIME header",
            missing="nothing was claimed",
        ),
        Column("position", INT, "rank of the item in its container, from 0"),
        Column("depth", INT, "containers around it; 0 for a file"),
        Column("mailbox_id", TEXT, "mailbox it lay in", missing="not in a mailbox"),
        Column(
            "container_modified_at",
            TIME,
            "modification time that the container states",
            missing="none is stated",
        ),
        Column(
            "byte_start",
            INT,
            "first byte inside the parent",
            unit="bytes",
            missing="not one span of the parent",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last byte inside the parent",
            unit="bytes",
            missing="not one span of the parent",
        ),
        Column(
            "transform",
            TEXT,
            "listed decoding between the parent's span and the item's bytes",
            missing="the span is the item",
        ),
    ),
)
