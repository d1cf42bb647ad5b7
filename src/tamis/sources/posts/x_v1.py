"""X (Twitter) API v1.1: posts and notices as streams, searches and timelines deliver them.

Input     one JSON value a line, one array, arrays one after another, an answer with `statuses`
          or `tweets`; delete notices and the stream's other messages between the posts
Output    as `x_v2`: the same ids, so that one post collected over both is one post. Of posts
          inside others (`retweeted_status`, `quoted_status`) each is a post of its own.
Missing   seen_at is the time of the stream's message (timestamp_ms) and NULL for other exports
Limits    A text that the platform cut and that stands nowhere in full has no text_hash. The
          counts on a repost are its original's and are left out. A delete notice names a post
          that a sample need not hold. Places, polls and cashtags are not kept.
Source    stream_sample is told by the ids: the public 1 % sample delivers the posts made in
          milliseconds 657 to 666 of each second, which no other stream keeps to.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Ranges, Source
from tamis.sources.posts.frames import BrokenValueError, Frame, by_lines, frames, value
from tamis.sources.posts.gather import Gather, action_id
from tamis.sources.posts.row_taking import json_batches
from tamis.sources.posts.stamps import carried_by_x
from tamis.sources.posts.x_marks import Line, UnusableRowError
from tamis.sources.posts.x_posts import Posts, times
from tamis.sources.posts.x_status import Statuses, id_of
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

_SAMPLE_MS = range(657, 667)
_LOOKED_AT = 400
_ENOUGH = 20
_SIGNS = (b'"retweeted_status"', b'"statuses_count"', b'"favourites_count"', b'"user_mentions"')
# Messages of the streams that are about the stream or about no post's being there.
_MESSAGES = (
    *("limit", "warning", "disconnect", "friends", "friends_str", "event", "scrub_geo"),
    *("status_withheld", "user_withheld", "control", "for_user"),
)


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is X API v1.1, by field names that v2 and other platforms do not use."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or b'"source_platform"' in head:
        return 0
    if b'"delete"' in head[:20] and b'"status"' in head[:60]:
        return 92
    if b'"screen_name"' not in head:
        return 0
    has_text = b'"full_text"' in head or b'"text"' in head
    hits = sum(sign in head for sign in _SIGNS)
    if b'"legacy"' in head or b'"author_id"' in head or not has_text:
        return 0
    return 95 if hits >= 2 else 60 if hits and b'"created_at"' in head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    waiting = frames(stream, is_range=source.shared is not None)
    early = [] if source.shared is not None else list(islice(waiting, _LOOKED_AT))
    gather = Gather(source, READER.name, times)
    shown = sampling_of(early) if source.shared is None else source.shared["sampling"]
    sampling = source.options.get("sampling") or shown
    yield from json_batches(chain(early, waiting), gather, _Reading(gather, sampling))


def ranges(stream: BinaryIO, source: Source, every: int) -> Ranges | None:
    """Ranges of whole lines; what the first lines show of the sample holds for all of them."""
    found = by_lines(stream, source, every)
    if found is None:
        return None
    stream.seek(0)
    early = list(islice(frames(stream), _LOOKED_AT))
    return Ranges(found.starts, {"sampling": sampling_of(early)})


def sampling_of(early: Sequence[Frame]) -> str:
    """stream_sample where all of at least twenty stream messages keep to the sample's clock."""
    told = Counter(_is_of_sample(frame) for frame in early)
    return "stream_sample" if told[True] >= _ENOUGH and not told[False] else "unknown"


def _is_of_sample(frame: Frame) -> bool | None:
    """Whether the post of a stream's message was made in the sample's milliseconds."""
    if not frame.data or b'"timestamp_ms"' not in frame.data or b'"text"' not in frame.data:
        return None
    try:
        whole = value(frame.data)
        native = id_of(whole, "id") if isinstance(whole, dict) and "text" in whole else None
    except (BrokenValueError, UnusableRowError):
        return None
    carried = carried_by_x(native) if native else None
    return None if carried is None else carried.at_us // 1000 % 1000 in _SAMPLE_MS


class _Reading:
    """One file being read: what each value is, and what a person should know at the end."""

    def __init__(self, gather: Gather, sampling: str) -> None:
        self._gather = gather
        self._posts = Posts(gather)
        self._statuses = Statuses(gather, self._posts)
        self._sampling = sampling
        self._messages: Counter[str] = Counter()
        self._undelivered = 0

    def take(self, whole: Any, start: int, end: int) -> bool | None:
        """Add a post, a notice, or all of an answer or array (whose rows are counted here)."""
        if isinstance(whole, list):
            self._several(whole, start, end)
            return True
        if not isinstance(whole, dict):
            raise UnusableRowError("a JSON object was expected here")
        for name in ("statuses", "tweets"):
            if isinstance(whole.get(name), list) and not _is_post(whole):
                self._several(whole[name], start, end)
                return True
        self._one(whole, start, end)
        self._gather.row_count += 1
        return True

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = [
            (self._statuses.cut_count, "posts whose text the platform cut stand nowhere in full"),
            (self._statuses.unequal_count, "posts whose id as a number is not the id as text"),
            (self._posts.withheld_count, "posts are withheld in some countries"),
            (self._posts.changed_count, "posts came again with other content; each is kept"),
            (self._messages["delete"], "delete notices"),
            (self._undelivered, "posts the stream matched and did not deliver (limit notices)"),
        ]
        others = [
            f"{count} messages of kind {kind}"
            for kind, count in sorted(self._messages.items())
            if kind != "delete"
        ]
        return "; ".join([*(f"{count} {what}" for count, what in told if count), *others]) or None

    def _several(self, values: Iterable[Any], start: int, end: int) -> None:
        """Each element a row of its own; one that cannot be used costs itself only."""
        count = 0
        for one in values:
            count += 1
            try:
                if not isinstance(one, dict):
                    raise UnusableRowError("a JSON object was expected here")  # noqa: TRY301
                self._one(one, start, end)
            except UnusableRowError as error:
                self._gather.reject(start, f"element {count}: {error}", "")
            except (TypeError, KeyError, AttributeError, ValueError) as error:
                why = f"element {count} is not shaped as API v1.1 documents it: {error!r}"
                self._gather.reject(start, why[:300], "")
            else:
                self._gather.row_count += 1
        if not count:
            self._gather.row_count += 1
            self._gather.skipped_count += 1

    def _one(self, whole: Mapping[str, Any], start: int, end: int) -> None:
        if "delete" in whole:
            self._delete(whole["delete"], start, end)
        elif _is_post(whole):
            seen = _seen(whole)
            number = self._gather.place(start, end, seen, self._sampling, "x")
            self._statuses.add(whole, Line(number, start, seen))
        elif "screen_name" in whole and ("id_str" in whole or "id" in whole):
            self._account(whole, start, end)
        else:
            self._message(whole)

    def _account(self, user: Mapping[str, Any], start: int, end: int) -> None:
        """An account delivered by itself, with its latest post inside."""
        number = self._gather.place(start, end, None, self._sampling, "x")
        status = {**(user.get("status") or {}), "user": user}
        if _is_post(status):
            self._statuses.add(status, Line(number, start, None))
        else:
            self._statuses.account(user, Line(number, start, None))

    def _delete(self, notice: Mapping[str, Any], start: int, end: int) -> None:
        status = notice["status"]
        native, account = id_of(status, "id"), id_of(status, "user_id")
        if native is None:
            raise UnusableRowError("the delete notice names no post")
        acted = _seen(notice)
        target, actor = f"x:{native}", f"x:{account}" if account else None
        number = self._gather.place(start, end, acted, self._sampling, "x")
        made = action_id("delete", actor, None, target)
        self._gather.notices.append((made, "delete", target, actor, acted, acted, acted, number))
        self._messages["delete"] += 1

    def _message(self, whole: Mapping[str, Any]) -> None:
        kind = next((name for name in _MESSAGES if name in whole), None)
        if kind is None:
            raise UnusableRowError("nothing in it is known: no post, account or notice")
        self._messages[kind] += 1
        if kind == "limit" and isinstance(whole["limit"], dict):
            track = whole["limit"].get("track")
            self._undelivered = max(self._undelivered, track if isinstance(track, int) else 0)
        self._gather.skipped_count += 1


def _is_post(whole: Mapping[str, Any]) -> bool:
    return ("text" in whole or "full_text" in whole) and ("id" in whole or "id_str" in whole)


def _seen(whole: Mapping[str, Any]) -> str | None:
    """The time of the stream's message, as ISO; None for other exports."""
    given = whole.get("timestamp_ms")
    if given is None:
        return None
    micros = moment(int(given)).at_us
    seconds, rest = divmod(micros, 1_000_000)
    return f"{_iso(seconds)}.{rest // 1000:03}Z"


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


READER = PostReader(
    platform="x_v1",
    recognises=recognises,
    read=read,
    keeps=(
        "posts with those inside them, reposts, quotes, replies, mentions, links to posts, delete "
        "notices with their time, links, domains, hashtags, media keys, accounts and their "
        "numbers at the time of the stream"
    ),
    cannot_know=(
        "which account a repost came through, what a cut text said in full, the conversation, "
        "what a sample left out, edits"
    ),
    sampling="stream_sample where the ids keep to the sample's milliseconds, otherwise unknown",
    ranges=ranges,
)
