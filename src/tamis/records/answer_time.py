"""How long the accused had to answer before a silence began."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, TIME, Column, Table

_OPEN = "only the latest time of the first sight is known"

TABLE = Table(
    name="answer_time",
    stage="response",
    meaning=(
        "How long the accused had from the first sight of the leak in this collection, or from "
        "the time that the case states, to the start of a silence."
    ),
    key=("run_id", "sight", "object_id", "jurisdiction", "rule_id", "territory", "vote_day"),
    order=("jurisdiction", "rule_id", "vote_day", "territory", "sight", "object_id"),
    columns=(
        Column(
            "sight",
            TEXT,
            "leak_at (stated by the case), selector (a link or hashtag that was searched for) or "
            "leaked_item (a post that carries or repeats an item of the dump)",
        ),
        Column("object_id", TEXT, "object or post that was first seen; * for leak_at"),
        Column("display", TEXT, "one form of it as found"),
        Column("jurisdiction", TEXT, "code of the jurisdiction"),
        Column("rule_id", TEXT, "rule"),
        Column("kind", TEXT, "kind of the rule"),
        Column("territory", TEXT, "territory"),
        Column("vote_day", TEXT, "national polling day, as ISO date"),
        Column("first_low_at", TIME, "earliest time of the first sight", missing=_OPEN),
        Column("first_high_at", TIME, "latest time of the first sight"),
        Column("start_low_at", TIME, "earliest start of the silence"),
        Column("start_high_at", TIME, "latest start of the silence"),
        Column("answer_low_s", INT, "least time to answer; negative: silence ran", unit="seconds"),
        Column("answer_high_s", INT, "most time to answer", unit="seconds", missing=_OPEN),
        *RUN_COLUMNS,
    ),
)
