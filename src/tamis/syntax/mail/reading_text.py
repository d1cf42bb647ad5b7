"""Which readings a body admits as text: transfer encoding, charset, plain or HTML."""

from __future__ import annotations

import binascii
import re
from enum import IntEnum
from typing import NamedTuple


class Grade(IntEnum):
    """How much the signed body says about an unsigned structure field."""

    CONTRADICTED = 0
    OPEN = 1
    EVIDENT = 2


class Ruling(NamedTuple):
    """A grade and, below evident, the sentence that says why."""

    grade: Grade
    why: str = ""


EVIDENT = Ruling(Grade.EVIDENT)
IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
# Charsets in which every ASCII byte is that ASCII character, and no byte shifts state.
_ASCII_SUPERSETS = re.compile(
    r"(us-ascii|ascii|utf-?8|iso-8859-(?:[1-9]|1[0-6])|latin-?[1-9]|windows-12(?:5[0-8])"
    r"|cp12(?:5[0-8])|koi8-[ru]|euc-kr|gb2312|gbk|gb18030|big5)\Z"
)
_WESTERN = re.compile(r"(iso-8859-1|iso-8859-15|latin-?1|windows-1252|cp1252)\Z")
# Letters and marks of western European text, in escapes because several look like others.
_WESTERN_TEXT = re.compile(
    "[\x00-\x7f\xa0-\xff\u0152\u0153\u0160\u0161\u017d\u017e\u2018-\u201e\u2013\u2014\u2026"
    "\u20ac\u2022\u2122]*\\Z"
)
_ESCAPE = re.compile(rb"=(?:\r?\n|[0-9A-Fa-f]{2})?")
_QP_LINE = re.compile(rb"[\t\x20-\x7e]{0,76}\Z")
_SOFT_BREAK = re.compile(rb"^[^\n]{60,75}=\r?$", re.MULTILINE)
_BASE64_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{3,200}-")
_ODD_CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])
_HTML_NAMES = (
    "a|abbr|address|b|base|big|blockquote|body|br|button|center|code|col|dd|div|dl|dt|em|embed"
    "|font|form|frame|h[1-6]|head|hr|html|i|iframe|img|input|ins|li|link|map|meta|object|ol|p|pre"
    "|q|s|script|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|template"
    "|textarea|tfoot|th|thead|title|tr|tt|u|ul|video"
)
_HTML_TAG = re.compile(rf"</?(?:{_HTML_NAMES})(?=[\s/>])|<!--|<!doctype", re.IGNORECASE)
_HTML_START = re.compile(rf"\s*<(?:!doctype|!--|(?:{_HTML_NAMES})(?=[\s/>]))", re.IGNORECASE)
_OPENING = re.compile(
    rb"\s*(?:This is [^\n]{1,200}\n\s*)?(--[^\r\n]*[^\s-][^\r\n]*|--[^\s-]+)\r?\n"
)


def judge_transfer(encoding: str, body: bytes) -> tuple[Ruling, bytes]:
    """Whether a declared transfer encoding is the only one the body admits, and the decoded body.

    Source    RFC 2045 section 6. An encoder of quoted-printable escapes only what it must (rules 1
              to 5 of section 6.7), so a body with a needless escape was not written by one.
    """
    is_base64 = _is_base64(body)
    escapes = _quoted_printable(body)
    if encoding in IDENTITY:
        fits = not is_base64 and escapes in {None, "none"}
        decoded = body
    elif encoding == "quoted-printable":
        fits = not is_base64 and escapes is not None
        decoded = binascii.a2b_qp(body)
    else:
        fits = is_base64 and encoding == "base64"
        decoded = binascii.a2b_base64(body) if fits else body
    if not fits:
        said = encoding[:30] or "nothing"
        why = f"the unsigned transfer encoding says {said}, the body speaks against it"
        return Ruling(Grade.CONTRADICTED, why), decoded
    if encoding == "quoted-printable" and escapes == "weak":
        why = "quoted-printable is unsigned and the body hardly shows it"
        return Ruling(Grade.OPEN, why), decoded
    return EVIDENT, decoded


def _is_base64(body: bytes) -> bool:
    """Whether a body is base64 beyond coincidence: long enough, and text when decoded."""
    if body.strip().translate(None, _BASE64_BYTES):
        return False
    lines = body.split()
    if not lines or any(len(line) > 76 for line in lines):
        return False
    joined = b"".join(lines)
    if len(joined) % 4 or len(joined) < 24:
        return False
    try:
        decoded = binascii.a2b_base64(joined, strict_mode=True)
    except binascii.Error:
        return False
    return len(decoded.translate(None, _ODD_CONTROLS)) * 20 >= len(decoded) * 19


def _quoted_printable(body: bytes) -> str | None:
    """How a body could be quoted-printable: strong, weak or none (no escape); None: not at all."""
    if b"=" not in body:
        return "none"
    if not all(_QP_LINE.match(line.removesuffix(b"\r")) for line in body.split(b"\n")):
        return None
    for match in _ESCAPE.finditer(body):
        if not _is_needed(body, match):
            return None
    decoded = binascii.a2b_qp(body)
    if not decoded.isascii():
        return "strong"
    return "strong" if _SOFT_BREAK.search(body) else "weak"


def _is_needed(body: bytes, match: re.Match[bytes]) -> bool:
    """Whether an encoder had to write this escape."""
    code = match[0][1:]
    if not code:
        return match.end() == len(body)
    if code in {b"\n", b"\r\n"}:
        return True
    value = int(code, 16)
    if value in {32, 9}:
        return body[match.end() : match.end() + 1] in {b"\r", b"\n", b"=", b""}
    return value == 61 or value >= 127 or value < 32


def judge_charset(charset: str, content: bytes) -> tuple[Ruling, str]:
    """Whether a declared charset is the only one the decoded body admits, and the text.

    Source    RFC 3629 section 1: text in another encoding is hardly ever valid UTF-8 by chance.
    """
    if charset and not _ASCII_SUPERSETS.match(charset):
        why = f"the unsigned charset {charset[:30]!r} gives bytes another meaning"
        return Ruling(Grade.CONTRADICTED, why), ""
    if content.isascii():
        return _judge_ascii(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _judge_legacy(charset, content)
    if charset in {"utf-8", "utf8"}:
        return EVIDENT, text
    why = f"the body is UTF-8, the unsigned charset says {charset[:30] or 'nothing'!r}"
    return Ruling(Grade.CONTRADICTED, why), text


def _judge_ascii(content: bytes) -> tuple[Ruling, str]:
    text = content.decode("ascii")
    if any(mark in content for mark in (b"\x1b", b"\x0e", b"\x0f", b"~{", b"\0")):
        why = "the body may switch its charset, which is unsigned"
        return Ruling(Grade.CONTRADICTED, why), text
    if _UTF7.search(content) and _decodes_otherwise(content, "utf-7", text):
        return Ruling(Grade.OPEN, "the charset is unsigned and may be UTF-7"), text
    return EVIDENT, text


def _judge_legacy(charset: str, content: bytes) -> tuple[Ruling, str]:
    if _WESTERN.match(charset):
        text = content.decode("cp1252", "replace")
        foreign = sum(c > "\x7f" for c in text)
        if _WESTERN_TEXT.match(text) and foreign * 5 < len(text):
            return Ruling(Grade.OPEN, f"the charset {charset} is unsigned"), text
    why = f"the unsigned charset {charset[:30] or '(none)'!r} does not follow from the body"
    return Ruling(Grade.CONTRADICTED, why), ""


def _decodes_otherwise(content: bytes, codec: str, text: str) -> bool:
    try:
        return content.decode(codec) != text
    except UnicodeDecodeError:
        return False


def judge_text(subtype: str, charset: str, content: bytes) -> Ruling:
    """Whether a decoded body shows the same as plain text, as HTML and as a multipart.

    `subtype` is plain or html, as declared.
    """
    ruling, text = judge_charset(charset, content)
    if b"\r" in content.replace(b"\r\n", b""):
        other = Ruling(Grade.CONTRADICTED, "the body holds a CR that ends no line")
    elif could_be_multipart(content):
        why = "the unsigned type says text, but the body can be read as a multipart"
        other = Ruling(Grade.CONTRADICTED, why)
    else:
        other = _judge_html(text) if subtype == "html" else _judge_plain(text)
    return min(ruling, other, key=lambda one: one.grade)


def _judge_plain(text: str) -> Ruling:
    if _HTML_START.match(text):
        return Ruling(Grade.CONTRADICTED, "the unsigned type says plain text, the body is HTML")
    if _HTML_TAG.search(text):
        return Ruling(Grade.OPEN, "plain text is unsigned and the body holds HTML tags")
    return EVIDENT


def _judge_html(text: str) -> Ruling:
    if "<" not in text and "&" not in text and "\n" not in text.strip():
        return EVIDENT  # of several lines HTML would make one
    if _HTML_START.match(text):
        return Ruling(Grade.OPEN, "the type text/html is unsigned")
    return Ruling(Grade.CONTRADICTED, "the header says HTML, the body does not begin like it")


def could_be_multipart(body: bytes) -> bool:
    """Whether the first line of a body could be the delimiter of a multipart.

    Mailers put nothing before the first delimiter but a sentence of their own; a delimiter
    further down would hide text before it, which no mailer writes.
    """
    opening = _OPENING.match(body)
    if opening is None:
        return False
    mark = opening[1].rstrip()
    return body.find(b"\n" + mark, opening.end() - 1) >= 0
