"""Threads of image boards as their JSON APIs give them, one or more in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.sources.posts import boards
from tamis.sources.posts.markup import Anchor, plain
from tamis.sources.posts.post_rows import Clock, Counts, Post, stated
from tamis.sources.posts.reading import count_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from tamis.sources.posts.nested import Piece
    from tamis.sources.posts.reading import Reading

KEYS = frozenset({"posts"})
_MAX_HELD = 16 << 20
_MAX_HELD_PARSED = 1 << 20  # as objects they take several times their bytes


@dataclass(frozen=True, slots=True)
class Site:
    """What one board software writes in its own way.

    own_board    finds, in raw JSON, a link to another thread of the same board
    linked       the posts that the site's own quote-links lead to: number to board
    addresses    the links of a text that are no quote-links
    shown_time   the readings of a second time that a post shows, in microseconds; None without
    """

    own_board: re.Pattern[bytes]
    linked: Callable[[list[Anchor], boards.Board], dict[str, str]]
    addresses: Callable[[list[Anchor]], list[str]]
    shown_time: Callable[[Mapping[str, Any]], list[int] | None]


class Threads:
    """The threads of one file; what any post of a thread says of its board holds for all.

    `board` is named where all threads of the file stand on one.
    """

    def __init__(self, reading: Reading, site: Site, board: str | None = None) -> None:
        self._reading = reading
        self._site = site
        self._fixed = board
        self._boards: dict[str, boards.Board] = {}
        self._linked: str | None = None
        self._held: list[Piece] = []
        self._held_bytes = 0

    def take(self, piece: Piece) -> None:
        """One post of a thread, or what is wrong in the file.

        Posts wait for the end of their thread, as a later one may name the board.
        """
        if self._held_bytes > _MAX_HELD_PARSED:
            piece = piece._replace(parsed=None)
        self._held.append(piece)
        self._held_bytes += len(piece.data or b"")
        is_over = piece.is_end or piece.why is not None
        if is_over or self._linked or self._held_bytes > _MAX_HELD:
            held, self._held, self._held_bytes = self._held, [], 0
            for one in held if self._linked is None else ():
                found = self._site.own_board.search(one.data or b"")
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
                *(piece.start, piece.end, piece.data),
                lambda given: self._post(given, piece),
                piece.parsed,
            )
        elif "no" in piece.around and "time" in piece.around:
            data = b"{}"
            reading.attempt(piece.start, data, lambda: self._post(dict(piece.around), piece))
        elif not piece.key:
            reading.reject(piece.start, "an object without a list of posts", None)

    def _post(self, given: dict[str, Any], piece: Piece) -> None:
        reading = self._reading
        number = boards.number_of(given)
        thread = boards.number_of(given, "resto") if given.get("resto") else number
        com = text_of(given.get("com"), "text") or ""
        board = self._board(thread)
        text, anchors = plain(com)
        who = boards.poster(board, thread, given)
        post = Post(
            *(reading.platform, f"{board.prefix}/{number}", who[0].native if who else None),
            boards.words(given.get("sub"), text),
            self._clock(given),
            thread=f"{board.prefix}/{thread}",
            container=board.name,
        )
        boards.quote(post, board, text, self._site.linked(anchors, board))
        boards.mark(post, post.text or "")
        post.links(self._site.addresses(anchors), "in_text", "entity")
        for one in (given, *(given.get("extra_files") or ())):
            boards.attach(post, one)
        if "replies" in given:
            post.counts = Counts(replies=count_of(given["replies"]))
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
        shown = self._site.shown_time(given)
        if shown is None:
            return clock
        away = [abs(one - clock.at) for one in shown if clock.at is not None]
        if min(away) <= 60_000_000:
            return clock
        self._reading.remark("{} posts show another time as `now` than as `time`: both are kept")
        low, high = clock.low or 0, clock.high or 0
        return clock._replace(low=min(low, *shown), high=max(high, *shown))
