"""One certificate that the investigator trusts to vouch for time-stamps."""

from __future__ import annotations

from tamis.records.table import TEXT, Column, Table

TABLE = Table(
    name="time_root",
    stage="intake",
    meaning="One certificate that is trusted to vouch for time-stamps, and only for them.",
    key=("cert_sha256", "source_item_id"),
    columns=(
        Column("cert_sha256", TEXT, "SHA-256 of its bytes"),
        Column("subject", TEXT, "whom it names"),
        Column("material", TEXT, "its bytes in base64"),
        Column("source_label", TEXT, "name of the file"),
        Column("source_item_id", TEXT, "the file"),
    ),
)
