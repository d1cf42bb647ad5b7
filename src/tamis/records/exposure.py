"""One secret or account number that stands readable in the dump; its value is never kept."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="exposure",
    stage="leak",
    meaning=(
        "One secret or account number that stands readable in the dump, so that somebody can be "
        "warned; its value is never kept."
    ),
    key=("item_id", "field_name", "char_start", "rule_id"),
    columns=(
        Column("item_id", TEXT, "message or document it stands in"),
        Column("field_name", TEXT, "subject or body_text of a message, text of a document"),
        Column("char_start", INT, "first character of the value in that text", unit="characters"),
        Column("char_end", INT, "one past its last character", unit="characters"),
        Column("kind", TEXT, "password, token, api_key, private_key, iban or card"),
        Column("rule_id", TEXT, "rule that found it"),
        Column("masked", TEXT, "what may be shown: kind, length, at most a prefix or last digits"),
        Column(
            "whose",
            TEXT,
            "address written beside it, or else of whoever sent the message",
            missing="nothing says",
        ),
        Column(
            "whose_basis",
            TEXT,
            "beside_it, sender, or mailbox: what `whose` rests on",
            missing="nothing says",
        ),
        Column("warn_addresses", TEXTS, "addresses to warn: whose it is, and who wrote or read it"),
        Column("mailbox_ids", TEXTS, "mailboxes in which the item lies"),
        Column("reason", TEXT, "why it looks alive, in plain words"),
        *RUN_COLUMNS,
    ),
)
