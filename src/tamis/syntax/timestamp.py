"""Time-stamp requests and tokens (RFC 3161): written, and read without judging them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tamis.syntax import ber
from tamis.syntax.ber import BerError
from tamis.syntax.mail.cms import DIGESTS, SIGNED_DATA, SignedData, read_signed

if TYPE_CHECKING:
    from tamis.syntax.ber import Element

MAX_BYTES = 1 << 20
TOKEN_TYPE = "1.2.840.113549.1.9.16.1.4"  # noqa: S105 - an identifier, no secret
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_GENERALIZED, _BOOLEAN = 0x18, 0x01
_TIME = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")
_STATUS = {0: "granted", 1: "granted with changes", 2: "rejection", 3: "waiting"}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token states, and the signed data that states it.

    `accuracy_s` is None where the authority does not say how exact its clock is.
    """

    data: SignedData
    policy: str
    hash_name: str | None
    imprint: bytes
    serial: int
    stated_at: datetime
    accuracy_s: float | None
    nonce: int | None


def write_request(digest: bytes, nonce: int) -> bytes:
    """A request in DER to stamp a SHA-256 digest; asks for the authority's certificate too.

    Source    RFC 3161 section 2.4.1
    """
    imprint = _wrap(0x30, _SHA256 + _wrap(0x04, digest))
    wants_certificate = b"\x01\x01\xff"
    return _wrap(0x30, _integer(1) + imprint + _integer(nonce) + wants_certificate)


def _integer(value: int) -> bytes:
    return _wrap(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _wrap(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def read_reply(data: bytes) -> Stamp:
    """What a reply of an authority, or a bare token, states.

    Source    RFC 3161 sections 2.4.2 and 3.1. Sets in another order than DER asks for are read:
              common servers write certificates so, and the signature does not cover them.
    Errors    BerError when it is no reply, holds no token, or something follows it.
    """
    if len(data) > MAX_BYTES:
        raise BerError(f"larger than {MAX_BYTES:,} bytes")
    outer = ber.read(data)
    if outer.end != len(data):
        raise BerError(f"something follows the reply at byte {outer.end}")
    first = _child(outer, 0, None)
    token = data if first.tag == ber.OID else _granted(data, outer, first)
    signed = read_signed(token)
    if signed is None or signed.content_type != TOKEN_TYPE or signed.content is None:
        raise BerError(f"it holds no time-stamp token (signed data {SIGNED_DATA} of {TOKEN_TYPE})")
    return _stated(signed, signed.content)


def _granted(data: bytes, reply: Element, info: Element) -> bytes:
    """The token of a reply that grants one."""
    status = _child(info, 0, ber.INTEGER).integer(data)
    if status not in {0, 1} or len(reply.children) != 2:
        told = _STATUS.get(status, f"status {status}")
        raise BerError(f"the authority gave no token ({told}); send the request again")
    return reply.children[1].raw(data)


def _stated(signed: SignedData, content: bytes) -> Stamp:
    info = ber.read(content)
    if info.tag != ber.SEQUENCE or info.end != len(content):
        raise BerError("the content of the token is no TSTInfo")
    if _child(info, 0, ber.INTEGER).integer(content) != 1:
        raise BerError("the token is of another version than 1")
    imprint = _child(info, 2, ber.SEQUENCE)
    algorithm = _child(_child(imprint, 0, ber.SEQUENCE), 0, ber.OID)
    return Stamp(
        data=signed,
        policy=ber.dotted(_child(info, 1, ber.OID).content(content)),
        hash_name=DIGESTS.get(ber.dotted(algorithm.content(content))),
        imprint=_child(imprint, 1, ber.OCTETS).content(content),
        serial=_child(info, 3, ber.INTEGER).integer(content),
        stated_at=_instant(_child(info, 4, _GENERALIZED).content(content)),
        accuracy_s=_accuracy(content, info),
        nonce=next(
            (one.integer(content) for one in info.children[5:] if one.tag == ber.INTEGER), None
        ),
    )


def _instant(content: bytes) -> datetime:
    """The instant of a GeneralizedTime in UTC; fractions below a microsecond are rounded up."""
    found = _TIME.fullmatch(content)
    if found is None:
        raise BerError("genTime is no time in UTC")
    try:
        whole = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise BerError("genTime is no time in UTC") from None
    nanoseconds = int((found[2] or b"0").ljust(9, b"0"))
    return whole + timedelta(microseconds=-(-nanoseconds // 1000))


def _accuracy(content: bytes, info: Element) -> float | None:
    """Seconds by which the stated time can be wrong (RFC 3161 section 2.4.2), None if unstated."""
    found = next((one for one in info.children[5:] if one.tag == ber.SEQUENCE), None)
    if found is None:
        return None
    units = {ber.INTEGER: 1.0, 0x80: 1e-3, 0x81: 1e-6}
    total = 0.0
    for one in found.children:
        if one.tag not in units or not 0 <= one.integer(content) < 1 << 31:
            raise BerError("the accuracy is no length of time")
        total += one.integer(content) * units[one.tag]
    return total


def _child(element: Element, rank: int, tag: int | None) -> Element:
    if rank >= len(element.children):
        raise BerError(f"the element at byte {element.start} holds too little")
    found = element.children[rank]
    if tag is not None and found.tag != tag:
        raise BerError(f"another element than expected at byte {found.start}")
    return found
