"""8kun and other boards on vichan: threads as the JSON API gives them, one or more in a file.

Input     {"posts": [...]} or one such object a line
Output    each post by board and number; a poster is known within a thread only. Several files of
          a post stand in `extra_files`. Where a file's name on the server is 64 hexadecimal
          digits, it is the SHA-256 of its bytes.
Missing   the board stands in no answer: it is taken from the file's name (`qresearch_123.json`)
          or from the thread's own links; without either the posts keep to themselves
Limits    Other sites on the same software look alike: say which one with --platform. There is no
          second time to compare `time` with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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

PLATFORM = "8kun"
_VICHAN = (
    *(b'"last_modified"', b'"cyclical"', b'"locked"', b'"bumplock"', b'"fpath"', b"body-line"),
    *(b"highlightReply", b'"extra_files"', b'"omitted_posts"', b'"spoiler"'),
)
_LINK = re.compile(r"(?:https?://[^/]+)?/([A-Za-z0-9_]{1,30})/res/(\d+)[^#]*(?:#q?(\d+))?\Z")
_OWN_BOARD = re.compile(
    rb'href=\\?"\\?/([A-Za-z0-9_]{1,30})\\?/res\\?/\d+\.html#q?\d+\\?"[^<>]{0,200}>&gt;&gt;\d'
)


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a thread of vichan, by fields that 4chan's API does not have."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or b'"posts"' not in head[:400] or b'"now"' in head:
        return 0
    if b'"no"' not in head or b'"time"' not in head:
        return 0
    hits = sum(name in head for name in _VICHAN)
    return 90 if hits >= 2 else 70 if hits else 45


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, str(source.options.get("platform") or PLATFORM))
    yield from reading.batches(nested(stream, KEYS), Threads(reading, _SITE).take)


def _linked(anchors: list[Anchor], board: Board) -> dict[str, str]:
    """The posts that the site's own quote-links lead to: number to board."""
    del board
    made: dict[str, str] = {}
    for anchor in anchors:
        found = _LINK.match(anchor.href) if anchor.text.startswith(">>") else None
        if found is not None:
            made[found[3] or found[2]] = found[1]
    return made


def _addresses(anchors: list[Anchor]) -> list[str]:
    return [a.href for a in anchors if not a.text.startswith(">>") and a.href[:4] == "http"]


_SITE = Site(_OWN_BOARD, _linked, _addresses, lambda _: None)

READER = PostReader(
    platform="8kun",
    recognises=recognises,
    read=read,
    keeps=(
        "posts by board and number, quote-links within and across threads, links, MD5 and SHA-256 "
        "of all files, ids and tripcodes within a thread, flags shown as location"
    ),
    cannot_know=(
        "who posted in two threads, the board where neither file name nor links tell it, which "
        "site on the same software it is, edits, deleted posts"
    ),
    sampling="full for the threads in the file; which threads, the collector knows",
)
