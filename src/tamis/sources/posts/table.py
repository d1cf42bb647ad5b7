"""A table of posts from anywhere: CSV, TSV, NDJSON, JSON or Parquet, columns known by name.

Input     a table with an account, a time, and a text or an object a row; `table_columns.SYNONYMS`
          lists the names that are recognised, `--columns` names others. Objects may be opaque ids
          (url_id, hashtag_id, domain_id, phash_id, object_id).
Output    one post a row; rows with the same post id, account, time and text are one post with
          several objects. A row without a post id gets `row-`, 16 digits of the file's hash, its
          rank. Where no column holds links or hashtags, they are taken from the text.
Errors    FormatError when too little is recognised, or when no time of the first thousand rows
          names a zone and none was given: a zone is never guessed.
Limits    The clock is `archive`: whose clock it was, a table does not say.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.registry import Glimpse, PostReader, Ranges, Source
from tamis.sources.posts.gather import Gather, batches_of
from tamis.sources.posts.table_cells import UnusableRowError, is_without_zone
from tamis.sources.posts.table_columns import SYNONYMS, recognise, refuse
from tamis.sources.posts.table_cuts import row_starts, shared_of
from tamis.sources.posts.table_posts import TablePosts, times
from tamis.sources.posts.table_rows import Row, beginning, dialect, open_rows
from tamis.syntax.clock import UnreadableTimeError, check_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_LOOKED_AT = 1000
_SUFFIXES = (".csv", ".tsv", ".tab", ".parquet", ".pq")


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a table of posts; low, so that a platform's own reader wins."""
    head, name = glimpse.head, glimpse.name.lower()
    if head.startswith(b"PAR1"):
        return 30
    encoding, bom, _ = beginning(head)
    text = head[bom:].decode(encoding, "replace")
    if text.lstrip()[:1] in {"{", "["}:
        return 5 if name.endswith((".json", ".jsonl", ".ndjson")) else 2
    known = dialect(text)
    if known is not None and not recognise(known[1]).missing:
        return 25
    return 10 if name.endswith(_SUFFIXES) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    zone = source.options.get("assume_zone")
    if zone is not None:
        check_zone(zone)
    table = open_rows(stream, source.name, source.shared)
    columns = recognise(table.names, source.options.get("columns"))
    if columns.missing:
        raise refuse(source.name, table.names, columns)
    early = list(islice(table.rows, _LOOKED_AT))
    if zone is None and source.shared is None:
        _check_times(source.name, columns.roles["time"], table.names, early)
    gather = Gather(source, READER.name, times)
    posts = TablePosts(gather, source, table.names, columns)
    yield from batches_of(gather, chain(early, table.rows), partial(_take, gather, posts))
    told = [table.note] if table.note else []
    if posts.changed_count:
        told.append(f"{posts.changed_count} post ids came again with other content; each is kept")
    yield {**gather.flush(), **gather.counts("; ".join(told) or None)}


def ranges(stream: BinaryIO, source: Source, every: int) -> Ranges | None:
    """Where the file can be cut; None for Parquet, JSON that does not keep to lines, and UTF-16.

    Errors    FormatError as `read`
    """
    shared = shared_of(stream, source.name)
    if shared is None:
        return None
    stream.seek(0)
    table = open_rows(stream, source.name)
    columns = recognise(table.names, source.options.get("columns"))
    if columns.missing:
        raise refuse(source.name, table.names, columns)
    if source.options.get("assume_zone") is None:
        early = list(islice(table.rows, _LOOKED_AT))
        _check_times(source.name, columns.roles["time"], table.names, early)
    return Ranges(row_starts(stream, source, shared, every), shared)


def _take(gather: Gather, posts: TablePosts, row: Row) -> None:
    if row.why is not None:
        gather.reject(row.start, row.why, row.sample)
        return
    if not row.values:
        gather.row_count += 1
        gather.skipped_count += 1
        return
    try:
        posts.add(row)
    except (UnusableRowError, UnreadableTimeError) as error:
        gather.reject(row.start, str(error), _sample(row.values))
    else:
        gather.row_count += 1


def _check_times(file: str, column: str, names: tuple[str, ...], early: list[Row]) -> None:
    """Refuse a table whose times all lack a zone."""
    at = names.index(column)
    given = [row.values[at] for row in early if row.values and row.values[at] is not None]
    if given and all(map(is_without_zone, given)):
        raise FormatError(
            f"{file}: the times in column {column!r} (such as {str(given[0])[:40]!r}) name no time "
            "zone, and none is guessed. Say in which zone they were written, for example "
            "--assume-zone Europe/Paris or --assume-zone UTC"
        )


def _sample(values: tuple[Any, ...]) -> str:
    text = ",".join("" if one is None else str(one) for one in values)[:200]
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


READER = PostReader(
    platform="table",
    recognises=recognises,
    read=read,
    keeps=(
        "posts, reposts, replies and quotes by id, links, domains, hashtags, opaque object ids, "
        "accounts"
    ),
    cannot_know="whose clock it was, what a platform would have said beyond the columns",
    sampling="unknown unless told",
    ranges=ranges,
    columns={meaning: names for meaning, names in SYNONYMS.items() if names},
)
