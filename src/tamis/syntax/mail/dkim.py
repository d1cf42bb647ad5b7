"""Tag lists, canonical forms and body hashes of DKIM: bytes in, bytes out, no keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.syntax.mail.headers import Field

_CRLF = b"\r\n"
_TAG_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*\Z")
_TAG_VALUE = re.compile(rb"[\x21-\x3a\x3c-\x7e \t\r\n]*\Z")
_WSP = re.compile(rb"[ \t]+")
_LONE_LF = re.compile(rb"(?<!\r)\n")
_EMPTY_B = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}\Z")


@dataclass(frozen=True, slots=True)
class Tags:
    """A tag list: each tag's value without outer white space, and what is wrong with the list.

    `repeated` holds names that occur twice (the first value is kept), `broken` the pieces that are
    no tag, `is_untidy` an empty piece between two semicolons.
    """

    values: Mapping[str, bytes]
    repeated: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    is_untidy: bool = False

    def text(self, name: str) -> str | None:
        """The value of a tag as text, None where the tag is absent."""
        value = self.values.get(name)
        return None if value is None else value.decode("latin-1")

    def squeezed(self, name: str) -> bytes | None:
        """The value of a tag without any white space, None where the tag is absent."""
        value = self.values.get(name)
        return None if value is None else value.translate(None, b" \t\r\n")

    def listed(self, name: str, default: str = "") -> tuple[str, ...]:
        """The colon-separated parts of a tag, lower-cased."""
        value = self.values.get(name)
        text = default if value is None else value.decode("latin-1")
        return tuple([part.strip(" \t\r\n").lower() for part in text.split(":")]) if text else ()


def read_tags(value: bytes) -> Tags:
    """The tags of a DKIM-Signature value or of a key record; never raises.

    Source    RFC 6376 section 3.2: names are case-sensitive, a name may occur once.
    """
    values: dict[str, bytes] = {}
    repeated: list[str] = []
    broken: list[str] = []
    pieces = value.split(b";")
    is_untidy = False
    last = len(pieces) - 1
    for rank, piece in enumerate(pieces):
        name, equals, content = piece.partition(b"=")
        name = name.strip(b" \t\r\n")
        if not name and not equals:
            is_untidy = is_untidy or rank != last
            continue
        if not equals or not _TAG_NAME.match(name) or not _TAG_VALUE.match(content):
            broken.append(piece.strip(b" \t\r\n")[:40].decode("latin-1"))
            continue
        text = name.decode("ascii")
        if text in values:
            repeated.append(text)
        else:
            values[text] = content.strip(b" \t\r\n")
    return Tags(values, tuple(repeated), tuple(broken), is_untidy)


def decode_base64(squeezed: bytes | None) -> bytes | None:
    """What a base64 tag value without white space holds; None if it is absent or no base64."""
    if not squeezed or not _BASE64.match(squeezed):
        return None
    try:
        return base64.b64decode(squeezed, validate=True)
    except binascii.Error:
        return None


def to_crlf(raw: bytes) -> bytes:
    """`raw` with every LF that stands alone made CRLF; a CR alone stays.

    Mail is stored with LF (mbox, maildir) and signed with CRLF (RFC 6376 section 5.3).
    """
    if raw.count(b"\n") == raw.count(_CRLF):
        return raw
    if b"\r" not in raw:
        return raw.replace(b"\n", _CRLF)
    return _LONE_LF.sub(_CRLF, raw)


def simple_header(raw: bytes, item: Field) -> bytes:
    """A field as it stands, CRLF included.

    Source    RFC 6376 section 3.4.1.
    """
    text = to_crlf(raw[item.byte_start : item.byte_end])
    return text if text.endswith(_CRLF) else text + _CRLF


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """A field lower-cased, unfolded, its white space reduced, CRLF included.

    Source    RFC 6376 section 3.4.2.
    """
    if value.count(b"\r") == value.count(_CRLF) and b"\x0b" not in value and b"\x0c" not in value:
        return name.lower() + b":" + b" ".join(value.split()) + _CRLF
    flat = to_crlf(value).replace(_CRLF, b"")
    return name.lower() + b":" + _WSP.sub(b" ", flat).strip(b" ") + _CRLF


def without_signature(value: bytes) -> bytes:
    """A DKIM-Signature value with the content of its b= taken out.

    Source    RFC 6376 section 3.7.
    """
    return _EMPTY_B.sub(rb"\1", value, count=1)


def simple_body(body: bytes) -> bytes:
    """The body with empty lines at its end reduced to one CRLF.

    Source    RFC 6376 section 3.4.3.
    """
    return _cut_empty_lines(to_crlf(body)) or _CRLF


def relaxed_body(body: bytes) -> bytes:
    """The body with white space reduced, none at line ends, no empty lines at its end.

    Source    RFC 6376 section 3.4.4; an empty body stays empty.
    """
    text = to_crlf(body)
    if b"\t" in text:
        text = text.replace(b"\t", b" ")
    # Each pass halves the longest run, so a megabyte of blanks takes twenty.
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    text = text.replace(b" \r\n", _CRLF)
    if text.endswith(b" "):
        text = text[:-1]
    return _cut_empty_lines(text)


def _cut_empty_lines(text: bytes) -> bytes:
    """`text` ended by exactly one CRLF; empty if there was nothing but CRLFs."""
    end = len(text)
    while end >= 2 and text[end - 2 : end] == _CRLF:
        end -= 2
    if end == len(text):
        return text + _CRLF if text else b""
    return text[: end + 2] if end else b""


@dataclass(slots=True)
class BodyHashes:
    """The hashes of one body, each canonical form and each hash computed once."""

    body: bytes
    _forms: dict[str, bytes] = field(default_factory=dict)
    _hashes: dict[tuple[str, str, int | None], bytes] = field(default_factory=dict)

    def size(self, canonicalization: str) -> int:
        """The length of the body in that canonical form (simple or relaxed)."""
        return len(self._form(canonicalization))

    def digest(self, canonicalization: str, algorithm: str, length: int | None) -> bytes:
        """The hash (sha1 or sha256) of the first `length` bytes of the canonical body."""
        key = (canonicalization, algorithm, length)
        found = self._hashes.get(key)
        if found is None:
            form = self._form(canonicalization)
            content = form if length is None else memoryview(form)[:length]
            found = hashlib.new(algorithm, content, usedforsecurity=False).digest()
            self._hashes[key] = found
        return found

    def _form(self, canonicalization: str) -> bytes:
        form = self._forms.get(canonicalization)
        if form is None:
            make = relaxed_body if canonicalization == "relaxed" else simple_body
            form = self._forms[canonicalization] = make(self.body)
        return form
