"""One criterion of the breakout scale for one object, with the evidence that the case has on it."""

from __future__ import annotations

from tamis.records.table import INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="breakout_row",
    stage="spread",
    meaning=(
        "One criterion of the breakout scale (1 to 6) for one object, with the evidence that the "
        "case has on it. The program signs no level: a person does, with `tamis breakout`."
    ),
    key=("run_id", "object_id", "criterion"),
    order=("object_id", "position"),
    columns=(
        Column("object_id", TEXT, "object"),
        Column("position", INT, "rank of the criterion, from 1"),
        Column(
            "criterion",
            TEXT,
            "seen, several_platforms, several_communities, outside_social_media, "
            "prominent_accounts or response",
        ),
        Column("needed_for", TEXT, "levels that need it"),
        Column("outcome", TEXT, "met, not_met or not_testable"),
        Column("measured_count", INT, "what the query counts", missing="nothing can be asked"),
        Column("query_sql", TEXT, "query for the evidence", missing="nothing can be asked"),
        Column("query_params", TEXT, "JSON: values of its parameters", missing="as above"),
        Column("detail", TEXT, "the evidence in a sentence"),
        *RUN_COLUMNS,
    ),
)
