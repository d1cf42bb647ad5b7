"""When one account is quiet, and which offsets from UTC that is compatible with."""

from __future__ import annotations

import pyarrow as pa

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NONE = "no quiet hours, or they move"
_REALS = pa.list_(pa.field("item", pa.float64()))

TABLE = Table(
    name="activity_clock",
    stage="spread",
    meaning=(
        "When one account with 200 or more posts of certain time is quiet, and the set of offsets "
        "from UTC at which that would be a usual night. Never a country: every offset crosses "
        "many, people work at night, and programs keep any hours."
    ),
    key=("run_id", "account_id"),
    order=("account_id",),
    columns=(
        Column("account_id", TEXT, "account"),
        Column("post_count", INT, "posts of certain time", unit="posts"),
        Column("day_count", INT, "days (UTC) with posts", unit="days"),
        Column(
            "outcome",
            TEXT,
            "told; or none told: few_days, no_quiet_hours, moving (quiet hours differ between "
            "parts of the time), no_offset (no offset fits what was found)",
        ),
        Column("quiet_from_hour", REAL, "begin of the quiet hours, UTC", missing=_NONE),
        Column("quiet_hours", REAL, "their length", unit="hours", missing=_NONE),
        Column("quiet_center_hour", REAL, "their middle, UTC", missing=_NONE),
        Column("concentration", REAL, "length of the mean direction of active half hours, 0-1"),
        Column("offsets", _REALS, "compatible offsets from UTC, in hours; empty where none told"),
        Column(
            "dst_rule",
            TEXT,
            "clock change that its hours follow: eu, us, eu_or_us, south, none, unclear; the "
            "offsets are then those of winter",
            missing="its posts lie on one side of every change",
        ),
        Column("dst_ratio", REAL, "log-likelihood of that change against none", missing="as above"),
        Column("weekday_shares", _REALS, "share of active half hours by day, Monday first (UTC)"),
        Column("weekday_p", REAL, "chance of such a difference between days", unit="0-1"),
        Column("language", TEXT, "language that most of its posts state", missing="none stated"),
        Column(
            "baseline_count",
            INT,
            "other accounts of that language in this table",
            unit="accounts",
        ),
        Column(
            "baseline_lag_hours",
            REAL,
            "how much later than theirs its day runs",
            unit="hours",
            missing="fewer than 20 others",
        ),
        Column("baseline_fit", REAL, "correlation at that lag", missing="fewer than 20 others"),
        Column("detail", TEXT, "the row in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
