"""Something that the dump itself says should be there, and is not."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="hole",
    stage="leak",
    meaning="Something that the dump itself says should be there, and is not.",
    key=("hole_id",),
    order=("kind", "subject", "hole_id"),
    columns=(
        Column("hole_id", TEXT, "hash of kind, subject and evidence"),
        Column("kind", TEXT, "message, attachment, month or ledger"),
        Column(
            "subject",
            TEXT,
            "what is missing: a Message-ID, a part by its name, a month (YYYY-MM), or the "
            "container that lacks entries",
        ),
        Column("mailbox_id", TEXT, "mailbox it is missing from", missing="not of one mailbox"),
        Column(
            "item_id",
            TEXT,
            "message that lost the attachment, or container",
            missing="not of one item",
        ),
        Column(
            "pointing_count",
            INT,
            "messages that point to it; for a ledger the entries that are missing",
            missing="nothing points to it",
        ),
        Column("direct_count", INT, "of these, direct replies", missing="not a message"),
        Column("evidence_ids", TEXTS, "items that say so, at most ten"),
        Column(
            "is_in_reference",
            FLAG,
            "whether the reference originals hold the missing message",
            missing="not a message",
        ),
        Column("detail", TEXT, "the hole in a sentence"),
        *RUN_COLUMNS,
    ),
)
