"""One value about a person that stands in a text of the dump, masked; its value is never kept."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="personal_data",
    stage="leak",
    meaning=(
        "One value about a person that stands in a text of the dump, masked; its value is never "
        "kept. What opens something (passwords, keys) stands in `exposure`, so that people can be "
        "warned; this table says what must be hidden before a text is published."
    ),
    key=("item_id", "field_name", "kind", "value_hash"),
    columns=(
        Column("item_id", TEXT, "message or document it stands in"),
        Column("field_name", TEXT, "subject or body_text of a message, text of a document"),
        Column("kind", TEXT, "email, phone, iban, card, nir, address and others"),
        Column("rule_id", TEXT, "rule that found it"),
        Column(
            "value_hash",
            TEXT,
            "keyed hash of the value: equal values of one run are equal; the key is not kept",
        ),
        Column("masked", TEXT, "what may be shown of it"),
        Column(
            "standing", TEXT, "own_people, public_figure or third_party, which is what is not known"
        ),
        Column("standing_basis", TEXT, "what that rests on"),
        Column("char_start", INT, "first character of its first occurrence", unit="characters"),
        Column("char_end", INT, "one past the last character of that", unit="characters"),
        Column("occurrence_count", INT, "times that it stands in that text"),
        *RUN_COLUMNS,
    ),
)
