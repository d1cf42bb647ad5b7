"""One call to act, one object that it names, and what followed elsewhere."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, SOURCE_COLUMNS, TEXT, TIME, Column, Table

_NONE = "it names no object, or one with too few posts"
_FEW = "fewer than 19 to compare with"

TABLE = Table(
    name="mobilisation",
    stage="spread",
    meaning=(
        "One call to act, one object that it names, and what followed elsewhere in this "
        "collection; an order in time, no cause, and it does not show who planned."
    ),
    key=("run_id", "post_id", "object_id"),
    order=("called_at", "post_id", "object_id"),
    columns=(
        Column("post_id", TEXT, "post that calls"),
        Column("object_id", TEXT, "object that it names", missing="it names none"),
        Column("call_kind", TEXT, "use_tag, spread, raid, report or schedule"),
        Column("language", TEXT, "language of the pattern"),
        Column("pattern_id", TEXT, "pattern that hit, as in patterns.json"),
        Column("words_hit", TEXT, "words that it hit, small letters without accents"),
        Column("words_before", TEXT, "up to 60 characters before them"),
        Column("words_after", TEXT, "up to 60 characters after them"),
        Column("platform", TEXT, "platform of the call"),
        Column("container_id", TEXT, "board, channel or page", missing="the platform has none"),
        Column("account_id", TEXT, "who posted it", missing="the export hides it"),
        Column("called_at", TIME, "when"),
        Column("repost_count", INT, "reposts, quotes and forwards of the call", unit="actions"),
        Column(
            "before_count", INT, "posts elsewhere, the hour before", unit="posts", missing=_NONE
        ),
        Column("after_count", INT, "posts elsewhere, the hour after", unit="posts", missing=_NONE),
        Column("first_lag_s", REAL, "to the next post elsewhere", unit="seconds", missing="none"),
        Column("burst_lag_s", REAL, "to the next burst elsewhere", unit="seconds", missing="none"),
        Column("p_shift", REAL, "chance of that rise at shifted times", unit="0-1", missing=_FEW),
        Column("p_other", REAL, "share of other objects that rose so", unit="0-1", missing=_FEW),
        Column("p_value", REAL, "the larger of the two", unit="0-1", missing=_FEW),
        Column("q_value", REAL, "p_value over all rows (BH)", unit="0-1", missing=_FEW),
        Column("reading", TEXT, "the row in a sentence"),
        *SOURCE_COLUMNS,
        *RUN_COLUMNS,
    ),
)
