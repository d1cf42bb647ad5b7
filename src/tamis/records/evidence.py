"""One measured fact about one subject."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

COLUMNS = (
    Column(
        "evidence_id",
        TEXT,
        "SHA-256 of subject, check, version and reference, 32 hex digits",
    ),
    Column("subject_kind", TEXT, "item, account, pair, object"),
    Column("subject_id", TEXT, "id of the subject"),
    Column("check_name", TEXT, "check that measured it"),
    Column("check_version", INT, "its version"),
    Column("outcome", TEXT, "supports, contradicts, neutral or unable"),
    Column("detail", TEXT, "one sentence a reporter can quote"),
    Column("ref", TEXT, "JSON that points at bytes or rows"),
    Column(
        "false_alarm_rate",
        REAL,
        "share of honest items on which the check fires",
        unit="0-1",
        missing="not measured",
    ),
    *RUN_COLUMNS,
)

TABLE = Table(
    name="evidence",
    stage="leak",
    meaning="One measured fact about one subject.",
    key=("evidence_id",),
    order=("subject_id", "check_name"),
    columns=COLUMNS,
)
