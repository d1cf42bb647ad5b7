"""Posts and actions by hour and platform."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TIME, Column, Table

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
        Column("run_id", TEXT, "run that produced the row"),
        Column("analysis_version", TEXT, "name and version of the analysis that produced the row"),
    ),
)
