"""Which column of a table means what, by name; and what is said when too little is recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.errors import FormatError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Names are compared in lower case with everything but letters and digits as "_". The first name
# of a list that the table has is taken. `tamis formats` and the docs print this list.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("post_id", "tweet_id", "tweetid", "status_id", "message_id", "content_id", "comment_id"),
        *("native_id", "id_str", "id"),
    ),
    "account": (
        *("account_id", "user_id", "userid", "author_id", "unique_userid", "from_user_id", "uid"),
        *("authorid", "channel_id", "page_id", "external_author_id", "account", "user", "author"),
        "user_name",
        *("username", "screen_name", "user_screen_name", "handle", "page_name"),
    ),
    "handle": ("username", "user_name", "screen_name", "user_screen_name", "handle"),
    "time": (
        *("posted_at", "unix_timestamp", "timestamp_utc", "timestamp", "timestamp_share"),
        *("created_at", "created_utc", "created", "creation_time", "post_created", "published_at"),
        *("tweet_created_at", "publish_date", "tweet_time", "date_utc", "datetime", "time", "date"),
    ),
    "text": (
        *("text", "full_text", "tweet_text", "post_content", "body", "message", "content"),
        "comment",
    ),
    "object": ("object_id",),
    "url": ("urls", "url", "expanded_urls", "expanded_url", "canonical_url", "links", "link"),
    "hashtags": ("hashtags", "hashtag", "tags"),
    "language": ("language", "lang", "tweet_language"),
    "platform": ("platform", "source_platform"),
    # Never recognised, only told: ids such as fb_123 whose letters name the platform.
    "platform_prefix": (),
    "thread": ("thread_id", "conversation_id"),
    "repost_of": (
        *("repost_of", "repost_id", "retweet_id", "retweet_tweetid", "retweeted_id"),
        *("retweeted_status_id", "referenced_tweets_retweeted_id", "reposted_id"),
    ),
    "reply_to": (
        *("reply_to", "reply_id", "in_reply_to", "in_reply_to_id", "in_reply_to_tweetid"),
        *("in_reply_to_status_id", "referenced_tweets_replied_to_id"),
    ),
    "quote_of": (
        *("quote_of", "quote_id", "quoted_id", "quoted_tweet_tweetid", "quoted_status_id"),
        "referenced_tweets_quoted_id",
    ),
}
# Columns of opaque ids, each a kind of object; any other object column is a phrase.
OBJECT_KINDS: Mapping[str, str] = {
    "url_id": "url",
    "link_id": "url",
    "hashtag_id": "hashtag",
    "domain_id": "domain",
    "domain": "domain",
    "phash_id": "image_hash",
    "phash": "image_hash",
    "image_hash": "image_hash",
    "media_hash_md5": "file_md5",
}
_CONTENT = ("text", "object", "url", "hashtags", "repost_of", "reply_to", "quote_of")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one table mean: role to its name, and object columns to their kind."""

    roles: Mapping[str, str]
    objects: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is needed and was not recognised."""
        lacks = [role for role in ("account", "time") if role not in self.roles]
        if not self.objects and not any(role in self.roles for role in _CONTENT):
            lacks.append("text or object")
        return tuple(lacks)


def recognise(names: Sequence[str], own: Mapping[str, str] | None = None) -> Columns:
    """What columns mean, the investigator's own words first (role to column name).

    Errors    InputError when `own` names a role or a column that does not exist.
    """
    own = own or {}
    for role, name in own.items():
        if role not in SYNONYMS:
            raise InputError(f"{role!r} is no meaning of a column: use {', '.join(SYNONYMS)}")
        if name not in names:
            raise InputError(f"there is no column {name!r} here: use {', '.join(names)}")
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(_NOT_NAME.sub("_", name.lower()).strip("_"), name)
    roles = dict(own)
    for role, synonyms in SYNONYMS.items():
        found = next((by_plain[one] for one in synonyms if one in by_plain), None)
        if role not in roles and found is not None:
            roles[role] = found
    objects = {by_plain[plain]: kind for plain, kind in OBJECT_KINDS.items() if plain in by_plain}
    if "object" in roles:
        objects.setdefault(roles["object"], "phrase")
    return Columns(roles, objects)


def refuse(file: str, names: Sequence[str], columns: Columns) -> FormatError:
    """The refusal of a table in which too little was recognised: what is seen, what to say."""
    seen = ", ".join(repr(name[:40]) for name in names[:40]) or "none"
    first = columns.missing[0].split(" ")[0]
    return FormatError(
        f"{file}: no column for {', '.join(columns.missing)} was recognised. A table of posts "
        "needs an account, a time, and a text or an object. Its columns are: "
        f"{seen}. Say which is which with --columns, for example --columns {first}=NAME"
    )
