"""One habit of one account that programs often have, and how common it is here."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="automation",
    stage="coordination",
    meaning=(
        "One habit of one account that programs often have, and how common it is here; "
        "no statement that the account is a program."
    ),
    key=("run_id", "account_id", "indicator"),
    columns=(
        Column("account_id", TEXT, "account"),
        Column(
            "indicator",
            TEXT,
            "interval_entropy, quiet_hours, duplicate_share or action_string",
        ),
        Column("measured", REAL, "the figure"),
        Column("unit", TEXT, "bits, hours or 0-1"),
        Column("action_count", INT, "actions it was measured on", unit="actions"),
        Column(
            "base_share",
            REAL,
            "share of the measured accounts of this collection as extreme or more so",
            unit="0-1",
        ),
        Column("compared_count", INT, "accounts measured", unit="accounts"),
        Column(
            "action_string",
            TEXT,
            "begin of the account's string of actions and pauses, in the alphabet of BLOC",
        ),
        Column("detail", TEXT, "the figure in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
