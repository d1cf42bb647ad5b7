"""The S/MIME signatures of a message as separate facts; no verdict."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax import ber
from tamis.syntax.ber import BerError
from tamis.syntax.domain import align, to_ascii
from tamis.syntax.mail.certificates import Certificate, reaches, read_certificate, verify
from tamis.syntax.mail.cms import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    SignedData,
    Signer,
    read_signed,
    time_of,
)
from tamis.syntax.mail.dkim import to_crlf
from tamis.syntax.mail.dkim_facts import SignatureFacts
from tamis.syntax.mail.dkim_rules import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.signed_parts import SignedPart

_CMS, _ATTRIBUTES = "RFC 5652 section 5", "RFC 5652 section 5.3"
_WEAK = frozenset({"md5", "sha1"})
_MIN_RSA_BITS = 2048


def read_smime(
    part: SignedPart, display: Display, stated_at: datetime | None, anchors: Sequence[Certificate]
) -> tuple[SignatureFacts, ...]:
    """The facts about every signer of one signed part; none where it is not signed at all.

    Input     `stated_at` is the Date of the message; `anchors` are certificates from outside.
    Source    RFC 8551 sections 2 and 3, RFC 8550, RFC 5652 sections 5.4 and 5.6. Departure: what
              a standard refuses (weak hashes, a certificate that has run out) is still computed.
    Limits    Nothing of the header of the message is signed. Revocation is not looked at.
    """
    try:
        data = read_signed(part.signature)
    except BerError as error:
        what = f"the signature is no CMS that can be read: {error}"
        return (_unreadable(part, what),)
    if data is None:
        return ()
    if not data.signers:
        return (_unreadable(part, "the signed data names no signer"),)
    content = data.content if part.signed is None else to_crlf(part.signed)
    come = tuple(one for one in map(read_certificate, data.certificates) if one is not None)
    place = _Place(part, data, content, display, stated_at, come, tuple(anchors))
    return tuple(_measure(place, signer) for signer in data.signers)


def _unreadable(part: SignedPart, what: str) -> SignatureFacts:
    return SignatureFacts(
        0,
        part.byte_start,
        part.byte_end,
        canonicalization="crlf",
        key_status="unusable",
        covers_whole_body=part.open_why is None,
        key_trouble=what,
        violations=(Violation(_CMS, what),),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """What all signers of one signed part share."""

    part: SignedPart
    data: SignedData
    content: bytes | None
    display: Display
    stated_at: datetime | None
    come: tuple[Certificate, ...]
    anchors: tuple[Certificate, ...]


def _measure(place: _Place, signer: Signer) -> SignatureFacts:
    part, data = place.part, place.data
    signed_at = _signing_time(signer)
    notes = [] if part.open_why is None else [f"shown outside of it: {part.open_why}"]
    facts: dict[str, Any] = {
        "algorithm": f"{signer.scheme or 'unknown'}-{signer.scheme_hash or 'unknown'}",
        "canonicalization": "crlf",
        "signed_at": signed_at,
        "covers_whole_body": part.open_why is None and _is_whole(part, data),
    }
    found = _check_attributes(data, signer, place.content)
    is_void = bool(found)
    certificate = _find_certificate(signer, (*place.come, *place.anchors))
    if certificate is None:
        serial = "" if signer.serial is None else f" with serial number {signer.serial:x}"
        facts["key_trouble"] = f"the certificate{serial} is not there"
    else:
        facts |= _key_facts(certificate, place, signed_at or place.stated_at)
        facts["header_verifies"] = _verify(signer, certificate, place.content)
        found += _check_key(signer, certificate)
        notes.append(_whose(certificate))
    if not is_void:
        facts["body_matches"] = _compare(signer, place.content, facts.get("header_verifies"))
    found += _check_hashes(signer)
    if _is_protected(part, data):
        notes.append("the signed part is a whole message with its own header (RFC 8551, 3.1)")
    return SignatureFacts(
        0, part.byte_start, part.byte_end, violations=tuple(found), notes=tuple(notes), **facts
    )


def _is_whole(part: SignedPart, data: SignedData) -> bool:
    return data.is_rest_empty and (part.signed is None) == (data.content is not None)


def _is_protected(part: SignedPart, data: SignedData) -> bool:
    inner = part.signed if part.signed is not None else data.content
    return inner is not None and inner[:200].lower().lstrip().startswith(
        b"content-type: message/rfc822"
    )


def _signing_time(signer: Signer) -> datetime | None:
    values = signer.attributes.get(SIGNING_TIME, ())
    return time_of(values[0]) if len(values) == 1 else None


def _check_hashes(signer: Signer) -> list[Violation]:
    named = sorted({name for name in (signer.digest, signer.scheme_hash) if name in _WEAK})
    section = "RFC 8551 section 2.1"
    return [Violation(section, f"{one} is weak and no longer used", False) for one in named]


def _check_attributes(data: SignedData, signer: Signer, content: bytes | None) -> list[Violation]:
    """What leaves open which content was signed; each of them voids the comparison."""
    found = []
    if signer.scheme is None or signer.digest is None or signer.scheme_hash is None:
        found.append(Violation(_CMS, "an algorithm of the signature is unknown"))
    if signer.signed is None:
        if data.content_type != DATA:
            found.append(Violation(_ATTRIBUTES, "signed attributes are missing"))
        elif content is not None and content[:1] == b"\x31":
            # Attributes that once were signed may be passed off as content.
            found.append(Violation(_ATTRIBUTES, "the content looks like signed attributes"))
        return found
    if not signer.is_der:
        found.append(Violation(_ATTRIBUTES, "the signed attributes are not in DER"))
    kinds = [_inner(value, ber.OID) for value in signer.attributes.get(CONTENT_TYPE, ())]
    if [ber.dotted(kind) for kind in kinds] != [data.content_type]:
        found.append(Violation(_ATTRIBUTES, "the signed content type is another"))
    digests = [_inner(value, ber.OCTETS) for value in signer.attributes.get(MESSAGE_DIGEST, ())]
    if len(digests) != 1 or not digests[0]:
        found.append(Violation(_ATTRIBUTES, "messageDigest does not stand once"))
    return found


def _compare(signer: Signer, content: bytes | None, holds: bool | None) -> bool | None:  # noqa: FBT001
    """Whether the content is the signed one; a signature over it alone (`holds`) tells itself."""
    if content is None or signer.digest is None:
        return None
    if signer.signed is None:
        return holds
    stated = _inner(signer.attributes[MESSAGE_DIGEST][0], ber.OCTETS)
    return _hash(signer.digest, content) == stated


def _inner(value: bytes, tag: int) -> bytes:
    """The content of a small element of one tag; empty for any other."""
    is_plain = len(value) > 2 and value[0] == tag and value[1] == len(value) - 2
    return value[2:] if is_plain else b""


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _find_certificate(signer: Signer, known: Sequence[Certificate]) -> Certificate | None:
    for one in known:
        if signer.key_id is not None and one.key_id == signer.key_id:
            return one
        if signer.issuer is not None and (one.issuer_der, one.serial) == (
            signer.issuer,
            signer.serial,
        ):
            return one
    return None


def _key_facts(certificate: Certificate, place: _Place, moment: datetime | None) -> dict[str, Any]:
    covers = None if moment is None else certificate.valid_from <= moment <= certificate.valid_to
    anchor = reaches(certificate, place.come, place.anchors)
    status = "found" if certificate.trouble is None else "unusable"
    if status == "found" and covers is False:
        status = "dated_out"
    sender = place.display.sender.address or ""
    address = next(
        (one for one in certificate.addresses if one.lower() == sender.lower()),
        next(iter(certificate.addresses), None),
    )
    domain = to_ascii(address.rpartition("@")[2]) if address else None
    label = f"certificate of {certificate.subject} issued by {certificate.issuer}"
    if anchor is not None:
        label += f", vouched for by the certificate of {anchor.subject} given from outside"
    return {
        "domain": domain,
        "selector": f"{certificate.serial:x}",
        "identity": address,
        "key_bits": certificate.key_bits,
        "key_source": "dump" if anchor is None else "party",
        "key_label": label,
        "key_status": status,
        "key_covers": covers,
        "key_trouble": certificate.trouble,
        "alignment": _align(address, domain, place.display),
    }


def _align(address: str | None, domain: str | None, display: Display) -> str | None:
    """Exact for the address in From itself; the same domain or house is organisational."""
    sender = display.sender
    if sender.address is None or sender.domain is None:
        return None
    if address is not None and address.lower() == sender.address.lower():
        return "exact"
    is_near = domain is not None and align(domain, sender.domain) != "none"
    return "organisational" if is_near else "none"


def _check_key(signer: Signer, certificate: Certificate) -> list[Violation]:
    found = []
    if not certificate.may_sign:
        what = "the certificate's key usage does not allow signatures"
        found.append(Violation("RFC 8550 section 4.4.2", what, is_fatal=False))
    bits = certificate.key_bits or 0
    if (signer.scheme or "").startswith("rsa") and bits < _MIN_RSA_BITS:
        what = f"the RSA key has only {bits} bits"
        found.append(Violation("RFC 8551 section 4.3", what, is_fatal=bits < 1024))
    return found


def _verify(signer: Signer, certificate: Certificate, content: bytes | None) -> bool | None:
    over = signer.signed if signer.signed is not None else content
    if over is None or signer.scheme is None or signer.scheme_hash is None:
        return None
    if signer.salt_length < 0:
        return None
    digest = _hash(signer.scheme_hash, over)
    return verify(
        certificate,
        signer.scheme,
        signer.scheme_hash,
        signer.salt_length,
        signer.signature,
        digest,
    )


def _whose(certificate: Certificate) -> str:
    if certificate.is_self_issued:
        return "the certificate is issued by itself"
    return f"the certificate is of {certificate.subject}, issued by {certificate.issuer}"
