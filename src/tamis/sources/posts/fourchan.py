"""4chan: threads as its JSON API gives them, one or more in a file.

Input     {"posts": [...]}, one such object a line, or one post a line
Output    each post by board and number. A poster is known within a thread only, by the id that
          the board shows, else by tripcode; whoever shows neither has no account.
Missing   the board stands in no answer: it is taken from the file's name (`pol_123.json`) or
          from the thread's own links; without either the posts keep to themselves
Limits    `now` is New York time and is compared with `time`; where they differ, the interval
          holds both. A tripcode is no proof that two threads had one author.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.board_threads import KEYS, Site, Threads
from tamis.sources.posts.nested import nested
from tamis.sources.posts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.boards import Board
    from tamis.sources.posts.markup import Anchor

PLATFORM = "4chan"
_NOW = re.compile(r"(\d\d)/(\d\d)/(\d\d)\([A-Za-z]{3}\)(\d\d):(\d\d)(?::(\d\d))?")
_SAME = re.compile(r"#p(\d+)\Z")
_OTHER = re.compile(
    r"(?:https?:)?(?://boards\.4chan(?:nel)?\.org)?/([a-z0-9]+)/thread/(\d+)(?:#p(\d+))?"
)
_OWN_BOARD = re.compile(
    rb'href=\\?"(?:\\?/){1}([a-z0-9]+)\\?/thread\\?/\d+#p\d+\\?" class=\\?"quotelink\\?">&gt;&gt;\d'
)
_SHOWS = (b'"now"', b'"time"', b'"resto"', b'"no"')


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a thread of 4chan, by fields that only its API has together."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or b'"extracted_poster_id"' in head:
        return 0
    if all(name in head for name in _SHOWS):
        return 90 if b'"posts"' in head[:400] else 70
    return 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    yield from reading.batches(nested(stream, KEYS), Threads(reading, SITE).take)


def _wall(given: Mapping[str, Any]) -> list[int] | None:
    """`now`, a New York wall time, in microseconds; two readings where clocks were set back."""
    shown = given.get("now")
    found = _NOW.match(shown) if type(shown) is str else None
    if found is None:
        return None
    *minute, second = found.groups()
    begins = _minute(*minute)
    if begins is None or int(second or 0) > 59:
        return None
    return [(one + int(second or 0)) * 1_000_000 for one in begins]


@lru_cache(maxsize=1 << 12)
def _minute(month: str, day: str, year: str, hour: str, minute: str) -> frozenset[int] | None:
    """When a minute of New York began; its clocks were set at full hours only."""
    told = (2000 + int(year), int(month), int(day), int(hour), int(minute))
    try:
        wall = datetime(*told, tzinfo=_NEW_YORK)
    except ValueError:
        return None
    return frozenset(int(wall.replace(fold=fold).timestamp()) for fold in (0, 1))


def _linked(anchors: list[Anchor], board: Board) -> dict[str, str]:
    """The posts that the site's own quote-links lead to: number to board."""
    made: dict[str, str] = {}
    for anchor in anchors:
        if "quotelink" not in anchor.classes:
            continue
        same, other = _SAME.match(anchor.href), _OTHER.match(anchor.href)
        if same is not None:
            made[same[1]] = board.prefix
        elif other is not None:
            made[other[3] or other[2]] = other[1]
    return made


def _addresses(anchors: list[Anchor]) -> list[str]:
    return [a.href for a in anchors if "quotelink" not in a.classes and a.href[:4] == "http"]


_NEW_YORK = ZoneInfo("America/New_York")
SITE = Site(_OWN_BOARD, _linked, _addresses, _wall)

READER = PostReader(
    platform="4chan",
    recognises=recognises,
    read=read,
    keeps=(
        "posts by board and number, quote-links within and across threads, links, MD5 of files, "
        "ids and tripcodes within a thread, flags shown as location, replies counted"
    ),
    cannot_know=(
        "who posted in two threads, the board where neither file name nor links tell it, edits, "
        "deleted posts, what e-mail field and spoilers hid"
    ),
    sampling="full for the threads in the file; which threads, the collector knows",
)
