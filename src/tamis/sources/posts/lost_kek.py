"""4chan: the collection "Raiders of the Lost Kek", /pol/ from June 2016 to November 2019.

Input     one thread a line, as 4chan's API gave it, each post with what was computed of it:
          `entities`, `perspectives`, `extracted_poster_id`
Output    as the reader of 4chan, on the board /pol/: a post is the same one in both
Limits    The computed entities and perspective scores are not kept. A thread was fetched when it
          was archived: what moderators deleted before is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.board_threads import KEYS, Threads
from tamis.sources.posts.fourchan import PLATFORM, SITE
from tamis.sources.posts.nested import by_object_lines, nested
from tamis.sources.posts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of this collection, by the fields that its makers added."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or b'"posts"' not in head or b'"no"' not in head:
        return 0
    if b'"extracted_poster_id"' in head:
        return 95
    return 92 if b'"perspectives"' in head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    pieces = nested(stream, KEYS, is_range=source.shared is not None)
    yield from reading.batches(pieces, Threads(reading, SITE, "pol").take)


READER = PostReader(
    platform="lost_kek",
    recognises=recognises,
    read=read,
    keeps=(
        "posts of /pol/ by number, quote-links within and across threads, links, MD5 of files, "
        "ids and tripcodes within a thread, flags shown as location"
    ),
    cannot_know="who posted in two threads, edits, posts deleted before the thread was archived",
    sampling="full for archived threads of /pol/, June 2016 to November 2019",
    ranges=by_object_lines,
)
