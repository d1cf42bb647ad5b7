"""One distinct text of a text cluster, beside the text that stands for it."""

from __future__ import annotations

from tamis.records.table import REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="text_cluster_member",
    stage="coordination",
    meaning=(
        "One distinct text of a text cluster, beside the text that stands for it. In clusters of "
        "rewordings and translations one text stands for all its copies."
    ),
    key=("kind", "text_hash"),
    order=("kind", "cluster_id", "text_hash"),
    columns=(
        Column(
            "kind",
            TEXT,
            "copypasta (few letters differ, or one holds the other), rewording, translation",
        ),
        Column("cluster_id", TEXT, "text_hash of the text that stands for the cluster"),
        Column("text_hash", TEXT, "the text, as post.text_hash names it"),
        Column(
            "word_similarity",
            REAL,
            "cosine of the words of both, rare words counting more, from 0 to 1",
        ),
        Column(
            "letter_similarity",
            REAL,
            "1 - Levenshtein distance / the longer length, over the forms compared",
        ),
        Column(
            "meaning_similarity",
            REAL,
            "cosine of the sentence vectors of both",
            missing="no translation, or one of both has no vector",
        ),
        Column("language_detected", TEXT, "ISO 639 code; und where short or unsure"),
        Column(
            "diff",
            TEXT,
            "JSON list of [words of the representative, words of this text] that differ; cut",
        ),
        *RUN_COLUMNS,
    ),
)
