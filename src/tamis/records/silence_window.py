"""A rule of electoral silence in one territory: from when to when, with its source."""

from __future__ import annotations

from tamis.records.table import (
    FLAG,
    RUN_COLUMNS,
    TEXT,
    TEXTS,
    TIME,
    Column,
    Table,
)

_OPEN = "not established, or the rule holds at any time before its end"
_UNSEEN = "not in the source seen"

WINDOW_COLUMNS = (
    Column("jurisdiction", TEXT, "code of the jurisdiction"),
    Column("jurisdiction_name", TEXT, "its name"),
    Column("territory", TEXT, "where people vote by one clock, or the whole jurisdiction"),
    Column("zone_name", TEXT, "time zone of the territory, by its IANA name"),
    Column("rule_id", TEXT, "rule in the file of rules"),
    Column("kind", TEXT, "campaign, polls, exit_polls, results, paid_ads, broadcast, …"),
    Column("is_polls", FLAG, "the rule bars the publication of polls or comment on them"),
    Column("covers", TEXT, "what the rule is on"),
    Column("binds", TEXTS, "whom it binds"),
    Column("excepts", TEXT, "what its text excepts", missing=_UNSEEN),
    Column("online", TEXT, "whether online speech is covered", missing="not established"),
    Column(
        "vote_day", TEXT, "national polling day, the last one of a vote of several, as ISO date"
    ),
    Column("polling_days", TEXTS, "polling days in the territory"),
    Column("start_state", TEXT, "known, between, any_time or not_established"),
    Column("start_low_at", TIME, "earliest instant at which it can begin", missing=_OPEN),
    Column("start_high_at", TIME, "latest instant at which it can begin", missing=_OPEN),
    Column("start_local", TEXT, "the earliest one by the local clock", missing=_OPEN),
    Column("end_state", TEXT, "known, between or not_established"),
    Column("end_low_at", TIME, "earliest instant at which it can end", missing="not established"),
    Column("end_high_at", TIME, "latest instant at which it can end", missing="not established"),
    Column("end_local", TEXT, "the latest one by the local clock", missing="not established"),
    Column("sanction", TEXT, "what a breach may cost", missing=_UNSEEN),
    Column("article", TEXT, "law and article", missing=_UNSEEN),
    Column("sources", TEXTS, "where it was read"),
    Column("as_of", TEXT, "date of the newest source seen", missing="not established"),
    Column(
        "currency",
        TEXT,
        "current, stale (newest source too old for it), earlier (oldest too young) or undated",
    ),
    Column("valid_from", TEXT, "since when it has been in force", missing="not established"),
    Column("valid_to", TEXT, "until when it was in force", missing="no end is known"),
    Column("history", TEXTS, "earlier states of the rule"),
    Column("confidence", TEXTS, "grade of each field, such as `start A`"),
    Column("caveats", TEXTS, "what weakens the answer"),
    Column("origin", TEXT, "who states the rule: tamis, or the file that was added"),
    Column("does_not_cover", TEXTS, "what no answer on silence says anything on"),
)

TABLE = Table(
    name="silence_window",
    stage="response",
    meaning="A rule of electoral silence in one territory: from when to when, with its source.",
    key=("run_id", "jurisdiction", "rule_id", "territory", "vote_day"),
    order=("jurisdiction", "rule_id", "vote_day", "territory"),
    columns=(*WINDOW_COLUMNS, *RUN_COLUMNS),
)
