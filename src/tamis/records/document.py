"""One file that is no message: its text, and what it is."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, TEXT, Column, Table

TABLE = Table(
    name="document",
    stage="intake",
    meaning="One file that is no message: its text, and what it is.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "item"),
        Column(
            "kind",
            TEXT,
            (
                "text, spreadsheet, presentation, pdf, web, table, plain, image, or other for a "
                "format whose properties alone are read"
            ),
        ),
        Column(
            "text",
            TEXT,
            "text of the document, in reading order as far as the format states one",
            missing="it could not be read, or the format holds none",
        ),
        Column(
            "text_reader",
            TEXT,
            "program and version that took the text out",
            missing="there is no text",
        ),
        Column(
            "text_is_cut",
            FLAG,
            "true when there was more text than is kept here",
            missing="there is no text",
        ),
        Column("is_encrypted", FLAG, "true when a password is needed to open it"),
        Column(
            "has_macros",
            FLAG,
            "true when programs (macros, scripts) are inside; they are never run",
            missing="the format has none, or it could not be looked for",
        ),
        Column(
            "page_count",
            INT,
            "pages, sheets or slides that are there, hidden ones included",
            unit="pages",
            missing="the format has none, or they were not counted",
        ),
    ),
)
