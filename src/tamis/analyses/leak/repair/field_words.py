"""Values of header fields written in the other ways in which honest programs write them."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tamis.syntax.mail import date
from tamis.syntax.mail.headers import unfold
from tamis.syntax.mail.words import decode, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPLY = rb"(?:(?:re|fwd?|aw|wg|tr|sv|vs|antw|rif|ref|i|r)(?:\[\d{1,3}\])?[ \t]?:[ \t]*)"
# What gateways put before a subject, with or without brackets.
MARKS = (
    r"(?:external|externe?|externo|esterno|extern[ae]?r? absender|ext|outside|spam\??|spam probable"
    r"|(?:probable|possible|suspected|suspect|potential) ?spam|suspect(?:ed)?|junk|bulk|virus"
    r"|virus (?:found|removed)|caution|warning|attention|phishing|fraud|malware|unchecked|untrusted"
    r"|unverified|encrypted|secure|secured|confidential|adv|advert|disarmed|marketing|newsletter"
    r"|quarantine|graymail|mail from internet|internet)"
)
_TAG = re.compile(
    rb"\A(?P<before>[ \t]*" + _REPLY + rb"*)(?P<tag>\[[^\]\r\n]{1,80}\]|\{[^}\r\n]{1,60}\}"
    rb"|\*{1,8}[^*\r\n]{1,60}\*{1,8}|\([^)\r\n]{1,40}\)|<[^>\r\n]{1,40}>|#+[^#\r\n]{1,40}#+"
    rb"|-{2,}[^-\r\n]{1,40}-{2,}|" + MARKS.encode() + rb"[ \t]?[:\-|])[ \t]*",
    re.IGNORECASE,
)
_REPLIES = re.compile(rb"\A[ \t]*" + _REPLY + rb"+", re.IGNORECASE)
_MAX_WORD = 75
_COMMENT = re.compile(rb"[ \t]*\([^()]*\)")
_NAMED = re.compile(
    rb"\A\s*(?:\"((?:[^\"\\]|\\.){0,300})\"|([^\"<>@,;]{0,300}?))\s*<([^<>\s]{1,320})>\s*\Z"
)
_VIA = re.compile(rb"[ \t]+(?:via|\(via|\[via)[ \t]+.{1,200}\Z", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(rb"\A\s*<?([^<>\s,;\"]{1,320}@[^<>\s,;\"]{1,320})>?\s*\Z")
_PARAMETER = re.compile(rb";\s*([A-Za-z-]{1,40})\s*=\s*(\"[^\"\r\n]{0,300}\"|[^;\s\"]{1,300})")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Comments that programs put behind an offset, in hours.
_ZONE_NAMES: dict[int | None, tuple[str, ...]] = {
    -8: ("PST",), -7: ("PDT", "MST"), -6: ("CST", "MDT"), -5: ("EST", "CDT"), -4: ("EDT", "AST"),
    -3: ("BRT", "ADT"), 0: ("UTC", "GMT", "WET", "Coordinated Universal Time"),
    1: ("CET", "BST", "WEST", "WAT"), 2: ("CEST", "EET", "SAST", "IST"), 3: ("MSK", "EEST"),
    8: ("CST", "SGT", "HKT"), 9: ("JST", "KST"), 10: ("AEST",), 11: ("AEDT",),
}  # fmt: skip


def subject_forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """A subject without the tags of lists and gateways, and written anew: step and value."""
    flat = unfold(value)
    for step, text in _untagged(flat):
        yield step, b" " + text
    if b"\n" in value:  # a tag put before a folded subject leaves its folds as they were
        for step, text in _untagged(value.strip()):
            yield step, b" " + text
    shown = decode(value)
    if flat.isascii() and b"=?" not in flat:
        return
    for text in encode_words(shown):
        yield "encoded_words_rewritten", b" " + text
    for step, bare in _untagged(shown.encode()):
        for text in encode_words(bare.decode("utf-8", "replace")):
            yield step, b" " + text


def _untagged(flat: bytes) -> Iterator[tuple[str, bytes]]:
    rest = flat
    for _ in range(4):
        tag = _TAG.match(rest)
        if tag is None:
            break
        after = rest[tag.end() :]
        before = tag["before"].lstrip()
        yield "subject_tag_removed", before + after
        reply = _REPLIES.match(after)
        if reply is not None and not before:
            yield "subject_tag_moved", reply[0] + tag["tag"] + b" " + after[reply.end() :]
            yield "subject_tag_removed", after[reply.end() :]
        if before:
            yield "subject_tag_moved", tag["tag"] + b" " + before + after
            yield "subject_tag_removed", after
        rest = before + after
    reply = _REPLIES.match(flat)
    if reply is not None:
        yield "reply_mark_removed", flat[reply.end() :]


def encode_words(text: str) -> list[bytes]:
    """A text as encoded words in the ways programs choose, and as UTF-8.

    Source    RFC 2047 section 2: a word has at most 75 characters.
    """
    if len(text) > 1_000:
        return []
    raw = text.encode("utf-8", "replace")
    found = [raw]
    if not raw.isascii():
        for charset, spelt in (("utf-8", b"UTF-8"), ("utf-8", b"utf-8"), ("latin-1", b"iso-8859-1"),
                               ("latin-1", b"ISO-8859-1"), ("cp1252", b"windows-1252"),
                               ("cp1252", b"Windows-1252")):  # fmt: skip
            try:
                text.encode(charset)
            except UnicodeError:
                continue
            found.append(_b_words(text, charset, spelt, 45))
            found.append(_b_words(text, charset, spelt, 42))
            found.append(_b_words(text, charset, spelt, 1_000))
            found.append(_q_word(text, charset, spelt))
    return found


def _b_words(text: str, charset: str, spelt: bytes, size: int) -> bytes:
    pieces, piece = [], b""
    for letter in text:
        raw = letter.encode(charset)
        if piece and len(piece) + len(raw) > size:
            pieces.append(piece)
            piece = b""
        piece += raw
    pieces.append(piece)
    return b" ".join(b"=?" + spelt + b"?B?" + base64.b64encode(one) + b"?=" for one in pieces)


def _q_word(text: str, charset: str, spelt: bytes) -> bytes:
    words, word = [], b""
    head = b"=?" + spelt + b"?Q?"
    for letter in text:
        raw = letter.encode(charset)
        piece = b"".join(
            b"_" if b == 32 else bytes((b,)) if 33 <= b < 127 and b not in b"=?_" else b"=%02X" % b
            for b in raw
        )
        if word and len(head) + len(word) + len(piece) + 2 > _MAX_WORD:
            words.append(word)
            word = b""
        word += piece
    return b" ".join(head + one + b"?=" for one in (*words, word))


def address_forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """One mailbox, or a list of them, with other quotes, brackets and blanks."""
    flat = unfold(value)
    yield "address_rewritten", b" " + re.sub(rb",[ \t]*", b", ", flat)
    yield "address_rewritten", b" " + re.sub(rb",[ \t]*", b",", flat)
    named = _NAMED.match(flat)
    bare = _BARE.match(flat)
    if named is not None:
        name = named[1] if named[1] is not None else named[2]
        address = named[3]
        for one in _names(name):
            yield "address_rewritten", b" " + one + b" <" + address + b">"
            yield "address_rewritten", b' "' + one + b'" <' + address + b">"
        yield "address_rewritten", b" " + address
        yield "address_rewritten", b" <" + address + b">"
        local, _, domain = address.rpartition(b"@")
        if domain != domain.lower():
            yield "address_rewritten", b" " + name + b" <" + local + b"@" + domain.lower() + b">"
    elif bare is not None:
        yield "address_rewritten", b" " + bare[1]
        yield "address_rewritten", b" <" + bare[1] + b">"


def _names(name: bytes) -> list[bytes]:
    found = [name]
    without = _VIA.sub(b"", name)
    if without != name:
        found.append(without)
    if b"=?" in name or not name.isascii():
        found += encode_words(decode(name))
    return [one.strip() for one in found]


def content_type_forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """A content type with other quotes, cases, blanks and charsets, or fewer parameters."""
    flat = unfold(value)
    media, _, _ = flat.partition(b";")
    params = [(one[1], one[2]) for one in _PARAMETER.finditer(flat)]
    bare = [(name, text.strip(b'"')) for name, text in params]
    for glue in (b"; ", b";"):
        yield (
            "type_rewritten",
            b" " + glue.join([media.strip(), *(n + b"=" + t for n, t in params)]),
        )
        yield "type_rewritten", b" " + glue.join([media.strip(), *(n + b"=" + t for n, t in bare)])
        yield (
            "type_rewritten",
            b" " + glue.join([media.strip(), *(n + b'="' + t + b'"' for n, t in bare)]),
        )
    for charset in (b"utf-8", b"UTF-8", b"us-ascii", b"US-ASCII", b"iso-8859-1", b"ISO-8859-1",
                    b"windows-1252"):  # fmt: skip
        for mark in (b"", b'"'):
            new = [(n, mark + charset + mark if n.lower() == b"charset" else t) for n, t in params]
            if new != params:
                yield (
                    "charset_relabelled",
                    b" " + b"; ".join([media, *(n + b"=" + t for n, t in new)]),
                )
    for dropped, _ in params:
        kept = [n + b"=" + t for n, t in params if n != dropped]
        yield "type_rewritten", b" " + b"; ".join([media, *kept])


def date_forms(value: bytes) -> Iterator[bytes]:
    """The same instant as other programs write it."""
    flat = unfold(value)
    yield b" " + _COMMENT.sub(b"", flat)
    read = date.parse(text_of(value))
    if read is None:
        return
    instant, offset = read
    zones = [(offset or 0), 0, *range(-43_200, 50_401, 3_600)]
    for seconds in dict.fromkeys(zones):
        yield from write_date(instant, seconds)


def write_date(instant: datetime, offset_s: int) -> list[bytes]:
    """A date of a mail header at a zone, in the ways it is written.

    Source    RFC 5322 section 3.3.
    """
    local = instant.astimezone(UTC) + timedelta(seconds=offset_s)
    sign = "-" if offset_s < 0 else "+"
    minutes = abs(offset_s) // 60
    zone = f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
    clock = local.strftime("%H:%M:%S")
    day = f"{_DAYS[local.weekday()]}, "
    rest = f"{_MONTHS[local.month - 1]} {local.year:04d} {clock}"
    days = dict.fromkeys((f"{local.day}", f"{local.day:02d}"))
    found = [f" {day}{number} {rest} {zone}" for number in days]
    if not offset_s:
        found += [f" {day}{n} {rest} {z}" for n in days for z in ("GMT", "-0000", "+0000 (UTC)")]
    found += [f" {number} {rest} {zone}" for number in days]
    names = _ZONE_NAMES.get(offset_s // 3600 if offset_s % 3600 == 0 else None, ())
    found += [f" {day}{number} {rest} {zone} ({name})" for number in days for name in names]
    return [one.encode() for one in found]
