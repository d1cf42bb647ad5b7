"""One thing a file says about itself or keeps beside what it shows; nothing here is proven."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="property",
    stage="intake",
    meaning=(
        "One thing a file says about itself or keeps beside what it shows; nothing here is proven."
    ),
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "item"),
        Column("position", INT, "rank among the item's properties, from 0, in the order read"),
        Column(
            "namespace",
            TEXT,
            "where in the format it stands, such as core, app, custom, zip, ole, revision, exif",
        ),
        Column("name", TEXT, "name, as the format or the reader calls it"),
        Column(
            "value",
            TEXT,
            "value as text; a time as it is written there",
            missing="present without a value",
        ),
        Column(
            "noted_at",
            TIME,
            "the value as a time",
            missing="no time, not readable, or without a zone",
        ),
        Column(
            "part_name",
            TEXT,
            "part of the file it stands in, such as word/document.xml or a stream's name",
            missing="the file as a whole",
        ),
        Column(
            "byte_start",
            INT,
            "first byte in the item of where it stands",
            unit="bytes",
            missing="not one place in the item, or compressed",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last byte",
            unit="bytes",
            missing="not one place in the item, or compressed",
        ),
    ),
)
