"""Messages taken as alike: what they have in common, and what their verified part can bound."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="stratum",
    stage="leak",
    meaning=(
        "Messages taken as alike: what they have in common, and what their verified part can bound."
    ),
    key=("stratum_id",),
    order=("pooling", "infrastructure", "stratum_id"),
    columns=(
        Column("stratum_id", TEXT, "hash of what its messages have in common"),
        Column(
            "pooling",
            TEXT,
            "what is pooled: nothing (domain), sending domains (route), domains and years (years), "
            "or everything of one kind (kind)",
        ),
        Column(
            "infrastructure",
            TEXT,
            "organisational domains of the relays that took the message, from the sender onwards",
            missing="pooled",
        ),
        Column("from_domain", TEXT, "organisational domain of From", missing="pooled, or none"),
        Column("mailer_family", TEXT, "program named, none if none is", missing="pooled"),
        Column("period", TEXT, "year of Date", missing="pooled, or no readable Date"),
        Column("is_bulk", FLAG, "bulk rather than person to person"),
        Column("message_count", INT, "messages of the case in it"),
        Column("verified_count", INT, "of these, verified, copies of one Message-ID counted once"),
        Column("sender_count", INT, "From addresses among the verified"),
        Column("learnt_count", INT, "verified messages that habits and tails are learnt from"),
        Column(
            "calibration_count",
            INT,
            "verified messages that p-values are computed from: those that the joint rule would "
            "speak about if they were not verified",
        ),
        Column("judged_count", INT, "messages that the joint rule may speak about"),
        Column("is_calibrated", FLAG, "whether it holds enough verified messages for tail shares"),
        Column(
            "smallest_p",
            REAL,
            "the smallest p-value its calibration messages allow: 1 / (n + 1)",
            unit="0-1",
        ),
        Column("rate", REAL, "stated rate of false `contradicted`", unit="0-1"),
        Column(
            "attained_rate",
            REAL,
            "largest p-value not above the stated rate: what is really attained",
            unit="0-1",
            missing="the stated rate is out of reach",
        ),
        Column(
            "threshold",
            REAL,
            "score that a contradicted message exceeds",
            unit="nats",
            missing="the stated rate is out of reach",
        ),
        Column(
            "expected_false",
            REAL,
            "judged messages times attained rate",
            unit="messages",
        ),
        Column("contradicted_count", INT, "messages of it that the joint rule contradicts"),
        Column("why_not", TEXT, "why it contradicts nothing", missing="it can"),
        Column("exchangeability", TEXT, "what is assumed about its honest messages"),
        *RUN_COLUMNS,
    ),
)
