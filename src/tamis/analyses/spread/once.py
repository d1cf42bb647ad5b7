"""Posts and actions once each, however many files and lines told of them.

`post` holds a row for each version and each file in which a post was found, `action` likewise;
an analysis counts distinct ids. These steps keep one row an id: the first version, from the
row that knows most, then from the file that sorts first, so that the choice never varies.
Where an edit is a post of its own, `root_id` names the post that all its versions are.

Nearly every id has one row. Only the ids that have several are sorted: on millions of posts
that, and naming no column that nobody reads, takes a fraction of the time and memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.plan import Query, identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

_POST_COLUMNS = (
    *("post_id", "root_id", "platform", "account_id", "posted_at", "posted_low_at"),
    *("posted_high_at", "clock", "source_item_id", "byte_start", "byte_end"),
)
_ACTION_COLUMNS = (
    *("action_id", "type", "account_id", "post_id", "target_post_id", "target_account_id"),
    "acted_at",
)
_POST_ORDER = (
    "version, CASE WHEN posted_at IS NULL THEN 1 ELSE 0 END, "
    "CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, source_item_id, "
    "COALESCE(byte_start, 0), posted_at, account_id"
)
_ACTION_ORDER = (
    "CASE WHEN acted_at IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0)"
)


def _once(table: str, order: str, columns: Sequence[str], within: str) -> tuple[Query, Query]:
    key, twice = f"{table}_id", f"{table}_twice"
    made = {"root_id": "COALESCE(edited_of, post_id) AS root_id"}
    names = ", ".join(map(identifier, columns))
    told = ", ".join(made.get(name, name) for name in columns)
    where = (
        f"{key} IN (SELECT {key} FROM {identifier(within)})" if within else "TRUE"  # noqa: S608
    )
    several = f"SELECT {key} FROM {table} WHERE {where} GROUP BY {key} HAVING COUNT(*) > 1"  # noqa: S608
    first = (
        f"SELECT {told} FROM {table} WHERE {where} "  # noqa: S608 - the names of this module
        f"AND {key} NOT IN (SELECT {key} FROM {twice}) UNION ALL SELECT {names} FROM ("
        f"SELECT {told}, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS place "
        f"FROM {table} WHERE {key} IN (SELECT {key} FROM {twice})) AS numbered WHERE place = 1"
    )
    return (
        Query(twice, several, portable=True),
        Query(f"{table}_once", first, portable=True),
    )


def post_once(columns: Sequence[str] = _POST_COLUMNS, *, within: str = "") -> tuple[Query, Query]:
    """The steps to `post_once`: the named columns of each post once.

    Input     post; `within`: an earlier step whose post_id are the only ones that are wanted
    """
    return _once("post", _POST_ORDER, columns, within)


def action_once(columns: Sequence[str] = _ACTION_COLUMNS) -> tuple[Query, Query]:
    """The steps to `action_once`: the named columns of each action once."""
    return _once("action", _ACTION_ORDER, columns, "")
