"""One fact about one message, measured on its own bytes."""

from __future__ import annotations

from tamis.records.evidence import COLUMNS
from tamis.records.table import Table

TABLE = Table(
    name="signature_evidence",
    stage="leak",
    meaning="One fact about one message, measured on its own bytes.",
    key=("evidence_id",),
    order=("subject_id", "check_name"),
    columns=COLUMNS,
)
