"""One leaked message beside the reference originals."""

from __future__ import annotations

from tamis.records.table import FLAG, REAL, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="reference_match",
    stage="leak",
    meaning="One leaked message beside the reference originals.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "leaked message"),
        Column(
            "outcome",
            TEXT,
            "in_reference, differs, not_in_reference, outside_coverage, or not_compared (the "
            "comparison of its bytes failed)",
        ),
        Column(
            "basis",
            TEXT,
            "same_bytes, same_message_id, same_fields (another Message-ID or none), "
            "through_list (but for what a list adds); for not_in_reference mailbox or address: "
            "how it falls under the coverage",
            missing="outside the coverage",
        ),
        Column(
            "reference_item_id",
            TEXT,
            "reference message it was compared with",
            missing="none has its Message-ID or its content",
        ),
        Column(
            "vouched_by",
            TEXT,
            "why the original may be held against the message: signature (it is verified), author "
            "(the sender holds the mailbox it lay in), house (the sender is of the holder's house, "
            "and the message as leaked names the holder), mailbox (the dump says that its version "
            "lay in that very mailbox, and does not hold the other one)",
            missing="nothing: a difference is shown and not held against the message",
        ),
        Column(
            "differing",
            TEXTS,
            "what differs: from, to, cc, subject, date, text, attachments, html, links",
        ),
        Column(
            "undecided",
            TEXTS,
            "those of `differing` that mail programs, lists, gateways and stores change as a hand "
            "may: never held against the message",
        ),
        Column(
            "uncounted",
            TEXTS,
            "what differs and never counts: transport, spacing, markup, what lists and stores "
            "change, what a store does not keep; display name of the sender, names of attached "
            "files, words joined or parted",
        ),
        Column(
            "similarity",
            REAL,
            "share of the text's words that stay, in order, 0 to 1",
            missing="texts not compared",
        ),
        Column(
            "changes",
            TEXT,
            "the differing fields and lines, reference first (-), leak second (+)",
            missing="nothing differs that a reader would see",
        ),
        Column("is_cut", FLAG, "whether the list of changes was cut for its length"),
        Column(
            "coverage_id",
            TEXT,
            "stretch of coverage the message falls under",
            missing="none",
        ),
        Column("detail", TEXT, "the result in a sentence"),
        *RUN_COLUMNS,
    ),
)
