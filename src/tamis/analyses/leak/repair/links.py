"""Links that a mail gateway rewrote, written as they were: each service by its documented form."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

_LONGEST = 4_000
_LINK = re.compile(
    rb"https?://(?P<host>[A-Za-z0-9.-]{4,120})(?::\d{2,5})?/(?P<rest>[^\s<>\"']{1,4000})"
)
# Host suffix, and the parameter whose value is the link, percent-encoded.
_PARAMETERS = (
    (b"safelinks.protection.outlook.com", b"url"),
    (b"safelinks.protection.office365.us", b"url"),
    (b"linkprotect.cudasvc.com", b"a"),
    (b"trendmicro.com", b"url"),
    (b"fireeye.com", b"u"),
    (b"clicktime.symantec.com", b"u"),
    (b"www.google.com", b"q"),
    (b"urlisolation.com", b"url"),
    (b"mailguard.com.au", b"url"),
)
_V1_V2 = re.compile(rb"v([12])/url\?u=([^&]*)")
_V3 = re.compile(rb"v3/__(.+?)__;([A-Za-z0-9_=-]*)!.*")
_RUN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ADDED = re.compile(
    rb"\s(?:originalsrc|data-safelink|shash|data-auth|data-linkindex)=\"[^\"]{0,4000}\"",
    re.IGNORECASE,
)


def unwrap_links(body: bytes) -> bytes:
    """The body with every rewritten link as it was; unchanged where there is none.

    Source    Proofpoint URL Defense versions 1-3, Safe Links, and services that carry the link in
              a parameter. Attributes that Safe Links adds are taken out.
    Limits    Services that keep the link on their own side cannot be undone.
    """
    if b"://" not in body:
        return body
    return _ADDED.sub(b"", _LINK.sub(_undo, body))


def _undo(match: re.Match[bytes]) -> bytes:
    host, rest = match["host"].lower(), match["rest"]
    if host.startswith(b"urldefense.") or host.endswith(b".urldefense.com"):
        return _proofpoint(rest) or match[0]
    if host == b"secure-web.cisco.com":
        link = rest.rpartition(b"/")[2]
        return (
            unquote_to_bytes(link)
            if link.lower().startswith((b"http%3a", b"https%3a"))
            else match[0]
        )
    for suffix, name in _PARAMETERS:
        if host.endswith(suffix):
            found = re.search(rb"(?:^|[?&;])" + name + rb"=([^&\s]{4,4000})", rest)
            link = unquote_to_bytes(found[1]) if found else b""
            return link if b"://" in link[:12] else match[0]
    return match[0]


def _proofpoint(rest: bytes) -> bytes | None:
    old = _V1_V2.match(rest)
    if old is not None:
        text = old[2] if old[1] == b"1" else old[2].replace(b"-", b"%").replace(b"_", b"/")
        return unquote_to_bytes(text)
    new = _V3.match(rest)
    return None if new is None else _third(new[1], new[2])


def _third(link: bytes, replaced: bytes) -> bytes | None:
    """A link of version 3: asterisks stand for characters that follow in base64."""
    try:
        letters = base64.urlsafe_b64decode(replaced + b"=" * (-len(replaced) % 4)).decode()
    except (binascii.Error, UnicodeError):
        return None
    out, taken, position = bytearray(), 0, 0
    while position < len(link) and len(out) <= _LONGEST:
        count, width = 0, 1
        if link[position : position + 1] == b"*":
            count = 1
            if link[position + 1 : position + 2] == b"*" and position + 2 < len(link):
                count, width = _RUN.find(link[position + 2 : position + 3]) + 2, 3
            out += letters[taken : taken + count].encode()
            taken += count
        else:
            out += link[position : position + 1]
        position += width
    return bytes(out)
