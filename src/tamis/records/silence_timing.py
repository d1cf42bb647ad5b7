"""How many posts and actions fell before, inside and after a silence."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NONE = "none of them has a time that decides"

TABLE = Table(
    name="silence_timing",
    stage="response",
    meaning=(
        "How many posts and actions of this collection fell before, inside and after a silence; "
        "no post is called a breach."
    ),
    key=("run_id", "jurisdiction", "rule_id", "territory", "vote_day", "counted", "who"),
    order=("jurisdiction", "rule_id", "vote_day", "territory", "counted", "who"),
    columns=(
        Column("jurisdiction", TEXT, "code of the jurisdiction"),
        Column("rule_id", TEXT, "rule"),
        Column("kind", TEXT, "kind of the rule"),
        Column("territory", TEXT, "territory"),
        Column("vote_day", TEXT, "national polling day, as ISO date"),
        Column("counted", TEXT, "post (each once, by its first version) or action"),
        Column(
            "who",
            TEXT,
            "all; cluster_first or cluster_second: members of clusters of that grade",
        ),
        Column("before_count", INT, "surely before it began", unit="rows"),
        Column("inside_count", INT, "surely inside", unit="rows"),
        Column("after_count", INT, "surely after it ended", unit="rows"),
        Column("unsure_count", INT, "a border lies inside the interval of its time", unit="rows"),
        Column("undated_count", INT, "without a usable time", unit="rows"),
        Column("before_share", REAL, "of those that are sure", unit="0-1", missing=_NONE),
        Column("inside_share", REAL, "of those that are sure", unit="0-1", missing=_NONE),
        Column("after_share", REAL, "of those that are sure", unit="0-1", missing=_NONE),
        *RUN_COLUMNS,
    ),
)
