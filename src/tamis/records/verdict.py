"""The verdict on one message, derived from its facts by a versioned rule."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

COLUMNS = (
    Column("item_id", TEXT, "message"),
    Column("verdict", TEXT, "word of the verdict scale"),
    Column("roll_up", TEXT, "verified, supported, disputed, decoy or unknown"),
    Column("rule_id", TEXT, "rule that decided"),
    Column("rule_version", INT, "its version"),
    Column("signature_position", INT, "signature that decided", missing="none did"),
    Column("evidence_ids", TEXTS, "evidence rows the rule read"),
    Column("claims", TEXTS, "what the verdict says"),
    Column("does_not_claim", TEXTS, "what it does not say"),
    Column("kept_from", TEXT, "what kept it from verified", missing="it is verified"),
    Column("granted", TEXTS, "every word that some fact earns it, strongest first: word (rule)"),
    *RUN_COLUMNS,
)

TABLE = Table(
    name="verdict",
    stage="leak",
    meaning="The verdict on one message, derived from all facts about it by a versioned rule.",
    key=("item_id",),
    columns=COLUMNS,
)
