"""A day on which more accounts of an object were made than the account population explains."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="creation_spike",
    stage="spread",
    meaning=(
        "A day on which more of the accounts that carried an object were made than the accounts "
        "of the whole collection lead to expect. Days of news, of invitations and of "
        "imports have such spikes as well."
    ),
    key=("run_id", "object_id", "platform", "day_at"),
    order=("object_id", "platform", "day_at"),
    columns=(
        Column("object_id", TEXT, "object, or * for all accounts"),
        Column("platform", TEXT, "platform"),
        Column("day_at", TIME, "begin of the day, UTC"),
        Column("account_count", INT, "accounts made that day that carried it", unit="accounts"),
        Column(
            "expected",
            REAL,
            "expected: their number times the share of that day among all accounts; for * the "
            "mean of 45 days before and after",
            unit="accounts",
        ),
        Column("p_value", REAL, "Poisson chance of as many, times the days tested", unit="0-1"),
        Column("tested_count", INT, "days tested of this object and platform", unit="days"),
        Column("known_count", INT, "accounts of known creation that carried it", unit="accounts"),
        Column("detail", TEXT, "the row in a sentence"),
        *RUN_COLUMNS,
    ),
)
