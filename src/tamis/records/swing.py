"""The swing that a vote would need to tie, and how often polls were off by so much."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="swing",
    stage="response",
    meaning=(
        "The swing that a vote would need to tie, and how often polls were off by so much; no "
        "forecast. Withheld while a rule on polls runs in a jurisdiction of the case."
    ),
    key=("run_id", "vote_day", "moment", "scope", "spread", "tail", "effect_points"),
    order=("vote_day", "moment", "scope", "spread", "tail", "effect_points"),
    columns=(
        Column("vote_day", TEXT, "day of the vote, ISO date"),
        Column("moment", TEXT, "before_leak (polls that ended before it) or last (all polls)"),
        Column("last_poll_day", TEXT, "last day of fieldwork of the newest poll, ISO date"),
        Column("days_left", INT, "days from then to the vote", unit="days"),
        Column("scope", TEXT, "whole (one margin) or regions (electors by region)"),
        Column("leader", TEXT, "who leads the mean"),
        Column("runner_up", TEXT, "who comes second"),
        Column("margin_points", REAL, "mean lead of the polls", unit="points of margin"),
        Column("undecided_points", REAL, "mean of the undecided", unit="points"),
        Column("pollsters", TEXTS, "whose last polls the mean is of"),
        Column("span_days", INT, "days that these polls are of", unit="days"),
        Column("spread", TEXT, "history (the shipped errors) or wide"),
        Column(
            "spread_points",
            REAL,
            "size of that error; of the error that regions share",
            unit="points of margin",
        ),
        Column("spread_basis", TEXT, "what that size rests on"),
        Column("tail", TEXT, "normal or t3 (Student's t with three degrees: heavy tails)"),
        Column(
            "effect_points",
            REAL,
            "effect supposed, taken from the leader's margin; nothing was measured",
            unit="points of margin",
        ),
        Column("kept_share", REAL, "share of such errors under which the leader leads", unit="0-1"),
        Column("bare_regions", TEXTS, "regions without polls, which got the margin of the whole"),
        Column("sentence", TEXT, "the gauge in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
