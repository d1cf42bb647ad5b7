"""One message's words in the quotation of another."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="quote_match",
    stage="leak.quotes",
    meaning="One message's words in the quotation of another.",
    key=("item_id", "quoted_item_id"),
    columns=(
        Column("item_id", TEXT, "message that quotes"),
        Column("quoted_item_id", TEXT, "message whose words are looked for"),
        Column(
            "basis",
            TEXT,
            "in_reply_to or references (it names the message), attribution_line (its words name "
            "the sender), text (rare sentences alone)",
        ),
        Column("is_quoting_verified", FLAG, "whether the message that quotes is verified"),
        Column("is_quoted_verified", FLAG, "whether the quoted message is verified itself"),
        Column("outcome", TEXT, "contains, differs or not_found"),
        Column(
            "bearing",
            TEXT,
            "what it says of the quoted message's own words: supports (all of them are quoted), "
            "supports_part, contradicts or none",
        ),
        Column(
            "matched_share",
            REAL,
            "share of the quoted message's own words that the quotation holds in runs of six or "
            "more; a trimmed quotation has a small one",
            unit="0-1",
        ),
        Column("matched_words", INT, "how many words that is", unit="words"),
        Column(
            "rare_sentence_count",
            INT,
            "whole sentences among them that at most three messages of the dump wrote",
            unit="sentences",
        ),
        Column(
            "difference",
            TEXT,
            "replaced, more_in_quote or missing_in_quote: between words that agree; many: in more "
            "than three places, as in another version",
            missing="none",
        ),
        Column("differing_text", TEXT, "what the quotation says there", missing="no difference"),
        Column(
            "changes",
            TEXT,
            "the quotation first (-), the message second (+)",
            missing="no difference",
        ),
        Column(
            "char_start",
            INT,
            "first character of the quotation in the quoting body_text",
            unit="characters",
            missing="not found, or the quoting body is a page",
        ),
        Column(
            "char_end",
            INT,
            "one past its last character",
            unit="characters",
            missing="not found, or the quoting body is a page",
        ),
        Column(
            "style",
            TEXT,
            "how the quotation is marked: prefix (>), block (a header block as of Outlook), "
            "attribution (a line and no mark), mixed",
        ),
        Column("layout", TEXT, "where the answer stands: top, bottom, inline, around or none"),
        Column("depth", INT, "levels of quotation around the words", unit="levels"),
        Column("detail", TEXT, "the result in a sentence"),
        *RUN_COLUMNS,
    ),
)
