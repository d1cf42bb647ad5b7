"""One oddity in the headers of a message that is not verified, with how usual it is."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="header_anomaly",
    stage="leak",
    meaning="One oddity in the headers of a message that is not verified, with how usual it is.",
    key=("item_id", "anomaly"),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("anomaly", TEXT, "name of the measure"),
        Column(
            "clock_group",
            TEXT,
            "what it hangs on: sender_clock, zone, program or thread; oddities of one "
            "group count once; those of transport, which whatever breaks signatures also changes, "
            "count for nothing",
        ),
        Column("value", REAL, "how odd: larger is odder"),
        Column("unit", TEXT, "seconds, days, nats (surprise: minus the log of a share) or flag"),
        Column("stratum_id", TEXT, "stratum it is compared with"),
        Column(
            "tail_share",
            REAL,
            "share of the stratum's verified calibration messages at least as odd",
            unit="0-1",
            missing="the stratum is not calibrated, or none of them has this measure",
        ),
        Column(
            "compared_count",
            INT,
            "verified messages it was compared with",
            missing="the stratum is not calibrated",
        ),
        Column(
            "false_alarm_rate",
            REAL,
            "(k + 1) / (n + 1) with k of n verified messages at least as odd: the chance that an "
            "honest message of the stratum is that odd",
            unit="0-1",
            missing="as tail_share",
        ),
        Column("is_impossible", FLAG, "whether it cannot be, whatever the clocks"),
        Column("detail", TEXT, "one sentence a reporter can quote"),
        Column("field", TEXT, "header field it stands in"),
        Column(
            "byte_start",
            INT,
            "first byte of that field in the item",
            unit="bytes",
            missing="the field is absent",
        ),
        Column(
            "byte_end",
            INT,
            "one past its last byte",
            unit="bytes",
            missing="the field is absent",
        ),
        *RUN_COLUMNS,
    ),
)
