"""Tag lists, canonical forms and body hashes of DKIM: bytes in, bytes out, no keys."""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.syntax.mail.headers import Field

_CRLF = b"\r\n"
_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_TAG_VALUE = re.compile(r"[\x21-\x3a\x3c-\x7e \t\r\n]*\Z")
_HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_WSP = re.compile(rb"[ \t]+")
_LONE_LF = re.compile(rb"(?<!\r)\n")
_EMPTY_B = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")


@dataclass(frozen=True, slots=True)
class Tags:
    """A tag list: each tag's value without outer white space, and what is wrong with the list.

    `repeated` holds names that occur twice (the first value is kept), `broken` the pieces that are
    no tag, `is_untidy` an empty piece between two semicolons.
    """

    values: Mapping[str, str]
    repeated: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    is_untidy: bool = False

    def text(self, name: str) -> str | None:
        """The value of a tag, None where the tag is absent."""
        return self.values.get(name)

    def squeezed(self, name: str) -> str | None:
        """The value of a tag without any white space, None where the tag is absent."""
        value = self.values.get(name)
        return None if value is None else "".join(value.split())

    def listed(self, name: str, default: str = "") -> tuple[str, ...]:
        """The colon-separated parts of a tag, lower-cased."""
        text = self.values.get(name, default)
        return tuple([part.strip(" \t\r\n") for part in text.lower().split(":")]) if text else ()


def read_tags(value: bytes) -> Tags:
    """The tags of a DKIM-Signature value or of a key record; never raises.

    Source    RFC 6376 section 3.2: names are case-sensitive, a name may occur once.
    """
    values: dict[str, str] = {}
    repeated: list[str] = []
    broken: list[str] = []
    pieces = value.decode("latin-1").split(";")
    is_untidy = False
    last = len(pieces) - 1
    for rank, piece in enumerate(pieces):
        name, equals, content = piece.partition("=")
        name = name.strip(" \t\r\n")
        if not name and not equals:
            is_untidy = is_untidy or rank != last
        elif not equals or not _TAG_NAME.match(name) or not _TAG_VALUE.match(content):
            broken.append(piece.strip(" \t\r\n")[:40])
        elif name in values:
            repeated.append(name)
        else:
            values[name] = content.strip(" \t\r\n")
    return Tags(values, tuple(repeated), tuple(broken), is_untidy)


def decode_base64(squeezed: str | None) -> bytes | None:
    """What a base64 tag value without white space holds; None if it is absent or no base64."""
    if not squeezed or not _BASE64.match(squeezed):
        return None
    try:
        return binascii.a2b_base64(squeezed, strict_mode=True)
    except binascii.Error:
        return None


def digest(data: bytes | memoryview, algorithm: str) -> bytes:
    """The sha1 or sha256 hash of `data`."""
    return _HASHES[algorithm](data, usedforsecurity=False).digest()


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
    flat = to_crlf(value).replace(_CRLF, b"")
    return name.lower() + b":" + _WSP.sub(b" ", flat).strip(b" ") + _CRLF


def relaxed_plain_header(name: bytes, value: bytes) -> bytes:
    """What `relaxed_header` gives, faster, for a value without control characters or a lone CR."""
    return name.lower() + b":" + b" ".join(value.split()) + _CRLF


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
        return len(self.form(canonicalization))

    def digest(self, canonicalization: str, algorithm: str, length: int | None) -> bytes:
        """The hash (sha1 or sha256) of the first `length` bytes of the canonical body."""
        key = (canonicalization, algorithm, length)
        found = self._hashes.get(key)
        if found is None:
            form = self.form(canonicalization)
            content = form if length is None else memoryview(form)[:length]
            found = digest(content, algorithm)
            self._hashes[key] = found
        return found

    def is_blank_after(self, canonicalization: str, length: int) -> bool:
        """Whether the canonical body holds nothing but white space after its first bytes."""
        return not self.form(canonicalization)[length:].strip()

    def form(self, canonicalization: str) -> bytes:
        """The body in that canonical form (simple or relaxed)."""
        form = self._forms.get(canonicalization)
        if form is None:
            make = relaxed_body if canonicalization == "relaxed" else simple_body
            form = self._forms[canonicalization] = make(self.body)
        return form
