"""One account of a cluster, with its part in it."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="cluster_member",
    stage="coordination",
    meaning="One account of a cluster, with its part in it.",
    key=("run_id", "cluster_id", "account_id"),
    columns=(
        Column("cluster_id", TEXT, "cluster"),
        Column("account_id", TEXT, "account"),
        Column("role", TEXT, "core (in the densest part) or periphery"),
        Column("core_number", INT, "largest k for which it lies in a part where all have k pairs"),
        Column("edge_count", INT, "members with whom its pair stands out", unit="accounts"),
        Column("object_count", INT, "objects on which it met a member", unit="objects"),
        Column(
            "lag_median_s",
            REAL,
            "median distance behind the first member on these objects",
            unit="seconds",
            missing="it met no member on an object within this window",
        ),
        Column("created_at", TIME, "when the account was made", missing="not exported"),
        *RUN_COLUMNS,
    ),
)
