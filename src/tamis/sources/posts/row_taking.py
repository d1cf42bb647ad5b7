"""The way through a file of posts: rows in, batches out, every row accounted for."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from tamis.errors import FormatError
from tamis.sources.posts.frames import BrokenValueError, Frame, shown, value
from tamis.sources.posts.gather import batches_of
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.table_rows import Joined, charset
from tamis.sources.posts.x_marks import UnusableRowError as UnusableXError
from tamis.syntax.clock import UnreadableTimeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.registry import Glimpse
    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_rows import Row, Rows

ROW_ERRORS = (TypeError, KeyError, AttributeError, ValueError, IndexError, OverflowError)
_HEAD = 1 << 16
_Batches = dict[str, "pa.RecordBatch"]


class Taker(Protocol):
    """What a reader brings: a row turned into calls of a gather, and what to say at the end."""

    def take(self, row: Any, start: Any, end: Any) -> bool | None:
        """Add one row, whole or not at all (UnusableRowError says why not).

        True when the taker has counted its rows itself, as for several rows in one value.
        """

    def note(self) -> str | None:
        """What a person should know about the file, or None."""


def table_batches(
    table: Rows, gather: Gather, taker: Taker, rows: Iterable[Row]
) -> Iterator[_Batches]:
    """The batches of a table whose rows `taker` takes as mappings from column to cell."""
    names, use = table.names, taker.take

    def take(row: Row) -> None:
        start, end, values, why, sample = row
        if why is not None:
            gather.reject(start, why, sample)
        elif not values:
            _skip(gather)
        else:
            gather.byte_count += (end or 0) - (start or 0)
            try:
                is_counted = use(dict(zip(names, values, strict=True)), start, end)
            except ROW_ERRORS as error:
                gather.reject(start, _why(error), _sample(values))
            else:
                gather.row_count += not is_counted

    yield from batches_of(gather, rows, take)
    told = [part for part in (table.note, taker.note()) if part]
    yield {**gather.flush(), **gather.counts("; ".join(told) or None)}


def json_batches(waiting: Iterable[Frame], gather: Gather, taker: Taker) -> Iterator[_Batches]:
    """The batches of a file of JSON values, each of which `taker` takes."""
    yield from batches_of(gather, waiting, lambda frame: take_frame(frame, gather, taker))
    yield {**gather.flush(), **gather.counts(taker.note())}


def take_frame(frame: Frame, gather: Gather, taker: Taker) -> None:
    """One JSON value taken, or a reason why not."""
    gather.byte_count += frame.end - frame.start
    if frame.data is None:
        gather.reject(frame.start, "the value is larger than 64 MiB and was not read", "")
        return
    if not frame.data:
        _skip(gather)
        return
    data = frame.data
    try:
        whole = value(data)
    except BrokenValueError as error:
        gather.reject(frame.start, str(error), shown(data))
        return
    tried(gather, taker, whole, (frame.start, frame.end, lambda: shown(data)))


def opened(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of a stream without mark and blanks, and the whole of it, still unread."""
    head = stream.read(_HEAD)
    whole: Any = io.BufferedReader(Joined(head, stream))
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(), whole


def position(file: str, names: Sequence[str], *wanted: str) -> int:
    """Where the first of the `wanted` columns stands.

    Errors    FormatError when the table has none of them
    """
    for name in wanted:
        if name in names:
            return names.index(name)
    told = " or ".join(map(repr, wanted))
    raise FormatError(f"{file}: a column {told} was expected; it has {', '.join(names)[:300]}")


def column_names(glimpse: Glimpse) -> frozenset[str]:
    """The names in the first line of a delimited text; empty for anything else."""
    return _column_names(glimpse.head[:16384])


@lru_cache(maxsize=4)
def _column_names(head: bytes) -> frozenset[str]:
    if head.startswith((b"PAR1", b"PK")) or b"\0" in head[:64]:
        return frozenset()
    encoding, mark, _ = charset(head)
    text = head[mark:].decode(encoding, "replace").lstrip()
    if text[:1] in {"{", "["}:
        return frozenset()
    best: list[str] = []
    for delimiter in ",\t;|":
        try:
            names = next(csv.reader(text.splitlines(keepends=True)[:1], delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(names) > len(best):
            best = names
    return frozenset(name.strip() for name in best)


def tried(
    gather: Gather,
    taker: Taker,
    row: Any,
    at: tuple[int | None, int | None, Callable[[], str]],
) -> None:
    """One row taken, or put on record with the reason why not."""
    start, end, sample = at
    try:
        is_counted = taker.take(row, start, end)
    except ROW_ERRORS as error:
        gather.reject(start, _why(error), sample())
    else:
        gather.row_count += not is_counted


def _why(error: BaseException) -> str:
    """What is said about a row: its own reason, or that nothing else explains it."""
    if isinstance(error, (UnusableRowError, UnusableXError, UnreadableTimeError)):
        return str(error)
    return f"the row is not shaped as documented: {error!r}"[:300]


def _skip(gather: Gather) -> None:
    gather.row_count += 1
    gather.skipped_count += 1


def _sample(values: tuple[Any, ...]) -> str:
    text = ",".join("" if one is None else str(one) for one in values)[:200]
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
