"""One e-mail address as the corpus uses it; two addresses are never taken for one person."""

from __future__ import annotations

import pyarrow as pa

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="address",
    stage="leak",
    meaning=(
        "One e-mail address as the corpus uses it. Messages belong together by the same address "
        "only: never by a name, and two addresses are never taken for one person."
    ),
    key=("address",),
    columns=(
        Column("address", TEXT, "the address in lower case"),
        Column("names", TEXTS, "display names seen beside it in From, most frequent first"),
        Column(
            "name_uses",
            pa.list_(pa.field("item", pa.int64())),
            "messages that show each name",
        ),
        Column("name_count", INT, "different display names; at most 50 are listed", unit="names"),
        Column("sent_count", INT, "messages that name it in From", unit="messages"),
        Column("received_count", INT, "messages that name it in To, Cc or Bcc", unit="messages"),
        Column("person_count", INT, "of both, person to person", unit="messages"),
        Column("mailbox_ids", TEXTS, "mailboxes with such a message; at most 50"),
        Column("held_mailbox_ids", TEXTS, "mailboxes it holds by their own evidence"),
        Column(
            "is_personal",
            FLAG,
            "public webmail (true) or one of the case's own domains (false)",
            missing="neither",
        ),
        Column("first_at", TIME, "earliest plausible Date", missing="no plausible Date"),
        Column("last_at", TIME, "latest plausible Date", missing="no plausible Date"),
        *RUN_COLUMNS,
    ),
)
