"""Two copies of one message in the dump, one beside the other."""

from __future__ import annotations

from tamis.records.table import FLAG, REAL, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="copy_pair",
    stage="leak.copies",
    meaning="Two copies of one message in the dump, one beside the other.",
    key=("item_a", "item_b"),
    columns=(
        Column(
            "item_a",
            TEXT,
            "copy that the other is held against: the verified one if one is verified",
        ),
        Column("item_b", TEXT, "the other copy"),
        Column(
            "relation",
            TEXT,
            "same_message_id, same_fields (one has no Message-ID; sender, date and subject agree), "
            "near_copy (the texts alone agree in great part: a template, a mailing, a forward)",
        ),
        Column("basis", TEXT, "what brought them together, in words"),
        Column("is_a_verified", FLAG, "whether item_a is verified by its own signature"),
        Column("is_b_verified", FLAG, "whether item_b is verified by its own signature"),
        Column(
            "is_other_mailbox",
            FLAG,
            "whether the two lie in different mailboxes",
            missing="one of them lies in none",
        ),
        Column(
            "outcome",
            TEXT,
            "agrees, differs (in something that counts), undecided (in something that transport "
            "changes too), other_message (another message under the same Message-ID, or another "
            "recipient's), not_compared",
        ),
        Column(
            "bearing",
            TEXT,
            "what it says of item_b: supports, contradicts or none; near copies always none",
        ),
        Column(
            "differing",
            TEXTS,
            "what differs and counts: from, to, cc, subject, date, text, attachments, html, links",
        ),
        Column(
            "undecided",
            TEXTS,
            "what differs and may come from a hand or from lists, gateways, Sent folders, stores",
        ),
        Column(
            "uncounted",
            TEXTS,
            "what differs and never counts: transport, spacing, markup, what lists and stores "
            "change",
        ),
        Column(
            "similarity",
            REAL,
            "share of the text's words that stay, in order, 0 to 1",
            missing="texts not compared: they are equal, or one is missing",
        ),
        Column(
            "changes",
            TEXT,
            "the differing fields and lines, item_a first (-), item_b second (+)",
            missing="nothing counts as different",
        ),
        Column("is_cut", FLAG, "whether the list of changes was cut for its length"),
        Column("detail", TEXT, "the result in a sentence"),
        *RUN_COLUMNS,
    ),
)
