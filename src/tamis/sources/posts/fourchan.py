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
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts import boards
from tamis.sources.posts.markup import Anchor, plain
from tamis.sources.posts.nested import Piece, nested
from tamis.sources.posts.post_rows import Clock, Counts, Post, stated
from tamis.sources.posts.reading import Reading, count_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

PLATFORM = "4chan"
_KEYS = frozenset({"posts"})
_NOW = re.compile(r"(\d\d)/(\d\d)/(\d\d)\([A-Za-z]{3}\)(\d\d):(\d\d)(?::(\d\d))?")
_SAME = re.compile(r"#p(\d+)\Z")
_OTHER = re.compile(r"(?:https?:)?(?://boards\.4chan(?:nel)?\.org)?/([a-z0-9]+)/thread/(\d+)(?:#p(\d+))?")
_OWN_BOARD = re.compile(
    rb'href=\\?"(?:\\?/){1}([a-z0-9]+)\\?/thread\\?/\d+#p\d+\\?" class=\\?"quotelink\\?">&gt;&gt;\d'
)
_MAX_HELD = 16 << 20
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
    threads = Threads(reading)
    yield from reading.batches(nested(stream, _KEYS), threads.take)


class Threads:
    """The threads of one file; the first post of each says what the others belong to."""

    def __init__(self, reading: Reading, board: str | None = None) -> None:
        self._reading = reading
        self._fixed = board
        self._boards: dict[str, boards.Board] = {}
        self._linked: str | None = None
        self._held: list[Piece] = []
        self._held_bytes = 0

    def take(self, piece: Piece) -> None:
        """One post of a thread, or what is wrong in the file.

        Posts wait for the end of their thread, as a later one may name the board.
        """
        self._held.append(piece)
        self._held_bytes += len(piece.data or b"")
        is_over = piece.is_end or piece.why is not None
        if is_over or self._linked or self._held_bytes > _MAX_HELD:
            held, self._held, self._held_bytes = self._held, [], 0
            for one in held if self._linked is None else ():
                found = _OWN_BOARD.search(one.data or b"")
                if found is not None:
                    self._linked = found[1].decode()
                    break
            for one in held:
                self._use(one)
        if piece.is_end:
            self._linked = None
            self._boards.clear()

    def _use(self, piece: Piece) -> None:
        reading = self._reading
        if piece.why is not None:
            reading.reject(piece.start, piece.why, piece.data)
        elif not piece.is_end:
            reading.row(
                piece.start, piece.end, piece.data, lambda given: self._post(given, piece)
            )
        elif "no" in piece.around and "time" in piece.around:
            data = b"{}"
            reading.attempt(piece.start, data, lambda: self._post(dict(piece.around), piece))
        elif not piece.key:
            reading.reject(piece.start, "an object without a list of posts", None)

    def _post(self, given: dict[str, Any], piece: Piece) -> None:
        number = boards.number_of(given)
        thread = boards.number_of(given, "resto") if given.get("resto") else number
        com = text_of(given.get("com"), "text") or ""
        board = self._board(thread)
        text, anchors = plain(com)
        who = boards.poster(board, thread, given)
        post = Post(
            *(PLATFORM, f"{board.prefix}/{number}", who[0].native if who else None),
            boards.words(given.get("sub"), text),
            self._clock(given),
            thread=f"{board.prefix}/{thread}",
            container=board.name,
        )
        boards.quote(post, board, text, _linked(anchors, board))
        boards.mark(post, post.text or "")
        post.links(_addresses(anchors), "in_text", "entity")
        boards.attach(post, given)
        if "replies" in given:
            post.counts = Counts(replies=count_of(given["replies"]))
        reading = self._reading
        if given.get("filedeleted"):
            reading.remark("{} posts lost their file, its hash is kept where stated")
        line = reading.place(piece.start, piece.end, None, "full")
        if board.name is not None:
            reading.writer.container(board.name, "board", f"/{board.name}/", None, line)
        if who is not None:
            profile = who[1] if who[1].location else None
            reading.writer.account(who[0], line, profile)
        reading.writer.post(post, line)

    def _board(self, thread: str) -> boards.Board:
        if self._fixed is not None:
            return boards.Board(self._fixed, self._fixed)
        known = self._boards.get(thread)
        if known is None:
            known = boards.board_of(self._reading.source, thread, None)
            if known.name is None and self._linked is not None:
                known = boards.Board(self._linked, self._linked)
            if known.name is None:
                self._reading.remark(
                    "{} threads or posts name no board and meet no others: call the file "
                    "BOARD_NUMBER.json, for example pol_123.json"
                )
            self._boards[thread] = known
        return known

    def _clock(self, given: Mapping[str, Any]) -> Clock:
        seconds = given.get("time")
        if type(seconds) is not int:
            raise UnusableRowError("the post has no `time` in seconds since 1970")
        clock = stated(moment(seconds), "platform")
        shown = _wall(given.get("now"))
        if shown is None:
            return clock
        away = [abs(one - clock.at) for one in shown if clock.at is not None]
        if min(away) <= 60_000_000:
            return clock
        self._reading.remark("{} posts show another time as `now` than as `time`: both are kept")
        low, high = clock.low or 0, clock.high or 0
        return clock._replace(low=min(low, *shown), high=max(high, *shown))


def _wall(given: Any) -> list[int] | None:
    """Both readings of a New York wall time in microseconds, one where clocks were not set back."""
    found = _NOW.match(given) if type(given) is str else None
    if found is None:
        return None
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        wall = datetime(2000 + year, month, day, hour, minute, second, tzinfo=_NEW_YORK)
    except ValueError:
        return None
    seconds = {int(wall.replace(fold=fold).timestamp()) for fold in (0, 1)}
    return [one * 1_000_000 for one in seconds]


def _linked(anchors: list[Anchor], board: boards.Board) -> dict[str, str]:
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
