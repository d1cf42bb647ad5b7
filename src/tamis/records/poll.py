"""One answer of one question of an opinion poll."""

from __future__ import annotations

from tamis.records.table import INT, REAL, SOURCE_COLUMNS, TEXT, Column, Table

_NOT_STATED = "the file does not state it"

TABLE = Table(
    name="poll",
    stage="intake",
    meaning="One answer of one question of an opinion poll.",
    key=("source_item_id", "question_id", "option_name"),
    order=("last_day", "question_id", "option_name"),
    columns=(
        Column("question_id", TEXT, "question of one poll, unique within the file"),
        Column("poll_id", TEXT, "poll", missing=_NOT_STATED),
        Column("pollster", TEXT, "who polled"),
        Column("race", TEXT, "which race", missing=_NOT_STATED),
        Column("region", TEXT, "region that was asked, or * for all"),
        Column("round_name", TEXT, "round of the vote", missing=_NOT_STATED),
        Column("hypothesis", TEXT, "which candidates were supposed", missing=_NOT_STATED),
        Column("population", TEXT, "whom the shares are of", missing=_NOT_STATED),
        Column("first_day", TEXT, "first day of fieldwork, ISO date", missing=_NOT_STATED),
        Column("last_day", TEXT, "last day of fieldwork, ISO date"),
        Column("sample_count", INT, "persons asked", unit="persons", missing=_NOT_STATED),
        Column("option_name", TEXT, "answer: a candidate's name, other or undecided"),
        Column("option_kind", TEXT, "candidate, other or undecided"),
        Column("answer_share", REAL, "share that gave the answer", unit="0-1"),
        Column("election_day", TEXT, "day of the vote, ISO date", missing=_NOT_STATED),
        Column("result_share", REAL, "share in the result", unit="0-1", missing=_NOT_STATED),
        *SOURCE_COLUMNS,
    ),
)
