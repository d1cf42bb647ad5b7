"""Bluesky: events of Jetstream, and posts as the public API gives them.

Input     one event a line ({did, time_us, kind, commit | identity | account}); answers of
          getPosts, searchPosts, getAuthorFeed or listRecords ({posts | feed | records: [...]}),
          whole, one a line, or one post a line
Output    each post by its at:// address. A repost is an action of its own, with the post through
          which it came (`via`), which no other platform tells. A deletion and an update are
          actions; an update gives a further version. Uploads are known by their SHA-256, which
          their CID holds.
Missing   without Jetstream or `indexedAt` nothing bounds the claimed time: the interval is NULL
Limits    `createdAt` is what the client claims. An event's time is when the network saw it, by
          the relay's clock: posted_at is that, the interval begins at the commit's own revision.
          Without events the claim is all there is (clock `client_claimed`). Likes, follows,
          blocks and records of other applications are counted, not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Ranges, Source
from tamis.sources.posts.bluesky_records import (
    PLATFORM,
    address,
    author_of,
    claimed,
    did_of,
    fill,
    whole,
)
from tamis.sources.posts.frames import by_lines, frames
from tamis.sources.posts.nested import Piece, nested
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, Profile
from tamis.sources.posts.reading import Reading, count_of, micros_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.frames import Frame

_KEYS = frozenset({"posts", "feed", "records"})
_POST, _REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_PROFILE = "app.bsky.actor.profile"
_TID = "234567abcdefghijklmnopqrstuvwxyz"
_DAY_US = 86_400_000_000
_FAR_US = 300_000_000
_EARLIEST_US, _LATEST_US = 1_500_000_000_000_000, 4_102_444_800_000_000


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of Bluesky, by DIDs with the names of its records."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or b'"did' not in head:
        return 0
    if _is_stream(head):
        return 95
    is_record = b"app.bsky." in head and (b'"at://did:' in head or b'"record"' in head)
    return 90 if is_record else 0


def _is_stream(head: bytes) -> bool:
    return b'"time_us"' in head and b'"kind"' in head and b'"did"' in head


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    taken = _Taken(reading)
    if source.shared is not None:
        yield from reading.batches(frames(stream, is_range=True), taken.line)
        return
    head = stream.read(4096)
    rest = _Again(head, stream)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[") or _is_stream(head):
        yield from reading.batches(frames(rest), taken.line)  # type: ignore[arg-type]
    else:
        yield from reading.batches(nested(rest, _KEYS), taken.piece)  # type: ignore[arg-type]


def ranges(stream: BinaryIO, source: Source, every: int) -> Ranges | None:
    """Ranges of whole lines of a stream of events; None for answers of the API."""
    is_stream = _is_stream(stream.read(4096))
    stream.seek(0)
    return by_lines(stream, source, every) if is_stream else None


class _Again:
    """A stream whose first bytes were read already, as far as values are taken from it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int) -> bytes:
        """The next bytes."""
        if not self._head:
            return self._stream.read(size)
        taken, self._head = self._head[:size], self._head[size:]
        return taken

    def readline(self, size: int) -> bytes:
        """The bytes up to and with the next line end."""
        end = self._head.find(b"\n") + 1
        if end:
            return self.read(min(end, size))
        taken = self.read(min(len(self._head), size)) if self._head else b""
        return taken + self._stream.readline(size - len(taken))


class _Taken:
    """What one file holds, event by event or post by post."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def line(self, frame: Frame) -> None:
        """One event, or one post."""
        self._reading.row(
            *(frame.start, frame.end, frame.data), lambda given: self._any(given, *frame[:2])
        )

    def piece(self, piece: Piece) -> None:
        """One element of an answer, or an object that is one post."""
        reading = self._reading
        if piece.why is not None:
            reading.reject(piece.start, piece.why, piece.data)
        elif not piece.is_end:
            reading.row(
                *(piece.start, piece.end, piece.data),
                lambda given: self._any(given, piece.start, piece.end),
            )
        elif not piece.key:
            reading.attempt(
                *(piece.start, b"{}"), lambda: self._any(piece.around, piece.start, piece.end)
            )

    def _any(self, given: Mapping[str, Any], start: int, end: int) -> None:
        if "kind" in given and "time_us" in given:
            self._event(given, start, end)
        elif isinstance(given.get("post"), dict):
            self._feed(given, start, end)
        elif "uri" in given and isinstance(given.get("record", given.get("value")), dict):
            self._view(given, self._reading.place(start, end, None, "query"))
        else:
            raise UnusableRowError("nothing in it is known: no event, no post")

    def _event(self, given: Mapping[str, Any], start: int, end: int) -> None:
        did, seen, kind = did_of(given["did"]), given["time_us"], given["kind"]
        if type(seen) is not int or not _EARLIEST_US < seen < _LATEST_US:
            raise UnusableRowError("the event's time_us is no time in microseconds")
        reading = self._reading
        if kind == "commit":
            self._commit(did, seen, given["commit"], (start, end))
            return
        line = reading.place(start, end, seen, "unknown")
        handle = (given.get("identity") or {}).get("handle") if kind == "identity" else None
        reading.writer.account(Account(did, text_of(handle, "handle")), line)
        if kind == "account" and not (given.get("account") or {}).get("active", True):
            status = str((given.get("account") or {}).get("status"))[:40]
            reading.remark(f"{{}} accounts went away ({status})")
        elif kind not in {"identity", "account"}:
            raise UnusableRowError(f"an event of kind {str(kind)[:40]!r} is not known")

    def _commit(
        self, did: str, seen: int, commit: Mapping[str, Any], span: tuple[int, int]
    ) -> None:
        collection, operation = commit["collection"], commit["operation"]
        reading = self._reading
        if collection not in {_POST, _REPOST, _PROFILE}:
            reading.gather.skipped_count += 1
            reading.remark(f"{{}} records of {str(collection)[:60]} are not kept")
            return
        uri = address(f"at://{did}/{collection}/{text_of(commit['rkey'], 'record key')}")
        clock = _seen(seen, commit.get("rev"))
        line = reading.place(*span, seen, "unknown")
        reading.writer.account(Account(did), line)
        if operation == "delete":
            reading.writer.notice(Notice("delete", whole(uri), f"{PLATFORM}:{did}", clock), line)
            return
        record = commit["record"]
        if operation not in {"create", "update"} or not isinstance(record, dict):
            raise UnusableRowError(f"the operation {str(operation)[:40]!r} is not known")
        self._compare(claimed(record), seen)
        if collection == _PROFILE:
            profile = Profile(text_of(record.get("description"), "description"))
            name = text_of(record.get("displayName"), "display name")
            reading.writer.account(Account(did, None, name), line, profile)
        elif collection == _REPOST:
            self._repost(did, record, clock, line)
        else:
            post = Post(PLATFORM, uri, did, None, clock)
            fill(post, record)
            reading.writer.post(post, line)
            if operation == "update":
                reading.writer.notice(Notice("edit", whole(uri), f"{PLATFORM}:{did}", clock), line)

    def _repost(self, did: str, record: Mapping[str, Any], clock: Clock, line: int) -> None:
        via = record.get("via")
        through = whole(address(via["uri"])) if isinstance(via, dict) else None
        subject = address(record["subject"]["uri"])
        whom = f"{PLATFORM}:{author_of(subject)}"
        made = Notice("repost", whole(subject), f"{PLATFORM}:{did}", clock, "native", through, whom)
        self._reading.writer.notice(made, line)

    def _compare(self, claim: int | None, seen: int) -> None:
        if claim is not None and abs(seen - claim) > _FAR_US:
            way = "after" if claim > seen else "before"
            self._reading.remark(
                f"{{}} records claim a time more than five minutes {way} the network saw them"
            )

    def _feed(self, given: Mapping[str, Any], start: int, end: int) -> None:
        """A post in a feed, perhaps there because somebody reposted it."""
        line = self._reading.place(start, end, None, "query")
        self._view(given["post"], line)
        reason = given.get("reason")
        if isinstance(reason, dict) and "reasonRepost" in str(reason.get("$type")):
            did, at = did_of(reason["by"]["did"]), micros_of(reason.get("indexedAt"))
            clock = Clock(at, None, at, "platform", 0.001) if at is not None else None
            target = address(given["post"]["uri"])
            whom = f"{PLATFORM}:{author_of(target)}"
            made = Notice("repost", whole(target), f"{PLATFORM}:{did}", clock, whom=whom)
            self._reading.writer.notice(made, line)

    def _view(self, given: Mapping[str, Any], line: int) -> None:
        """A post with its author and counts, or a bare record."""
        uri = address(given["uri"])
        author = given.get("author") or {}
        did = did_of(author.get("did") or uri[5:].partition("/")[0])
        record = given.get("record", given.get("value"))
        if record.get("$type", _POST) != _POST:
            raise UnusableRowError(f"a record of {str(record.get('$type'))[:60]!r} is no post")
        claim, indexed = claimed(record), micros_of(given.get("indexedAt"))
        post = Post(PLATFORM, uri, did, None, _claim(claim, indexed))
        if claim is not None and indexed is not None:
            self._compare(claim, indexed)
        fill(post, record)
        get = given.get
        counts = [count_of(get(f"{name}Count")) for name in ("repost", "reply", "like", "quote")]
        if any(one is not None for one in counts):
            post.counts = Counts(*counts)
        writer = self._reading.writer
        handle = text_of(author.get("handle"), "handle")
        name = text_of(author.get("displayName"), "display name")
        writer.account(Account(did, handle, name, micros_of(author.get("createdAt"))), line)
        writer.post(post, line)


def _seen(seen: int, revision: Any) -> Clock:
    """When the network saw a commit, from the time in its revision on."""
    made = _tid_us(revision)
    low = made if made is not None and seen - _DAY_US <= made <= seen else seen
    return Clock(seen, low, seen, "platform", 1e-6)


def _claim(claim: int | None, indexed: int | None) -> Clock | None:
    """A claimed time, bounded by when the API's own index first held the post."""
    if claim is None:
        return None if indexed is None else Clock(indexed, None, indexed, "platform", 0.001)
    if indexed is None:
        return Clock(claim, None, None, "client_claimed", 0.001)
    return Clock(claim, min(claim, indexed), max(claim, indexed), "client_claimed", 0.001)


def _tid_us(given: Any) -> int | None:
    """The microseconds in a revision (13 characters of base 32), None where it is none."""
    if type(given) is not str or len(given) != 13:
        return None
    number = 0
    for character in given:
        rank = _TID.find(character)
        if rank < 0:
            return None
        number = number * 32 + rank
    return number >> 10


READER = PostReader(
    platform="bluesky",
    recognises=recognises,
    read=read,
    keeps=(
        "posts by at:// address, reposts with the post they came through, quotes, replies, "
        "mentions, deletions, updates, links, cards, hashtags, SHA-256 of uploads, accounts, counts"
    ),
    cannot_know=(
        "when a post was written (createdAt is the client's claim), likes and follows (left out), "
        "posts behind a deletion"
    ),
    sampling="unknown for a stream (its filter is not in it), query for answers of the API",
    ranges=ranges,
)
