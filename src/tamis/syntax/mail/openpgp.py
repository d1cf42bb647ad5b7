"""The OpenPGP signatures of a message as separate facts; no verdict."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.syntax.domain import align, to_ascii
from tamis.syntax.mail.dkim import decode_base64, to_crlf
from tamis.syntax.mail.dkim_facts import SignatureFacts
from tamis.syntax.mail.dkim_rules import Violation
from tamis.syntax.mail.mime import Tree, content
from tamis.syntax.mail.openpgp_keys import Holder, bits_of, digest_of, holds, read_holders
from tamis.syntax.mail.openpgp_packets import (
    ALGORITHMS,
    MAX_BYTES,
    SIGNATURE,
    PacketError,
    Signature,
    armoured,
    packets,
    read_signature,
    split_clear,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.headers import Headers
    from tamis.syntax.mail.signed_parts import SignedPart

MAX_SIGNATURES = 8
_KEY_BLOCK = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"
_KEYDATA = re.compile(rb"(?:\A|;)\s*keydata\s*=([A-Za-z0-9+/=\s]+)")
_BLANKS = re.compile(rb"(?<![ \t])[ \t]++(?=\r\n|\Z)")
_WEAK = frozenset({"md5", "sha1"})
_UNREAD = "RFC 9580 section 5.2"


def find_keys(raw: bytes, headers: Headers, tree: Tree) -> list[Holder]:
    """The keys that a message brings along: attached, in its text, or in Autocrypt.

    Source    RFC 3156 section 7, Autocrypt level 1 section 2.1.
    Limits    Whoever made the message chose them: a signature that holds under one of them shows
              that the text is unchanged since somebody signed it, and not who that was.
    """
    found: list[Holder] = []
    if _KEY_BLOCK in raw or b"pgp-keys" in raw:
        for part in tree.parts:
            is_key = part.shown_type == "application/pgp-keys"
            if part.is_multipart or not (is_key or part.shown_type.startswith("text/")):
                continue
            body = content(raw, part)[0][: 2 * MAX_BYTES]
            blocks = list(armoured(body, b"PUBLIC KEY BLOCK")) if _KEY_BLOCK in body else []
            for block in blocks[:8] or ([body] if is_key else []):
                found += read_holders(block, "dump", "a key inside the message")
    for item in headers.named(b"Autocrypt")[:2]:
        match = _KEYDATA.search(item.value[:MAX_BYTES])
        data = decode_base64("".join(match[1].decode("ascii").split())) if match else None
        found += read_holders(data or b"", "dump", "the Autocrypt field of the message")
    return found[:256]


def read_openpgp(
    part: SignedPart, display: Display, keys: Sequence[Holder]
) -> tuple[SignatureFacts, ...]:
    """The facts about every signature of one signed part, from the first; never raises.

    Source    RFC 9580 sections 5.2 and 7, RFC 3156 section 5. A signature under an unknown key
              is compared by the two octets of the digest that it states.
    Limits    Nothing of the header of the message is signed. Key expiry, trust between keys and
              revocation by others are not looked at. Versions 3 and 4 of signatures, 4 of keys.
    """
    signed, armour, is_all = part.signed, part.signature, True
    if part.form == "clear":
        split = split_clear(part.signature)
        if split is None:
            return ()
        signed, armour, is_all = split
    covers = part.open_why is None and is_all
    why = part.open_why or (None if is_all else "text stands around the signed text")
    found: list[SignatureFacts] = []
    try:
        for made in _signatures(armour):
            found.append(_measure(part, display, keys, made, to_crlf(signed or b"")))
            if len(found) == MAX_SIGNATURES:
                break
    except PacketError as error:
        found.append(_unreadable(part, str(error)))
    notes = () if why is None else (f"shown outside of it: {why}",)
    return tuple(_completed(one, covers, notes) for one in found)


def _completed(facts: SignatureFacts, covers: bool, notes: tuple[str, ...]) -> SignatureFacts:  # noqa: FBT001
    values = {name: getattr(facts, name) for name in SignatureFacts.__slots__}
    return SignatureFacts(
        **values
        | {
            "covers_whole_body": covers and facts.covers_whole_body is not False,
            "notes": facts.notes + notes,
        }
    )


def _signatures(armour: bytes) -> Iterator[Signature]:
    is_armoured = b"-----BEGIN PGP" in armour
    blocks = armoured(armour, b"SIGNATURE") if is_armoured else iter([armour[:MAX_BYTES]])
    is_empty = True
    for block in blocks:
        for tag, body in packets(block):
            made = read_signature(body) if tag == SIGNATURE else None
            if made is not None:
                is_empty = False
                yield made
    if is_empty:
        raise PacketError("no signature of version 3 or 4 is there")


def _unreadable(part: SignedPart, why: str) -> SignatureFacts:
    what = f"the signature cannot be read: {why}"
    return SignatureFacts(
        0,
        part.byte_start,
        part.byte_end,
        key_status="unusable",
        key_trouble=what,
        violations=(Violation(_UNREAD, what),),
    )


def _measure(
    part: SignedPart, display: Display, keys: Sequence[Holder], made: Signature, text: bytes
) -> SignatureFacts:
    kind = ALGORITHMS.get(made.algorithm, "unknown")
    facts: dict[str, Any] = {
        "algorithm": f"{kind}-{made.hash_name or 'unknown'}",
        "canonicalization": "text" if made.is_text else "binary",
        "selector": made.key_id,
        "signed_at": None
        if made.created_s is None
        else datetime.fromtimestamp(made.created_s, UTC),
    }
    found = []
    if made.hash_name in _WEAK:
        what = f"{made.hash_name} is weak and no longer used"
        found.append(Violation("RFC 9580 section 9.5", what, is_fatal=False))
    if made.kind not in {0, 1}:
        found.append(Violation(_UNREAD, "the signature is none over a document"))
    notes = []
    text, is_stripped = _form(made, text)
    if is_stripped:
        facts |= {"canonicalization": "text-stripped", "covers_whole_body": False}
        notes.append("blanks at line ends are not signed")
    digest = digest_of(made, text)
    is_same = None if digest is None else digest[:2] == made.left
    holder = _best(keys, made, text)
    if holder is None:
        facts["key_trouble"] = f"the key {made.key_id or 'that is not named'} is not known"
    else:
        facts |= _key_facts(holder, display, made)
        facts["header_verifies"] = holds(holder.key, made, text)
        if facts["key_bits"] < 2048 and kind in {"rsa", "dsa"}:
            what = f"the key has only {facts['key_bits']} bits"
            found.append(Violation("RFC 9580 section 12.4", what, is_fatal=False))
    if facts.get("header_verifies") and not any(one.is_fatal for one in found):
        facts["body_matches"] = True
    elif is_same is False:
        facts["body_matches"] = False
    elif is_same:
        notes.append("the two octets of the digest that it states agree with the text")
    return SignatureFacts(
        0, part.byte_start, part.byte_end, violations=tuple(found), notes=tuple(notes), **facts
    )


def _form(made: Signature, text: bytes) -> tuple[bytes, bool]:
    """The text that a signature was made over, and whether blanks at line ends were cut from it.

    Source    RFC 9580 section 5.2.1.2 signs the text with CRLF; programs of the years of RFC 2440
              cut blanks at line ends as well. The digest's first octets tell which it was.
    """
    stripped = _BLANKS.sub(b"", text) if made.is_text else text
    if stripped == text or made.hash_name is None:
        return text, False
    plain, cut = digest_of(made, text), digest_of(made, stripped)
    is_stripped = plain is not None and plain[:2] != made.left and (cut or b"")[:2] == made.left
    return (stripped, True) if is_stripped else (text, False)


def _best(keys: Sequence[Holder], made: Signature, text: bytes) -> Holder | None:
    """The key that a signature names, one under which it holds and from outside first."""
    named = [one for one in keys if made.key_id is not None and one.key.key_id == made.key_id][:8]
    return min(
        named,
        key=lambda one: (not holds(one.key, made, text), one.source == "dump"),
        default=None,
    )


def _key_facts(holder: Holder, display: Display, made: Signature) -> dict[str, Any]:
    sender = display.sender
    own = (sender.address or "").lower()
    address = next((one for one in holder.addresses if one.lower() == own), None)
    address = address or next(iter(holder.addresses), None)
    domain = to_ascii(address.rpartition("@")[2]) if address else None
    alignment = None
    if sender.domain is not None:
        near = domain is not None and align(domain, sender.domain) != "none"
        alignment = "organisational" if near else "none"
        if address is not None and address.lower() == own:
            alignment = "exact"
    covers = None if made.created_s is None else holder.key.created_s <= made.created_s
    status = "revoked" if holder.is_revoked else "found"
    return {
        "domain": domain,
        "identity": address,
        "key_bits": bits_of(holder.key),
        "key_source": holder.source,
        "key_label": f"{holder.label}: {', '.join(holder.names)[:120] or 'without a name'}",
        "key_status": "dated_out" if status == "found" and covers is False else status,
        "key_covers": covers,
        "alignment": alignment,
    }
