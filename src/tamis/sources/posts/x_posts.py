"""Posts and accounts of X (API v2 field names) as rows of the case's tables."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.sources.posts.batches import Times
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.x_marks import Acts, Line, Load, Marks, UnusableRowError
from tamis.syntax.clock import (
    MICROS,
    X_EPOCH_MS,
    X_FIRST_TIMED_ID,
    iso_column,
    snowflake_us,
    widened,
)
from tamis.syntax.text import reposted_handle, text_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.sources.posts.gather import Gather

_TEXT = frozenset({str, type(None)})
_COUNT = frozenset({int, type(None)})
_MAX_COUNT = 1 << 53
_POSTS_REMEMBERED = 250_000
_ACCOUNTS_REMEMBERED = 250_000
# An id made from a clock and a created_at that differ by more are both kept, as an interval.
_CLOCKS_AGREE_US = 2_000_000
_UNEDITED = (1, True, None, None)
_NO_REFERENCES: tuple[None, tuple[tuple[str, str], ...]] = (None, ())
_NO_COUNTS: dict[str, Any] = {}
# Taken all at once where all are there, as they nearly always are; else one by one.
_COUNT_NAMES = ("retweet_count", "reply_count", "like_count", "quote_count")
_USUAL_COUNTS = itemgetter(*_COUNT_NAMES)
_PROFILE_NAMES = ("username", "name", "created_at", "description", "location")
_USUAL_PROFILE = itemgetter(*_PROFILE_NAMES)
_FOLLOW_NAMES = ("followers_count", "following_count", "tweet_count")
_USUAL_FOLLOW = itemgetter(*_FOLLOW_NAMES)


def native_id(value: Any) -> str:
    """An id as the digits it is written in.

    Errors    UnusableRowError for a float (its last digits are lost) or anything but digits.
    """
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 20:
        return value
    if type(value) is int and 0 <= value < 1 << 63:
        return str(value)
    if type(value) is float:
        raise UnusableRowError(
            f"the id {value!r} was stored as a decimal number, so its last digits are lost; "
            "export again with ids as text"
        )
    raise UnusableRowError(f"the id {str(value)[:40]!r} is no number of a post or account of X")


class Posts:
    """The posts and accounts of one file, each content once, as far back as is remembered."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._marks = Marks(gather)
        self._known: Memory[int, tuple[Any, ...]] = Memory(_POSTS_REMEMBERED)
        self._accounts: Memory[str, tuple[Any, ...]] = Memory(_ACCOUNTS_REMEMBERED)
        self._known_lately, self._accounts_lately = self._known.lately, self._accounts.lately
        self.withheld_count = 0
        self.changed_count = 0

    def account(self, user: Mapping[str, Any], line: Line) -> None:
        """Add the rows of one account, unless the file said the same before."""
        native = user["id"]
        if type(native) is not str or not native.isdigit():
            native = native_id(native)
        done = line.accounts_done
        if native in done:
            return
        done.add(native)
        try:
            profile, follow = _USUAL_PROFILE(user), _USUAL_FOLLOW(user["public_metrics"])
        except (KeyError, TypeError):
            counts = user.get("public_metrics") or _NO_COUNTS
            profile = tuple(map(user.get, _PROFILE_NAMES))
            follow = tuple(map(counts.get, _FOLLOW_NAMES))
        told = (profile, follow, line.seen)
        known = self._accounts_lately(native) or self._accounts.get(native)
        if known == told:
            return
        if not _TEXT.issuperset(map(type, profile)):
            raise UnusableRowError("a name or text of the account is no text")
        _check_counts(follow)
        if known is None or known[0][:3] != profile[:3]:
            self._gather.accounts.append((native, *profile[:3], line.number))
        self._gather.account_states.append(
            (native, *profile[:2], *profile[3:], *follow, line.number)
        )
        self._accounts.put(native, told)

    def post(self, post: Mapping[str, Any], line: Line) -> None:
        """Add the rows of one post: post, counts, actions, objects; all of them or none.

        Errors    UnusableRowError, TypeError, KeyError, AttributeError or ValueError when its
                  shape is not what the API documents
        """
        get = post.get
        native = get("id")
        if type(native) is not str or not native.isdigit() or len(native) > 19:
            native = native_id(native)
        long = get("note_tweet")  # posts over 280 characters stand there in full
        text = get("text") if long is None else long["text"]
        content = (text, get("author_id"), get("created_at"))
        counts = get("public_metrics")
        state = None
        if counts:
            try:
                reposts, replies, likes, quotes = _USUAL_COUNTS(counts)
            except KeyError:
                reposts, replies, likes, quotes = map(counts.get, _COUNT_NAMES)
            state = (reposts, replies, likes, quotes, counts.get("impression_count"), line.seen)
        number = int(native)
        known = self._known_lately(number) or self._known.get(number)
        mix = hash(content)
        if known is None:
            shown = None if state is None else _checked(state)
            version = self._new(post, (native, *content), 0, line)
        else:
            is_same = known[0] == mix
            if is_same and known[2] == state:
                return
            is_told = state is not None and known[2] != state and known[3] != line.start
            shown = _checked(state) if is_told and state is not None else None
            version = known[1]
            if not is_same:
                version = self._new(post, (native, *content), version, line)
                self.changed_count += 1
        if shown is not None:
            self._gather.post_states.append((native, *shown, line.number))
        self._known.put(number, (mix, version, state, line.start))

    def _new(
        self, post: Mapping[str, Any], content: tuple[Any, ...], latest: int, line: Line
    ) -> int:
        """Add a content not seen before and what it did and carries; its version."""
        get = post.get
        native, text, author, created = content
        thread, language, client = get("conversation_id"), get("lang"), get("source")
        if not _TEXT.issuperset(map(type, (text, author, created, thread, language, client))):
            raise UnusableRowError("an id, time or text of the post is no text")
        history = get("edit_history_tweet_ids")
        version, is_latest, first, previous = _edition(history, native) if history else _UNEDITED
        if version <= latest:
            version = latest + 1
        gather = self._gather
        index = len(gather.posts)
        acts = Acts(f"x:{native}", f"x:{author}" if author else None, index)
        load, original = self._deeds(post, native, text, line, acts)
        if previous is not None:
            acts.add("edit", f"x:{previous}", acts.account_id, "native")
        self._marks.collect(post, load)
        if original is not None:
            self._marks.collect(original, load)
        own_hash = text_hash(text) if text and load.acts is not None else None
        gather.posts.append(
            (
                native,
                version,
                is_latest,
                thread,
                author,
                text,
                own_hash,
                language,
                client,
                first,
                line.number,
            )
        )
        gather.clocks.append(created)
        if acts.rows:
            gather.actions += acts.rows.values()
        found = load.found
        if found:
            gather.carry(found.keys(), found.values(), index)
        self.withheld_count += "withheld" in post
        return version

    def _deeds(
        self, post: Mapping[str, Any], native: str, text: str | None, line: Line, acts: Acts
    ) -> tuple[Load, Mapping[str, Any] | None]:
        """Repost, quotes and replies as acts; an empty load in its role, and what it reposts."""
        references = post.get("referenced_tweets")
        reposted, others = _references(references) if references else _NO_REFERENCES
        if reposted is not None:
            acts.add("repost", f"x:{reposted}", line.author_of(reposted), "native")
        for kind, target in others:
            account = line.author_of(target)
            if account is None and kind == "reply" and post.get("in_reply_to_user_id"):
                account = f"x:{post['in_reply_to_user_id']}"
            acts.add(kind, f"x:{target}", account, "native")
        if reposted is not None:
            return Load("inherited", line, None, ()), line.posts.get(reposted)
        by_hand = reposted_handle(text) if text and text.startswith("RT @") else None
        if by_hand is not None:
            acts.add("repost", None, line.named(by_hand), "text_pattern")
            return Load("inherited", line, None, ()), None
        own = (native, *[target for _, target in others])
        return Load("in_text", line, acts, own), None


def times(posts: list[tuple[Any, ...]], created: list[str | None]) -> Times:
    """The time columns of a batch of posts of X.

    Output    posted_at is created_at, else the time in the id; the interval is one unit of the
              clock, widened to hold the id's time too where the two differ by over two seconds
    """
    stated = iso_column(created).cast(pa.int64())
    is_stated = pc.is_valid(stated).to_numpy(zero_copy_only=False)
    at = pc.fill_null(stated, 0).to_numpy()
    ids = pc.cast(pa.array([row[0] for row in posts], pa.string()), pa.int64()).to_numpy()
    carried = snowflake_us(ids, X_EPOCH_MS, X_FIRST_TIMED_ID)
    is_carried = carried >= 0
    at = np.where(is_stated, at, carried)
    unit = np.where(is_stated & (at % 1_000_000 == 0), 1_000_000, 1_000)
    low, high = widened(at, unit, np.where(is_stated, carried, -1), _CLOCKS_AGREE_US)
    unknown = ~(is_stated | is_carried)
    clock = pc.if_else(pa.array(is_stated), "platform", "id_derived")
    return Times(
        at=_stamps(at, unknown),
        low=_stamps(low, unknown),
        high=_stamps(high, unknown),
        clock=pc.if_else(pa.array(unknown), pa.scalar(None, pa.string()), clock),
        precision=pa.array(unit / 1_000_000, mask=unknown),
    )


def _stamps(micros: np.ndarray, unknown: np.ndarray) -> pa.Array:
    return pa.array(micros, pa.int64(), mask=unknown).cast(MICROS)


def _edition(history: Any, native: str) -> tuple[int, bool, str | None, str | None]:
    """Version, whether it is the latest known, the first version's id, the previous one's."""
    if len(history) < 2 or native not in history:
        return _UNEDITED
    at = history.index(native)
    first = native_id(history[0]) if at else None
    return at + 1, at == len(history) - 1, first, native_id(history[at - 1]) if at else None


def _references(
    given: Sequence[Mapping[str, Any]],
) -> tuple[str | None, Sequence[tuple[str, str]]]:
    """The id of the reposted post, and (action, id) of those quoted and answered."""
    retweeted: str | None = None
    others: list[tuple[str, str]] = []
    for reference in given:
        kind = reference["type"]
        target = native_id(reference["id"])
        if kind == "retweeted":
            retweeted = target
        elif kind == "quoted":
            others.append(("quote", target))
        elif kind == "replied_to":
            others.append(("reply", target))
        else:
            raise UnusableRowError(f"the reference type {str(kind)[:40]!r} is unknown")
    return retweeted, others


def _checked(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """The counts of a post in the order of their columns, without the time they were seen."""
    counts = state[:5]
    _check_counts(counts)
    return counts


def _check_counts(counts: tuple[Any, ...]) -> None:
    """Refuse counts that are no whole numbers, or that no platform ever had."""
    if not _COUNT.issuperset(map(type, counts)):
        raise UnusableRowError("a public count is no whole number")
    bits = 0
    for count in counts:
        if count:
            bits |= count  # one negative or huge number shows in the union of the bits
    if not 0 <= bits < _MAX_COUNT:
        raise UnusableRowError("a public count is negative or larger than any platform's")
