"""Actions that stand twice in overlapping exports count once: a copy of a row is no second act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.engines import open_engine
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import pyarrow as pa

# Rows of a table without post ids are the same act when account, object and time are the same.
_ACT = """
    object_id, account_id, acted_at,
    CASE WHEN list_contains($unnamed, source_item_id) THEN '' ELSE post_id END
"""
# 64-bit hashes: a collision only costs the look at the rows themselves.
_COUNT = Query(
    "twice_counted",
    f"SELECT count(*) - count(DISTINCT hash({_ACT})) AS twice FROM all_actions",  # noqa: S608
)
_ONCE = Query(
    "actions_once",
    f"""
    SELECT {", ".join(ACTIONS.names)} FROM all_actions
    QUALIFY row_number() OVER (
        PARTITION BY {_ACT} ORDER BY source_item_id, byte_start, post_id) = 1
    """,  # noqa: S608  (texts of this module)
)


def keep_once(
    actions: Mapping[str, pa.Table], unnamed: Collection[str], scratch: Path
) -> tuple[dict[str, pa.Table], dict[str, int]]:
    """The actions of each layer without repeated rows, and how many rows were repetitions.

    Input     `actions` in schema.ACTIONS; `unnamed` are numbers of files without post ids
    Limits    The same act under two post ids is two acts: ids are believed.
    """
    kept: dict[str, pa.Table] = {}
    twice: dict[str, int] = {}
    params = {"unnamed": sorted(unnamed) or [""]}
    for layer, table in actions.items():
        with open_engine("duckdb", allowed=[], scratch=scratch) as engine:
            engine.register("all_actions", table, ACTIONS)
            count = engine.query(_COUNT, params).column("twice")[0].as_py()
            kept[layer] = engine.query(_ONCE, params).cast(ACTIONS) if count else table
        twice[layer] = table.num_rows - kept[layer].num_rows
    return kept, twice
