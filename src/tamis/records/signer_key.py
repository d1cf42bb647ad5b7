"""One certificate or OpenPGP key that came from outside the dump."""

from __future__ import annotations

from tamis.records.table import TEXT, TEXTS, Column, Table

TABLE = Table(
    name="signer_key",
    stage="intake",
    meaning="One certificate or OpenPGP key that came from outside the dump.",
    key=("key_id", "source_item_id"),
    columns=(
        Column("key_id", TEXT, "SHA-256 of its bytes"),
        Column("kind", TEXT, "x509 or openpgp"),
        Column("material", TEXT, "its bytes in base64"),
        Column("names", TEXTS, "mail addresses that it names"),
        Column("source", TEXT, "party: somebody gave the file"),
        Column("source_label", TEXT, "name of the file"),
        Column("source_item_id", TEXT, "the file"),
    ),
)
