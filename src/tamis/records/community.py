"""Accounts that mostly repost each other before the incident, or that share a container."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

_CONTAINER = "a container: no repost graph was cut"

TABLE = Table(
    name="community",
    stage="spread",
    meaning=(
        "Accounts that repost each other more than others before the incident, or that post in "
        "one container. A community is a neighbourhood, not an organisation, nor an opinion."
    ),
    key=("community_id", "run_id"),
    order=("platform", "community_id"),
    columns=(
        Column(
            "community_id",
            TEXT,
            "platform:community-N, N by size; or the container's id where basis is container",
        ),
        Column("basis", TEXT, "repost_graph or container"),
        Column("platform", TEXT, "platform"),
        Column("name", TEXT, "name of the container", missing="a repost graph gives none"),
        Column("account_count", INT, "accounts", unit="accounts"),
        Column(
            "centre_account_id",
            TEXT,
            "the account that most other accounts of the community reposted",
            missing=_CONTAINER,
        ),
        Column(
            "inside_share",
            REAL,
            "share of the reposts by or of its accounts that lie inside it",
            unit="0-1",
            missing=_CONTAINER,
        ),
        Column(
            "expected_share",
            REAL,
            "the same share if accounts reposted at random as often as they did",
            unit="0-1",
            missing=_CONTAINER,
        ),
        Column(
            "until_at",
            TIME,
            "reposts wholly before this moment count",
            missing="no moment is known, or a container: all of the collection counts",
        ),
        Column(
            "until_basis",
            TEXT,
            "leak_at (setting), corpus (earliest post that names or repeats the dump), selector "
            "(earliest post with an object searched for) or none",
        ),
        *RUN_COLUMNS,
    ),
)
