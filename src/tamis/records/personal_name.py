"""One name of a person that a model of the reader's choice saw in a text, masked."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="personal_name",
    stage="leak",
    meaning=(
        "One name of a person that a model given in `name_models` of case.toml saw in a text of "
        "the dump, masked: the output of a model, which misses names and takes other words for "
        "names, and never mixed with the checked values of `personal_data`."
    ),
    key=("item_id", "field_name", "value_hash"),
    columns=(
        Column("item_id", TEXT, "message or document it stands in"),
        Column("field_name", TEXT, "subject or body_text of a message, text of a document"),
        Column(
            "value_hash",
            TEXT,
            "keyed hash of the name in small letters: equal names of one run are equal; the key is "
            "not kept",
        ),
        Column("masked", TEXT, "its initials"),
        Column(
            "score",
            REAL,
            "of the readings that the model weighs, the weighted share that has this name; the "
            "highest of its places; no probability that it is one",
        ),
        Column("model_name", TEXT, "name and version that the model says it has"),
        Column("model_sha256", TEXT, "hash over the files of the model and their names"),
        Column("char_start", INT, "first character of its first occurrence", unit="characters"),
        Column("char_end", INT, "one past the last character of that", unit="characters"),
        Column("occurrence_count", INT, "times that it stands in that text"),
        *RUN_COLUMNS,
    ),
)
