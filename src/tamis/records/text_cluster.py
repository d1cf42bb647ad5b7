"""Distinct post texts of which each is a copy or a rewording of one that stands for them."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="text_cluster",
    stage="coordination",
    meaning=(
        "Distinct post texts of which each is a copy of the one that stands for them (copypasta), "
        "or texts with their copies of which each is worded like it (rewording) or says the same "
        "in two languages (translation; extra [semantic]). A cluster shows that texts are alike, "
        "not who copied, nor that anybody agreed to."
    ),
    key=("kind", "cluster_id"),
    order=("kind", "account_count", "cluster_id"),
    columns=(
        Column("kind", TEXT, "copypasta; rewording or translation: leads to read, no findings"),
        Column("cluster_id", TEXT, "text_hash of the text that stands for the cluster"),
        Column("text_count", INT, "distinct texts", unit="texts"),
        Column("post_count", INT, "posts with one of the texts", unit="posts"),
        Column("account_count", INT, "accounts that posted one of them", unit="accounts"),
        Column("languages", TEXTS, "languages detected in the texts; und where unsure"),
        Column("first_at", TIME, "time of the first post", missing="no post has a time"),
        Column("last_at", TIME, "time of the last post", missing="no post has a time"),
        *RUN_COLUMNS,
    ),
)
