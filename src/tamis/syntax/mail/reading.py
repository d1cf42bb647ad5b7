"""Whether the structure fields that a signature leaves out are self-evident from the signed body.

*Evident*: every admissible reading of the body shows the same content, so the unsigned field could
not have changed what is shown. *Open*: the declared reading is the natural one, another is
possible. *Contradicted*: the body speaks against what the field declares.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.syntax.mail.display import STRUCTURAL
from tamis.syntax.mail.reading_multipart import judge_multipart
from tamis.syntax.mail.reading_text import (
    EVIDENT,
    IDENTITY,
    Grade,
    Ruling,
    judge_text,
    judge_transfer,
)
from tamis.syntax.mail.relaxed import judge_relaxed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.headers import Headers

__all__ = ["EVIDENT", "Grade", "Ruling", "judge_reading"]

_TYPE = re.compile(r"([A-Za-z0-9.+-]+)/([A-Za-z0-9.+-]+)\s*(?=;|\Z)")
_PARAM = re.compile(
    r";\s*([A-Za-z0-9-]+)\s*=\s*(?:\"([^\"\\\x00-\x1f\x7f-\uffff]*)\"|([^\s;\"\\()<>@,]+))\s*"
)
_MIME_VERSION = re.compile(r"1\.0(?:\s*\([^()]*\))?\Z")


def judge_reading(raw: bytes, headers: Headers, display: Display, facts: SignatureFacts) -> Ruling:
    """Whether what one signature leaves open of the structure is self-evident.

    Left open are the fields that it does not sign, and the white space that it counts as equal.

    Source    RFC 2045 sections 4 to 6, RFC 2046 section 5.1, RFC 2183.
    Limits    Judges the outer fields; those of the parts stand inside the signed body. Stricter
              than mail readers: what is not written plainly is never evident.
    """
    header_form, _, body_form = (facts.canonicalization or "relaxed/relaxed").partition("/")
    blanks = judge_relaxed(raw, headers, (header_form, body_form))
    if blanks.grade is not Grade.EVIDENT:
        return blanks
    unsigned = [name for name in STRUCTURAL if not facts.signs(name, display)]
    extra = _judge_disposition(headers, display, facts)
    if extra.grade is not Grade.EVIDENT:
        return extra
    return _judge_unsigned(raw, headers, display, unsigned) if unsigned else EVIDENT


def _judge_unsigned(
    raw: bytes, headers: Headers, display: Display, unsigned: list[bytes]
) -> Ruling:
    """The ruling on the fields that are not signed."""
    values = {name: _value(headers, display, name) for name in STRUCTURAL}
    if not all(_is_plain(name, values[name]) for name in unsigned):
        return Ruling(Grade.CONTRADICTED, "an unsigned structure field is not written plainly")
    version = _judge_version(values, unsigned)
    if version.grade is Grade.CONTRADICTED:
        return version
    if unsigned == [b"mime-version"]:
        return version
    body = raw[headers.body_start :]
    judge = _judge_untyped if b"content-type" in unsigned else _judge_typed
    ruling = judge(values, body)
    return min(version, ruling, key=lambda one: one.grade)


def _value(headers: Headers, display: Display, name: bytes) -> str | None:
    ranks = display.ranks.get(name, ())
    if not ranks:
        return None
    return headers.fields[ranks[0]].value.decode("latin-1").lstrip(" \t")


def _is_plain(name: bytes, value: str | None) -> bool:
    """Whether readers agree on a value: printable ASCII, and only a type is ever folded."""
    if value is None:
        return True
    flat = value
    if name == b"content-transfer-encoding" and value != value.strip():
        return False  # some readers look the word up with its blanks, and find none
    if name == b"content-type":
        flat = value.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ")
    return flat.isascii() and flat.replace("\t", " ").isprintable()


def _judge_disposition(headers: Headers, display: Display, facts: SignatureFacts) -> Ruling:
    value = _value(headers, display, b"content-disposition")
    if value is None or facts.signs(b"content-disposition", display):
        return EVIDENT
    if value.strip().lower() == "inline":
        return EVIDENT
    return Ruling(Grade.CONTRADICTED, "an unsigned Content-Disposition decides what is shown")


def _judge_version(values: Mapping[bytes, str | None], unsigned: list[bytes]) -> Ruling:
    if b"mime-version" not in unsigned:
        return EVIDENT
    value = values[b"mime-version"]
    if value is not None:
        if _MIME_VERSION.match(value):
            return EVIDENT
        return Ruling(Grade.CONTRADICTED, "the unsigned MIME-Version is not 1.0")
    if values[b"content-type"] is None and values[b"content-transfer-encoding"] is None:
        return EVIDENT
    # Readers show the structure all the same; a strict one would show the source.
    return Ruling(Grade.OPEN, "MIME-Version is absent, and its absence is unsigned")


def _judge_typed(values: Mapping[bytes, str | None], body: bytes) -> Ruling:
    """The ruling on the encoding alone, where the type is signed."""
    encoding = _encoding(values)
    declared = read_type(values[b"content-type"])
    if declared is not None and declared[0] == "multipart":
        return EVIDENT if encoding in IDENTITY else _encoded_multipart()
    return judge_transfer(encoding, body)[0]


def _judge_untyped(values: Mapping[bytes, str | None], body: bytes) -> Ruling:
    """The ruling on type, charset and encoding together."""
    encoding = _encoding(values)
    declared = read_type(values[b"content-type"])
    if declared is None:
        return Ruling(Grade.CONTRADICTED, "the unsigned Content-Type is not written plainly")
    kind, subtype, params = declared
    if kind == "multipart":
        plain = encoding in IDENTITY
        return judge_multipart(subtype, params, body) if plain else _encoded_multipart()
    if kind != "text" or subtype not in {"plain", "html"} or set(params) - {"charset", "format"}:
        return Ruling(Grade.CONTRADICTED, "the unsigned Content-Type decides what is shown")
    transfer, content = judge_transfer(encoding, body)
    ruling = judge_text(subtype, params.get("charset", "").lower(), content)
    return min(transfer, ruling, key=lambda one: one.grade)


def _encoded_multipart() -> Ruling:
    return Ruling(Grade.CONTRADICTED, "a multipart may not be encoded as a whole")


def _encoding(values: Mapping[bytes, str | None]) -> str:
    """The transfer encoding as written, which is matched against plain words only."""
    return (values[b"content-transfer-encoding"] or "").lower()


def read_type(value: str | None) -> tuple[str, str, dict[str, str]] | None:
    """Type, subtype and parameters of a plainly written Content-Type; None for any other.

    Source    RFC 2045 section 5.1, without comments, escapes, RFC 2231 and repeated parameters.
    """
    if value is None:
        return "text", "plain", {}
    match = _TYPE.match(value)
    if match is None:
        return None
    params: dict[str, str] = {}
    rest = value[match.end() :].rstrip("; \t")
    position = 0
    while position < len(rest):
        found = _PARAM.match(rest, position)
        if found is None or found[1].lower() in params:
            return None
        params[found[1].lower()] = found[2] if found[2] is not None else found[3]
        position = found.end()
    return match[1].lower(), match[2].lower(), params
