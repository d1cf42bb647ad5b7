"""Rows of one batch, collected as tuples and turned into record batches column by column."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.sources.posts.memory import Memory
from tamis.syntax.clock import iso_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tamis.registry import Source

BATCH_POSTS = 20_000
BATCH_ROWS = 50_000
BATCH_BYTES = 32 << 20
_OBJECTS_REMEMBERED = 400_000


class Mark(NamedTuple):
    """One object as found in a post."""

    object_id: str
    kind: str
    canonical: str
    display: str


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


def mark(kind: str, canonical: str, display: str) -> Mark:
    """An object of that kind under its id."""
    return Mark(object_id(kind, canonical), kind, canonical, display)


def batch(name: str, count: int, **columns: Any) -> pa.RecordBatch:
    """A record batch of a table from sequences, Arrow arrays, or one value for all rows.

    Missing   columns not named are NULL
    """
    schema = records.table(name).schema
    arrays = []
    for field in schema:
        given = columns.get(field.name)
        if isinstance(given, (pa.Array, pa.ChunkedArray)):
            arrays.append(given)
        elif given is None:
            arrays.append(pa.nulls(count, field.type))
        elif isinstance(given, (list, tuple)):
            arrays.append(pa.array(given, field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(given, field.type), count))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class Gather:
    """The rows of the batch being read; `flush` gives them as record batches and starts anew.

    A reader appends tuples in the orders named here, which cost less than rows by name:

    posts            post_id, native_id, version, is_latest, thread_id, account_id, text,
                     text_hash, language_declared, client, edited_of, sampling, collected_at
                     (ISO text), platform, byte_start, byte_end
    clocks           one entry a post, in the form that `times` understands
    actions          action_id, type, target_post_id, target_account_id, grade, index in posts
    notices          action_id, type, account_id, target_post_id, target_account_id,
                     acted, low, high (ISO texts), grade, sampling, byte_start, byte_end
    marks            object_id, role, method, index in posts
    accounts         account_id, platform, native_id, handle, display_name, created (ISO text),
                     byte_start, byte_end
    account_states   account_id, seen (ISO text), handle, display_name, follower_count,
                     following_count, post_count, description, location, byte_start, byte_end
    post_states      post_id, seen (ISO text), repost_count, reply_count, like_count,
                     quote_count, view_count, byte_start, byte_end
    rejected         byte_start, position, reason, sample
    """

    def __init__(
        self, source: Source, reader: str, times: Callable[[list[Any], list[Any]], Times]
    ) -> None:
        self._source = source
        self._reader = reader
        self._times = times
        self._known: Memory[str, bool] = Memory(_OBJECTS_REMEMBERED)
        self.row_count = self.rejected_count = self.skipped_count = 0
        self.post_count = self.action_count = 0
        self._clear()

    def _clear(self) -> None:
        self.posts: list[tuple[Any, ...]] = []
        self.clocks: list[Any] = []
        self.actions: list[tuple[Any, ...]] = []
        self.notices: list[tuple[Any, ...]] = []
        self.marks: list[tuple[Any, ...]] = []
        self.objects: list[Mark] = []
        self.accounts: list[tuple[Any, ...]] = []
        self.account_states: list[tuple[Any, ...]] = []
        self.post_states: list[tuple[Any, ...]] = []
        self.rejected: list[tuple[Any, ...]] = []
        self.byte_count = 0

    @property
    def is_full(self) -> bool:
        """Whether the batch is as large as one may be."""
        return (
            len(self.posts) >= BATCH_POSTS
            or self.byte_count >= BATCH_BYTES
            or max(map(len, self._lists())) >= BATCH_ROWS
        )

    def _lists(self) -> tuple[list[Any], ...]:
        return (
            self.posts,
            self.clocks,
            self.actions,
            self.notices,
            self.marks,
            self.objects,
            self.accounts,
            self.account_states,
            self.post_states,
            self.rejected,
        )

    def reject(self, start: int | None, reason: str, sample: str) -> None:
        """Put one row on record as unusable."""
        self.rejected.append((start, self.row_count, reason, sample))
        self.rejected_count += 1

    def marked(self, found: Mapping[str, tuple[Mark, str, str]], index: int) -> None:
        """Join objects to the post at `index`: object_id to the object, its role, the method."""
        add = self._known.add
        append = self.marks.append
        for one, role, method in found.values():
            if add(one[0], True):
                self.objects.append(one)
            append((one[0], role, method, index))

    def flush(self) -> dict[str, pa.RecordBatch]:
        """The batch by table, tables without rows left out; afterwards the lists are empty."""
        made: dict[str, pa.RecordBatch] = {}
        times = self._times(self.posts, self.clocks) if self.posts else None
        if times is not None:
            made["post"] = self._post_batch(times)
            if self.marks:
                made["post_object"] = self._mark_batch(made["post"])
        if self.actions or self.notices:
            made["action"] = self._action_batch(made.get("post"))
        if self.objects:
            names = ("object_id", "kind", "canonical", "display")
            made["object"] = self._simple("object", self.objects, names)
        if self.accounts:
            made["account"] = self._simple("account", self.accounts, _ACCOUNT, scope="global")
        if self.account_states:
            made["account_snapshot"] = self._simple(
                "account_snapshot", self.account_states, _ACCOUNT_STATE
            )
        if self.post_states:
            made["post_snapshot"] = self._simple("post_snapshot", self.post_states, _POST_STATE)
        if self.rejected:
            made["rejected"] = self._simple("rejected", self.rejected, _REJECTED)
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

    def _simple(
        self, name: str, rows: Sequence[tuple[Any, ...]], names: tuple[str, ...], **same: Any
    ) -> pa.RecordBatch:
        columns: dict[str, Any] = dict(zip(names, zip(*rows, strict=True), strict=True))
        for time in ("seen_at", "created_at"):
            if time in columns:
                columns[time] = time_column(columns[time])
        if name != "object":
            same["source_item_id"] = self._source.item_id
        return batch(name, len(rows), **columns, **same)

    def _post_batch(self, times: Times) -> pa.RecordBatch:
        columns: dict[str, Any] = dict(zip(_POST, zip(*self.posts, strict=True), strict=True))
        columns["collected_at"] = time_column(columns["collected_at"])
        return batch(
            "post",
            len(self.posts),
            **columns,
            posted_at=times.at,
            posted_low_at=times.low,
            posted_high_at=times.high,
            clock=times.clock,
            precision_s=times.precision,
            source_item_id=self._source.item_id,
        )

    def _mark_batch(self, posts: pa.RecordBatch) -> pa.RecordBatch:
        ids, roles, methods, index = zip(*self.marks, strict=True)
        at = pa.array(index, pa.int32())
        return batch(
            "post_object",
            len(ids),
            post_id=pc.take(posts["post_id"], at),
            object_id=ids,
            role=roles,
            method=methods,
            source_item_id=self._source.item_id,
            byte_start=pc.take(posts["byte_start"], at),
            byte_end=pc.take(posts["byte_end"], at),
        )

    def _action_batch(self, posts: pa.RecordBatch | None) -> pa.RecordBatch:
        parts = []
        if self.actions and posts is not None:
            ids, kinds, targets, accounts, grades, index = zip(*self.actions, strict=True)
            at = pa.array(index, pa.int32())
            taken = {name: pc.take(posts[of], at) for name, of in _FROM_POST.items()}
            parts.append(
                batch(
                    "action",
                    len(ids),
                    action_id=ids,
                    type=kinds,
                    target_post_id=targets,
                    target_account_id=accounts,
                    grade=grades,
                    source_item_id=self._source.item_id,
                    **taken,
                )
            )
        if self.notices:
            columns: dict[str, Any] = dict(
                zip(_NOTICE, zip(*self.notices, strict=True), strict=True)
            )
            for name in ("acted_at", "acted_low_at", "acted_high_at"):
                columns[name] = time_column(columns[name])
            same = {"source_item_id": self._source.item_id}
            parts.append(batch("action", len(self.notices), **columns, **same))
        whole = pa.Table.from_batches(parts).combine_chunks()
        return whole.to_batches()[0]


def time_column(values: Sequence[str | None]) -> pa.Array:
    """ISO texts as timestamps; one and the same text for all rows is read once."""
    first = values[0]
    if values.count(first) == len(values):
        one = iso_column([first])
        return pa.repeat(one[0], len(values))
    return iso_column(list(values))


_POST = (
    *("post_id", "native_id", "version", "is_latest", "thread_id", "account_id", "text"),
    *("text_hash", "language_declared", "client", "edited_of", "sampling", "collected_at"),
    *("platform", "byte_start", "byte_end"),
)
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
_NOTICE = (
    *("action_id", "type", "account_id", "target_post_id", "target_account_id", "acted_at"),
    *("acted_low_at", "acted_high_at", "grade", "sampling", "byte_start", "byte_end"),
)
_ACCOUNT = (
    *("account_id", "platform", "native_id", "handle", "display_name", "created_at"),
    *("byte_start", "byte_end"),
)
_ACCOUNT_STATE = (
    *("account_id", "seen_at", "handle", "display_name", "follower_count", "following_count"),
    *("post_count", "description", "location", "byte_start", "byte_end"),
)
_POST_STATE = (
    *("post_id", "seen_at", "repost_count", "reply_count", "like_count", "quote_count"),
    *("view_count", "byte_start", "byte_end"),
)
_REJECTED = ("byte_start", "position", "reason", "sample")
