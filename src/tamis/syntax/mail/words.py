"""Encoded words of header fields become text (RFC 2047), and raw values become one line."""

from __future__ import annotations

import binascii
import re

from tamis.syntax.mail.charset import decode as decode_charset

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_FOLD = re.compile(r"\r?\n(?=[ \t])|\r(?=[ \t])")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_BASE64_STRANGERS = re.compile(rb"[^A-Za-z0-9+/]+")


def text_of(value: bytes) -> str:
    """A raw header value as one line of text, encoded words still encoded.

    8-bit bytes are read as UTF-8 (RFC 6532), else as windows-1252; folding is undone.
    """
    text = value.decode("ascii") if value.isascii() else decode_charset(value, None)[0]
    if "\n" in text or "\r" in text:
        text = _FOLD.sub("", text)
    return text.strip(" \t\r\n")


def decode(value: bytes | str) -> str:
    """The text that a header value shows: unfolded, its encoded words decoded.

    Source    RFC 2047 section 6.2: white space between two encoded words is not shown. Departures:
              words inside quoted strings and atoms are decoded too, and a character split over
              two words of one charset is put together, because mailers write both.
    """
    text = text_of(value) if isinstance(value, bytes) else value
    if "=?" not in text:
        return text
    shown: list[str] = []
    pending: list[bytes] = []
    charset = ""
    last = 0
    for match in _WORD.finditer(text):
        between = text[last : match.start()]
        named = match[1].partition("*")[0].lower()
        is_gap = bool(between.strip(" \t\r\n"))
        if pending and (is_gap or named != charset):
            shown.append(decode_charset(b"".join(pending), charset)[0])
            pending = []
        if last and not is_gap:
            between = ""
        shown.append(between)
        charset = named
        pending.append(_word_bytes(match[2], match[3]))
        last = match.end()
    if pending:
        shown.append(decode_charset(b"".join(pending), charset)[0])
    shown.append(text[last:])
    return "".join(shown)


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_bytes(raw)
    return _QUOTED.sub(lambda m: bytes((int(m[1], 16),)), raw.replace(b"_", b" "))


def base64_bytes(raw: bytes) -> bytes:
    """What base64 `raw` holds; strangers are skipped and a missing end is completed."""
    kept = _BASE64_STRANGERS.sub(b"", raw)
    if len(kept) % 4 == 1:
        kept = kept[:-1]  # six bits alone are no byte
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
