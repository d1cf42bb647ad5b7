"""Rows of one batch as a reader collects them, and the objects a file has named.

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
account_states   native_id, handle, display_name, description, location, follower_count,
                 following_count, post_count, line
post_states      native_id, repost_count, reply_count, like_count, quote_count, view_count,
                 line
containers       container_id, kind, name, parent_id (both whole ids), line
rejected         byte_start, position, reason, sample

`extra` names further columns that rows of "post", "action", "notice" and "account" carry before
their index or line; times may be microseconds since 1970 instead of ISO texts.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from tamis.sources.posts.batches import (
    WAY,
    Lines,
    Marked,
    Times,
    action_batch,
    batch,
    late,
    mark_batch,
)
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.text_marks import TextMarks
from tamis.syntax.hosts import host_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    import pyarrow as pa

    from tamis.registry import Source

_T = TypeVar("_T")
BATCH_POSTS = 20_000
BATCH_ROWS = 50_000
BATCH_BYTES = 24 << 20
_OBJECTS_REMEMBERED = 400_000


def action_id(kind: str, account_id: str | None, post_id: str | None, target: str | None) -> str:
    """32 hex digits of SHA-256 over type, account, post and target, each ended by a NUL."""
    text = f"{kind}\0{account_id or ''}\0{post_id or ''}\0{target or ''}\0"
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def object_id(kind: str, canonical: str) -> str:
    """`kind:canonical`, or `kind:` and a SHA-256 where that is longer than 200 characters."""
    text = f"{kind}:{canonical}"
    if len(text) <= 200:
        return text
    return f"{kind}:{sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()}"


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


def batches_of(
    gather: Gather, waiting: Iterable[_T], take: Callable[[_T], object]
) -> Iterator[dict[str, pa.RecordBatch]]:
    """The full batches, as `take` fills them with one thing after the other; the rest stays."""
    things = iter(waiting)
    while True:
        with cycles_unsought():
            made = _full(gather, things, take)
        if made is None:
            return
        yield made


def _full(
    gather: Gather, things: Iterator[_T], take: Callable[[_T], object]
) -> dict[str, pa.RecordBatch] | None:
    for one in things:
        take(one)
        if gather.is_full:
            return gather.flush()
    return None


class Gather:
    """The rows of the batch being read; `flush` gives them as record batches and starts anew."""

    def __init__(
        self,
        source: Source,
        reader: str,
        times: Callable[[list[Any], list[Any]], Times],
        extra: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        """Gather what `reader` finds in `source`; `extra` as the module says."""
        self._source = source
        self._reader = reader
        self.times = times
        self.extra = extra
        self.marker = TextMarks(source.options.get("selectors") or ())
        self._declared: Memory[str, bool] = Memory(_OBJECTS_REMEMBERED)
        self.row_count = self.rejected_count = self.skipped_count = 0
        self.post_count = self.action_count = self.late_count = 0
        self.today = source.options.get("today")
        self._clear()

    def _clear(self) -> None:
        self.posts: list[tuple[Any, ...]] = []
        self.clocks: list[Any] = []
        self.actions: list[tuple[Any, ...]] = []
        self.notices: list[tuple[Any, ...]] = []
        self.accounts: list[tuple[Any, ...]] = []
        self.account_states: list[tuple[Any, ...]] = []
        self.post_states: list[tuple[Any, ...]] = []
        self.containers: list[tuple[Any, ...]] = []
        self.rejected: list[tuple[Any, ...]] = []
        self.plain = {
            "account_snapshot": self.account_states,
            "post_snapshot": self.post_states,
            "container": self.containers,
        }
        self._lines: list[tuple[Any, ...]] = []
        self._objects: list[tuple[str, str, str, str]] = []
        self.marks = Marked()
        self.byte_count = 0

    @property
    def is_full(self) -> bool:
        """Whether the batch is as large as one may be."""
        if len(self._lines) & 15 and self.byte_count < BATCH_BYTES:
            return False  # looked at more closely every sixteenth line
        return (
            self.byte_count >= BATCH_BYTES
            or len(self.posts) >= BATCH_POSTS
            or len(self.marks.ids) >= BATCH_ROWS
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
        made = f"{kind}:{canonical}"
        if len(made) > 200:
            made = object_id(kind, canonical)
        if self._declared.add(made, True):
            self._objects.append((made, kind, canonical, display))
        return made

    def bearer(self, native_id: str, line: int) -> int:
        """An index to `carry` to, for a post whose own row was written before."""
        self.marks.bearers.append((native_id, line))
        return -len(self.marks.bearers)

    def carry(self, found: Collection[str], ways: Collection[int], index: int) -> None:
        """Join declared objects, each in its way (a number of `WAYS`), to the post at `index`."""
        self.marks.ids.extend(found)
        self.marks.ways.extend(ways)
        self.marks.posts.extend([index] * len(found))

    def flush(self) -> dict[str, pa.RecordBatch]:
        """The batch by table, tables without rows left out; afterwards the lists are empty."""
        made: dict[str, pa.RecordBatch] = {}
        if self._lines:
            _add_lines(self, made, Lines(self._lines, self._source.item_id, self.extra))
        for name, columns, rows in (
            ("object", _OBJECT, self._objects),
            ("rejected", _REJECTED, self.rejected),
        ):
            if rows:
                told: dict[str, Any] = dict(zip(columns, zip(*rows, strict=True), strict=True))
                if name == "object":
                    told["host_kind"] = host_kinds(told["kind"], told["canonical"])
                if name == "rejected":
                    told["source_item_id"] = self._source.item_id
                made[name] = batch(name, len(rows), **told)
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
        if self.late_count:
            told = f"{self.late_count} posts are dated later than they were collected"
            note = f"{note}; {told}" if note else told
        where = {"source_item_id": self._source.item_id, "reader": self._reader, "note": note}
        return {"intake_count": batch("intake_count", 1, **where, **row)}


def _add_lines(gather: Gather, made: dict[str, pa.RecordBatch], lines: Lines) -> None:
    """Add to `made` what stands at a line of the file."""
    if gather.posts:
        times = gather.times(gather.posts, gather.clocks)
        made["post"] = lines.posts(gather.posts, times)
        _mark_texts(gather, made["post"])
        gather.late_count += late(made["post"], gather.today)
    if gather.marks.ids:
        made["post_object"] = mark_batch(gather.marks, made.get("post"), lines)
    if gather.actions or gather.notices:
        posts = made.get("post")
        made["action"] = action_batch(gather.actions, gather.notices, posts, lines)
    if gather.accounts:
        extra = gather.extra.get("account", ())
        made["account"] = lines.batch("account", gather.accounts, extra=extra, scope="global")
    for name, rows in gather.plain.items():
        if rows:
            made[name] = lines.batch(name, rows)


def _mark_texts(gather: Gather, posts: pa.RecordBatch) -> None:
    """Join to the posts what their texts themselves show, found in all of them at once."""
    found = gather.marker.find(posts.column("text"))
    if not found:
        return
    reposts = {action[-1] for action in gather.actions if action[1] == "repost"}
    carried = set(zip(gather.marks.posts, gather.marks.ids, strict=True))
    for index, kind, canonical, display in found:
        one = gather.declare(kind, canonical, display)
        if (index, one) not in carried:
            role = "inherited" if index in reposts else "in_text"
            gather.carry((one,), (WAY[role, "text"],), index)
            carried.add((index, one))


_OBJECT = ("object_id", "kind", "canonical", "display")
_REJECTED = ("byte_start", "position", "reason", "sample")
