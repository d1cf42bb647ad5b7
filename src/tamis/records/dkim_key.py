"""One dated source of one DKIM key name."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, TEXT, TIME, Column, Table

TABLE = Table(
    name="dkim_key",
    stage="intake",
    meaning="One dated source of one DKIM key name.",
    key=(
        *("key_name", "txt", "source", "source_label", "seen_from_at", "seen_to_at"),
        *("submitted_at", "is_private_published"),
    ),
    columns=(
        Column(
            "key_name",
            TEXT,
            "selector._domainkey.domain, lower-cased; * for a private key given without a name",
        ),
        Column("txt", TEXT, "TXT record as stated by the source"),
        Column("source", TEXT, "dns, archive, party or recovered"),
        Column("source_label", TEXT, "where the record came from, in the words of the key file"),
        Column(
            "seen_from_at",
            TIME,
            "first time the source saw it",
            missing="the source is undated",
        ),
        Column("seen_to_at", TIME, "last time the source saw it", missing="the source is undated"),
        Column(
            "submitted_at",
            TIME,
            "when it was given to the source, as far as the source says so",
            missing="the source does not say",
        ),
        Column("key_bits", INT, "modulus or curve size", unit="bits", missing="no usable key"),
        Column(
            "strength",
            TEXT,
            "below_1024 (RSA that proves nothing), 1024_to_2047 (RSA, named in verdicts) or usual",
            missing="no usable key",
        ),
        Column("trouble", TEXT, "why the record holds no usable key", missing="it holds one"),
        Column("is_testing", FLAG, "the record carries t=y (RFC 6376 section 3.6.1)"),
        Column("is_private_published", FLAG, "the private key is public, so a pass proves nothing"),
        Column("is_revoked", FLAG, "the record has an empty p="),
        Column("source_item_id", TEXT, "key file"),
    ),
)
