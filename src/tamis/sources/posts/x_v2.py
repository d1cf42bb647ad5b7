"""X (Twitter) API v2: responses as twarc2 saves them, flattened lines, users, delete notices.

Input     one JSON value a line, one array, or values spread over lines: a response
          ({data, includes, errors, meta}), a stream message ({data, includes, matching_rules}), one
          post a line with its author and referenced posts inside, a user, or a notice
          ({"id", "action": "delete"}).
Output    every post of `data`, of `includes` and inside other posts is a post; a row is a line,
          or within a response one element of `data`. The same id with the same text, author and
          time is one post; with another one it is a further version. A repost keeps its cut
          text as exported, has no text_hash, and carries its original's objects as `inherited`.
Limits    `is_latest` is what the row itself knows; the intake settles it over the whole
          collection. Cashtags, polls, places and withheld countries are not kept. A media upload
          is known by its media key, no image hash. A text that begins with `RT @name` in a post
          without references is taken for a repost of that account (grade `text_pattern`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import (
    BrokenValueError,
    Frame,
    by_lines,
    frames,
    shown,
    value,
)
from tamis.sources.posts.gather import Gather, batches_of
from tamis.sources.posts.x_marks import Line, UnusableRowError
from tamis.sources.posts.x_notices import Notices
from tamis.sources.posts.x_posts import Posts, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_NAMES = (
    b'"author_id"',
    b'"edit_history_tweet_ids"',
    b'"referenced_tweets"',
    b'"conversation_id"',
    b'"public_metrics"',
    b'"reply_settings"',
    b'"__twarc"',
    b'"matching_rules"',
    b'"tweet_count"',
    b'"possibly_sensitive"',
)
_NOTICE = re.compile(rb'\s*\{"id": ?"\d+", ?"action": ?"')
_BARE = re.compile(rb'\s*\{\s*"data"\s*:\s*[\[{].{0,400}"text"', re.DOTALL)
_SHAPE_ERRORS = (TypeError, KeyError, AttributeError, ValueError, OverflowError)


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is X API v2, by the names of fields that only it uses together."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0
    hits = sum(name in head for name in _NAMES)
    if b'"id_str"' in head and b'"author_id"' not in head:
        return 0
    if _NOTICE.match(head) or (hits >= 2 and b'"id"' in head):
        return 90
    if hits == 1 and b'"id"' in head:
        return 50
    return 40 if _BARE.match(head) or b"api.twitter.com/2/problems/" in head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`.

    Missing   seen_at and collected_at are NULL unless the collector noted a time (__twarc)
    """
    gather = Gather(source, READER.name, times)
    reading = _Reading(gather, source)
    waiting = frames(stream, is_range=source.shared is not None)
    yield from batches_of(gather, waiting, reading.take)
    yield {**gather.flush(), **gather.counts(reading.note())}


class _Reading:
    """One file being read: what each line is, and what a person should know at the end."""

    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._posts = Posts(gather)
        self._sampling = source.options.get("sampling")
        self._asked: Any = None
        self._sampled = "unknown"
        self._undelivered_count = 0
        self._notices = Notices(gather)

    def take(self, frame: Frame) -> None:
        """Turn one line into rows, or into a reason why not."""
        start, end, data = frame
        self._gather.byte_count += end - start
        if not data:
            if data is None:
                self._reject(frame, "the value is larger than 64 MiB and was not read")
            else:
                self._skip()
            return
        try:
            whole = value(data)
            if type(whole) is not dict:
                self._reject(frame, "a JSON object was expected here")
            else:
                self._whole(whole, frame)
        except (BrokenValueError, UnusableRowError) as error:
            self._reject(frame, str(error))
        except _SHAPE_ERRORS as error:
            self._reject(frame, f"this is not shaped as X API v2 documents it: {error!r}"[:300])

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = []
        if self._undelivered_count:
            told.append(
                f"the platform did not deliver {self._undelivered_count} referenced posts or "
                "accounts (deleted, suspended or protected)"
            )
        if self._posts.withheld_count:
            told.append(f"{self._posts.withheld_count} posts are withheld in some countries")
        if self._posts.changed_count:
            told.append(
                f"{self._posts.changed_count} posts came again with other content; each is kept"
            )
        return "; ".join([*told, *self._notices.told()]) or None

    def _reject(self, frame: Frame, reason: str) -> None:
        self._gather.reject(frame.start, reason, shown(frame.data))

    def _skip(self) -> None:
        self._gather.row_count += 1
        self._gather.skipped_count += 1

    def _line(self, whole: Mapping[str, Any], frame: Frame) -> Line:
        collector = whole.get("__twarc")
        seen = url = None
        if collector:
            told = collector.get
            seen, url = told("retrieved_at"), told("url")
            if type(seen) is not str:
                seen = None
        if url != self._asked or "matching_rules" in whole:
            self._asked, self._sampled = url, _sampling(url, whole)
        start, end, _ = frame
        number = self._gather.place(start, end, seen, self._sampling or self._sampled, "x")
        return Line(number, start, seen)

    def _whole(self, whole: dict[str, Any], frame: Frame) -> None:
        if "data" in whole or "includes" in whole:
            self._response(whole, frame)
        elif "action" in whole and "text" not in whole:
            self._notices.compliance(whole, self._line(whole, frame).number)
            self._gather.row_count += 1
        elif "username" in whole and "text" not in whole:
            self._posts.account(whole, self._line(whole, frame))
            self._gather.row_count += 1
        elif "text" in whole or "author_id" in whole:
            self._flat(whole, self._line(whole, frame), frame)
        elif "errors" in whole or "title" in whole:
            raise UnusableRowError(_error_text(whole))
        elif "meta" in whole:
            self._skip()
        else:
            raise UnusableRowError("nothing in it is known: no post, account, notice or error")

    def _response(self, whole: dict[str, Any], frame: Frame) -> None:
        line = self._line(whole, frame)
        data = whole.get("data")
        elements = data if isinstance(data, list) else [] if data is None else [data]
        if len(elements) == 1 and isinstance(elements[0].get("delete"), dict):
            self._notices.stream(elements[0]["delete"], line.number)
            self._gather.row_count += 1
            return
        includes = whole.get("includes") or {}
        included = includes.get("tweets") or []
        line.users = includes.get("users") or []
        line.media = {one["media_key"]: one for one in includes.get("media") or ()}
        line.posts = {
            post["id"]: post for post in (*included, *elements) if type(post.get("id")) is str
        }
        self._undelivered_count += len(whole.get("errors") or ())
        for element in elements:
            self._element(element, line, frame, counts=True)
        for element in (*included, *line.users):
            self._element(element, line, frame, counts=False)
        if not elements:
            if not included and not line.users:
                if whole.get("errors"):
                    raise UnusableRowError(_error_text(whole))
                self._skip()
            else:
                self._gather.row_count += 1

    def _flat(self, post: dict[str, Any], line: Line, frame: Frame) -> None:
        """One post with its author and the posts it refers to inside, and those inside those."""
        add, account = self._posts.post, self._posts.account
        for one in _unfold(post, line):
            try:
                add(one, line)
            except _SHAPE_ERRORS as error:
                self._reject_element(error, frame)
            else:
                if one is post:
                    self._gather.row_count += 1
        for user in line.users:
            try:
                account(user, line)
            except _SHAPE_ERRORS as error:
                self._reject_element(error, frame)

    def _element(self, element: Any, line: Line, frame: Frame, *, counts: bool) -> None:
        """One post or account; one that cannot be used is a rejected row of its own."""
        try:
            if "username" in element and "text" not in element:
                self._posts.account(element, line)
            else:
                self._posts.post(element, line)
        except _SHAPE_ERRORS as error:
            self._reject_element(error, frame)
        else:
            self._gather.row_count += counts

    def _reject_element(self, error: Exception, frame: Frame) -> None:
        reason = str(error) if isinstance(error, UnusableRowError) else repr(error)[:200]
        self._reject(frame, f"one element of the line cannot be used: {reason}")


def _unfold(post: dict[str, Any], line: Line) -> list[dict[str, Any]]:
    """The posts folded into one another, the outermost first; their accounts go to the line."""
    inside = [post]
    users = line.users
    for one in inside:
        get = one.get
        author, answered = get("author"), get("in_reply_to_user")
        if type(author) is dict:
            users.append(author)
        if type(answered) is dict:
            users.append(answered)
        references = get("referenced_tweets")
        if references:
            for reference in references:
                if "text" in reference and reference.get("id") not in line.posts:
                    line.posts[reference["id"]] = reference
                    inside.append(reference)
        entities = get("entities")
        if entities:
            mentions = entities.get("mentions")
            if mentions:
                users += [m for m in mentions if "name" in m]
    return inside


def _sampling(url: Any, whole: Mapping[str, Any]) -> str:
    """The sampling regime, by the address that the collector asked or by the stream's rules."""
    if "matching_rules" in whole:
        return "query"
    if type(url) is str:
        path = url.partition("?")[0]
        if path.endswith(("/tweets/search/recent", "/tweets/search/all", "/tweets/search/stream")):
            return "query"
        if "/sample" in path:
            return "stream_sample"
    return "unknown"


def _error_text(whole: Mapping[str, Any]) -> str:
    errors = whole.get("errors") or [whole]
    first = errors[0] if isinstance(errors[0], dict) else {}
    told = ": ".join(str(first[name]) for name in ("title", "detail", "message") if first.get(name))
    return f"the platform answered with an error instead of posts: {told[:300] or 'no detail'}"


READER = PostReader(
    platform="x_v2",
    recognises=recognises,
    read=read,
    keeps=(
        "posts with versions, reposts, quotes, replies, mentions, links to posts, delete notices, "
        "links, domains, hashtags, media keys, accounts, counts as of the collection"
    ),
    cannot_know=(
        "which account a repost came through, posts the platform did not deliver, when a protected "
        "or suspended account's post went away, cashtags and places (left out)"
    ),
    sampling="query for a search, stream_sample for a sampled stream, otherwise unknown",
    ranges=by_lines,
)
