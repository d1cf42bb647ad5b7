"""4CAT datasets: CSV, or JSON lines with the same flat columns.

Input     a table with `id`, `thread_id`, `author`, `body`, `timestamp`. (4CAT's own NDJSON holds a
          platform's raw objects: the reader of that platform, or `zeeschuimer`, takes it.)
Output    posted_at is `unix_timestamp` where the dataset's own source wrote it: the column stands
          among the source's (an import appends it last), it is no CrowdTangle import (which drops
          the zone), and it equals `timestamp` read as UTC. Where both differ, one was moved by
          the zone of the machine that ran 4CAT: the interval spans both.
Errors    FormatError when the unix time is not the source's own, or absent, and no zone was given
Limits    4CAT keeps flags and names in place of ids: reposts, quotes and replies whose target is a
          name only are graded `name_only`. The platform is told by columns, else `table`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, first_count, flag_of, text_of
from tamis.sources.posts.row_taking import column_names, position
from tamis.sources.posts.stamps import refuse_without_zone
from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.sources.posts.table_exports import TableExport
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_rows import Row

_NEEDED = {"id", "thread_id", "author", "body", "timestamp"}
# Platforms by columns that 4CAT writes for them alone; the first that fits is taken.
_PLATFORMS: tuple[tuple[str, frozenset[str]], ...] = (
    ("x", frozenset({"is_retweet", "is_quote_tweet"})),
    ("tiktok", frozenset({"tiktok_url"})),
    ("facebook", frozenset({"page_id", "page_top_country"})),
    ("instagram", frozenset({"num_likes", "usertags"})),
    ("youtube", frozenset({"isReplyTo"})),
    ("youtube", frozenset({"videoId"})),
)
_CROWDTANGLE = (frozenset({"page_top_country"}), frozenset({"usertags", "num_likes", "subject"}))
_COUNTS = (
    ("retweet_count", "shares", "share_count"),
    ("reply_count", "comments", "num_comments", "comment_count"),
    ("like_count", "likes", "num_likes", "likeCount"),
    ("quote_count",),
    ("impression_count", "plays", "views", "views_post", "viewCount"),
)


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is 4CAT's, by its five columns that stand in every dataset."""
    names = column_names(glimpse)
    if names >= _NEEDED:
        return 90
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:8192]
    if not head.startswith((b"{", b"[")) or b'"source_platform"' in head:
        return 0
    return 80 if all(b'"%s"' % name.encode() in head for name in _NEEDED) else 0


def _is_own_unix(names: Sequence[str]) -> bool:
    """Whether the dataset's source, and not an import, wrote `unix_timestamp`."""
    held = frozenset(names)
    if "unix_timestamp" not in held or names[-1] == "unix_timestamp":
        return False
    return not any(marks <= held for marks in _CROWDTANGLE)


def _check(file: str, names: Sequence[str], early: Sequence[Row]) -> None:
    """Refuse a table whose times name no zone, unless its source wrote a unix time."""
    at = position(file, names, "timestamp")
    rows = [row.values for row in early if row.values]
    if _is_own_unix(names) and any(row[names.index("unix_timestamp")] for row in rows):
        return
    refuse_without_zone(file, "timestamp", [row[at] for row in rows])


class _Clock:
    """Reads the time of a row, and counts where its two times differ."""

    def __init__(self, zone: str | None, *, is_own: bool) -> None:
        self._zone = zone
        self._is_own = is_own
        self.differ_count = 0

    def read(self, stamp: Any, unix: Any) -> When:
        stated = moment(stamp, self._zone or "UTC") if stamp not in {None, ""} else None
        if self._is_own and unix not in {None, ""}:
            exact = moment(unix if not isinstance(unix, str) else unix.removesuffix(".0"))
            if stated is None:
                return When(exact, "archive")
            as_utc = moment(stamp, "UTC") if self._zone is not None else stated
            if as_utc.low_us <= exact.at_us <= as_utc.high_us:
                return When(exact, "archive")
            self.differ_count += 1
            low, high = min(exact.low_us, as_utc.low_us), max(exact.high_us, as_utc.high_us)
            return When(Moment(exact.at_us, low, high, 1.0), "archive")
        if stated is None:
            raise UnusableRowError("the row names no time")
        if self._zone is None:
            moment(stamp)  # raises, saying what to do, where no zone is named
        return When(stated, "archive")


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        self._gather = gather
        held = frozenset(names)
        told = next((one for one, marks in _PLATFORMS if marks <= held), "table")
        self._platform = str(source.options.get("platform") or told)
        self._teller = Teller(gather, self._platform)
        self._clock = _Clock(zone, is_own=_is_own_unix(names))
        self._sampling = str(source.options.get("sampling") or "unknown")
        self._counts = tuple(tuple(one for one in given if one in held) for given in _COUNTS)

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, its account and what it did."""
        get = cells.get
        native, account = native_id(get("id"), "post id"), self._account(cells)
        if native is None:
            raise UnusableRowError("the row names no post")
        told = Told(native, account, self._clock.read(get("timestamp"), get("unix_timestamp")))
        told.text = text_of(get("body"))
        told.thread = native_id(get("thread_id"), "thread id")
        told.handle, told.name = text_of(get("author")), text_of(get("author_fullname"))
        told.client = text_of(get("source")) if self._platform == "x" else None
        told.profile = (count_of(get("author_followers") or get("page_followers")), None, None)
        told.counts = tuple([first_count(get, names) for names in self._counts])
        self._act(told, cells)
        self._mark(told, cells)
        number = self._gather.place(start, end, None, self._sampling, self._platform)
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = self._teller.told()
        if self._clock.differ_count:
            told.append(
                f"the two times of {self._clock.differ_count} rows differ: one was moved by the "
                "zone of the machine that ran 4CAT, the interval spans both"
            )
        return "; ".join(told) or None

    def _account(self, cells: Mapping[str, Any]) -> str | None:
        for name in ("author_id", "page_id"):
            found = native_id(cells.get(name), "account id")
            if found is not None:
                return found
        handle = text_of(cells.get("author"))
        return f"@{handle.lower()}" if handle else None

    def _act(self, told: Told, cells: Mapping[str, Any]) -> None:
        get = cells.get
        if flag_of(get("is_retweet")):
            told.is_copy = True
            whom = text_of(get("retweeted_user"))
            target = f"{self._platform}:@{whom.lower()}" if whom else None
            told.deeds.append(("repost", None, target, "name_only"))
            return
        self._teller.by_hand(told)
        for kind, flag, of in (
            ("quote", "is_quote_tweet", "quoted_user"),
            ("reply", "is_reply", "replied_user"),
        ):
            whom = text_of(get(of))
            if flag_of(get(flag)) or whom:
                target = f"{self._platform}:@{whom.lower()}" if whom else None
                told.deeds.append((kind, None, target, "name_only"))
        if told.thread is not None and told.thread != told.native and "isReplyTo" in cells:
            told.deeds.append(("reply", f"{self._platform}:{told.thread}", None, "id_reference"))

    def _mark(self, told: Told, cells: Mapping[str, Any]) -> None:
        teller, listed = self._teller, ("hashtags", "urls")
        teller.tags(told, entries(cells.get("hashtags")))
        teller.links(told, entries(cells.get("urls")))
        teller.links(told, [text_of(cells.get("url_original"))], "card")
        teller.mentions(told, entries(cells.get("mentions")))
        is_listed = {name: name in cells for name in listed}
        teller.from_text(told, urls=not is_listed["urls"], tags=not is_listed["hashtags"])


_TABLE = TableExport(lambda source: wide(source, "fourcat"), _Reading, _check)

READER = PostReader(
    platform="fourcat",
    recognises=recognises,
    read=_TABLE.read,
    keeps=(
        "posts, reposts, quotes and replies by name, mentions, links, domains, hashtags, accounts, "
        "counts"
    ),
    cannot_know=(
        "which post was reposted, quoted or answered (names only), whose clock it was, whether "
        "words and tags were a repost's own, the zone of an imported time"
    ),
    sampling="unknown unless told",
    ranges=_TABLE.ranges,
)
