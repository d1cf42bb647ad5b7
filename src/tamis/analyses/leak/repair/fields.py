"""How carriers, lists and gateways rewrite header fields, undone: field in, possible fields out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tamis.analyses.leak.repair.field_words import (
    address_forms,
    content_type_forms,
    date_forms,
    encode_words,
    subject_forms,
)
from tamis.syntax.mail.headers import unfold
from tamis.syntax.mail.words import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tamis.analyses.leak.repair.aim import Letter

_LONGEST = 4_000
_FOLD = re.compile(rb"\r\n[ \t]+")
_FOLD_MARK = re.compile(rb"\r\n[ \t]")
_COMMA = re.compile(rb",[ \t\r\n]*")
_SEMICOLON = re.compile(rb";[ \t\r\n]*")
_TAG_BLANKS = re.compile(rb"[ \t\r\n]*([:=])[ \t\r\n]*")
_MORE_FROM = (
    b"x-original-from",
    b"x-mailfrom",
    b"original-from",
    b"reply-to",
    b"x-original-sender",
)
# Fields that lists and gateways add, so that a signer who listed them saw none.
_ADDED = frozenset(
    {b"reply-to", b"sender", b"precedence", b"errors-to", b"cc", b"in-reply-to", b"references",
     b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition",
     b"content-language", b"auto-submitted", b"thread-topic", b"thread-index", b"importance",
     b"x-priority", b"organization", b"user-agent"}
)  # fmt: skip
_ADDED_PREFIXES = (b"list-", b"x-", b"resent-", b"content-")
_ADDRESSES = frozenset({b"from", b"to", b"cc", b"reply-to", b"sender", b"bcc"})
_ABSENT: dict[bytes, tuple[bytes, ...]] = {
    b"mime-version": (b" 1.0",),
    b"content-transfer-encoding": (b" 7bit", b" 8bit", b" quoted-printable", b" base64"),
    b"content-type": (b" text/plain", b" text/plain; charset=utf-8",
                      b' text/plain; charset="utf-8"', b" text/plain; charset=us-ascii"),
    b"to": (b" undisclosed-recipients:;", b" undisclosed-recipients: ;",
            b" Undisclosed recipients:;"),
    b"subject": (b"", b" (no subject)"),
}  # fmt: skip
_NAMES = {
    b"mime-version": (b"MIME-Version", b"Mime-Version"),
    b"message-id": (b"Message-ID", b"Message-Id"),
}

_LABELS = {
    b"content-transfer-encoding": (
        "transfer_encoding_relabelled",
        (b" 7bit", b" 8bit", b" quoted-printable", b" base64", b" 7BIT", b" 8BIT",
         b" QUOTED-PRINTABLE", b" Quoted-Printable", b" BASE64", b" binary"),
    ),
    b"mime-version": ("version_rewritten", (b" 1.0",)),
}  # fmt: skip

Field = tuple[bytes, bytes]


class Variant(NamedTuple):
    """A field as it may have stood: what carriers did to it, and its name and value then.

    `field` is None where it did not stand there.
    """

    step: str
    field: Field | None


def block_steps(form: str) -> list[tuple[str, Callable[[Field], Field]]]:
    """Ways to write every signed field anew by one rule; those a signature of `form` can see."""
    steps = [
        ("blanks_at_folds_removed", _of_value(_replaced(_FOLD, b""))),
        ("blanks_after_commas_removed", _of_value(_replaced(_COMMA, b","))),
        ("blanks_after_commas_added", _of_value(_replaced(_COMMA, b", "))),
    ]
    if form == "relaxed":
        return steps
    folds = (b" ", b"\t", *(b"\r\n" + blank for blank in (b" ", b"\t", b"  ", b"    ", b" " * 8)))
    rules = [_as_it_is, *(_replaced(_FOLD, fold) for fold in folds)]
    rules += [_replaced(_FOLD_MARK, b"\r\n\t"), _replaced(_FOLD_MARK, b""), bytes.rstrip]
    rules += [_refolded(width, blank) for width in (78, 76, 72, 998) for blank in (b" ", b"\t")]
    for lead in (None, b" ", b"", b"\t"):
        steps += [("header_refolded", _of_value(rule, lead)) for rule in rules]
    steps += [("field_names_recased", _recased(how)) for how in range(4)]
    return steps


def _as_it_is(value: bytes) -> bytes:
    return value


def _of_value(
    rule: Callable[[bytes], bytes], lead: bytes | None = None
) -> Callable[[Field], Field]:
    """A rule over a field from one over its value, which then begins with `lead`, if told."""

    def apply(field: Field) -> Field:
        value = rule(field[1])
        return field[0], value if lead is None else lead + value.lstrip()

    return apply


def _refolded(width: int, blank: bytes) -> Callable[[bytes], bytes]:
    return lambda value: refold(value, width, blank)


def _replaced(pattern: re.Pattern[bytes], blank: bytes) -> Callable[[bytes], bytes]:
    return lambda value: pattern.sub(blank, value)


def _recased(how: int) -> Callable[[Field], Field]:
    def rule(field: Field) -> Field:
        title = b"-".join(word.capitalize() for word in field[0].split(b"-"))
        special = _NAMES.get(field[0].lower(), (title,))
        name = (special[0], title, field[0].lower(), field[0].upper())[how]
        return name, field[1]

    return rule


def refold(value: bytes, width: int, blank: bytes) -> bytes:
    """A value unfolded and folded again before words, lines at most `width` long."""
    words = _FOLD.sub(b" ", value).split(b" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > width and lines[-1].strip():
            lines.append(blank + word)
        else:
            lines[-1] += b" " + word
    return b"\r\n".join(lines)


def own_variants(own: Field, form: str) -> tuple[Variant, ...]:
    """How the signature's own field may have been written: its folds are part of what is signed."""
    name, value = own
    found = [
        (name, _SEMICOLON.sub(b"; ", value)),
        (name, _SEMICOLON.sub(b";", value)),
        (name, _TAG_BLANKS.sub(rb"\1", value)),
        (name, _SEMICOLON.sub(b"; ", _TAG_BLANKS.sub(rb"\1", value))),
        (name, _FOLD.sub(b"", value)),
    ]
    if form == "simple":
        found += [
            (name, _FOLD.sub(blank, value)) for blank in (b"\r\n ", b"\r\n\t", b" ", b"\r\n\t ")
        ]
        found += [(name, _SEMICOLON.sub(b";" + fold, value)) for fold in (b"\r\n\t", b"\r\n ")]
        found += [(b"DKIM-Signature", value), (b"dkim-signature", value)]
    return tuple(Variant("signature_field_rewritten", one) for one in found if one != own)


def variants(letter: Letter, name: bytes, found: Field | None) -> tuple[Variant, ...]:
    """How one signed field may have stood before it was carried, likeliest first."""
    if found is None:
        if letter.display.count(name):
            return ()
        title = _recased(0)((name, b""))[0]
        return tuple(Variant("field_restored", (title, value)) for value in _ABSENT.get(name, ()))
    if len(found[1]) > _LONGEST:
        return ()
    made = {one.field: one for one in reversed(list(_of_field(letter, name, found)))}
    ordered = [one for one in reversed(made.values()) if one.field != found]
    return tuple(ordered)


def _of_field(letter: Letter, name: bytes, found: Field) -> Iterator[Variant]:
    spelt, value = found
    if name == b"subject":
        for step, text in subject_forms(value):
            yield Variant(step, (spelt, text))
    elif name in _ADDRESSES:
        yield from _of_addresses(letter, name, found)
    elif name == b"date":
        for text in date_forms(value):
            yield Variant("date_rewritten", (spelt, text))
    elif name == b"content-type":
        yield from _of_content_type(letter, found)
    elif name in _LABELS:
        step, labels = _LABELS[name]
        for text in labels:
            yield Variant(step, (spelt, text))
    else:
        yield from _of_identifier(found)
    if name in _ADDED or name.startswith(_ADDED_PREFIXES):
        yield Variant("added_field_removed", None)
    yield Variant("folds_closed", (spelt, _FOLD.sub(b"", value)))


def _of_addresses(letter: Letter, name: bytes, found: Field) -> Iterator[Variant]:
    if name == b"from":
        for other in _MORE_FROM:
            for rank in letter.display.ranks.get(other, ())[:1]:
                value = letter.headers.fields[rank].value
                yield Variant("sender_restored", (found[0], value))
    for step, text in address_forms(found[1]):
        yield Variant(step, (found[0], text))


def _of_content_type(letter: Letter, found: Field) -> Iterator[Variant]:
    for step, text in content_type_forms(found[1]):
        yield Variant(step, (found[0], text))
    for value in _inner_types(letter.body):
        yield Variant("wrapping_removed", (found[0], value))


_INNER = re.compile(rb"(?im)^content-type[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)")


def _inner_types(body: bytes) -> list[bytes]:
    return [one[1] for one, _ in zip(_INNER.finditer(body[:200_000]), range(3), strict=False)]


def _of_identifier(found: Field) -> Iterator[Variant]:
    spelt, value = found
    flat = unfold(value)
    yield Variant("identifier_rewritten", (spelt, b" " + flat.replace(b"><", b"> <")))
    yield Variant("identifier_rewritten", (spelt, b" " + flat.replace(b"> <", b"><")))
    if flat.startswith(b"<") and flat.endswith(b">"):
        yield Variant("identifier_rewritten", (spelt, b" " + flat[1:-1]))
    elif b"@" in flat:
        yield Variant("identifier_rewritten", (spelt, b" <" + flat + b">"))
    if b"=?" in flat or not flat.isascii():
        for text in encode_words(decode(value)):
            yield Variant("encoded_words_rewritten", (spelt, b" " + text))
