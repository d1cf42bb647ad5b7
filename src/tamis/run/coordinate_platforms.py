"""How many pairs of accounts join two platforms, where the ids of accounts name theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.significance.encoded import platform_mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.engines import Engine


def edges_across(
    engine: Engine, actions: Iterable[pa.Table]
) -> tuple[list[str], dict[tuple[str, float], int]]:
    """The platforms of all accounts, and by layer and window how many pairs join two of them.

    Input     the table co_action of the engine; `actions` are all there are (schema.ACTIONS)
    Limits    a platform is what stands before the first ":" or "_" of every id; words before it
              that differ from account to account are names and no platforms
    """
    columns = [chunk for table in actions for chunk in table.column("account_id").chunks]
    accounts = pa.chunked_array(columns, pa.string()).unique()
    mark = platform_mark(accounts)
    if mark is None:
        return [], {}
    platforms = sorted(_before(mark, accounts).unique().to_pylist())
    if 2 * len(platforms) > len(accounts):
        return [], {}
    edges = engine.fetch("co_action").select(["layer", "window_s", "account_a", "account_b"])
    one, other = (_before(mark, edges.column(f"account_{side}")) for side in "ab")
    counted = edges.filter(pc.not_equal(one, other)).group_by(["layer", "window_s"])
    rows = counted.aggregate([([], "count_all")]).to_pylist()
    return platforms, {(row["layer"], row["window_s"]): row["count_all"] for row in rows}


def _before(mark: str, accounts: pa.Array) -> pa.Array:
    return pc.list_element(pc.split_pattern(accounts, mark, max_splits=1), 0)
