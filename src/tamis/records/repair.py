"""What keeps the signature of one message from holding, undone or not."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

_NOT_REPAIRED = "not repaired"

TABLE = Table(
    name="repair",
    stage="leak",
    meaning=(
        "What keeps a signature of one message from holding: listed damage or a small edit, "
        "undone; one row a message that was tried."
    ),
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message as found"),
        Column(
            "outcome",
            TEXT,
            "damage (what carriers and stores do), edit (a small change of what is shown that no "
            "carrier makes), unexplained (the signed bytes are known, the change fits neither), "
            "not_repaired, over_budget (the work allowed was used up)",
        ),
        Column(
            "basis",
            TEXT,
            "signature: the signature holds afterwards, or was tried; body_hash: no key is known, "
            "only the body has the stated hash (weaker)",
        ),
        Column("signature_position", INT, "signature that was tried, see table signature"),
        Column("steps", TEXTS, "what was undone, in order, by standard names"),
        Column("steps_detail", TEXT, "the result in a sentence"),
        Column(
            "before_text",
            TEXT,
            "words as signed, with some around them",
            missing="not repaired, or no words differ",
        ),
        Column(
            "after_text",
            TEXT,
            "words as found, with some around them",
            missing="not repaired, or no words differ",
        ),
        Column(
            "is_display_changed",
            FLAG,
            "what readers show of the message as found is not what was signed, beyond white space, "
            "or some reader could show it otherwise",
            missing=_NOT_REPAIRED,
        ),
        Column(
            "byte_start",
            INT,
            "first byte as found that differs from the repaired bytes",
            unit="bytes",
            missing="not repaired, or only line ends differ",
        ),
        Column(
            "byte_end",
            INT,
            "one past the last byte that differs",
            unit="bytes",
            missing="not repaired, or only line ends differ",
        ),
        Column("tried_count", INT, "versions of header and body that were hashed"),
        Column(
            "repaired_item_id",
            TEXT,
            "SHA-256 of the repaired bytes, which are kept as a blob",
            missing=_NOT_REPAIRED,
        ),
        Column(
            "repaired_verdict", TEXT, "verdict on the repaired bytes alone", missing=_NOT_REPAIRED
        ),
        Column("repaired_rule_id", TEXT, "rule of that verdict", missing=_NOT_REPAIRED),
        Column("repaired_claims", TEXTS, "what that verdict says"),
        Column("repaired_does_not_claim", TEXTS, "what that verdict does not say"),
        *RUN_COLUMNS,
    ),
)
