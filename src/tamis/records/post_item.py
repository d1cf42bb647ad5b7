"""One item of the corpus that one post names or repeats."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="post_item",
    stage="spread.bridge",
    meaning="One item of the corpus that one post names or repeats.",
    key=("post_id", "item_id", "method"),
    order=("item_id", "post_id", "method"),
    columns=(
        Column("post_id", TEXT, "post"),
        Column("item_id", TEXT, "item of the corpus"),
        Column(
            "method",
            TEXT,
            "file_sha256, file_sha1, file_md5, message_id, file_name or same_words",
        ),
        Column(
            "grade",
            TEXT,
            (
                "strong (a hash, a Message-ID, a name that one item alone bears, twelve words in a "
                "row of a letter) or weak"
            ),
        ),
        Column("detail", TEXT, "what the two have in common, as a sentence"),
        Column(
            "matched_count",
            INT,
            "words in common, each place counted once",
            unit="words",
            missing="not joined by words",
        ),
        Column("candidate_count", INT, "items that this fits as well", unit="items"),
        *RUN_COLUMNS,
    ),
)
