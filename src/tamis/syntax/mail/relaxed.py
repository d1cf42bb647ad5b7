"""Whether white space that a relaxed signature leaves open could change what is shown.

A relaxed signature attests a class of messages: runs of blanks count as one, blanks at line ends as
none. Where a blank decides what a reader shows (a line that ends a part's header, a delimiter, a
transfer encoding), the bytes present must be written as the canonical form writes them; elsewhere
both forms must show the same but for white space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.syntax.mail.charset import decode as decode_charset
from tamis.syntax.mail.display import PRINCIPAL
from tamis.syntax.mail.dkim import relaxed_body, relaxed_header, to_crlf
from tamis.syntax.mail.mime import Part, content, walk
from tamis.syntax.mail.reading_text import EVIDENT, Grade, Ruling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.syntax.mail.headers import Headers

_MAX_MARKS = 1_000
# Searched in lower case: a pattern that begins with its letters is found many times faster.
_BOUNDARY = re.compile(
    rb"boundary[ \t\r\n]*+(\*[\d*]*+)?[ \t\r\n]*+="
    rb"[ \t\r\n]*+(?:\"([^\"]*+)\"?|([^;\r\n]*+))"
)
_PLAIN_MARK = re.compile(rb"[0-9A-Za-z'()+_,./:=?#&%@!$*~|<>{}^`\[\]-]+\Z")
_BEFORE_NAME = b"; \t\r\n)"
_BLANK_LINE = re.compile(rb"^[ \t]+\r?$", re.MULTILINE)
_STRUCTURE = re.compile(
    rb"^content-(type|transfer-encoding|disposition)[ \t]*:"
    rb"([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_LINES = re.IGNORECASE | re.MULTILINE
_MESSAGE = re.compile(rb"^content-type[ \t]*+:\s*+(?:message/|text/rfc822)", _LINES)
_REPORT = re.compile(rb"^content-type[ \t]*+:\s*+message/(?!rfc822\b|global\b)", _LINES)
_ENCODED = re.compile(rb"^content-transfer-encoding[ \t]*+:\s*+[bq]", _LINES)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WSP = re.compile(rb"[ \t]+")
_ENCODING = re.compile(rb"[ \t]*[!-~]+\Z")
_TYPE = re.compile(rb"\s*[!-.0-:<-~]+/[!-:<-~]+[ \t]*(?=;|\Z)")
_DECIDES = re.compile(
    rb";\s*+(?:charset|boundary|type|format|delsp|start|protocol|report-type)\b[^=;]*+="
    rb"\s*+(?:\"([^\"]*+)\"?|([^;]*+))",
    re.IGNORECASE,
)
_SOFT_BREAK = re.compile(rb"=[ \t]+\r?$", re.MULTILINE)
_UU = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]", re.MULTILINE)
_UU_LINE = re.compile(rb"[ -`\t]{0,90}\r?$", re.MULTILINE)
_YENC = re.compile(rb"^=ybegin[ \t]", re.MULTILINE)
# Charsets of several bytes a character, or not built on ASCII: 0x20 need not be a blank.
_WIDE = re.compile(
    rb"charset[ \t\r\n]*+\*?[ \t\r\n]*+=[ \t\r\n]*+\"?(?:[^\"';\s]{0,40}'[^'\s]{0,40}')?"
    rb"(?:utf-?_?(?:16|32)|ucs|unicode(?!-1-1-utf-[78])|iso-10646"
    rb"|cp(?:037|5\d\d|1140|875|1026|424|273)|ebcdic|ibm)"
)
_ENCODED_WORD = re.compile(rb"=\?[^?]{1,80}\?[bq]\?[^?]{0,2000}\?=", re.IGNORECASE)
_DELSP = re.compile(rb"delsp[ \t\r\n]*=[ \t\r\n]*\"?yes", re.IGNORECASE)
_FLOWED = re.compile(r" \r?\n")


def judge_relaxed(raw: bytes, headers: Headers, forms: tuple[str, str]) -> Ruling:
    """Whether a message in the class that one signature attests would show something else.

    Input     `forms` are the canonical forms of header and body, each simple or relaxed.
    Source    RFC 6376 sections 3.4.2 and 3.4.4; RFC 2045 section 6.7, RFC 2046 section 5.1.1.
    Limits    White space inside text is not compared: the verdict does not claim it.
    """
    if "relaxed" not in forms:
        return EVIDENT
    why = _find_in_fields(headers) if forms[0] == "relaxed" else None
    top, body = to_crlf(raw[: headers.body_start]), to_crlf(raw[headers.body_start :])
    low = (top + body).lower()
    marks = _marks(top + body, low)
    if marks is None:
        why = why or "a boundary holds blanks, or is not written plainly"
    elif why is None and forms[1] == "relaxed":
        why = _find_in_body(top, body, low, marks)
    why = why or _compare(headers, body, forms)
    if why is None:
        return EVIDENT
    return Ruling(Grade.CONTRADICTED, f"white space that the signature leaves open decides: {why}")


def _find_in_fields(headers: Headers) -> str | None:
    """What in the header block itself hangs on white space, None if nothing does."""
    for item in headers.fields:
        name = item.lower
        if name.startswith(b"content-"):
            why = _check_field(name[8:], item.value)
            if why:
                return why
        if name in PRINCIPAL:
            for word in _ENCODED_WORD.finditer(item.value):
                if word[0] != _WSP.sub(b" ", _FOLD.sub(b"", word[0])):
                    return "blanks stand inside an encoded word"
    return None


def _check_field(kind: bytes, value: bytes) -> str | None:
    """What in one structure field hangs on white space; `kind` is its name without Content-."""
    kind = kind.lower()
    flat = _FOLD.sub(b"", value)
    why = None
    if kind == b"transfer-encoding" and not _ENCODING.match(value):
        why = "a Content-Transfer-Encoding holds blanks"
    elif kind == b"disposition" and b";" not in flat and flat.endswith((b" ", b"\t")):
        why = "a Content-Disposition ends in blanks"
    elif kind == b"type":
        why = _check_type(flat)
    return why


def _check_type(value: bytes) -> str | None:
    if not _TYPE.match(value):
        return "a Content-Type is not written plainly"
    bare = value.rstrip(b" \t")
    if bare != value and not bare.endswith((b";", b'"')):
        return "a Content-Type ends in blanks"
    for found in _DECIDES.finditer(value):
        inner = found[1] if found[1] is not None else found[2].strip(b" \t")
        if b" " in inner or b"\t" in inner:
            return "a parameter of a Content-Type holds blanks"
    return None


def _marks(whole: bytes, low: bytes) -> tuple[bytes, ...] | None:
    """The delimiters of every boundary declared anywhere; None where white space decides one."""
    marks = set()
    for found in _BOUNDARY.finditer(low):
        if found.start() and low[found.start() - 1 : found.start()] not in _BEFORE_NAME:
            continue
        is_bare = found[2] is None
        mark = whole[found.start(3) : found.end(3)] if is_bare else whole[slice(*found.span(2))]
        mark = mark.strip(b" \t") if is_bare else mark
        if found[1] or not _PLAIN_MARK.match(mark) or (is_bare and b"(" in mark):
            return None
        marks.add(b"--" + mark)
    return tuple(marks)


def _find_in_body(top: bytes, body: bytes, low: bytes, marks: tuple[bytes, ...]) -> str | None:
    """What in the body hangs on white space, as it stands."""
    if _WIDE.search(low):
        why = "a charset gives the byte of a blank another meaning"
    elif b"\r" in body and body.count(b"\r") != body.count(b"\r\n"):
        why = "a CR stands alone"
    elif _holds_blanked_data(body):
        why = "data encoded with blanks stand in the body"
    elif b"quoted-printable" in low and _SOFT_BREAK.search(body):
        why = "blanks follow the soft line break of quoted-printable"
    elif len(marks) > _MAX_MARKS:
        why = "too many boundaries are declared"
    else:
        is_digest = b"multipart/digest" in low
        inner = _check_block(body, 0, marks) if _MESSAGE.search(top) else None
        return inner or _check_parts(body, marks, is_digest=is_digest)
    return why


def _holds_blanked_data(body: bytes) -> bool:
    """Whether encoded data hold the blank as a digit, of which relaxed keeps one in a run."""
    if b"=ybegin" in body and _YENC.search(body):
        return True
    if b"begin" not in body:
        return False
    for begin in _UU.finditer(body):
        start = body.find(b"\n", begin.end()) + 1
        if not start or _UU_LINE.match(body, start) is None:
            continue  # a sentence of text, no data
        end = body.find(b"\nend", start)
        inside = body[start : end if end >= 0 else len(body)]
        if b" " in inside or b"\t" in inside:
            return True
    return False


def _check_parts(body: bytes, marks: tuple[bytes, ...], *, is_digest: bool) -> str | None:
    """What in the delimiters and the part headers after them hangs on white space."""
    if not marks:
        return None
    closing = {mark + b"--" for mark in marks}
    end = 0
    while (start := _part_end(body, end, marks)) < len(body):
        end = body.find(b"\r\n", start)
        end = len(body) if end < 0 else end
        text = body[start:end]
        if text != _WSP.sub(b" ", text).rstrip(b" "):
            return "blanks stand in a delimiter between parts"
        if text in closing and text not in marks:
            continue
        why = _check_block(body, end + 2, marks, is_digest=is_digest)
        if why:
            return why
    return None


def _check_block(
    body: bytes, start: int, marks: tuple[bytes, ...], *, is_digest: bool = False
) -> str | None:
    """What in one part's header block hangs on white space; inner messages bring their own."""
    is_opened = True
    while is_opened:
        end = _block_end(body, start, marks)
        block = body[start:end]
        why = _check_lines(block)
        if why is None and _REPORT.search(block):
            inside = body[end : _part_end(body, end, marks)]
            why = "a line of blanks stands in a report" if _BLANK_LINE.search(inside) else None
            is_digest = True
        is_opened = is_digest or _MESSAGE.search(block) is not None
        if why is None and is_opened and _ENCODED.search(block):
            why = "an encoded message stands inside"
        if why:
            return why
        is_digest = False
        is_opened = is_opened and body.startswith(b"\r\n", end)
        start = end + 2
    return None


def _check_lines(block: bytes) -> str | None:
    if _BLANK_LINE.search(block):
        return "a line of blanks stands in or after a part's header"
    reasons = (_check_field(found[1], found[2]) for found in _STRUCTURE.finditer(block))
    return next((why for why in reasons if why), None)


def _block_end(body: bytes, start: int, marks: tuple[bytes, ...]) -> int:
    """Where the header block ends that begins at `start`: at an empty line or a delimiter."""
    position = start
    while position < len(body):
        if body.startswith((b"\r\n", *marks), position):
            return position
        found = body.find(b"\n", position)
        position = len(body) if found < 0 else found + 1
    return len(body)


def _part_end(body: bytes, start: int, marks: tuple[bytes, ...]) -> int:
    """The next line at or after `start` that begins like a delimiter; the size without one."""
    if start == 0 and body.startswith(marks):
        return 0
    found = body.find(b"\n--", max(0, start - 1))
    while found >= 0:
        if body.startswith(marks, found + 1):
            return found + 1
        found = body.find(b"\n--", found + 1)
    return len(body)


def _compare(headers: Headers, body: bytes, forms: tuple[str, str]) -> str | None:
    """Where the body as it stands and its canonical form show different things."""
    form = relaxed_body(body) if forms[1] == "relaxed" else body
    fields = [(item.name, item.value) for item in headers.fields if _is_structure(item.name)]
    plain = [_relax(*field) for field in fields] if forms[0] == "relaxed" else fields
    if plain == fields and form.rstrip(b"\r\n") == body.rstrip(b"\r\n"):
        return None
    one, other = walk(body, fields, 0), walk(form, plain, 0)
    if len(one.parts) != len(other.parts):
        return "the canonical form has other parts"
    delsp = _DELSP.search(body) is not None or any(_DELSP.search(value) for _, value in fields)
    for left, right in zip(one.parts, other.parts, strict=True):
        if _outline(left) != _outline(right):
            return "a part of the canonical form is declared otherwise"
        if left.is_multipart:
            continue
        if body[left.byte_start : left.byte_end] == form[right.byte_start : right.byte_end]:
            continue
        if not _shows_the_same(content(body, left)[0], content(form, right)[0], left, delsp=delsp):
            return "a part of the canonical form shows another text"
    return None


def _is_structure(name: bytes) -> bool:
    return name.lower().startswith(b"content-")


def _relax(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    # The blank before a value is no part of it, and honest mail writes one.
    return name, b" " + relaxed_header(name, value)[len(name) + 1 : -2]


def _outline(part: Part) -> Sequence[object]:
    name = None if part.name is None else " ".join(part.name.split())
    return (
        part.parent_position,
        part.depth,
        part.media_type,
        part.charset,
        part.transfer_encoding,
        part.disposition,
        name,
        part.is_multipart,
    )


def _shows_the_same(one: bytes, other: bytes, part: Part, *, delsp: bool) -> bool:
    """Whether two decoded contents are the same but for white space."""
    if one == other:
        return True
    if part.transfer_encoding == "base64":
        return False
    if not part.shown_type.startswith("text/"):
        return one.split() == other.split()
    texts = [decode_charset(raw, part.charset)[0] for raw in (one, other)]
    if delsp and part.shown_type == "text/plain":
        texts = [_FLOWED.sub("", text) for text in texts]
    return texts[0].split() == texts[1].split()
