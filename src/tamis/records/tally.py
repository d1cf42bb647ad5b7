"""Posts and actions by hour and platform."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="tally",
    stage="spread",
    meaning="Posts and actions by hour and platform.",
    key=("hour_at", "platform", "kind", "run_id"),
    order=("hour_at", "platform", "kind"),
    columns=(
        Column("hour_at", TIME, "start of the hour, UTC"),
        Column("platform", TEXT, "platform"),
        Column("kind", TEXT, "post or a type of action"),
        Column("count_in_hour", INT, "rows", unit="rows"),
        Column("account_count", INT, "distinct accounts", unit="accounts"),
        *RUN_COLUMNS,
    ),
)
