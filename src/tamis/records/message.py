"""One e-mail as its headers state it; nothing here is proven."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="message",
    stage="intake",
    meaning="One e-mail as its headers state it; nothing here is proven.",
    key=("item_id",),
    order=("item_id",),
    columns=(
        Column("item_id", TEXT, "item"),
        Column("message_id", TEXT, "Message-ID without angle brackets", missing="absent"),
        Column("in_reply_to", TEXT, "first id of In-Reply-To", missing="absent"),
        Column("reference_ids", TEXTS, "ids of References, in order"),
        Column(
            "from_address",
            TEXT,
            "first address of From, lower-cased domain",
            missing="absent or unreadable",
        ),
        Column("from_name", TEXT, "display name beside it", missing="absent"),
        Column("from_raw", TEXT, "the From field as text, decoded", missing="absent"),
        Column("to_addresses", TEXTS, "addresses of To"),
        Column("cc_addresses", TEXTS, "addresses of Cc"),
        Column("bcc_addresses", TEXTS, "addresses of Bcc"),
        Column("subject", TEXT, "Subject, decoded", missing="absent"),
        Column("sent_at", TIME, "Date, as stated by the sender", missing="absent or unreadable"),
        Column(
            "sent_offset_s",
            INT,
            "offset from UTC that Date states",
            unit="seconds",
            missing="absent, unreadable or -0000",
        ),
        Column("sent_raw", TEXT, "Date as found", missing="absent"),
        Column("received_count", INT, "Received fields", unit="fields"),
        Column("mailer", TEXT, "X-Mailer or User-Agent", missing="absent"),
        Column("list_id", TEXT, "List-Id", missing="absent"),
        Column(
            "is_bulk",
            FLAG,
            (
                "newsletter, list or automatic mail by its own headers (List-Id, "
                "Precedence, List-Unsubscribe, Auto-Submitted)"
            ),
        ),
        Column(
            "body_text",
            TEXT,
            "text of the body, decoded; HTML reduced to text",
            missing="no text part",
        ),
        Column("body_raw_bytes", INT, "length of the body as found", unit="bytes"),
        Column("line_ends", TEXT, "crlf, lf, cr, mixed or none"),
    ),
)
