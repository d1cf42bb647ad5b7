"""The links of a message as somebody who opens it meets them: what is shown, where it goes."""

from __future__ import annotations

import html
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tamis.syntax import domain
from tamis.syntax.mail import charset, headers, mime
from tamis.syntax.mail.html import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINKS = 500
_MAX_TEXT = 400_000
# Each attempt ends at the next angle bracket or after a bounded stretch: linear time.
_ANCHOR = re.compile(r"<a\b([^<>]{0,6000})>", re.IGNORECASE)
_HREF = re.compile(
    r"\bhref\s{0,4}=\s{0,4}(?:\"([^\"]{0,4000})\"|'([^']{0,4000})'|([^\s\"'>]{1,4000}))",
    re.IGNORECASE,
)
_BARE = re.compile(r"https?://[^\s<>\"'\u3000]{1,2000}", re.IGNORECASE)
_PASSWORD_FIELD = re.compile(r"<input\b[^<>]{0,400}\btype\s?=\s?[\"']?password", re.IGNORECASE)
_SHOWN_HOST = re.compile(
    r"(?:https?://)?(?:[^\s/@]{1,64}@)?((?:[a-z0-9\u00a1-\uffff-]{1,63}\.){1,6}[a-z]{2,24})"
    r"(?:[:/?#]\S{0,2000})?",
    re.IGNORECASE,
)
_SHOWN_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its address as written, its host in ASCII form, and the host its text shows."""

    address: str
    host: str | None
    shown_host: str | None = None
    has_user: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """The text of a message, its links, and whether its HTML asks for a password by itself."""

    text: str
    links: tuple[Link, ...]
    has_password_field: bool
    is_cut: bool = False


def read(raw: bytes) -> Letter:
    """Text and links of the bodies of a message.

    Limits    Links that styles hide or programs make are not told apart; of a message with more
              than 500 links the first 500 are looked at.
    """
    block = headers.split(raw)
    tree = mime.walk(raw, [(one.name, one.value) for one in block.fields], block.body_start)
    texts: list[str] = []
    links: dict[tuple[str, str | None], Link] = {}
    has_field, is_cut = False, False
    for part in mime.leaves(tree):
        if part.shown_type not in {"text/plain", "text/html"} or part.disposition == "attachment":
            continue
        text, _ = charset.decode(mime.content(raw, part)[0], part.charset)
        is_cut |= len(text) > _MAX_TEXT
        text = text[:_MAX_TEXT]
        is_page = part.shown_type == "text/html"
        if is_page:
            has_field |= _PASSWORD_FIELD.search(text) is not None
        for link in _anchors(text) if is_page else _bare(text):
            if len(links) >= MAX_LINKS:
                is_cut = True
                break
            links.setdefault((link.address, link.shown_host), link)
        texts.append(text_of(text) if is_page else text)
    return Letter("\n".join(texts), tuple(links.values()), has_field, is_cut)


def _anchors(page: str) -> Iterator[Link]:
    for match in _ANCHOR.finditer(page):
        found = _HREF.search(match[1])
        if found is None:
            continue
        address = html.unescape(found[1] or found[2] or found[3] or "").strip()
        if not address.lower().startswith(("http:", "https:", "//")):
            continue
        end = page.find("</", match.end(), match.end() + _SHOWN_CHARACTERS)
        shown = text_of(page[match.end() : end if end >= 0 else match.end() + 200]).strip()
        yield _link(address, shown)


def _bare(text: str) -> Iterator[Link]:
    for match in _BARE.finditer(text):
        yield _link(match[0].rstrip(".,;:!?)>]"), "")


def _link(address: str, shown: str) -> Link:
    try:
        parts = urlsplit(address)
        host, has_user = parts.hostname, "@" in parts.netloc
    except ValueError:
        return Link(address, None)
    if not host:
        return Link(address, None, has_user=has_user)
    match = _SHOWN_HOST.fullmatch(shown)
    shown_host = domain.to_ascii(match[1]) if match and "@" not in shown else None
    return Link(address, domain.to_ascii(host) or host, shown_host, has_user, _is_number(host))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.isdigit() or host.startswith("0x")
    return True
