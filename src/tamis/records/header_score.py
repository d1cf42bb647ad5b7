"""How odd the headers of one message that is not verified are, all measures together."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="header_score",
    stage="leak",
    meaning="How odd the headers of one message that is not verified are, all measures together.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message"),
        Column("stratum_id", TEXT, "stratum it is compared with"),
        Column(
            "score",
            REAL,
            "sum over the groups of minus the log of their tail share, without the oddest group: "
            "one group alone scores 0",
            unit="nats",
            missing="the stratum is not calibrated",
        ),
        Column(
            "independent_count",
            INT,
            "groups with an oddity that at most the shown share of the stratum's verified mail has",
            missing="the stratum is not calibrated",
        ),
        Column(
            "p_value",
            REAL,
            "(k + 1) / (n + 1) with k of n verified messages that score at least as high; at most "
            "this share of honest messages does",
            unit="0-1",
            missing="the stratum is not calibrated",
        ),
        Column(
            "threshold",
            REAL,
            "score that a contradicted message exceeds",
            unit="nats",
            missing="the stratum holds too few verified messages for the stated rate",
        ),
        Column(
            "expected_false",
            REAL,
            "false `contradicted` to expect among the judged messages of the stratum, if all of "
            "them were honest",
            unit="messages",
        ),
        Column(
            "sender_verified_count",
            INT,
            "verified messages of the same From address, in the whole case",
        ),
        Column("is_judged", FLAG, "whether the joint rule may speak about the message"),
        Column("is_contradicted", FLAG, "what the joint rule, or an impossibility, says"),
        Column("is_impossible", FLAG, "whether something in it cannot be, whatever the clocks"),
        Column("why_not", TEXT, "why the joint rule may not speak", missing="it may"),
        Column("detail", TEXT, "one sentence a reporter can quote"),
        *RUN_COLUMNS,
    ),
)
