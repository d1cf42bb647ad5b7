"""X (Twitter) API v2 as twarc-csv writes it: one post a row, entities as JSON in cells.

Input     a table with `author_id`, `public_metrics.*`, `referenced_tweets.*.id`; entities, media
          and lists as JSON text
Output    as `x_v2`: posts, actions and objects under the same ids. The tool puts the original's
          whole text and entities into a repost's row unless told not to: they are `inherited`.
Limits    Posts referred to are known by id and account only. A spreadsheet that was opened and
          saved in between rounds ids: such rows are rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.gather import Gather
from tamis.sources.posts.row_taking import column_names
from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.sources.posts.table_exports import TableExport
from tamis.sources.posts.x_marks import Line
from tamis.sources.posts.x_posts import Posts, times

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCES = (
    ("retweeted", "retweeted_user_id"),
    ("quoted", "quoted_user_id"),
    ("replied_to", "in_reply_to_user_id"),
)
_POST_COUNTS = ("retweet_count", "reply_count", "like_count", "quote_count", "impression_count")
_ACCOUNT_COUNTS = ("followers_count", "following_count", "tweet_count")


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is twarc-csv's, by its dotted column names."""
    names = column_names(glimpse)
    if not {"id", "author_id", "text"} <= names:
        return 0
    hits = sum(
        any(name.startswith(start) for name in names)
        for start in ("referenced_tweets.", "public_metrics.", "entities.", "__twarc.", "author.")
    )
    return 95 if hits >= 3 else 60 if hits else 0


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        del names, zone
        self._gather = gather
        self._posts = Posts(gather)
        self._sampling = source.options.get("sampling")

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, its account, and what it refers to."""
        post, accounts = _post(cells)
        seen = _text(cells, "__twarc.retrieved_at")
        sampling = self._sampling or _sampling(_text(cells, "__twarc.url"))
        number = self._gather.place(start, end, seen, sampling, "x")
        line = Line(number, start or 0, seen)
        line.posts = {native: {"author_id": account} for native, account in accounts.items()}
        user = _user(cells, post["author_id"])
        if user is not None:
            line.users.append(user)
        self._posts.post(post, line)
        for one in line.users:
            self._posts.account(one, line)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        if not self._posts.changed_count:
            return None
        return f"{self._posts.changed_count} posts came again with other content; each is kept"


def _post(cells: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A row as API v2 shapes a post, and the accounts of the posts that it refers to."""
    references, accounts = [], {}
    for kind, of in _REFERENCES:
        target = _id(cells, f"referenced_tweets.{kind}.id")
        if target is not None:
            references.append({"type": kind, "id": target})
            account = _id(cells, of)
            if account is not None:
                accounts[target] = account
    counts = {name: _count(cells, f"public_metrics.{name}") for name in _POST_COUNTS}
    media = _json(cells, "attachments.media")
    keys = entries(cells.get("attachments.media_keys"))
    history = entries(cells.get("edit_history_tweet_ids"))
    native = _id(cells, "id")
    if native is None:
        raise UnusableRowError("the row names no post")
    post: dict[str, Any] = {
        "id": native,
        "text": _text(cells, "text"),
        "author_id": _id(cells, "author_id"),
        "created_at": _text(cells, "created_at"),
        "conversation_id": _id(cells, "conversation_id"),
        "lang": _text(cells, "lang"),
        "source": _text(cells, "source"),
        "referenced_tweets": references,
        "in_reply_to_user_id": _id(cells, "in_reply_to_user_id"),
        "edit_history_tweet_ids": history or None,
        "entities": {
            name: [one for one in _json(cells, f"entities.{name}") if isinstance(one, dict)]
            for name in ("urls", "hashtags", "mentions")
        },
        "attachments": {"media": media, "media_keys": keys} if media or keys else None,
    }
    if not any(f"entities.{name}" in cells for name in ("urls", "hashtags", "mentions")):
        post["entities"] = None
    if any(count is not None for count in counts.values()):
        post["public_metrics"] = counts
    if _text(cells, "withheld.country_codes"):
        post["withheld"] = True
    return post, accounts


def _user(cells: Mapping[str, Any], native: str | None) -> dict[str, Any] | None:
    name, handle = _text(cells, "author.name"), _text(cells, "author.username")
    if native is None or (name is None and handle is None):
        return None
    counts = {one: _count(cells, f"author.public_metrics.{one}") for one in _ACCOUNT_COUNTS}
    return {
        "id": native,
        "username": handle,
        "name": name,
        "created_at": _text(cells, "author.created_at"),
        "description": _text(cells, "author.description"),
        "location": _text(cells, "author.location"),
        "public_metrics": counts,
    }


def _id(cells: Mapping[str, Any], name: str) -> str | None:
    return native_id(cells.get(name), name)


def _text(cells: Mapping[str, Any], name: str) -> str | None:
    given = cells.get(name)
    return None if given is None or given == "" else str(given)


def _count(cells: Mapping[str, Any], name: str) -> int | None:
    """A whole number, which data frames write as 12.0 where a column has gaps."""
    given = _text(cells, name)
    if given is None or given.lower() == "nan":
        return None
    number = float(given)
    if number != int(number):
        raise UnusableRowError(f"the count {given[:40]!r} in {name} is no whole number")
    return int(number)


def _json(cells: Mapping[str, Any], name: str) -> list[Any]:
    given = cells.get(name)
    if given is None or given == "":
        return []
    if isinstance(given, list):
        return given
    try:
        found = orjson.loads(str(given))
    except orjson.JSONDecodeError as error:
        raise UnusableRowError(f"the cell {name} holds no JSON: {str(given)[:40]!r}") from error
    return found if isinstance(found, list) else []


def _sampling(url: str | None) -> str:
    path = (url or "").partition("?")[0]
    if "/sample" in path:
        return "stream_sample"
    return "query" if "/tweets/search/" in path else "unknown"


_TABLE = TableExport(lambda source: Gather(source, "x_twarc_csv", times), _Reading)

READER = PostReader(
    platform="x_twarc_csv",
    recognises=recognises,
    read=_TABLE.read,
    keeps=(
        "posts, reposts, quotes and replies by id, mentions, links, domains, hashtags, media keys, "
        "accounts, counts as of the collection"
    ),
    cannot_know=(
        "which of a repost's words were cut, the posts referred to beyond their id, digits of ids "
        "that a spreadsheet rounded"
    ),
    sampling="query for a search, otherwise unknown",
    ranges=_TABLE.ranges,
)
