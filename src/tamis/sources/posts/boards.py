"""What the image boards have in common: boards, posters known within a thread, quote-links."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tamis.sources.posts.post_rows import Account, Post, Profile
from tamis.sources.posts.reading import id_of, text_of
from tamis.syntax.text import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.registry import Source

_NAME = re.compile(r"(?:^|[/\\_.-])([a-z0-9]{1,16})[/\\_-](?:thread[/\\_-]|res[/\\_-])?(\d{3,})\b")
_PLAIN = re.compile(r">>(\d{3,})\b")
_CROSS = re.compile(r">>>/([a-z0-9]{1,16})/(\d{3,})\b")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What stands where a poster's id would, for everybody who hides it or speaks for the site.
_NOBODY = frozenset({"", "heaven", "mod", "admin", "developer", "manager", "founder", "verified"})


class Board(NamedTuple):
    """Where a thread stands: the prefix of its post ids, and the board if it is known."""

    prefix: str
    name: str | None


def board_of(source: Source, first: str, linked: str | None) -> Board:
    """The board of a thread, which an API answer does not hold, from file name or own links.

    Missing   a board that nothing names gets the file's own prefix: numbers count per board, and
              posts of two unknown boards must not meet
    """
    named = linked
    if named is None:
        for candidate in (source.name, source.path):
            for board, number in _NAME.findall(candidate.lower()):
                if number == first and not board.isdigit():
                    named = board
    if named is not None:
        return Board(named, named)
    return Board(f"unknown-{source.item_id[:12]}", None)


def poster(board: Board, thread: str, given: Mapping[str, Any]) -> tuple[Account, Profile] | None:
    """Who posted, as far as a thread shows it: by id, else by tripcode; None for anybody."""
    native = text_of(given.get("id") or given.get("extracted_poster_id"), "poster's id")
    trip = text_of(given.get("trip"), "tripcode")
    name = text_of(given.get("name"), "name")
    if native and native.lower() not in _NOBODY:
        key = native
    elif trip:
        key = trip
    else:
        return None
    flag = given.get("country_name") or given.get("flag_name") or given.get("country")
    account = Account(f"{board.prefix}/{thread}/{key}", trip, name, None, "thread")
    return account, Profile(location=text_of(flag, "flag"))


def quote(post: Post, board: Board, text: str, linked: Mapping[str, str]) -> None:
    """Quote-links: `linked` holds those that the site itself made (number to board), the rest
    is what the text shows, on this board or across.
    """
    for number, other in linked.items():
        post.act("quotelink", f"{post.platform}:{other}/{number}")
    for other, number in _CROSS.findall(text):
        if number not in linked:
            target = f"{post.platform}:{other}/{number}"
            post.act("quotelink", target, None, "text_pattern")
    for number in _PLAIN.findall(_CROSS.sub(" ", text)):
        if number not in linked:
            target = f"{post.platform}:{board.prefix}/{number}"
            post.act("quotelink", target, None, "text_pattern")


def mark(post: Post, text: str) -> None:
    """The addresses that a text shows; boards know neither hashtags nor mentions."""
    if "http" in text or "www." in text:
        post.links(written(text).urls, "in_text", "text")


def attach(post: Post, given: Mapping[str, Any]) -> None:
    """A file by its MD5, as the board states it in base64, and by SHA-256 where named by it."""
    name = f"{given.get('filename') or ''}{given.get('ext') or ''}"[:200]
    digest, stored = md5_of(given.get("md5")), given.get("tim")
    if digest is not None:
        post.attach("file_md5", digest, name or digest)
    if isinstance(stored, str) and _SHA256.fullmatch(stored):
        post.attach("file_sha256", stored, name or stored)


def md5_of(given: Any) -> str | None:
    """32 hex digits from base64, None where it is none."""
    if type(given) is not str:
        return None
    try:
        raw = base64.b64decode(given.replace("\\/", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 16 else None


def number_of(given: Mapping[str, Any], name: str = "no") -> str:
    """A post's number on its board."""
    return id_of(given.get(name), "post's number")


def words(subject: Any, text: str) -> str | None:
    """Subject and text as one; None where a post holds neither."""
    head = text_of(subject, "subject")
    return "\n\n".join(part for part in (head, text) if part) or None
