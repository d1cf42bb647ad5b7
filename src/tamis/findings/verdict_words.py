"""The sentences of a verdict: what it claims, and what it does not claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.findings.verdict import Word
from tamis.syntax.mail.display import PRINCIPAL, STRUCTURAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts

NO_DECOY = "that it is no decoy"
STANDING = (
    "that a human being wrote it",
    "that the holder of the mailbox, and no intruder, sent it",
    "that the person in the display name owns the address",
    "that the Date is right: it is the sender's statement, as t= is the signer's",
    NO_DECOY,
    "that what it says is true",
    "anything about header fields that are not signed",
    "that the message, the mailbox or the dump is complete",
)
_OWN = {
    Word.VERIFIED_PARTLY: "anything about what the signature leaves uncovered",
    Word.KEY_CONSISTENT: "that the domain signed it: only that one key signed it",
    Word.BODY_DIFFERS: "that somebody altered it: stores, lists and gateways change bodies",
    Word.DISPLAY_CONFLICT: "which of the instances a reader saw",
    Word.UNVERIFIABLE: "anything: that it is genuine as little as that it is forged",
}
# What is said of a message about which nothing else is known: another fact's word replaces it.
ALONE = frozenset({_OWN[Word.BODY_DIFFERS], _OWN[Word.UNVERIFIABLE]})
# Fields that readers show or act on: where one is absent and its absence is not signed, it may have
# been taken out.
_MISSED = (
    *(b"cc", b"reply-to", b"sender", b"in-reply-to", b"references", b"message-id", b"list-id"),
    *STRUCTURAL,
    b"content-disposition",
)
_NAMED = {b"mime-version": "MIME-Version", b"message-id": "Message-ID", b"list-id": "List-Id"}


def field_names(names: Iterable[bytes]) -> list[str]:
    """Field names in the usual spelling."""
    return [
        _NAMED.get(name)
        or "-".join(word.capitalize() for word in name.decode("latin-1").split("-"))
        for name in names
    ]


def claims_of(word: Word, facts: SignatureFacts | None, display: Display) -> tuple[str, ...]:
    """What a verdict says, in sentences."""
    if facts is None or word is Word.UNVERIFIABLE:
        return ()
    signer = f"whoever held the DKIM key {facts.selector}._domainkey.{facts.domain}"
    signed = [name for name in PRINCIPAL if display.count(name) and facts.signs(name, display)]
    fields = ", ".join(field_names(signed))
    if word is Word.DISPLAY_CONFLICT:
        return ("a field that readers show stands more than once, and readers choose differently",)
    if word is Word.BODY_DIFFERS:
        return (f"{signer} signed {fields} as they stand here, with another body than this",)
    if word is Word.KEY_CONSISTENT:
        return (f"one key signed {fields} and the body as they stand here",)
    if facts.covers_whole_body is False:
        body = f"the first {facts.body_length_signed} bytes of the body"
    else:
        body = "the whole body"
    return (f"{signer} signed {fields} and {body} as they stand here",)


def disclaimers_of(word: Word, facts: SignatureFacts | None, display: Display) -> tuple[str, ...]:
    """What a verdict does not say, in sentences: the standing ones, and those of this message."""
    own = _OWN.get(word)
    found = [*STANDING, *((own,) if own else ())]
    if facts is not None:
        found += _of_key(facts)
        found += _of_signature(facts)
    found += _of_fields(facts, display)
    found += display.sender.oddities()
    if display.sender.trouble:
        found.append(f"who the sender is: {display.sender.trouble}")
    return tuple(found)


def _of_key(facts: SignatureFacts) -> list[str]:
    found = []
    if facts.key_source is not None and facts.key_covers is None:
        found.append("that the key was in use when the message was sent: its source is undated")
    if facts.key_source == "party":
        found.append("that the key is right beyond the word of the party that handed it in")
    if facts.key_bits is not None and 1024 <= facts.key_bits < 2048:
        found.append(f"that nobody broke the key: it has {facts.key_bits} bits only")
    return found


def _of_signature(facts: SignatureFacts) -> list[str]:
    found = []
    if facts.body_length_unsigned:
        found.append(f"anything about the last {facts.body_length_unsigned} bytes of the body")
    if "relaxed" in (facts.canonicalization or ""):
        found.append("the exact white space: the signature takes every run of it as equal")
    if facts.alignment == "organisational":
        found.append(f"that the subdomain in From signed: {facts.domain} did")
    return found


def _of_fields(facts: SignatureFacts | None, display: Display) -> list[str]:
    """Every field shown that no signature that holds covers, by name; and those that may lack."""

    def is_open(name: bytes) -> bool:
        return facts is None or not facts.header_verifies or not facts.signs(name, display)

    # Of a message without a signature that holds, PRINCIPAL is what other facts are about.
    left = () if facts is not None and facts.header_verifies else PRINCIPAL
    unsigned = [name for name in display.shown() if name not in left and is_open(name)]
    structural = [name for name in unsigned if name in STRUCTURAL]
    others = [name for name in unsigned if name not in STRUCTURAL]
    found = [f"that {name}, which is not signed, stood there" for name in field_names(structural)]
    if others:
        names = ", ".join(field_names(others))
        found.append(f"that these fields, which are not signed, are as they were sent: {names}")
    absent = [name for name in _MISSED if not display.count(name) and is_open(name)]
    if absent:
        names = ", ".join(field_names(absent))
        found.append(f"that these fields never stood there: {names}")
    return found
