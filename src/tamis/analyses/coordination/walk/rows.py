"""The walk's results as rows of `schema.WALKED`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.walk.schema import WALKED
from tamis.analyses.coordination.walk.text import Texts, reversed_pairs, together

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.bounds import Sizes
    from tamis.analyses.coordination.walk.groups import Edges
    from tamis.analyses.coordination.walk.profile import Profile
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array

MICROSECONDS = 1_000_000
_SLICE = 122_880  # a row group of DuckDB, which takes such slices in several threads


class Ready(NamedTuple):
    """One layer's actions encoded and sorted, and what is left of the input beside them."""

    table: pa.Table
    actions: Sorted
    posts: Array
    accounts: Texts
    objects: Texts
    counts: Array
    core: tuple[int, int]
    threads: int


def total_row(
    ready: Ready, window: int, sizes: Sizes, left_out: Array, *, is_whole: bool
) -> pa.Table:
    """How much there is in all, and how much of it is left out."""
    total = int(sizes.different.sum())
    columns = {"pair_count": total, "left_out_count": int(sizes.different[left_out].sum())}
    if is_whole:
        columns["action_count"] = int(ready.counts.sum())
        columns["account_count"] = ready.accounts.rows
        columns["object_count"] = ready.objects.rows
    arrays = {name: pa.array([value], pa.int64()) for name, value in columns.items()}
    return _rows("total", window / MICROSECONDS, 1, **arrays)


def object_rows(ready: Ready, window: int, sizes: Sizes, chosen: Array) -> pa.Table:
    """The sizes of the chosen objects, and how many actions of them this call saw."""
    groups = np.flatnonzero(chosen)
    names = texts_of(ready.objects, ready.actions.objects[sizes.starts[groups]])
    return _rows(
        "object",
        window / MICROSECONDS,
        len(groups),
        object_id=names,
        pair_count=pa.array(sizes.every[groups]),
        action_count=pa.array(np.diff(sizes.starts)[groups]),
    )


def edge_rows(ready: Ready, window: int, edges: list[Edges], profile: Profile) -> list[pa.Table]:
    """The edges as rows: `account_a` is the smaller text, and every figure follows it."""
    slices = [
        (part, slice(begin, end)) for part in edges for begin, end in _slices(len(part.counts))
    ]

    def rows(begin: int, _: int) -> pa.Table:
        part, some = slices[begin]
        return _edge_rows(ready, window, (part, some), profile)

    return together(rows, [(at, at + 1) for at in range(len(slices))], ready.threads)


def _edge_rows(
    ready: Ready, window: int, chosen: tuple[Edges, slice], profile: Profile
) -> pa.Table:
    edges, some = chosen
    held, lags = edges.counts[some], edges.lags[some]
    turn = reversed_pairs(*ready.accounts, held[:, 0], held[:, 1])
    one, other = np.where(turn, held[:, 1], held[:, 0]), np.where(turn, held[:, 0], held[:, 1])
    shared, count, first = held[:, 2], held[:, 3].astype(np.int64), lags[:, 1]
    lag, least, most = lags[:, 0] / 2, lags[:, 2], lags[:, 3]
    length = np.sqrt(profile.squares[one] * profile.squares[other])
    mine, theirs = profile.objects[one], profile.objects[other]
    columns = {
        "account_a": texts_of(ready.accounts, one),
        "account_b": texts_of(ready.accounts, other),
        "shared_count": pa.array(shared.astype(np.int64)),
        "pair_count": pa.array(count),
        "message_count_a": pa.array(np.where(turn, held[:, 5], held[:, 4]).astype(np.int64)),
        "message_count_b": pa.array(np.where(turn, held[:, 4], held[:, 5]).astype(np.int64)),
        # Adding 0.0 makes a turned zero, which is -0.0, the zero that it is.
        "lag_median_s": pa.array(np.where(turn, -lag, lag) / MICROSECONDS + 0.0),
        "lag_low_s": pa.array(np.where(turn, -most, least) / MICROSECONDS + 0.0),
        "lag_high_s": pa.array(np.where(turn, -least, most) / MICROSECONDS + 0.0),
        "a_first_share": pa.array(np.where(turn, 2 * count - first, first) / (2 * count)),
        "object_count_a": pa.array(mine),
        "object_count_b": pa.array(theirs),
        "cosine": pa.array(np.minimum(edges.shared_load[some] / length, 1.0)),
        "jaccard": pa.array(shared / (mine + theirs - shared)),
    }
    return _rows("edge", window / MICROSECONDS, len(turn), **columns)


def _slices(count: int) -> list[tuple[int, int]]:
    """Runs short enough for the texts of one to fit an Arrow column."""
    return [(begin, min(begin + _SLICE, count)) for begin in range(0, count, _SLICE)]


def pair_rows(kind: str, ready: Ready, window: int, early: Array, late: Array) -> list[pa.Table]:
    """Pairs of actions as rows: side `a` is the account with the smaller text."""
    actions = ready.actions
    turn = reversed_pairs(*ready.accounts, actions.accounts[early], actions.accounts[late])
    found = []
    for begin in range(0, len(early), _SLICE):
        some = slice(begin, begin + _SLICE)
        sides = {
            "a": np.where(turn[some], late[some], early[some]),
            "b": np.where(turn[some], early[some], late[some]),
        }
        columns = {"object_id": texts_of(ready.objects, actions.objects[early[some]])}
        for side, places in sides.items():
            rows = pa.array(actions.rows[places])
            times = pa.array(actions.times[places])
            columns[f"account_{side}"] = texts_of(ready.accounts, actions.accounts[places])
            columns[f"acted_at_{side}"] = times.cast(WALKED.field(f"acted_at_{side}").type)
            for name in ready.table.column_names:
                taken = ready.table.column(name).take(rows)
                columns[f"{name}_{side}"] = _one(taken)
        columns["lag_us"] = pa.array(actions.times[sides["b"]] - actions.times[sides["a"]])
        found.append(_rows(kind, window / MICROSECONDS, len(turn[some]), **columns))
    return found


def _rows(kind: str, window_s: float, count: int, **columns: pa.Array) -> pa.Table:
    always = {
        "kind": pa.repeat(kind, count),
        "window_s": pa.array(np.full(count, float(window_s))),
    }
    known = {**always, **columns}
    kinds = {field.type for field in WALKED if field.name not in known}
    nothing = {kind: pa.nulls(count, kind) for kind in kinds}
    return pa.Table.from_arrays(
        [known[field.name] if field.name in known else nothing[field.type] for field in WALKED],
        schema=WALKED,
    )


def texts_of(texts: Texts, codes: Array) -> pa.Array:
    """The texts of the codes."""
    buffers = [None, pa.py_buffer(texts.offsets), pa.py_buffer(texts.data)]
    array = pa.Array.from_buffers(pa.large_string(), texts.rows, buffers)
    return pc.take(array, pa.array(codes)).cast(pa.string())


def _one(column: pa.ChunkedArray) -> pa.Array:
    merged = column.combine_chunks()
    return merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)
