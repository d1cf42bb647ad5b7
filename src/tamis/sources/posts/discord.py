"""Discord: channels as DiscordChatExporter writes them to JSON, whole or in partitions.

Input     {guild, channel, dateRange, exportedAt, messages: [...], messageCount}
Output    each message by its id. A forward keeps the date of its original and inherits its
          objects; a reply and a crosspost name their post; an edit is an action of its own time.
          All reactions together stand as likes, as of `exportedAt`. A bot's answer to a command
          is the bot's; who gave the command is an account. Whether the exporter rendered Markdown
          cannot be told: mentions come from its list alone, addresses lose the marks around them.
Missing   the words before an edit: the text is that of the last one
Limits    Timestamps are written in the exporter's zone with their offset and are compared with
          the time in the id; where they differ, the interval holds both. `#name` is a channel
          here, no hashtag. Roles, stickers, members and voice are not kept. Joins, pins and calls
          are kept as accounts only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.markdown import addresses
from tamis.sources.posts.nested import Piece, nested
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, stated
from tamis.sources.posts.reading import Reading, count_of, id_of, micros_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

PLATFORM = "discord"
EPOCH_MS = 1_420_070_400_000
_AGREE_US = 2_000_000
_SERVICE = frozenset(
    {
        *("RecipientAdd", "RecipientRemove", "Call", "ChannelNameChange", "ChannelIconChange"),
        *("ChannelPinnedMessage", "GuildMemberJoin", "UserJoin", "ThreadCreated", "GuildBoost"),
        *("UserPremiumGuildSubscription", "ChannelFollowAdd", "ThreadStarterMessage"),
    }
)
_KEYS = frozenset({"messages"})


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is an export of DiscordChatExporter, by its head."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return 0
    early = head[:8192]
    hits = sum(name in early for name in (b'"guild"', b'"channel"', b'"dateRange"', b'"messages"'))
    return 95 if hits == 4 else 60 if hits == 3 and b'"channel"' in early else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    channel = _Channel(Reading(source, READER.name, PLATFORM))
    yield from channel.reading.batches(nested(stream, _KEYS), channel.take)


class _Channel:
    """The messages of one file; what the file says before them holds for all."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._seen_count = 0
        self._around: Mapping[str, Any] | None = None
        self._exported: int | None = None
        self._contained: Mapping[str, Any] | None = None

    def take(self, piece: Piece) -> None:
        """One message, the end of the export, or what is wrong in the file."""
        reading = self.reading
        if piece.why is not None:
            reading.reject(piece.start, piece.why, piece.data)
        elif piece.is_end:
            self._end(piece)
        else:
            self._seen_count += 1
            reading.row(
                *(piece.start, piece.end, piece.data),
                lambda given: self._message(given, piece),
                piece.parsed,
            )

    def _end(self, piece: Piece) -> None:
        if not piece.key:
            self.reading.reject(piece.start, "an object without a list of messages", None)
            return
        declared, seen = piece.around.get("messageCount"), self._seen_count
        if declared is not None and declared != seen:
            self.reading.remark(f"the export says it holds {declared} messages, it holds {seen}")
        self._seen_count = 0

    def _message(self, given: dict[str, Any], piece: Piece) -> None:
        native = id_of(given.get("id"), "message id")
        channel = piece.around.get("channel") or {}
        place = id_of(channel["id"], "channel id") if channel.get("id") is not None else None
        who = _account(given.get("author"))
        reading, kind = self.reading, text_of(given.get("type"), "message type") or "Default"
        seen = self._seen_us(piece.around)
        if kind in _SERVICE:
            line = reading.place(piece.start, piece.end, seen, "full")
            if who is not None:
                reading.writer.account(who, line)
            reading.remark("{} service messages (joins, pins, calls) are no posts")
            return
        post = Post(
            *(PLATFORM, native, who.native if who else None),
            text_of(given.get("content"), "content"),
            self._clock(native, given.get("timestamp")),
            thread=place if "Thread" in str(channel.get("type")) else None,
            container=place,
        )
        _refer(post, given, kind, place)
        _mark(post, given)
        named = [_account(one) for one in given.get("mentions") or ()]
        caller = self._caller(given)
        for one in named:
            if one is not None and not post.is_copy:
                post.act("mention", None, f"{PLATFORM}:{one.native}")
        reactions = given.get("reactions")
        if reactions:
            post.counts = Counts(likes=sum(count_of(one["count"]) or 0 for one in reactions))
        edited = self._edited(given)
        line = reading.place(piece.start, piece.end, seen, "full")
        self._containers(piece.around, line)
        for one in (who, *named, caller):
            if one is not None:
                reading.writer.account(one, line)
        is_new = reading.writer.post(post, line)
        if edited is not None and is_new:
            actor = f"{PLATFORM}:{post.account}" if post.account else None
            reading.writer.notice(Notice("edit", f"{PLATFORM}:{native}", actor, edited), line)
            reading.remark("{} messages were edited: their text is that of the last edit")

    def _caller(self, given: Mapping[str, Any]) -> Account | None:
        """Who gave the command that a bot's message answers; not the author of its words."""
        told = given.get("interaction")
        if not isinstance(told, dict):
            return None
        self.reading.remark("{} messages answer a command: who gave it is kept as account only")
        return _account(told.get("user"))

    def _seen_us(self, around: Mapping[str, Any]) -> int | None:
        """When the export was made."""
        if around is not self._around:
            self._around, self._exported = around, micros_of(around.get("exportedAt"))
        return self._exported

    def _containers(self, around: Mapping[str, Any], line: int) -> None:
        """The guild, the category and the channel, each in the one before; once an export."""
        if around is self._contained:
            return
        self._contained = around
        parent = None
        channel = around.get("channel") or {}
        for kind, native, name in (
            (
                "guild",
                (around.get("guild") or {}).get("id"),
                (around.get("guild") or {}).get("name"),
            ),
            ("category", channel.get("categoryId"), channel.get("category")),
            ("channel", channel.get("id"), channel.get("name")),
        ):
            if isinstance(native, (str, int)) and str(native) not in {"", "0"}:
                shown = name if isinstance(name, str) else None
                self.reading.writer.container(str(native), kind, shown, parent, line)
                parent = str(native)

    def _clock(self, native: str, given: Any) -> Clock:
        """The stated time, compared with the one in the id; without a zone, the id's alone."""
        made = ((int(native) >> 22) + EPOCH_MS) * 1000
        derived = Clock(made, made, made + 999, "id_derived", 0.001)
        if given is None:
            return derived
        try:
            clock = stated(moment(given), "platform")
        except UnreadableTimeError as error:
            if "names no zone" not in str(error):
                raise
            self.reading.remark("{} times name no zone: the time in the message id is taken")
            return derived
        except TypeError as error:
            raise UnusableRowError("the timestamp is no text") from error
        if clock.at is None or abs(clock.at - made) <= _AGREE_US:
            return clock
        self.reading.remark("{} times differ from the one in the message id: both are kept")
        low, high = clock.low or 0, clock.high or 0
        return clock._replace(low=min(low, made), high=max(high, made + 999))

    def _edited(self, given: Mapping[str, Any]) -> Clock | None:
        when = given.get("timestampEdited")
        return stated(moment(when, self.reading.zone), "platform") if when else None


def _account(given: Any) -> Account | None:
    """An account by its id; None where the export gives none."""
    if not isinstance(given, dict) or given.get("id") is None:
        return None
    native, name = id_of(given["id"], "account id"), text_of(given.get("name"), "name")
    tail = given.get("discriminator")
    is_old = isinstance(tail, str) and tail.isdigit() and int(tail) > 0
    handle = f"{name}#{tail}" if name and is_old else name
    return Account(native, handle, text_of(given.get("nickname"), "nickname"))


def _refer(post: Post, given: Mapping[str, Any], kind: str, place: str | None) -> None:
    """Reply, crosspost or forward, by what the message refers to."""
    reference, forwarded = given.get("reference"), given.get("forwardedMessage")
    target = reference.get("messageId") if isinstance(reference, dict) else None
    whole = f"{PLATFORM}:{id_of(target, 'message id')}" if target is not None else None
    is_forward = isinstance(reference, dict) and reference.get("type") == "Forward"
    if is_forward or isinstance(forwarded, dict):
        origin = micros_of(forwarded.get("timestamp")) if isinstance(forwarded, dict) else None
        if origin is None and target is not None:
            origin = ((int(target) >> 22) + EPOCH_MS) * 1000
        post.is_copy = True
        post.act("forward", whole, None, "native", origin)
        if not post.text and isinstance(forwarded, dict):
            post.text = text_of(forwarded.get("content"), "content")
        return
    if whole is None or not isinstance(reference, dict):
        return
    elsewhere = reference.get("channelId")
    is_elsewhere = elsewhere is not None and place is not None and str(elsewhere) != place
    post.act("crosspost" if is_elsewhere and kind != "Reply" else "reply", whole)


def _mark(post: Post, given: Mapping[str, Any]) -> None:
    """Addresses, embeds and attachments, a forward's own ones as inherited."""
    post.links(addresses(post.text or ""), "in_text", "text")
    holders = [given]
    if isinstance(given.get("forwardedMessage"), dict):
        holders.append(given["forwardedMessage"])
    for holder in holders:
        for embed in holder.get("embeds") or ():
            if text_of(embed.get("url"), "embed's address"):
                post.links([embed["url"]], "embed", "entity")
        for one in holder.get("attachments") or ():
            native = id_of(one["id"], "attachment id")
            shown = text_of(one.get("fileName"), "file name") or native
            post.attach("media", f"{PLATFORM}:{native}", shown[:200])


READER = PostReader(
    platform="discord",
    recognises=recognises,
    read=read,
    keeps=(
        "messages, replies, forwards with the date of their original, crossposts, mentions, edits, "
        "links, embeds, attachments by id, all reactions together as likes, accounts, guild and "
        "channel"
    ),
    cannot_know=(
        "words before an edit, deleted messages, who reacted when, file hashes, whether the text "
        "was rendered by the exporter"
    ),
    sampling="full for the exported channel and dates",
)
