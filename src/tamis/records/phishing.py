"""One message that looks like an attempt to steal a password, with every reason."""

from __future__ import annotations

from tamis.records.table import FLAG, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="phishing",
    stage="leak",
    meaning=(
        "One message that looks like an attempt to steal a password, with every reason: a place "
        "to look, never a statement about who sent it or whether anybody fell for it."
    ),
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("rule_ids", TEXTS, "rules met, sorted"),
        Column("reasons", TEXTS, "one sentence for each rule met, in the order of rule_ids"),
        Column("has_strong_reason", FLAG, "whether one rule alone would have sufficed"),
        Column("links", TEXTS, "links that gave a reason, as text that nothing makes clickable"),
        Column("domains", TEXTS, "domains that gave a reason, in ASCII form"),
        Column("resembles", TEXTS, "own or well-known domains that these resemble"),
        Column(
            "from_address",
            TEXT,
            "first address of From",
            missing="absent or unreadable",
        ),
        Column("sent_at", TIME, "Date, as stated", missing="absent or unreadable"),
        *RUN_COLUMNS,
    ),
)
