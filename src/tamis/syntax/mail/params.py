"""Content-Type and Content-Disposition: a token and its parameters, RFC 2231 included."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from tamis.syntax.mail.charset import decode as decode_charset
from tamis.syntax.mail.words import decode as decode_words
from tamis.syntax.mail.words import text_of

_PARAM = re.compile(
    r";[;\s]*+([^\s=;\"()<>@,]++)\s*+=\s*+(?:\"((?:[^\"\\]++|\\.)*+)\"|([^;]*+))", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")
_TYPE = re.compile(r"[^\s/;]++/[^\s/;,]++")
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?$")
_MAX_PARAMS = 2_000
_CACHED = 512  # longer values are parsed each time


def type_of(value: bytes | None) -> tuple[str | None, dict[str, str]]:
    """The media type in lower case (None when there is none) and the parameters by name."""
    if value is None:
        return None, {}
    return _type_cached(value) if len(value) <= _CACHED else _type(value)


def disposition_of(value: bytes | None) -> tuple[str | None, str | None]:
    """`attachment`, `inline` or another word as declared, and the file name."""
    if value is None:
        return None, None
    token, params = _parse(value)
    return token.strip().lower() or None, params.get("filename")


def _type(value: bytes) -> tuple[str | None, dict[str, str]]:
    token, params = _parse(value)
    match = _TYPE.match(token.strip())
    return (match[0].lower() if match else None), params


_type_cached = lru_cache(maxsize=512)(_type)


def _parse(value: bytes) -> tuple[str, dict[str, str]]:
    text = text_of(value)
    token, semicolon, _ = text.partition(";")
    if "(" in token:
        token = _COMMENT.sub(" ", token)
    if not semicolon:
        return token, {}
    return token, _params(text, len(token))


def _params(text: str, start: int) -> dict[str, str]:
    """Parameters by lower-cased name; the first of two equal names counts.

    Source    RFC 2045 section 5.1, RFC 2231 sections 3 and 4. Encoded words in values, which the
              standard forbids, are decoded as mailers write them.
    """
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAM.finditer(text, max(0, text.find(";", 0, start + 1)))):
        if count >= _MAX_PARAMS:
            break
        quoted, bare = match[2], match[3]
        given = _ESCAPE.sub(r"\1", quoted) if quoted is not None else (bare or "").strip()
        named = _CONTINUED.match(match[1].lower())
        if named is None or (named[2] is None and named[3] is None):
            plain.setdefault(match[1].lower(), decode_words(given))
            continue
        section = pieces.setdefault(named[1], {})
        section.setdefault(int(named[2] or 0), (given, named[3] is not None))
    for name, section in pieces.items():
        plain[name] = _joined(section)
    return plain


def _joined(section: dict[int, tuple[str, bool]]) -> str:
    charset = ""
    raw = b""
    for number in sorted(section):
        given, is_encoded = section[number]
        if is_encoded and number == min(section) and given.count("'") >= 2:
            charset, _, given = given.split("'", 2)
        data = given.encode("utf-8", "surrogateescape")
        raw += unquote_to_bytes(data) if is_encoded else data
    return decode_charset(raw, charset or None)[0]
