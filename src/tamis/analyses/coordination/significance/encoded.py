"""The actions of all layers as numbers: one code for an account, whatever the layer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.significance.layer import Actions
from tamis.analyses.coordination.walk.rows import texts_of
from tamis.analyses.coordination.walk.text import chunks_of, coded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.coordination.walk.text import Array

_NEVER = 2**62
_MOST_PLATFORMS = 20
# What parts the platform from the rest of an account id, and what the platform then looks like.
_MARKS = {":": r"^([^:\s]+):", "_": r"^([A-Za-z]{1,12})_"}


class Encoded(NamedTuple):
    """Actions by layer; `accounts` and, by layer, `objects` are the texts of the codes.

    Codes follow the order of the texts, so that nothing depends on the order of the rows.
    """

    accounts: pa.Array
    objects: Mapping[str, pa.Array]
    actions: Mapping[str, Actions]


class Texts(Sequence[str]):
    """The texts of an Arrow array, one by one and only when asked for."""

    def __init__(self, array: pa.Array) -> None:
        """Keep the array."""
        self._array = array

    def __len__(self) -> int:
        """How many texts."""
        return len(self._array)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """One text, or a stretch of them."""
        if isinstance(at, slice):
            return Texts(self._array[at])
        return str(self._array[int(at)].as_py())


def encoded(tables: Mapping[str, pa.Table], sources: Mapping[str, pa.Table]) -> Encoded:
    """The layers that have any action, with account codes that all of them share.

    Input     tables: by layer object_id, account_id, acted_at, none NULL
              sources: by layer, where it is known who published an object, and when: object_id
              (once each), publisher_id, published_at
    Missing   an object without a row, or with NULL, has an unknown publisher or publication
    """
    used = {name: table for name, table in tables.items() if table.num_rows}
    if not used:
        return Encoded(pa.array([], pa.string()), {}, {})
    chunks = [chunk for table in used.values() for chunk in table.column("account_id").chunks]
    accounts, of_row = _codes(pa.chunked_array(chunks))
    objects, actions, begin = {}, {}, 0
    for name, table in used.items():
        mine = of_row[begin : begin + table.num_rows]
        begin += table.num_rows
        objects[name], things = _codes(table.column("object_id"))
        times = table.column("acted_at").cast(pa.int64()).to_numpy()
        order = np.lexsort((mine, times, things))
        origins, onsets = _sources(objects[name], sources.get(name))
        columns = (things[order], mine[order], times[order])
        sizes = (len(objects[name]), len(accounts))
        actions[name] = Actions(*columns, *sizes, origins, onsets)
    return Encoded(accounts, objects, actions)


def _codes(column: pa.ChunkedArray) -> tuple[pa.Array, Array]:
    """The different texts in their order, and each row's place among them."""
    found = coded(chunks_of(column), os.cpu_count() or 1)
    texts = texts_of(found.distinct, np.arange(found.distinct.rows))
    order = pc.sort_indices(texts).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return texts.take(pa.array(order)), place[found.of_row]


def _sources(objects: pa.Array, known: pa.Table | None) -> tuple[Array | None, Array | None]:
    """For each object the code of its publisher (-1 unknown), and when it was published."""
    if known is None:
        return None, None
    places = pc.index_in(objects, known.column("object_id").combine_chunks())
    rows = known.take(places)
    publishers = rows.column("publisher_id").combine_chunks().dictionary_encode()
    origins = pc.fill_null(publishers.indices, -1).to_numpy(zero_copy_only=False)
    moments = pc.fill_null(rows.column("published_at").cast(pa.int64()), _NEVER)
    return origins.astype(np.int32), moments.to_numpy().astype(np.int64)


def without(actions: Actions, objects: pa.Array, left_out: pa.Array) -> Actions:
    """The actions but for those on objects called as in `left_out`."""
    if not len(left_out):
        return actions
    lost = pc.is_in(objects, left_out).to_numpy(zero_copy_only=False)
    kept = ~lost[actions.objects]
    return actions._replace(
        objects=actions.objects[kept], accounts=actions.accounts[kept], times=actions.times[kept]
    )


def pairs_of(accounts: pa.Array, pairs: pa.Table) -> Array:
    """The codes of account_a and account_b, two a row.

    Errors    ValueError for an account without any action: the pairs are of other actions
    """
    ends = [
        pc.index_in(pairs.column(name), accounts).combine_chunks()
        for name in ("account_a", "account_b")
    ]
    if any(end.null_count for end in ends):
        raise ValueError("a kept pair names an account that has no action in any layer")
    columns = [end.to_numpy(zero_copy_only=False) for end in ends]
    return np.ascontiguousarray(np.stack(columns, axis=1).astype(np.int32))


def platform_mark(accounts: pa.Array) -> str | None:
    """What parts the platform from the rest in every account id; None where they name none."""
    for mark, pattern in _MARKS.items():
        if len(accounts) and pc.all(pc.match_substring_regex(accounts, pattern)).as_py():
            first = pc.list_element(pc.split_pattern(accounts, mark, max_splits=1), 0)
            if len(first.unique()) <= _MOST_PLATFORMS:
                return mark
    return None
