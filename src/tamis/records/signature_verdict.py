"""What the signatures of one message earn it, by its own bytes alone."""

from __future__ import annotations

from tamis.records.table import Table
from tamis.records.verdict import COLUMNS

TABLE = Table(
    name="signature_verdict",
    stage="leak",
    meaning="What the signatures of one message earn it, by its own bytes alone.",
    key=("item_id",),
    columns=COLUMNS,
)
