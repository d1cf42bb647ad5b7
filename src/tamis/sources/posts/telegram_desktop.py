"""Telegram: `result.json` of Telegram Desktop, of one chat or of all.

Input     {name, type, id, messages: [...]} or {chats: {list: [the same, ...]}}
Output    each message by chat and number. A forward names its origin by display name only
          (grade `name_only`; by id where a newer export gives one) and inherits its objects; an
          edit is an action of its own time. All reactions together stand as likes.
Missing   the words before an edit
Errors    FormatError when no message of the first two hundred holds `date_unixtime` and no zone
          was given: `date` is wall time of the exporting computer, and a zone is never guessed
Limits    With `date_unixtime` the clock is the platform's; `date` differs from it by the zone,
          and is not used. Views are not exported. Joins, pins and calls are kept as accounts only.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import BrokenValueError, value
from tamis.sources.posts.nested import Piece, nested
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, stated
from tamis.sources.posts.reading import Reading, count_of, text_of
from tamis.sources.posts.telegram import PLATFORM, chat_of, message_id, named, peer
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import check_zone, moment
from tamis.syntax.text import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_KEYS = frozenset({"messages"})
_LOOKED_AT = 200
_CHANNELS = frozenset(
    {"public_channel", "private_channel", "public_supergroup", "private_supergroup"}
)
_KINDS = {"personal_chat": "user", "bot_chat": "user", "saved_messages": "user"}


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is Telegram Desktop's, by its head and its way of writing dates."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return 0
    if b'"chats"' in head and b'"list"' in head and b'"personal_information"' in head[:4096]:
        return 90
    is_chat = b'"messages"' in head and b'"name"' in head[:4096] and b'"type"' in head[:4096]
    if is_chat and (b'"date_unixtime"' in head or b'"from_id"' in head or b'"actor_id"' in head):
        return 95
    is_whole = b'"chats"' in head and b'"list"' in head
    return 80 if is_whole and b'"from_id"' in head else 60 if is_chat and b'"text"' in head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    if reading.zone is not None:
        check_zone(reading.zone)
    pieces = nested(stream, _KEYS)
    early: list[Piece] = []
    for piece in pieces:
        early.append(piece)
        if reading.zone is not None or _states_time(piece) or len(early) >= _LOOKED_AT:
            break
    if reading.zone is None:
        _check_times(source.name, early)
    yield from reading.batches(chain(early, pieces), _Chats(reading).take)


def _states_time(piece: Piece) -> bool:
    return b'"date_unixtime"' in (piece.data or b"")


def _check_times(file: str, early: list[Piece]) -> None:
    """Refuse an export whose messages hold wall time only."""
    for piece in early:
        try:
            message = value(piece.data or b"null")
        except BrokenValueError:
            continue
        if isinstance(message, dict) and message.get("date") and not any(map(_states_time, early)):
            raise FormatError(
                f"{file}: its messages hold `date` (such as {str(message['date'])[:40]!r}), wall "
                "time of the computer that exported them, and no `date_unixtime`. No zone is "
                "guessed: say in which zone that computer stood, for example "
                "--assume-zone Europe/Paris, or export again with a newer Telegram Desktop"
            )


class _Chats:
    """The chats of one file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def take(self, piece: Piece) -> None:
        """One message, the end of the export, or what is wrong in the file."""
        reading = self._reading
        if piece.why is not None:
            reading.reject(piece.start, piece.why, piece.data)
        elif not piece.is_end:
            reading.row(
                *(piece.start, piece.end, piece.data),
                lambda given: self._message(given, piece),
                piece.parsed,
            )
        elif not piece.key:
            reading.reject(piece.start, "an object without a list of messages", None)

    def _message(self, given: dict[str, Any], piece: Piece) -> None:
        reading = self._reading
        chat = _chat(piece.around)
        native = message_id(chat, given.get("id"))
        sender = peer(given.get("from_id", given.get("actor_id")))
        name = text_of(given.get("from", given.get("actor")), "sender's name")
        who = Account(sender, None, name) if sender is not None else None
        if given.get("type") == "service":
            line = reading.place(piece.start, piece.end, None, "full")
            if who is not None:
                reading.writer.account(who, line)
            reading.remark("{} service messages (joins, pins, calls) are no posts")
            return
        post = Post(
            *(PLATFORM, native, sender, _text(given), self._clock(given, "date")),
            container=chat,
            client=text_of(given.get("via_bot"), "bot"),
        )
        _refer(post, given, chat)
        _mark(post, given)
        reactions = given.get("reactions")
        if reactions:
            post.counts = Counts(likes=sum(count_of(one["count"]) or 0 for one in reactions))
        edited = self._clock(given, "edited") if given.get("edited") else None
        line = reading.place(piece.start, piece.end, None, "full")
        title = text_of(piece.around.get("name"), "name of the chat")
        kind = "channel" if "channel" in str(piece.around.get("type")) else "group"
        reading.writer.container(chat, kind, title, None, line)
        if who is not None:
            reading.writer.account(who, line)
        if reading.writer.post(post, line) and edited is not None:
            actor = f"{PLATFORM}:{sender}" if sender else None
            reading.writer.notice(Notice("edit", f"{PLATFORM}:{native}", actor, edited), line)
            reading.remark("{} messages were edited: their text is that of the last edit")

    def _clock(self, given: Mapping[str, Any], field: str) -> Clock:
        """Seconds since 1970 where the export holds them, else wall time in the stated zone."""
        exact, local = given.get(f"{field}_unixtime"), given.get(field)
        if isinstance(exact, str) and exact.isdecimal():
            exact = int(exact)
        if type(exact) is int:
            clock = stated(moment(exact), "platform")
            if isinstance(local, str) and clock.at is not None:
                wall = moment(local, "UTC").at_us
                away = wall - clock.at
                if away % 900_000_000 or abs(away) > 15 * 3_600_000_000:
                    low, high = clock.low or 0, clock.high or 0
                    self._reading.remark(
                        "{} times differ by no time zone from their wall time: both are kept"
                    )
                    return clock._replace(low=min(low, wall), high=max(high, wall))
            return clock
        if not isinstance(local, str):
            raise UnusableRowError("the message holds no time")
        return stated(moment(local, self._reading.zone), "exporter_local")


def _chat(around: Mapping[str, Any]) -> str:
    """The prefix of message ids in a chat, by its type and number."""
    number, kind = around.get("id"), around.get("type")
    if type(number) is not int:
        raise UnusableRowError("the chat has no number, so that its messages have no ids")
    if kind in _CHANNELS:
        return str(number)
    return f"{_KINDS.get(str(kind), 'chat')}{number}"


def _text(given: Mapping[str, Any]) -> str | None:
    """The whole text: plain, or put together from its parts."""
    text = given.get("text")
    if isinstance(text, list):
        text = "".join(one if type(one) is str else one["text"] for one in text)
    if not text and isinstance(given.get("poll"), dict):
        text = given["poll"].get("question")
    return text_of(text, "text")


def _entities(given: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The marked parts of the text; None where the export marks nothing, not even plain text."""
    for name in ("text_entities", "text"):
        parts = given.get(name)
        if isinstance(parts, list):
            return [one for one in parts if isinstance(one, dict)]
    return None


def _refer(post: Post, given: Mapping[str, Any], chat: str) -> None:
    """Forward and reply."""
    if "forwarded_from" in given or given.get("forwarded_from_id"):
        by_id = peer(given.get("forwarded_from_id"))
        whom = f"{PLATFORM}:{by_id}" if by_id else named(given.get("forwarded_from"))
        post.is_copy = True
        post.act("forward", None, whom, "id_reference" if by_id else "name_only")
    answered = given.get("reply_to_message_id")
    if answered is not None:
        other = peer(given.get("reply_to_peer_id"))
        where = chat_of(other) if other else chat
        post.act("reply", f"{PLATFORM}:{message_id(where, answered)}")


def _mark(post: Post, given: Mapping[str, Any]) -> None:
    """Addresses, hashtags and mentions, as marked, or as the text shows them."""
    entities = _entities(given)
    if entities is None:
        shown = written(post.text or "")
        post.links(shown.urls, "in_text", "text")
        post.tags(shown.hashtags, "text")
        if not post.is_copy:
            for name in shown.mentions:
                post.act("mention", None, f"{PLATFORM}:@{name.lower()}", "text_pattern")
        return
    for one in entities:
        kind, text = one.get("type"), text_of(one.get("text"), "text") or ""
        if kind == "link":
            post.links([text if "://" in text else f"http://{text}"], "in_text", "entity")
        elif kind == "text_link":
            post.links([text_of(one.get("href"), "address") or ""], "in_text", "entity")
        elif kind == "hashtag":
            post.tags([text], "entity")
        elif kind == "mention" and not post.is_copy:
            handle = text.lstrip("@").lower()
            post.act("mention", None, f"{PLATFORM}:@{handle}", "name_only")
        elif kind == "mention_name" and one.get("user_id") and not post.is_copy:
            post.act("mention", None, f"{PLATFORM}:{peer(one['user_id'])}", "native")


READER = PostReader(
    platform="telegram_desktop",
    recognises=recognises,
    read=read,
    keeps=(
        "messages by chat and number, replies, forwards by the name of their origin, mentions, "
        "edits, links, hashtags, accounts, chats, all reactions together as likes"
    ),
    cannot_know=(
        "id and date of a forward's original, words before an edit, views, file hashes, the time "
        "of an old export whose zone nobody remembers"
    ),
    sampling="full for the exported chats and dates",
)
