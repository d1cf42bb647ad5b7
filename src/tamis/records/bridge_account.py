"""An account that repeatedly brought objects into a scope before anybody else there."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="bridge_account",
    stage="spread",
    meaning=(
        "An account that three times or more brought an object into a platform, language or "
        "community where nobody had introduced it, while it was elsewhere; what one post brings "
        "counts once. Quick readers, newsrooms and archives do so too: read it beside the expected "
        "count."
    ),
    key=("dimension", "scope", "account_id", "run_id"),
    order=("dimension", "q_value", "scope", "account_id"),
    columns=(
        Column("dimension", TEXT, "platform, language, community or clock"),
        Column("scope", TEXT, "where it brought the objects"),
        Column("account_id", TEXT, "account"),
        Column(
            "crossing_count", INT, "objects it introduced there first, one a post", unit="objects"
        ),
        Column(
            "object_count",
            INT,
            "objects it introduced there that came from elsewhere, one a post",
            unit="objects",
        ),
        Column(
            "expected",
            REAL,
            "crossings if each introducer of an object were as likely to be the first",
            unit="objects",
        ),
        Column("p_value", REAL, "chance of as many crossings or more", unit="0-1"),
        Column(
            "q_value",
            REAL,
            "p-value after Benjamini and Hochberg over all accounts that could have been named",
            unit="0-1",
        ),
        *RUN_COLUMNS,
    ),
)
