"""Rows of one batch, collected as tuples and turned into record batches column by column."""

from __future__ import annotations

import gc
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.sources.posts.memory import Memory
from tamis.syntax.clock import iso_column

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from tamis.registry import Source

BATCH_POSTS = 20_000
BATCH_ROWS = 50_000
BATCH_BYTES = 24 << 20
_OBJECTS_REMEMBERED = 400_000

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


def action_id(kind: str, account_id: str | None, post_id: str | None, target: str | None) -> str:
    """32 hex digits of SHA-256 over type, account, post and target, each ended by a NUL."""
    text = f"{kind}\0{account_id or ''}\0{post_id or ''}\0{target or ''}\0"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def object_id(kind: str, canonical: str) -> str:
    """`kind:canonical`, or `kind:` and a SHA-256 where that is longer than 200 characters."""
    text = f"{kind}:{canonical}"
    if len(text) <= 200:
        return text
    return f"{kind}:{hashlib.sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()}"


def batch(name: str, count: int, **columns: Any) -> pa.RecordBatch:
    """A record batch of a table from sequences, Arrow arrays, or one value for all rows.

    Missing   columns not named are NULL
    """
    schema = records.table(name).schema
    arrays = []
    for field in schema:
        given = columns.get(field.name)
        if isinstance(given, pa.Array):
            arrays.append(given)
        elif given is None:
            arrays.append(pa.nulls(count, field.type))
        elif isinstance(given, (list, tuple)):
            arrays.append(pa.array(given, field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(given, field.type), count))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def cycles_unsought() -> Iterator[None]:
    """The search for reference cycles paused, as far as it was on.

    Rows of a batch are tuples of text and numbers, which form no cycle; the search through
    some hundred thousand of them costs a fifth of the time and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Gather:
    """The rows of the batch being read; `flush` gives them as record batches and starts anew.

    A reader appends tuples in the orders named here, which cost less than rows by name. Ids are
    native: the platform of the line is put before them column-wise. `line` is what `place` gave.

    posts            native_id, version, is_latest, thread, account, text, text_hash,
                     language_declared, client, edited_of, line
    clocks           one entry a post, in the form that `times` understands
    actions          action_id, type, target_post_id, target_account_id (both whole ids), grade,
                     index in posts
    notices          action_id, type, target_post_id, account_id (both whole ids), acted, low,
                     high (ISO texts), line
    accounts         native_id, handle, display_name, created (ISO text), line
    account_states   native_id, handle, display_name, follower_count, following_count,
                     post_count, description, location, line
    post_states      native_id, repost_count, reply_count, like_count, quote_count, view_count,
                     line
    rejected         byte_start, position, reason, sample
    """

    def __init__(
        self, source: Source, reader: str, times: Callable[[list[Any], list[Any]], Times]
    ) -> None:
        self._source = source
        self._reader = reader
        self._times = times
        self._declared: Memory[str, bool] = Memory(_OBJECTS_REMEMBERED)
        self.row_count = self.rejected_count = self.skipped_count = 0
        self.post_count = self.action_count = 0
        self._clear()

    def _clear(self) -> None:
        self.posts: list[tuple[Any, ...]] = []
        self.clocks: list[Any] = []
        self.actions: list[tuple[Any, ...]] = []
        self.notices: list[tuple[Any, ...]] = []
        self.accounts: list[tuple[Any, ...]] = []
        self.account_states: list[tuple[Any, ...]] = []
        self.post_states: list[tuple[Any, ...]] = []
        self.rejected: list[tuple[Any, ...]] = []
        self._lines: list[tuple[Any, ...]] = []
        self._objects: list[tuple[str, str, str, str]] = []
        self._mark_ids: list[str] = []
        self._mark_ways: list[int] = []
        self._mark_posts: list[int] = []
        self._bearers: list[tuple[str, int]] = []
        self.byte_count = 0

    @property
    def is_full(self) -> bool:
        """Whether the batch is as large as one may be."""
        if len(self._lines) & 15 and self.byte_count < BATCH_BYTES:
            return False  # looked at more closely every sixteenth line
        return (
            self.byte_count >= BATCH_BYTES
            or len(self.posts) >= BATCH_POSTS
            or len(self._mark_ids) >= BATCH_ROWS
            or len(self.account_states) >= BATCH_ROWS
            or len(self.actions) + len(self.notices) >= BATCH_ROWS
            or len(self.rejected) >= BATCH_ROWS
        )

    def place(self, start: int | None, end: int | None, seen: str | None, *of: str) -> int:
        """The number of a line: its bytes, when it was collected (ISO), sampling, platform."""
        self._lines.append((start, end, seen, *of))
        return len(self._lines) - 1

    def reject(self, start: int | None, reason: str, sample: str) -> None:
        """Put one row on record as unusable."""
        self.rejected.append((start, self.row_count, reason, sample))
        self.rejected_count += 1
        self.row_count += 1

    def declare(self, kind: str, canonical: str, display: str) -> str:
        """The id of an object, which gets its row if the file did not name it lately."""
        made = object_id(kind, canonical)
        if self._declared.add(made, True):
            self._objects.append((made, kind, canonical, display))
        return made

    def bearer(self, native_id: str, line: int) -> int:
        """An index to `carry` to, for a post whose own row was written before."""
        self._bearers.append((native_id, line))
        return -len(self._bearers)

    def carry(self, found: Collection[str], ways: Collection[int], index: int) -> None:
        """Join declared objects, each in its way (a number of `WAYS`), to the post at `index`."""
        self._mark_ids.extend(found)
        self._mark_ways.extend(ways)
        self._mark_posts.extend([index] * len(found))

    def flush(self) -> dict[str, pa.RecordBatch]:
        """The batch by table, tables without rows left out; afterwards the lists are empty."""
        made: dict[str, pa.RecordBatch] = {}
        lines = _Lines(self._lines, self._source.item_id) if self._lines else None
        if lines is not None:
            if self.posts:
                made["post"] = self._post_batch(lines)
            if self._mark_ids:
                made["post_object"] = self._mark_batch(made.get("post"), lines)
            if self.actions or self.notices:
                made["action"] = self._action_batch(made.get("post"), lines)
            if self.accounts:
                made["account"] = lines.batch("account", self.accounts, scope="global")
            if self.account_states:
                made["account_snapshot"] = lines.batch("account_snapshot", self.account_states)
            if self.post_states:
                made["post_snapshot"] = lines.batch("post_snapshot", self.post_states)
        if self._objects:
            columns = dict(zip(_OBJECT, zip(*self._objects, strict=True), strict=True))
            made["object"] = batch("object", len(self._objects), **columns)
        if self.rejected:
            columns = dict(zip(_REJECTED, zip(*self.rejected, strict=True), strict=True))
            item = {"source_item_id": self._source.item_id}
            made["rejected"] = batch("rejected", len(self.rejected), **columns, **item)
        self.post_count += len(self.posts)
        self.action_count += len(self.actions) + len(self.notices)
        self._clear()
        return made

    def counts(self, note: str | None) -> dict[str, pa.RecordBatch]:
        """The file's row of `intake_count`: rows = used + rejected + skipped."""
        row = {
            "row_count": self.row_count,
            "used_count": self.row_count - self.rejected_count - self.skipped_count,
            "rejected_count": self.rejected_count,
            "skipped_count": self.skipped_count,
            "post_count": self.post_count,
            "action_count": self.action_count,
        }
        where = {"source_item_id": self._source.item_id, "reader": self._reader, "note": note}
        return {"intake_count": batch("intake_count", 1, **where, **row)}

    def _post_batch(self, lines: _Lines) -> pa.RecordBatch:
        times = self._times(self.posts, self.clocks)
        return lines.batch(
            "post",
            self.posts,
            posted_at=times.at,
            posted_low_at=times.low,
            posted_high_at=times.high,
            clock=times.clock,
            precision_s=times.precision,
        )

    def _mark_batch(self, posts: pa.RecordBatch | None, lines: _Lines) -> pa.RecordBatch:
        at = pa.array(self._mark_posts, pa.int32())
        bearing = [posts.select(list(_PLACE))] if posts is not None else []
        if self._bearers:
            bearing.append(lines.batch("post_object", self._bearers, only=_PLACE))
            at = pc.if_else(pc.less(at, 0), pc.subtract(len(self.posts) - 1, at), at).cast(
                pa.int32()
            )
        ways = pa.array(self._mark_ways, pa.int8())
        roles, methods = (pa.array(side, pa.string()) for side in zip(*WAYS, strict=True))
        taken = {
            name: pc.take(pa.concat_arrays([part[name] for part in bearing]), at) for name in _PLACE
        }
        return batch(
            "post_object",
            len(at),
            object_id=self._mark_ids,
            role=pc.take(roles, ways),
            method=pc.take(methods, ways),
            source_item_id=self._source.item_id,
            **taken,
        )

    def _action_batch(self, posts: pa.RecordBatch | None, lines: _Lines) -> pa.RecordBatch:
        parts = []
        if self.actions and posts is not None:
            *columns, index = zip(*self.actions, strict=True)
            at = pa.array(index, pa.int32())
            given = dict(zip(_ACTION, columns, strict=True))
            taken = {name: pc.take(posts[of], at) for name, of in _FROM_POST.items()}
            item = {"source_item_id": self._source.item_id}
            parts.append(batch("action", len(at), **given, **taken, **item))
        if self.notices:
            parts.append(lines.batch("action", self.notices, grade="native"))
        return pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


class _Lines:
    """The lines of a batch as columns, from which rows take what their line says."""

    def __init__(self, lines: Sequence[tuple[Any, ...]], item_id: str) -> None:
        starts, ends, seen, sampling, platforms = zip(*lines, strict=True)
        self._item_id = item_id
        self._columns = {
            "byte_start": pa.array(starts, pa.int64()),
            "byte_end": pa.array(ends, pa.int64()),
            "seen_at": time_column(seen),
            "sampling": _repeated(sampling),
            "platform": _repeated(platforms),
        }
        self._columns["collected_at"] = self._columns["seen_at"]

    def batch(
        self,
        name: str,
        rows: Sequence[tuple[Any, ...]],
        only: tuple[str, ...] = (),
        **same: Any,
    ) -> pa.RecordBatch:
        """A batch from rows that end with their line; ids get the platform of their line.

        With `only`, the batch has these columns alone.
        """
        *columns, index = zip(*rows, strict=True)
        at = pa.array(index, pa.int32())
        wanted = set(only or records.table(name).schema.names)
        given: dict[str, Any] = {
            column: pc.take(values, at)
            for column, values in self._columns.items()
            if column in wanted
        }
        given.update(zip(_ORDER[name], columns, strict=True))
        for column, of in _IDS.get(name, {}).items():
            platforms = pc.take(self._columns["platform"], at)
            native = pa.array(given[of], pa.string())
            given[column] = pc.binary_join_element_wise(platforms, native, ":")
        for column in ("created_at", "acted_at", "acted_low_at", "acted_high_at"):
            if column in given:
                given[column] = time_column(given[column])
        if only:
            return pa.RecordBatch.from_pydict({column: given[column] for column in only})
        return batch(name, len(rows), source_item_id=self._item_id, **given, **same)


def time_column(values: Sequence[str | None]) -> pa.Array:
    """ISO texts as timestamps; one and the same text for all rows is read once."""
    first = values[0]
    if values.count(first) == len(values):
        return pa.repeat(iso_column([first])[0], len(values))
    return iso_column(list(values))


def _repeated(values: Sequence[str]) -> pa.Array:
    if values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], pa.string()), len(values))
    return pa.array(values, pa.string())


_PLACE = ("post_id", "byte_start", "byte_end")
_OBJECT = ("object_id", "kind", "canonical", "display")
_REJECTED = ("byte_start", "position", "reason", "sample")
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
    "account_snapshot": (
        *("account_id", "handle", "display_name", "follower_count", "following_count"),
        *("post_count", "description", "location"),
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
