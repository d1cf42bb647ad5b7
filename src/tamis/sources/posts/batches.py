"""Collected rows of posts as record batches, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.syntax.clock import MICROS, iso_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How an object stands in a post: role and method, by a small number that rows carry.
WAYS = tuple(
    (role, method)
    for role in ("in_text", "embed", "card", "attachment", "inherited")
    for method in ("entity", "text", "column")
)
WAY = {way: number for number, way in enumerate(WAYS)}


@dataclass(frozen=True, slots=True)
class Times:
    """The five time columns of posts: each an Arrow array of the same length."""

    at: pa.Array
    low: pa.Array
    high: pa.Array
    clock: pa.Array
    precision: pa.Array


@dataclass(slots=True)
class Marked:
    """Objects of posts as columns: id, way, and the post by its index or its bearer's."""

    ids: list[str] = field(default_factory=list)
    ways: list[int] = field(default_factory=list)
    posts: list[int] = field(default_factory=list)
    bearers: list[tuple[str, int]] = field(default_factory=list)


def batch(table: str, count: int, /, **columns: Any) -> pa.RecordBatch:
    """A record batch of a table from sequences, Arrow arrays, or one value for all rows.

    Missing   columns not named are NULL
    """
    schema = records.table(table).schema
    arrays = []
    for column in schema:
        given = columns.get(column.name)
        if isinstance(given, pa.Array):
            arrays.append(given)
        elif given is None:
            arrays.append(pa.nulls(count, column.type))
        elif isinstance(given, (list, tuple)):
            arrays.append(pa.array(given, column.type))
        else:
            arrays.append(pa.repeat(pa.scalar(given, column.type), count))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class Lines:
    """The lines of a batch as columns, from which rows take what their line says."""

    def __init__(
        self,
        lines: Sequence[tuple[Any, ...]],
        item_id: str,
        extra: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        starts, ends, seen, sampling, platforms = zip(*lines, strict=True)
        self.item_id = item_id
        self.extra = extra
        self._columns = {
            "byte_start": pa.array(starts, pa.int64()),
            "byte_end": pa.array(ends, pa.int64()),
            "seen_at": time_column(seen),
            "sampling": _repeated(sampling),
            "platform": _repeated(platforms),
        }
        self._columns["collected_at"] = self._columns["seen_at"]

    def posts(self, rows: Sequence[tuple[Any, ...]], times: Times) -> pa.RecordBatch:
        """The rows of `post`."""
        return self.batch(
            "post",
            rows,
            extra=self.extra.get("post", ()),
            posted_at=times.at,
            posted_low_at=times.low,
            posted_high_at=times.high,
            clock=times.clock,
            precision_s=times.precision,
        )

    def batch(
        self,
        name: str,
        rows: Sequence[tuple[Any, ...]],
        only: tuple[str, ...] = (),
        extra: tuple[str, ...] = (),
        **same: Any,
    ) -> pa.RecordBatch:
        """A batch from rows that end with their line; ids get the platform of their line.

        With `only`, the batch has these columns alone; `extra` columns stand before the line.
        """
        *columns, index = zip(*rows, strict=True)
        at = pa.array(index, pa.int32())
        wanted = set(only or records.table(name).schema.names)
        given: dict[str, Any] = {
            column: pc.take(values, at)
            for column, values in self._columns.items()
            if column in wanted
        }
        given.update(zip((*_ORDER[name], *extra), columns, strict=True))
        for column, of in _IDS.get(name, {}).items():
            platforms = pc.take(self._columns["platform"], at)
            native = pa.array(given[of], pa.string())
            given[column] = pc.binary_join_element_wise(platforms, native, ":")
        for column in _TIMED:
            if column in given:
                given[column] = time_column(given[column])
        if only:
            return pa.RecordBatch.from_pydict({column: given[column] for column in only})
        return batch(name, len(rows), source_item_id=self.item_id, **{**same, **given})


def mark_batch(marks: Marked, posts: pa.RecordBatch | None, lines: Lines) -> pa.RecordBatch:
    """The rows of `post_object`: places taken from the batch of posts, or from bearers' lines."""
    at = pa.array(marks.posts, pa.int32())
    post_count = posts.num_rows if posts is not None else 0
    bearing = [posts.select(list(_PLACE))] if posts is not None else []
    if marks.bearers:
        bearing.append(lines.batch("post_object", marks.bearers, only=_PLACE))
        at = pc.if_else(pc.less(at, 0), pc.subtract(post_count - 1, at), at).cast(pa.int32())
    ways = pa.array(marks.ways, pa.int8())
    roles, methods = (pa.array(side, pa.string()) for side in zip(*WAYS, strict=True))
    taken = {
        name: pc.take(pa.concat_arrays([part[name] for part in bearing]), at) for name in _PLACE
    }
    return batch(
        "post_object",
        len(at),
        object_id=marks.ids,
        role=pc.take(roles, ways),
        method=pc.take(methods, ways),
        source_item_id=lines.item_id,
        **taken,
    )


def action_batch(
    actions: Sequence[tuple[Any, ...]],
    notices: Sequence[tuple[Any, ...]],
    posts: pa.RecordBatch | None,
    lines: Lines,
) -> pa.RecordBatch:
    """The rows of `action`: what posts of the batch did, and notices without a post."""
    parts = []
    if actions and posts is not None:
        *columns, index = zip(*actions, strict=True)
        at = pa.array(index, pa.int32())
        given: dict[str, Any] = dict(
            zip((*_ACTION, *lines.extra.get("action", ())), columns, strict=True)
        )
        if "origin_at" in given:
            given["origin_at"] = time_column(given["origin_at"])
        taken = {name: pc.take(posts[of], at) for name, of in _FROM_POST.items()}
        parts.append(batch("action", len(at), **given, **taken, source_item_id=lines.item_id))
    if notices:
        extra = lines.extra.get("notice", ())
        parts.append(lines.batch("action", notices, extra=extra, grade="native"))
    return pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


def late(posts: pa.RecordBatch, today: str | None) -> int:
    """How many posts surely are dated after they were collected or, where that is unknown, added.

    Input     `today` as ISO text; without it posts of unknown collection are not judged
    """
    limit = posts.column("collected_at")
    if today is not None:
        limit = pc.coalesce(limit, iso_column([today])[0])
    return int(pc.sum(pc.greater(posts.column("posted_low_at"), limit)).as_py() or 0)


def time_column(values: Sequence[Any]) -> pa.Array:
    """ISO texts, or microseconds since 1970, as timestamps; the same for all rows is read once."""
    first = next((one for one in values if one is not None), None)
    if isinstance(first, int):
        return pa.array(values, pa.int64()).cast(MICROS)
    if values.count(first) == len(values):
        return pa.repeat(iso_column([first])[0], len(values))
    return iso_column(list(values))


def _repeated(values: Sequence[str]) -> pa.Array:
    if values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], pa.string()), len(values))
    return pa.array(values, pa.string())


_PLACE = ("post_id", "byte_start", "byte_end")
_ACTION = ("action_id", "type", "target_post_id", "target_account_id", "grade")
_FROM_POST = {
    "account_id": "account_id",
    "post_id": "post_id",
    "acted_at": "posted_at",
    "acted_low_at": "posted_low_at",
    "acted_high_at": "posted_high_at",
    "sampling": "sampling",
    "byte_start": "byte_start",
    "byte_end": "byte_end",
}
# Rows that a line carries, in the order of their tuples (the number of the line comes last).
_ORDER = {
    "post": (
        *("native_id", "version", "is_latest", "thread_id", "account_id", "text", "text_hash"),
        *("language_declared", "client", "edited_of"),
    ),
    "account": ("native_id", "handle", "display_name", "created_at"),
    "container": ("container_id", "kind", "name", "parent_id"),
    "account_snapshot": (
        *("account_id", "handle", "display_name", "description", "location"),
        *("follower_count", "following_count", "post_count"),
    ),
    "post_object": ("post_id",),
    "post_snapshot": (
        *("post_id", "repost_count", "reply_count", "like_count", "quote_count", "view_count"),
    ),
    "action": (
        *("action_id", "type", "target_post_id", "account_id"),
        *("acted_at", "acted_low_at", "acted_high_at"),
    ),
}
_TIMED = ("created_at", "acted_at", "acted_low_at", "acted_high_at", "deleted_at")
# Columns made of the platform and a native id, and the column that the native id stands in.
_IDS = {
    "post": {
        "post_id": "native_id",
        "thread_id": "thread_id",
        "account_id": "account_id",
        "edited_of": "edited_of",
    },
    "account": {"account_id": "native_id"},
    "account_snapshot": {"account_id": "account_id"},
    "post_object": {"post_id": "post_id"},
    "post_snapshot": {"post_id": "post_id"},
}
