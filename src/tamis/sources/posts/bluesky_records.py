"""A record of Bluesky as a post: its text, what it answers, quotes, links and carries."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from tamis.sources.posts.reading import micros_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.text import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.posts.post_rows import Post

PLATFORM = "bluesky"
_DID = re.compile(r"did:[a-z]{2,12}:[A-Za-z0-9._:%-]{1,200}")
_URI = re.compile(
    r"at://(did:[a-z]{2,12}:[A-Za-z0-9._:%-]{1,200})/([A-Za-z0-9.]{3,80})/([A-Za-z0-9._:~-]{1,80})"
)
_POSTS = "app.bsky.feed.post"
# CIDv1, raw bytes, SHA-256 of 32 bytes: what every upload is named by.
_RAW_SHA256 = b"\x01\x55\x12\x20"


def did_of(given: Any) -> str:
    """A DID as it is.

    Errors    UnusableRowError for anything else
    """
    if isinstance(given, str) and _DID.fullmatch(given):
        return given
    raise UnusableRowError(f"{str(given)[:60]!r} is no DID")


def address(given: Any) -> str:
    """The at:// address of a record, with a DID and not a handle.

    Errors    UnusableRowError for anything else
    """
    if isinstance(given, str) and _URI.fullmatch(given):
        return given
    raise UnusableRowError(f"{str(given)[:80]!r} is no at:// address of a record")


def whole(uri: str) -> str:
    """The post_id of a record's address."""
    return f"{PLATFORM}:{uri}"


def claimed(record: Mapping[str, Any]) -> int | None:
    """The time that the client claims, in microseconds; None for one without a zone, or none."""
    return micros_of(record.get("createdAt"))


def fill(post: Post, record: Mapping[str, Any]) -> None:
    """Put a record's text, acts and objects into a post."""
    post.text = text_of(record.get("text"), "text")
    languages = record.get("langs")
    if isinstance(languages, list) and languages:
        post.language = text_of(languages[0], "language")
    reply = record.get("reply")
    if isinstance(reply, dict):
        parent, root = address(reply["parent"]["uri"]), address(reply["root"]["uri"])
        post.thread = root
        post.act("reply", whole(parent), f"{PLATFORM}:{author_of(parent)}")
    else:
        post.thread = post.native
    _facets(post, record)
    post.tags([one for one in record.get("tags") or () if type(one) is str], "entity")
    embed = record.get("embed")
    if isinstance(embed, dict):
        _embed(post, embed)


def _facets(post: Post, record: Mapping[str, Any]) -> None:
    """Links, mentions and tags as marked; the text's own only where nothing is marked.

    Facets give places as bytes of the UTF-8 text, and what a reader sees there is often cut:
    the marked address is taken, never the shown one.
    """
    facets = record.get("facets")
    if not facets:
        shown = written(post.text or "")
        post.links(shown.urls, "in_text", "text")
        post.tags(shown.hashtags, "text")
        return
    for facet in facets:
        for feature in facet["features"]:
            kind = str(feature.get("$type"))
            if kind.endswith("#link"):
                post.links([text_of(feature.get("uri"), "address") or ""], "in_text", "entity")
            elif kind.endswith("#mention"):
                post.act("mention", None, f"{PLATFORM}:{did_of(feature['did'])}")
            elif kind.endswith("#tag"):
                post.tags([text_of(feature.get("tag"), "tag") or ""], "entity")


def _embed(post: Post, embed: Mapping[str, Any]) -> None:
    kind = str(embed.get("$type"))
    if kind == "app.bsky.embed.recordWithMedia":
        _quote(post, embed["record"]["record"]["uri"])
        _embed(post, {**embed["media"], "$type": str(embed["media"].get("$type")) + "!"})
    elif kind == "app.bsky.embed.record":
        _quote(post, embed["record"]["uri"])
    external = embed.get("external")
    if isinstance(external, dict):
        post.links([text_of(external.get("uri"), "address") or ""], "card", "entity")
    for image in embed.get("images") or ():
        _upload(post, image.get("image"))
    if isinstance(embed.get("video"), dict):
        _upload(post, embed["video"])


def _quote(post: Post, uri: Any) -> None:
    """A quoted post; lists, feeds and starter packs are none."""
    target = address(uri)
    if f"/{_POSTS}/" in target:
        post.act("quote", whole(target), f"{PLATFORM}:{author_of(target)}")


def _upload(post: Post, blob: Any) -> None:
    """An upload by the SHA-256 that its CID holds, else by the CID."""
    if not isinstance(blob, dict):
        return
    reference = blob.get("ref")
    cid = reference.get("$link") if isinstance(reference, dict) else blob.get("cid")
    if not isinstance(cid, str) or not cid:
        return
    digest = sha256_of(cid)
    if digest is not None:
        post.attach("file_sha256", digest, cid)
    else:
        post.attach("media", f"{PLATFORM}:{cid[:200]}", cid[:200])


def sha256_of(cid: str) -> str | None:
    """The SHA-256 of the bytes that a CID names, None for another kind of CID.

    Source    multiformats: base32 lower case (`b`), version 1, codec raw, sha2-256
    """
    if not cid.startswith("b") or len(cid) != 59:
        return None
    try:
        raw = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
    except binascii.Error:
        return None
    return raw[4:].hex() if raw.startswith(_RAW_SHA256) and len(raw) == 36 else None


def author_of(uri: str) -> str:
    """The DID in the address of a record."""
    return uri[5:].partition("/")[0]
