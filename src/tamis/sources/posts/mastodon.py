"""Mastodon: statuses, accounts and streaming events as its API gives them.

Input     one status, account, notification or event a line, an array, or one object
Output    each status by its `uri`, which means the same on every instance; its number does not
          and is never an id here. A boost inherits its original's objects, and the original is a
          post too. An edit is an action of its own time, a delete event one on the status that
          the file named before.
Missing   the answered or quoted status where only its number on an instance is told and the
          file does not hold it: the account alone, where mentioned
Limits    The clock of a status from the instance that was asked is the platform's; a time from
          another instance is what that one claims (`client_claimed`). A blurhash is no hash of an
          image and is not kept, an upload is known by its address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import BrokenValueError, frames, value
from tamis.sources.posts.markup import Anchor, plain
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.post_rows import Account, Clock, Counts, Notice, Post, Profile, stated
from tamis.sources.posts.reading import Reading, count_of, micros_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.frames import Frame

PLATFORM = "mastodon"
_NAMES = (
    *(b'"reblogs_count"', b'"favourites_count"', b'"spoiler_text"', b'"in_reply_to_account_id"'),
    *(b'"acct"', b'"quoted_status"', b'"quoted_status_id"', b'"blurhash"'),
    *(b'"media_attachments"', b'"uri"', b'"reblog"', b'"avatar_static"', b'"text_url"'),
)
# Fields of X and Bluesky, whose names for counts and replies are partly the same.
_OTHERS = (b'"id_str"', b'"screen_name"', b'"retweet_count"', b'"did:')
_EVENT = re.compile(rb'\{\s*"(?:stream|event)"\s*:.{0,200}"payload"', re.DOTALL)
_TAG = re.compile(rb'\{\s*"id"\s*:\s*"\d+",\s*"name"\s*:.{0,400}/tags/', re.DOTALL)
_USUAL_HOST = re.compile(r"https?://([a-z0-9.-]+)(?=/)")
_REMEMBERED = 200_000


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of Mastodon's API, by names that its entities have together."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or any(one in head for one in _OTHERS):
        return 0
    hits = sum(name in head for name in _NAMES)
    if hits >= 2 or (_EVENT.match(head) and hits):
        return 85
    return 45 if hits or _TAG.match(head) or _EVENT.match(head) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    yield from reading.batches(frames(stream), _Entities(reading).take)


class _Entities:
    """The entities of one file, and the numbers that its statuses have on their instance."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._uris: Memory[str, str] = Memory(_REMEMBERED)

    def take(self, frame: Frame) -> None:
        """One line."""
        self._reading.row(
            *(frame.start, frame.end, frame.data), lambda given: self._entity(given, frame)
        )

    def _entity(self, given: dict[str, Any], frame: Frame) -> None:
        if "event" in given and "payload" in given:
            self._event(given, frame)
        elif "content" in given and "account" in given:
            self._statuses(given, frame)
        elif isinstance(given.get("quoted_status"), dict):
            self._statuses(given["quoted_status"], frame)
        elif isinstance(given.get("status"), dict):
            self._statuses(given["status"], frame)
        elif "acct" in given:
            account, profile = _account(given)
            line = self._reading.place(frame.start, frame.end, None)
            self._reading.writer.account(account, line, profile)
        elif "quoted_status_id" in given:
            raise UnusableRowError("a quotation alone: it does not say who quoted, nor whom")
        elif "history" in given or "/tags/" in str(given.get("url")):
            raise UnusableRowError("a hashtag with its statistics: no post")
        elif "preview_url" in given:
            raise UnusableRowError("an upload alone: it does not say in which post it stands")
        else:
            raise UnusableRowError("neither a status nor an account nor an event")

    def _event(self, given: Mapping[str, Any], frame: Frame) -> None:
        kind, payload = given["event"], given["payload"]
        if kind == "delete":
            uri = self._uris.get(str(payload))
            line = self._reading.place(frame.start, frame.end, None)
            if uri is None:
                raise UnusableRowError(
                    "a delete event names a number of its instance, and no status with it came "
                    "before in this file"
                )
            self._reading.writer.notice(Notice("delete", f"{PLATFORM}:{uri}", None, None), line)
            return
        if kind not in {"update", "status.update"}:
            raise UnusableRowError(f"an event of kind {str(kind)[:40]!r} is not known")
        if isinstance(payload, str):
            payload = value(payload.encode("utf-8", "surrogatepass"))
        if not isinstance(payload, dict):
            raise BrokenValueError("the event's payload is no status")
        self._statuses(payload, frame)

    def _statuses(self, given: Mapping[str, Any], frame: Frame) -> None:
        """One status, what it boosts and what it quotes, innermost first."""
        inner = given.get("reblog")
        quoted = _quoted(inner if isinstance(inner, dict) else given)
        read_all = [self._status(one) for one in (quoted, inner, given) if isinstance(one, dict)]
        line = self._reading.place(frame.start, frame.end, None)
        writer = self._reading.writer
        for post, (account, profile), edited, numbers in read_all:
            writer.account(account, line, profile)
            if post.container is not None:
                writer.container(post.container, "instance", post.container, None, line)
            self._uris.put(numbers, post.native)
            if writer.post(post, line) and edited is not None:
                actor = f"{PLATFORM}:{account.native}"
                writer.notice(Notice("edit", f"{PLATFORM}:{post.native}", actor, edited), line)

    def _status(
        self, given: Mapping[str, Any]
    ) -> tuple[Post, tuple[Account, Profile | None], Clock | None, str]:
        uri, number = _uri(given), text_of(given.get("id"), "id") or ""
        who = _account(given["account"])
        is_own = bool(number) and uri.rstrip("/").removesuffix("/activity").endswith(f"/{number}")
        created = text_of(given.get("created_at"), "created_at")
        if created is None:
            raise UnusableRowError("the status holds no created_at")
        text, anchors = plain(text_of(given.get("content"), "content") or "")
        warning = text_of(given.get("spoiler_text"), "content warning")
        application = given.get("application")
        post = Post(
            *(PLATFORM, uri, who[0].native),
            "\n\n".join(part for part in (warning, text) if part) or None,
            stated(moment(created), "platform" if is_own else "client_claimed"),
            container=_host(uri),
            language=text_of(given.get("language"), "language"),
            client=application.get("name") if isinstance(application, dict) else None,
        )
        boosted = given.get("reblog")
        if isinstance(boosted, dict):
            post.is_copy = True
            target = f"{PLATFORM}:{_uri(boosted)}"
            post.act("repost", target, f"{PLATFORM}:{_account(boosted['account'])[0].native}")
        else:
            self._quote(post, given)
            self._reply(post, given, uri, number, is_own=is_own)
            _mentions(post, given)
        holder = boosted if isinstance(boosted, dict) else given
        if holder is not given:
            anchors = plain(text_of(holder.get("content"), "content") or "")[1]
        _mark(post, holder, anchors)
        get = given.get
        counts = [count_of(get(f"{one}_count")) for one in ("reblogs", "replies", "favourites")]
        counts.append(count_of(get("quotes_count")))
        if any(one is not None for one in counts) and not post.is_copy:
            post.counts = Counts(*counts)
        changed = text_of(get("edited_at"), "edited_at")
        edited = stated(moment(changed), "platform") if changed else None
        return post, who, edited if not post.is_copy else None, number

    def _quote(self, post: Post, given: Mapping[str, Any]) -> None:
        quoted = _quoted(given)
        if quoted is not None:
            whom = f"{PLATFORM}:{_account(quoted['account'])[0].native}"
            post.act("quote", f"{PLATFORM}:{_uri(quoted)}", whom)
            return
        quote = given.get("quote")
        number = quote.get("quoted_status_id") if isinstance(quote, dict) else given.get("quote_id")
        if number is not None:
            uri = self._uris.get(str(number))
            grade = "id_reference" if uri else "native"
            post.act("quote", f"{PLATFORM}:{uri}" if uri else None, None, grade)

    def _reply(
        self, post: Post, given: Mapping[str, Any], uri: str, number: str, *, is_own: bool
    ) -> None:
        """The answered status: by what came before, or by the pattern of the author's own ones."""
        answered = given.get("in_reply_to_id")
        if answered is None:
            return
        target, grade = self._uris.get(str(answered)), "id_reference"
        account = given.get("in_reply_to_account_id")
        whom = next((one for one in given.get("mentions") or () if one.get("id") == account), None)
        is_self = account is not None and account == given["account"].get("id")
        if target is None and is_self and is_own and str(answered).isdigit():
            # On its own instance a status's uri ends in its number, and the author is the same.
            target = uri.rstrip("/")[: -len(number)] + str(answered)
        if is_self:
            named: str | None = post.account
        else:
            named = _account(whom)[0].native if whom is not None else None
        whole = f"{PLATFORM}:{target}" if target else None
        post.act("reply", whole, f"{PLATFORM}:{named}" if named else None, grade)


def _uri(given: Mapping[str, Any]) -> str:
    """A status's address of its own, which means the same everywhere.

    Errors    UnusableRowError for a status without one
    """
    uri = text_of(given.get("uri"), "uri") or text_of(given.get("url"), "url")
    if uri is None or not uri.startswith(("https://", "http://")) or len(uri) > 2000:
        raise UnusableRowError(
            "the status has no uri: its number means something on one instance only"
        )
    return uri


def _host(address: str) -> str | None:
    """The host in an address."""
    usual = _USUAL_HOST.match(address)
    return usual[1] if usual is not None else urlsplit(address).hostname


def _account(given: Mapping[str, Any]) -> tuple[Account, Profile | None]:
    """An account as name@instance, which means the same on every instance.

    Errors    UnusableRowError where no instance is told
    """
    acct = text_of(given["acct"], "acct")
    if acct is None:
        raise UnusableRowError("the account has no acct")
    if "@" not in acct:
        host = _host(text_of(given.get("uri") or given.get("url"), "url") or "")
        if not host:
            raise UnusableRowError(
                f"the account {acct[:40]!r} names no instance: elsewhere it is somebody else"
            )
        acct = f"{acct}@{host}"
    name = text_of(given.get("display_name"), "display name")
    created = micros_of(given.get("created_at"))
    account = Account(acct.lower(), acct, name, created)
    if "note" not in given and "followers_count" not in given:
        return account, None
    note = plain(text_of(given.get("note"), "note") or "")[0] or None
    counts = ("followers_count", "following_count", "statuses_count")
    return account, Profile(note, None, *(count_of(given.get(one)) for one in counts))


def _quoted(given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The quoted status, where it is told whole; some servers give it bare."""
    quote = given.get("quote")
    if not isinstance(quote, dict):
        return None
    if isinstance(quote.get("quoted_status"), dict):
        return quote["quoted_status"]  # type: ignore[no-any-return]
    return quote if "content" in quote and "account" in quote else None


def _mentions(post: Post, given: Mapping[str, Any]) -> None:
    for one in given.get("mentions") or ():
        post.act("mention", None, f"{PLATFORM}:{_account(one)[0].native}")


def _mark(post: Post, given: Mapping[str, Any], anchors: list[Anchor]) -> None:
    """Addresses that are no mention and no hashtag, hashtags, the card, uploads."""
    shown = {"mention", "hashtag"}
    plain_ones = [a.href for a in anchors if not a.classes & shown and a.href[:4] == "http"]
    post.links(plain_ones, "in_text", "entity")
    post.tags([text_of(tag["name"], "hashtag") or "" for tag in given.get("tags") or ()], "entity")
    card = given.get("card")
    if isinstance(card, dict) and text_of(card.get("url"), "address"):
        post.links([card["url"]], "card", "entity")
    for one in given.get("media_attachments") or ():
        address = text_of(one.get("remote_url"), "address") or text_of(one.get("url"), "address")
        if address:
            post.attach("media", f"{PLATFORM}:{address}", address)


READER = PostReader(
    platform="mastodon",
    recognises=recognises,
    read=read,
    keeps=(
        "statuses by uri, boosts, quotes, replies, mentions, edits, delete events, links, cards, "
        "hashtags, addresses of uploads, accounts as name@instance with their numbers"
    ),
    cannot_know=(
        "the answered status where only its number on an instance is told, words before an edit, "
        "whether another instance's time is right, file hashes"
    ),
    sampling="unknown unless told: an instance holds what it was sent",
)
