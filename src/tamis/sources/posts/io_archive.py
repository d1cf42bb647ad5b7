"""The platform's own archive of information operations on Twitter (2018 to 2021), as CSV.

Input     a table with `tweetid`, `userid`, `tweet_time`, `is_retweet`; columns are taken by name,
          as their order differs between releases. Lists are written as Python shows them, with
          or without quotes; counts as `0.0`; places as `absent`.
Output    posted_at is the time in the post's id, to the millisecond, where it lies within the
          stated minute read as UTC; where both differ, the stated one with an interval over both
Missing   target_post_id of a repost whose row says `is_retweet` and names no original;
          account_id stands for a hash where the archive hides the account's id
Limits    tweet_time names no zone. It is read as UTC for posts whose id carries a time, which
          shows whether that is right (counted in the note); a post without such an id, older than
          November 2010, needs --assume-zone. account_creation_date is a day without a zone, no
          moment, and is not kept; neither are places and poll choices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, flag_of, text_of
from tamis.sources.posts.row_taking import column_names, position
from tamis.sources.posts.stamps import (
    agree,
    carried_by_x,
    reconciled,
    refuse_without_zone,
)
from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.sources.posts.table_exports import TableExport
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_rows import Row


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is of this archive, by column names that only it uses together."""
    names = column_names(glimpse)
    if {"tweetid", "userid", "tweet_time"} <= names:
        return 96 if {"user_screen_name", "is_retweet", "tweet_text"} & names else 70
    return 0


def _check(file: str, names: Sequence[str], early: Sequence[Row]) -> None:
    """Refuse a table in which no id carries a time, and no time names a zone."""
    at, stamp = position(file, names, "tweetid"), position(file, names, "tweet_time")
    rows = [row.values for row in early if row.values]
    if not any(carried_by_x(str(row[at] or "").removesuffix(".0")) for row in rows):
        refuse_without_zone(file, "tweet_time", [row[stamp] for row in rows])


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        del names
        self._gather = gather
        self._teller = Teller(gather, "x")
        self._zone = zone
        self._sampling = str(source.options.get("sampling") or "full")
        self._compared = self._agreed = self._rootless = 0

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, its account and what it did."""
        get = cells.get
        native, account = native_id(get("tweetid"), "post id"), text_of(get("userid"))
        if native is None:
            raise UnusableRowError("the row names no post")
        told = Told(native, account, self._when(native, text_of(get("tweet_time"))))
        told.text, told.language = text_of(get("tweet_text")), text_of(get("tweet_language"))
        told.client = text_of(get("tweet_client_name"))
        told.handle = _named(text_of(get("user_screen_name")), account)
        told.name = _named(text_of(get("user_display_name")), account)
        told.description = text_of(get("user_profile_description"))
        told.location = text_of(get("user_reported_location"))
        followers, following = count_of(get("follower_count")), count_of(get("following_count"))
        told.profile = (followers, following, None)
        counts = ("retweet_count", "reply_count", "like_count", "quote_count")
        told.counts = (*(count_of(get(name)) for name in counts), None)
        self._act(told, cells)
        self._mark(told, cells)
        number = self._gather.place(start, end, None, self._sampling, "x")
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = self._teller.told()
        if self._compared:
            told.append(
                f"tweet_time read as UTC agrees with the time in the id for {self._agreed} of "
                f"{self._compared} posts"
            )
        if self._rootless:
            told.append(f"{self._rootless} reposts name no original post")
        return "; ".join(told) or None

    def _when(self, native: str, text: str | None) -> When | None:
        carried = carried_by_x(native)
        if text is None:
            return reconciled(None, carried, "platform")
        stated = moment(text, "UTC" if carried is not None else self._zone)
        if carried is not None:
            self._compared += 1
            self._agreed += agree(stated, carried)
        return reconciled(stated, carried, "platform")

    def _act(self, told: Told, cells: Mapping[str, Any]) -> None:
        get = cells.get
        original = native_id(get("retweet_tweetid"), "id of the reposted post")
        whom = text_of(get("retweet_userid"))
        target = f"x:{whom}" if whom else None
        if original is not None:
            told.is_copy = True
            told.deeds.append(("repost", f"x:{original}", target, "native"))
            return
        if flag_of(get("is_retweet")):
            self._rootless += 1
            before = len(told.deeds)
            if target is not None:
                told.is_copy = True
                told.deeds.append(("repost", None, target, "id_reference"))
            else:
                self._teller.by_hand(told)
            if len(told.deeds) == before:
                told.is_copy = True
                told.deeds.append(("repost", None, None, "native"))
            return
        self._teller.by_hand(told)
        for kind, of, account in (
            ("reply", "in_reply_to_tweetid", "in_reply_to_userid"),
            ("quote", "quoted_tweet_tweetid", ""),
        ):
            aim = native_id(get(of), f"id in {of}")
            if aim is not None:
                whom = text_of(get(account))
                told.deeds.append((kind, f"x:{aim}", f"x:{whom}" if whom else None, "native"))

    def _mark(self, told: Told, cells: Mapping[str, Any]) -> None:
        teller = self._teller
        teller.links(told, entries(cells.get("urls")))
        teller.tags(told, entries(cells.get("hashtags")))
        teller.from_text(told, urls="urls" not in cells, tags="hashtags" not in cells)
        if not told.is_copy:
            for account in dict.fromkeys(entries(cells.get("user_mentions"))):
                told.deeds.append(("mention", None, f"x:{account}", "native"))


def _named(name: str | None, account: str | None) -> str | None:
    """A name, unless the archive put the account's hash in its place."""
    return None if name == account else name


_TABLE = TableExport(lambda source: wide(source, "x_io_archive"), _Reading, _check)

READER = PostReader(
    platform="x_io_archive",
    recognises=recognises,
    read=_TABLE.read,
    keeps=(
        "posts, reposts, quotes, replies and mentions by id, links, domains, hashtags, accounts "
        "(hashed ids as they are), counts as of the release"
    ),
    cannot_know=(
        "who a hashed account is, which post a repost without an id repeats, posts of others, "
        "posts deleted before the accounts were suspended"
    ),
    sampling="full: all posts that an account had left when it was suspended",
    ranges=_TABLE.ranges,
)
