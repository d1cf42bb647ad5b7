"""Reddit: submissions and comments as the Pushshift and Arctic Shift archives keep them.

Input     one submission or comment a line (the archives' zstd windows of 2 GiB are opened before)
Output    submissions as `t3_ID`, comments as `t1_ID`, as Reddit names them. A submission's text
          is its title and its own text; its address stands as embed. A crosspost inherits that
          address. `[deleted]` and `[removed]` are no words and no account: a delete action stands
          for them, some time between posting and retrieval (grade `inferred`).
Missing   who removed a post; before 2018 the archive had no crosspost_parent
Limits    An account is known by its name, which Reddit never changes nor gives again. The score
          is up- minus down-votes, no count of likes, and is not kept. `edited` is true without a
          time in old files: then between posting and retrieval.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import by_lines, frames
from tamis.sources.posts.markdown import addresses
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, stated
from tamis.sources.posts.reading import Reading, count_of, micros_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.frames import Frame

PLATFORM = "reddit"
_GONE = frozenset({"[deleted]", "[removed]", "[deleted by user]"})
_ID = re.compile(r"[0-9a-z]{1,13}")
_FULL_ID = re.compile(r"t[13]_[0-9a-z]{1,13}")
_NAME = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{3,20})(?![\w/])")
_CREATED = re.compile(rb'"created_utc"\s*:\s*"?\d')
_SUBMISSION = (b'"title"', b'"selftext"', b'"num_comments"', b'"is_self"')
_COMMENT = (b'"body"', b'"link_id"', b'"parent_id"')


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of Reddit, by fields that only its things have together."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or not _CREATED.search(head):
        return 0
    if b'"subreddit"' not in head and b'"permalink"' not in head:
        return 0
    hits = max(sum(name in head for name in names) for names in (_SUBMISSION, _COMMENT))
    return 90 if hits >= 2 else 50 if hits else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    things = _Things(Reading(source, READER.name, PLATFORM))
    yield from things.reading.batches(
        frames(stream, is_range=source.shared is not None), things.take
    )


class _Things:
    """The submissions and comments of one file."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def take(self, frame: Frame) -> None:
        """One line."""
        self.reading.row(
            *(frame.start, frame.end, frame.data), lambda given: self._thing(given, frame)
        )

    def _thing(self, given: dict[str, Any], frame: Frame) -> None:
        if set(given) == {"kind", "data"}:  # as Reddit's own API wraps things
            given = given["data"]
        is_comment = "body" in given and "title" not in given
        if not is_comment and "title" not in given:
            raise UnusableRowError("neither a submission nor a comment: no title, no body")
        native = f"{'t1' if is_comment else 't3'}_{_bare(given.get('id'))}"
        clock = _clock(given.get("created_utc"))
        seen = micros_of(given.get("retrieved_on", given.get("retrieved_utc")))
        reading = self.reading
        if seen is not None and clock.at is not None and seen < clock.at:
            reading.remark("{} posts say they were retrieved before they were posted")
            seen = None
        author = text_of(given.get("author"), "author")
        who = author.lower() if author and author not in _GONE else None
        post = Post(
            *(PLATFORM, native, who, _text(given, is_comment=is_comment), clock),
            thread=_thread(given, native, is_comment=is_comment),
            container=_subreddit(given),
        )
        if is_comment:
            self._reply(post, given)
        else:
            _crosspost(post, given)
        _mark(post, given, is_comment=is_comment)
        if not is_comment:
            counts = (given.get("num_crossposts"), given.get("num_comments"))
            post.counts = Counts(*map(count_of, counts))
        line = reading.place(frame.start, frame.end, seen)
        if who is not None:
            reading.writer.account(Account(who, author), line)
        if post.container is not None:
            shown = post.container
            reading.writer.container(shown, "subreddit", shown, None, line)
        if reading.writer.post(post, line):
            self._later(post, given, seen, line)

    def _reply(self, post: Post, given: Mapping[str, Any]) -> None:
        parent = given.get("parent_id")
        if isinstance(parent, str) and _FULL_ID.fullmatch(parent):
            post.act("reply", f"{PLATFORM}:{parent}")
        elif parent is not None:
            self.reading.remark("{} comments name their parent by a bare number: left out")

    def _later(self, post: Post, given: Mapping[str, Any], seen: int | None, line: int) -> None:
        """What happened to a post after it was made: edits and removals."""
        clock, whole = post.clock, f"{PLATFORM}:{post.native}"
        if clock is None:
            return
        actor = f"{PLATFORM}:{post.account}" if post.account else None
        between = Clock(None, clock.low, seen, "archive", 1.0)
        edited, writer = given.get("edited"), self.reading.writer
        if edited is not None and edited is not False:
            at = None if edited is True else micros_of(edited)
            when = between if at is None else Clock(at, at, at + 999_999, "platform", 1.0)
            writer.notice(Notice("edit", whole, actor, when), line)
            self.reading.remark("{} posts were edited: their text is that of the last edit")
        text = given.get("body", given.get("selftext"))
        if text in _GONE or given.get("author") in _GONE:
            writer.notice(Notice("delete", whole, None, between, "inferred"), line)
        meta = given.get("_meta")
        if isinstance(meta, dict) and (meta.get("was_deleted_later") or meta.get("removal_type")):
            again = micros_of(meta.get("retrieved_2nd_on"))
            when = Clock(None, seen or clock.low, again, "archive", 1.0)
            if text not in _GONE and given.get("author") not in _GONE:
                writer.notice(Notice("delete", whole, None, when, "inferred"), line)


def _bare(given: Any) -> str:
    if isinstance(given, str) and _ID.fullmatch(given.lower()):
        return given.lower()
    raise UnusableRowError(f"the id {str(given)[:40]!r} is none of Reddit's")


def _clock(given: Any) -> Clock:
    """created_utc, which files give as a number, a decimal number or a text of digits."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)) or given == "":
        raise UnusableRowError("the post holds no created_utc")
    if isinstance(given, str):
        if not given.replace(".", "", 1).isdigit():
            raise UnusableRowError(f"created_utc {given[:40]!r} is no number of seconds")
        given = float(given)
    return stated(moment(int(given)), "platform")


def _text(given: Mapping[str, Any], *, is_comment: bool) -> str | None:
    """The words that are left of a post."""
    parts = (given.get("body"),) if is_comment else (given.get("title"), given.get("selftext"))
    told = [text_of(part, "text") for part in parts]
    return "\n\n".join(part for part in told if part and part not in _GONE) or None


def _thread(given: Mapping[str, Any], native: str, *, is_comment: bool) -> str | None:
    link = given.get("link_id") if is_comment else native
    return link if isinstance(link, str) and _FULL_ID.fullmatch(link) else None


def _subreddit(given: Mapping[str, Any]) -> str | None:
    name = text_of(given.get("subreddit"), "subreddit")
    return f"r/{name.lower()}" if name else None


def _crosspost(post: Post, given: Mapping[str, Any]) -> None:
    parent = given.get("crosspost_parent")
    if not isinstance(parent, str) or not _FULL_ID.fullmatch(parent):
        return
    listed = given.get("crosspost_parent_list")
    author = listed[0].get("author") if isinstance(listed, list) and listed else None
    is_known = isinstance(author, str) and author not in _GONE
    whom = f"{PLATFORM}:{str(author).lower()}" if is_known else None
    post.act("crosspost", f"{PLATFORM}:{parent}", whom)


def _mark(post: Post, given: Mapping[str, Any], *, is_comment: bool) -> None:
    """The submitted address, and addresses and names in the text."""
    url = (
        None
        if is_comment
        else text_of(given.get("url_overridden_by_dest") or given.get("url"), "url")
    )
    if url and not given.get("is_self"):
        is_inherited = any(kind == "crosspost" for kind, _ in post.acts)
        post.links([url], "inherited" if is_inherited else "embed", "column")
    text = post.text or ""
    post.links(addresses(text), "in_text", "text")
    if "u/" in text:
        for name in _NAME.findall(text):
            post.act("mention", None, f"{PLATFORM}:{name.lower()}", "text_pattern")


READER = PostReader(
    platform="reddit",
    recognises=recognises,
    read=read,
    keeps=(
        "submissions and comments by their full ids, replies, crossposts, submitted and written "
        "addresses, names in the text, edits, removals as inferred, numbers of comments, accounts"
    ),
    cannot_know=(
        "who removed a post and when, words before an edit, votes, crossposts before 2018, what "
        "the archive missed"
    ),
    sampling="unknown unless told: archives miss what was removed before they came",
    ranges=by_lines,
)
