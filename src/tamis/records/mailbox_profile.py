"""One mailbox on one side: whose it is by its own evidence, its span, and where it has holes."""

from __future__ import annotations

import pyarrow as pa

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="mailbox_profile",
    stage="leak",
    meaning=(
        "One mailbox on one side (leak or reference): whose it is by its own evidence, its span, "
        "its holes, and its last message, before which it cannot have been copied."
    ),
    key=("mailbox_id", "kind"),
    order=("path", "mailbox_id"),
    columns=(
        Column("mailbox_id", TEXT, "mailbox"),
        Column("kind", TEXT, "leak or reference"),
        Column("path", TEXT, "path of the container or folder"),
        Column(
            "holder_address",
            TEXT,
            "address that its messages are delivered to, addressed to or sent from",
            missing="not established: too few messages, or another address fits nearly as well",
        ),
        Column(
            "holder_basis",
            TEXT,
            "delivered (Delivered-To and the like) or named (From, To, Cc, Bcc)",
            missing="not established",
        ),
        Column(
            "holder_share",
            REAL,
            "share of the messages that bear the holder out",
            missing="not established",
        ),
        Column("candidates", TEXTS, "best addresses, at most five, best first"),
        Column(
            "candidate_delivered",
            pa.list_(pa.field("item", pa.int64())),
            "messages delivered to each candidate",
        ),
        Column(
            "candidate_named",
            pa.list_(pa.field("item", pa.int64())),
            "messages that name each candidate in From, To, Cc or Bcc",
        ),
        Column(
            "is_personal",
            FLAG,
            "public webmail (true) or one of the case's own domains (false)",
            missing="neither, or no holder",
        ),
        Column("message_count", INT, "different messages in it", unit="messages"),
        Column("person_count", INT, "of these person to person", unit="messages"),
        Column("bulk_count", INT, "of these bulk", unit="messages"),
        Column("undated_count", INT, "messages without a Date", unit="messages"),
        Column(
            "implausible_count",
            INT,
            "messages whose Date is unreadable (years 0 and 9999 too), before 1982 or after the "
            "run: they take no part in the span",
            unit="messages",
        ),
        Column("implausible_dates", TEXTS, "up to ten of these dates as found"),
        Column("first_at", TIME, "earliest plausible Date", missing="no plausible Date"),
        Column(
            "last_at",
            TIME,
            "latest plausible Date, as its sender's clock stated it",
            missing="no plausible Date",
        ),
        Column("last_item_id", TEXT, "message of that Date", missing="no plausible Date"),
        Column(
            "last_received_at",
            TIME,
            "latest plausible time in a topmost Received field, as found",
            missing="no such field, or none that can be read",
        ),
        Column(
            "last_received_item_id",
            TEXT,
            "message of that field",
            missing="no such field, or none that can be read",
        ),
        Column(
            "theft_not_before_at",
            TIME,
            "bound for the date of the theft: the mailbox was copied after this, if the message "
            "is real; the latest message by its Received time, by its Date where it has none",
            missing="no plausible time",
        ),
        Column("bound_item_id", TEXT, "message that gives the bound", missing="no plausible time"),
        Column("bound_clock", TEXT, "received or date: whose clock", missing="no plausible time"),
        Column(
            "bound_neighbour_count",
            INT,
            "other messages in the seven days before the bound: with none it hangs on one message",
            unit="messages",
        ),
        Column("gap_months", TEXTS, "months (YYYY-MM) between first and last without a message"),
        Column("detail", TEXT, "what a person should know about these figures"),
        *RUN_COLUMNS,
    ),
)
