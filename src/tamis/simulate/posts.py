"""One post of the invented X collection, and its JSON as API v2 gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tamis.simulate import clock
from tamis.simulate.accounts import account, snowflake
from tamis.simulate.dice import mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORKER = 0x3FE << 12  # never used by the platform, so no id here is anybody's post
_RETWEET_LENGTH = 140
_CLIENTS = ("Twitter Web App", "Twitter for Android", "Twitter for iPhone")
_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Post:
    """One post. `kind` is "", "retweeted", "quoted" or "replied_to"; the id comes when written."""

    __slots__ = (
        "at_ms",
        "group",
        "json",
        "kind",
        "language",
        "native_id",
        "number",
        "spans",
        "tags",
        "target",
        "text",
        "urls",
    )

    def __init__(self, at_ms: int, number: int, language: str) -> None:
        self.at_ms = at_ms
        self.number = number  # of the account
        self.language = language
        self.native_id = 0
        self.kind = ""
        self.target: Post | None = None
        self.text = ""
        self.tags: tuple[str, ...] = ()
        self.urls: tuple[str, ...] = ()
        self.spans: dict[str, list[dict[str, Any]]] = {}
        self.group = ""
        self.json = b""

    @property
    def at_s(self) -> int:
        """The second that `created_at` shows."""
        return self.at_ms // 1000

    @property
    def post_id(self) -> str:
        """The id in tamis' tables."""
        return f"x:{self.native_id}"

    def carries(self, tag: str) -> bool:
        """Whether the post, or the post it repeats, has that hashtag."""
        return tag in self.tags or (
            self.kind == "retweeted" and self.target is not None and tag in self.target.tags
        )

    def numbered(self, sequence: int) -> None:
        """Give the post its id, which holds its millisecond."""
        self.native_id = snowflake(self.at_ms, _WORKER | sequence & 0xFFF)


def _short(url: str, salt: int) -> str:
    """A shortened address no shortener gives out: theirs hold no underscore."""
    chance = mixed(salt * 31 + len(url))
    letters = ""
    for _ in range(7):
        chance, digit = divmod(chance, len(_ALPHABET))
        letters += _ALPHABET[digit]
    return f"https://t.co/{letters[:2]}_{letters[2:]}"


def written(post: Post, body: str, tags: Sequence[str] = (), urls: Sequence[str] = ()) -> Post:
    """The post with its text and the spans of what stands in it."""
    text = body
    spans: dict[str, list[dict[str, Any]]] = {}
    if post.kind == "replied_to" and post.target is not None:
        whom = account(post.target.number)
        text = f"@{whom.handle} {body}"
        spans["mentions"] = [
            {"start": 0, "end": len(whom.handle) + 1, "username": whom.handle,
             "id": whom.native_id}
        ]  # fmt: skip
    if tags:
        spans["hashtags"] = found = []
        for tag in tags:
            start = len(text) + 1
            text = f"{text} #{tag}"
            found.append({"start": start, "end": len(text), "tag": tag})
    if urls:
        spans["urls"] = linked = []
        for url in urls:
            short = _short(url, post.at_ms * 8191 + post.number)
            start = len(text) + 1
            text = f"{text} {short}"
            linked.append(
                {"start": start, "end": len(text), "url": short, "expanded_url": url,
                 "display_url": url.partition("://")[2][:26]}
            )  # fmt: skip
    post.text = text
    post.spans = spans
    post.tags = tuple(tags)
    post.urls = tuple(urls)
    return post


def repeated(post: Post, target: Post) -> Post:
    """The post as a repost of `target`, its text cut as the platform cuts it."""
    post.kind = "retweeted"
    post.target = target
    whom = account(target.number)
    lead = f"RT @{whom.handle}: "
    shift = len(lead)
    text = lead + target.text
    end = len(text)
    if end > _RETWEET_LENGTH:
        text = text[: _RETWEET_LENGTH - 1] + "…"
        end = _RETWEET_LENGTH - 1
    spans: dict[str, list[dict[str, Any]]] = {
        "mentions": [{"start": 3, "end": shift - 2, "username": whom.handle, "id": whom.native_id}]
    }
    for kind, entries in target.spans.items():
        kept = [
            {**entry, "start": entry["start"] + shift, "end": entry["end"] + shift}
            for entry in entries
            if entry["end"] + shift <= end
        ]
        if kept:
            spans[kind] = spans.get(kind, []) + kept
    post.text = text
    post.spans = spans
    post.language = target.language
    return post


def exported(post: Post) -> dict[str, Any]:
    """The post's object as the API gives it (referenced posts by id only)."""
    chance = mixed(post.native_id)
    native = str(post.native_id)
    out: dict[str, Any] = {
        "id": native,
        "text": post.text,
        "author_id": account(post.number).native_id,
        "conversation_id": native,
        "created_at": clock.iso(post.at_s)[:-1] + ".000Z",
        "lang": post.language,
        "source": _CLIENTS[chance % 3],
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {
            "retweet_count": (chance >> 8) % 7,
            "reply_count": (chance >> 16) % 3,
            "like_count": (chance >> 24) % 12,
            "quote_count": 0,
        },
    }
    if post.spans:
        out["entities"] = post.spans
    if post.target is not None:
        target = post.target
        out["referenced_tweets"] = [{"type": post.kind, "id": str(target.native_id)}]
        if post.kind == "replied_to":
            out["in_reply_to_user_id"] = account(target.number).native_id
            out["conversation_id"] = str(target.native_id)
    return out


def rendered(post: Post) -> bytes:
    """The object as JSON, kept with the post, because others will refer to it."""
    if not post.json:
        post.json = orjson.dumps(exported(post))
    return post.json
