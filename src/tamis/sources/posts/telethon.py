"""Telegram: messages as Telethon and tools built on it dump them, one object each.

Input     one message a line or an array of them: to_dict() with `_` or 4CAT's `_type` as the kind
Output    each message by chat and number. A forward carries the date, the channel and the number
          of its original (`fwd_from`): the root is named even where nobody collected it. An edit
          is an action of its own time, unless it only changed what stands below the message.
Missing   who posted in a channel: the channel itself is the account
Limits    Entities count in UTF-16 units. A time without a zone is asked for (--assume-zone).
          All reactions together stand as likes. An album is one message a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import by_lines, frames
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, stated
from tamis.sources.posts.reading import Reading, count_of, text_of
from tamis.sources.posts.telegram import PLATFORM, chat_of, message_id, named
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import check_zone, moment
from tamis.syntax.text import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.frames import Frame

_PEERS = (("channel_id", "channel"), ("user_id", "user"), ("chat_id", "chat"))


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a dump of Telethon, by the names that its messages have."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0
    names = (b'"peer_id"', b'"fwd_from"', b'"grouped_id"', b'"edit_date"', b'"reply_to"')
    hits = sum(name in head for name in names)
    is_named = b'"Message"' in head or b'"PeerChannel"' in head or b'"to_id"' in head
    return 90 if hits >= 2 and b'"message"' in head else 60 if hits and is_named else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    if reading.zone is not None:
        check_zone(reading.zone)
    messages = _Messages(reading)
    yield from reading.batches(frames(stream, is_range=source.shared is not None), messages.take)


class _Messages:
    """The messages of one file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def take(self, frame: Frame) -> None:
        """One line."""
        self._reading.row(
            *(frame.start, frame.end, frame.data), lambda given: self._message(given, frame)
        )

    def _message(self, given: dict[str, Any], frame: Frame) -> None:
        kind = _kind(given) or "Message"
        chat = _peer(given.get("peer_id", given.get("to_id")))
        if chat is None:
            raise UnusableRowError("the message names no chat (peer_id), so that it has no id")
        native = message_id(chat_of(chat), given.get("id"))
        who = _sender(given, chat)
        reading = self._reading
        if kind != "Message":
            if kind not in {"MessageService", "MessageEmpty"}:
                raise UnusableRowError(f"a {kind[:40]} is no message")
            line = reading.place(frame.start, frame.end, None)
            if who is not None:
                reading.writer.account(who, line)
            reading.remark("{} service messages (joins, pins, calls) are no posts")
            return
        post = Post(
            *(PLATFORM, native, who.native if who else None),
            text_of(given.get("message", given.get("text")), "message"),
            self._clock(given.get("date"), "date"),
            container=chat_of(chat),
            client=text_of(given.get("post_author"), "signature"),
        )
        self._forward(post, given.get("fwd_from"))
        _reply(post, given, chat)
        _mark(post, given)
        post.counts = _counts(given)
        is_edit = given.get("edit_date") and not given.get("edit_hide")
        edited = self._clock(given["edit_date"], "edit_date") if is_edit else None
        line = reading.place(frame.start, frame.end, None)
        told = given.get("_chat") or given.get("chat")
        title = told.get("title") if isinstance(told, dict) else None
        group = "channel" if chat.startswith("channel") else "group"
        reading.writer.container(chat_of(chat), group, text_of(title, "title"), None, line)
        if who is not None:
            reading.writer.account(who, line)
        if reading.writer.post(post, line) and edited is not None:
            actor = f"{PLATFORM}:{post.account}" if post.account else None
            reading.writer.notice(Notice("edit", f"{PLATFORM}:{native}", actor, edited), line)
            reading.remark("{} messages were edited: their text is that of the last edit")

    def _clock(self, given: Any, what: str) -> Clock:
        if isinstance(given, bool) or not isinstance(given, (str, int, float)) or given == "":
            raise UnusableRowError(f"the message holds no {what}")
        return stated(moment(given, self._reading.zone), "platform")

    def _forward(self, post: Post, given: Any) -> None:
        """A forward with its original's own date, channel and number, as far as told."""
        if not isinstance(given, dict):
            return
        post.is_copy = True
        date = given.get("date")
        origin = self._clock(date, "date of its original").at if date is not None else None
        whom = _peer(given.get("from_id"))
        if whom is None and given.get("channel_id") is not None:  # before 2020
            whom = _peer({"channel_id": given["channel_id"]})
        number = given.get("channel_post")
        if whom is not None and number is not None:
            target = f"{PLATFORM}:{message_id(chat_of(whom), number)}"
            post.act("forward", target, f"{PLATFORM}:{whom}", "native", origin)
        elif whom is not None:
            post.act("forward", None, f"{PLATFORM}:{whom}", "id_reference", origin)
        else:
            post.act("forward", None, named(given.get("from_name")), "name_only", origin)


def _kind(given: Mapping[str, Any]) -> str | None:
    kind = given.get("_", given.get("_type"))
    return kind if isinstance(kind, str) else None


def _peer(given: Any) -> str | None:
    """`channel1`, `user2` or `chat3` from a peer as Telethon writes it; None for none."""
    if isinstance(given, bool) or given is None:
        return None
    if isinstance(given, int):
        return f"user{given}" if given > 0 else None
    if not isinstance(given, dict):
        raise UnusableRowError("a peer is neither an object nor a number")
    for name, kind in _PEERS:
        number = given.get(name)
        if number is not None:
            if type(number) is not int or number < 0:
                raise UnusableRowError(f"the {name} {str(number)[:40]!r} is no whole number")
            return f"{kind}{number}"
    return None


def _sender(given: Mapping[str, Any], chat: str) -> Account | None:
    """Who sent it; in a channel, the channel itself."""
    native = _peer(given.get("from_id"))
    told = given.get("_sender") or given.get("sender")
    if native is None and (given.get("post") or chat.startswith("user")):
        native = chat
        told = told or given.get("_chat")
    if native is None:
        return None
    told = told if isinstance(told, dict) else {}
    handle = text_of(told.get("username"), "username")
    names = (told.get("title"), told.get("first_name"), told.get("last_name"))
    shown = " ".join(name for name in names if isinstance(name, str) and name)
    return Account(native, handle, shown or None)


def _reply(post: Post, given: Mapping[str, Any], chat: str) -> None:
    reply = given.get("reply_to")
    number = reply.get("reply_to_msg_id") if isinstance(reply, dict) else None
    if number is None:
        number = given.get("reply_to_msg_id")
    if number is None:
        return
    where = _peer(reply.get("reply_to_peer_id")) if isinstance(reply, dict) else None
    place = chat_of(where or chat)
    post.act("reply", f"{PLATFORM}:{message_id(place, number)}")
    top = reply.get("reply_to_top_id") if isinstance(reply, dict) else None
    post.thread = message_id(place, top if top is not None else number)


def _mark(post: Post, given: Mapping[str, Any]) -> None:
    """Addresses, hashtags and mentions at the places that entities name, and what is attached."""
    text, entities = post.text or "", given.get("entities")
    if isinstance(entities, list):
        units = text.encode("utf-16-le", "surrogatepass")
        for one in entities:
            _entity(post, one, units)
    else:
        shown = written(text)
        post.links(shown.urls, "in_text", "text")
        post.tags(shown.hashtags, "text")
        for name in () if post.is_copy else shown.mentions:
            post.act("mention", None, f"{PLATFORM}:@{name.lower()}", "text_pattern")
    media = given.get("media")
    if not isinstance(media, dict):
        return
    for kind in ("photo", "document"):
        native = media[kind].get("id") if isinstance(media.get(kind), dict) else None
        if type(native) is int:
            post.attach("media", f"{PLATFORM}:{kind}:{native}", _file_name(media[kind]) or kind)
    page = media.get("webpage")
    if isinstance(page, dict) and text_of(page.get("url"), "address"):
        post.links([page["url"]], "card", "entity")


def _entity(post: Post, one: Mapping[str, Any], units: bytes) -> None:
    kind, at, size = _kind(one) or "", one.get("offset"), one.get("length")
    if type(at) is not int or type(size) is not int or at < 0 or size < 0:
        raise UnusableRowError("an entity of the message has no place in the text")
    shown = units[2 * at : 2 * (at + size)].decode("utf-16-le", "replace")
    if kind == "MessageEntityUrl":
        post.links([shown if "://" in shown else f"http://{shown}"], "in_text", "entity")
    elif kind == "MessageEntityTextUrl":
        post.links([text_of(one.get("url"), "address") or ""], "in_text", "entity")
    elif kind == "MessageEntityHashtag":
        post.tags([shown], "entity")
    elif kind == "MessageEntityMention" and not post.is_copy:
        handle = shown.lstrip("@").lower()
        post.act("mention", None, f"{PLATFORM}:@{handle}", "name_only")
    elif kind == "MessageEntityMentionName" and not post.is_copy:
        post.act("mention", None, f"{PLATFORM}:{_peer({'user_id': one.get('user_id')})}")


def _file_name(given: Mapping[str, Any]) -> str | None:
    for attribute in given.get("attributes") or ():
        name = attribute.get("file_name") if isinstance(attribute, dict) else None
        if isinstance(name, str) and name:
            return name[:200]
    return None


def _counts(given: Mapping[str, Any]) -> Counts | None:
    """Views, forwards, replies, and all reactions together."""
    replies, reactions = given.get("replies"), given.get("reactions")
    answered = replies.get("replies") if isinstance(replies, dict) else None
    listed = reactions.get("results") if isinstance(reactions, dict) else None
    likes = sum(count_of(one["count"]) or 0 for one in listed) if listed else None
    counts = Counts(
        reposts=count_of(given.get("forwards")),
        replies=count_of(answered),
        likes=likes,
        views=count_of(given.get("views")),
    )
    return counts if any(one is not None for one in counts) else None


READER = PostReader(
    platform="telethon",
    recognises=recognises,
    read=read,
    keeps=(
        "messages by chat and number, replies, forwards with date, channel and number of their "
        "original, mentions, edits, links, hashtags, cards, ids of uploads, accounts, views and "
        "forwards"
    ),
    cannot_know=(
        "words before an edit, deleted messages, who signs for a channel, file hashes, the "
        "original of a forward whose author hides"
    ),
    sampling="unknown unless told: a dump does not say which messages were asked for",
    ranges=by_lines,
)
