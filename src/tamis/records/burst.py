"""One stretch of time in which an object was posted more than usual."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="burst",
    stage="spread",
    meaning=(
        "One stretch of time in which an object was posted more than is usual for it; it does "
        "not say why. To the states, which know no hour of the day, an ordinary morning is one."
    ),
    key=("run_id", "object_id", "platform", "method", "level", "started_at"),
    order=("object_id", "platform", "method", "started_at", "level"),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("kind", TEXT, "kind of object"),
        Column("display", TEXT, "one form as found"),
        Column("platform", TEXT, "platform, or * for the whole collection"),
        Column(
            "method",
            TEXT,
            "states (Kleinberg's automaton over the gaps between posts) or minutes (Poisson "
            "surprise against the object's own hours of the day)",
        ),
        Column("level", INT, "state of the automaton, 1 or more", missing="method is minutes"),
        Column("started_at", TIME, "first post of it, or begin of the first minute"),
        Column("ended_at", TIME, "last post of it, or end of the last minute"),
        Column("post_count", INT, "posts of the object in it, reposts included", unit="posts"),
        Column("usual", REAL, "posts at the usual rate in that time", unit="posts"),
        Column(
            "weight",
            REAL,
            "what the gaps cost less in this state than in the one below, in units of ln",
            missing="method is minutes",
        ),
        Column(
            "p_value",
            REAL,
            "least tail probability of its minutes, times the minutes of the object's span",
            unit="0-1",
            missing="method is states, or all posts lie in one hour, so that nothing is usual",
        ),
        Column("tied_count", INT, "posts in it that share the next one's time", unit="posts"),
        *RUN_COLUMNS,
    ),
)
