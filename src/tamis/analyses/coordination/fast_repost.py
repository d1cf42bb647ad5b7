"""The directed layer: who reposts whose posts within seconds of their publication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.walk.schema import WALKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Partition

_MICROSECONDS = 1_000_000


def fast_repost(table: pa.Table, params: Mapping[str, Any], _: Partition) -> pa.Table:
    """Each repost within the window after its original, as a pair of actions.

    Input     the columns of schema.ACTIONS, the object being the original post; target_account_id,
              origin_at, origin_source_item_id, origin_byte_start: who wrote it, when and where
    Output    the columns of `schema.WALKED`: totals, and rows of the kind `part`
    Limits    a repost that carries an earlier time than its original is a fault of a clock, and
              no pair; whole seconds and days count: the lag is one number of microseconds
    """
    acted = table.column("acted_at").cast(pa.int64()).to_numpy()
    origin = table.column("origin_at").cast(pa.int64()).to_numpy()
    own = pc.equal(table.column("account_id"), table.column("target_account_id"))
    lags = acted - origin
    can = ~own.to_numpy() & (lags >= 0)
    found = []
    for window_s in params["windows_s"]:
        chosen = can & (lags <= round(float(window_s) * _MICROSECONDS))
        rows = table.filter(pa.array(chosen))
        total = {
            "kind": pa.array(["total"]),
            "pair_count": pa.array([rows.num_rows]),
            "left_out_count": pa.array([0]),
        }
        found += [_rows(total, float(window_s), 1), _parts(rows, lags[chosen], float(window_s))]
    return pa.concat_tables(found)


def _parts(rows: pa.Table, lags: np.ndarray[Any, Any], window_s: float) -> pa.Table:
    """The pairs as rows: side `a` is the account with the smaller text, whoever came first."""
    author, passer = rows.column("target_account_id"), rows.column("account_id")
    is_author_first = pc.less(pc.cast(author, pa.binary()), pc.cast(passer, pa.binary()))
    sides = {
        "account": (author, passer),
        "post_id": (rows.column("object_id"), rows.column("post_id")),
        "acted_at": (rows.column("origin_at"), rows.column("acted_at")),
        "source_item_id": (rows.column("origin_source_item_id"), rows.column("source_item_id")),
        "byte_start": (rows.column("origin_byte_start"), rows.column("byte_start")),
    }
    columns = {
        "kind": pa.repeat("part", rows.num_rows),
        "object_id": rows.column("object_id"),
        "lag_us": pa.array(np.where(is_author_first.to_numpy(), lags, -lags)),
    }
    for name, (one, other) in sides.items():
        columns[f"{name}_a"] = pc.if_else(is_author_first, one, other)
        columns[f"{name}_b"] = pc.if_else(is_author_first, other, one)
    return _rows(columns, window_s, rows.num_rows)


def _rows(known: dict[str, Any], window_s: float, count: int) -> pa.Table:
    given = {**known, "window_s": pa.array(np.full(count, window_s))}
    columns = [
        given[field.name].cast(field.type) if field.name in given else pa.nulls(count, field.type)
        for field in WALKED
    ]
    return pa.Table.from_arrays(columns, schema=WALKED)
