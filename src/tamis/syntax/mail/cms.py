"""Signed data of CMS: content, certificates, and what each signer signed; nothing is verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tamis.syntax import ber
from tamis.syntax.ber import BerError, Element

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 64 << 20
MAX_SIGNERS = 16
MAX_CERTIFICATES = 50
DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
# Each scheme with the hash that its identifier names, None where the digest algorithm decides.
_SCHEMES: dict[str, tuple[str, str | None]] = {
    "1.2.840.113549.1.1.1": ("rsa", None),
    "1.2.840.113549.1.1.4": ("rsa", "md5"),
    "1.2.840.113549.1.1.5": ("rsa", "sha1"),
    "1.2.840.113549.1.1.14": ("rsa", "sha224"),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.113549.1.1.10": ("rsa-pss", None),
    "1.2.840.10045.2.1": ("ecdsa", None),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "1.2.840.10040.4.1": ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    "2.16.840.1.101.3.4.3.2": ("dsa", "sha256"),
    "1.3.101.112": ("ed25519", None),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature: algorithms, what it is over, and whose certificate it names.

    `signed` are the attributes as they were signed (a SET in DER), None where the content itself
    is; `attributes` their values by identifier. `scheme` and `digest` are None where unknown.
    """

    scheme: str | None
    scheme_hash: str | None
    digest: str | None
    signature: bytes
    signed: bytes | None
    attributes: Mapping[str, tuple[bytes, ...]]
    issuer: bytes | None
    serial: int | None
    key_id: bytes | None
    salt_length: int = 20
    is_der: bool = True


@dataclass(frozen=True, slots=True)
class SignedData:
    """The signers with the certificates that came along; `content` is None where it is elsewhere.

    `is_rest_empty` says that no byte follows the structure.
    """

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    signers: tuple[Signer, ...]
    is_rest_empty: bool


def read_signed(data: bytes) -> SignedData | None:
    """The signed data in `data`, None where it is CMS of another kind (encrypted, compressed).

    Source    RFC 5652 sections 3 and 5.
    Errors    BerError when the bytes are no CMS within the limits.
    """
    if len(data) > MAX_BYTES:
        raise BerError(f"larger than {MAX_BYTES:,} bytes")
    outer = ber.read(data)
    kind = _child(outer, 0, ber.OID)
    if outer.tag != ber.SEQUENCE or ber.dotted(kind.content(data)) != SIGNED_DATA:
        return None
    body = _child(_child(outer, 1, 0xA0), 0, ber.SEQUENCE)
    inner = _child(body, 2, ber.SEQUENCE)
    content = None
    if len(inner.children) > 1:
        content = _child(_child(inner, 1, 0xA0), 0, None).octets(data)
    certificates = [
        one.raw(data)
        for bag in body.children[3:]
        if bag.tag == 0xA0
        for one in bag.children
        if one.tag == ber.SEQUENCE
    ]
    infos = body.children[-1]
    if infos.tag != ber.SET or len(infos.children) > MAX_SIGNERS:
        raise BerError("the signers are no set, or too many")
    return SignedData(
        content_type=ber.dotted(_child(inner, 0, ber.OID).content(data)),
        content=content,
        certificates=tuple(certificates[:MAX_CERTIFICATES]),
        signers=tuple(_signer(data, one) for one in infos.children),
        is_rest_empty=not data[outer.end :].strip(b"\0\r\n \t"),
    )


def _child(element: Element, rank: int, tag: int | None) -> Element:
    if rank >= len(element.children):
        raise BerError(f"the element at byte {element.start} holds too little")
    found = element.children[rank]
    if tag is not None and found.tag & ~0x20 != tag & ~0x20:
        raise BerError(f"another element than expected at byte {found.start}")
    return found


def _signer(data: bytes, info: Element) -> Signer:
    named = _child(info, 1, None)
    issuer = serial = key_id = None
    if named.tag == ber.SEQUENCE:
        issuer = _child(named, 0, ber.SEQUENCE).raw(data)
        serial = _child(named, 1, ber.INTEGER).integer(data)
    else:
        key_id = named.octets(data)
    rank = 3
    signed: bytes | None = None
    attributes: dict[str, tuple[bytes, ...]] = {}
    is_der = True
    if _child(info, rank, None).tag == 0xA0:
        bag = info.children[rank]
        rank += 1
        # What is signed is the SET itself, not its implicit tag (RFC 5652 section 5.4).
        signed = b"\x31" + bag.raw(data)[1:]
        is_der = bag.is_definite
        for one in bag.children:
            name = ber.dotted(_child(one, 0, ber.OID).content(data))
            values = tuple(value.raw(data) for value in _child(one, 1, ber.SET).children)
            attributes[name] = (*attributes.get(name, ()), *values)
    algorithm = _child(info, rank, ber.SEQUENCE)
    scheme, scheme_hash = _SCHEMES.get(_algorithm(data, algorithm), (None, None))
    digest = DIGESTS.get(_algorithm(data, _child(info, 2, ber.SEQUENCE)))
    salt_length = 20
    if scheme == "rsa-pss":
        scheme_hash, salt_length = _pss(data, algorithm)
    return Signer(
        scheme=scheme,
        scheme_hash=scheme_hash or digest,
        digest=digest,
        signature=_child(info, rank + 1, ber.OCTETS).octets(data),
        signed=signed,
        attributes=attributes,
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        salt_length=salt_length,
        is_der=is_der,
    )


def _algorithm(data: bytes, element: Element) -> str:
    return ber.dotted(_child(element, 0, ber.OID).content(data))


def _pss(data: bytes, algorithm: Element) -> tuple[str | None, int]:
    """Hash and salt length of RSASSA-PSS (RFC 4055 section 3.1): SHA-1 and 20 by default."""
    name: str | None = "sha1"
    salt = 20
    for one in algorithm.children[1].children if len(algorithm.children) > 1 else ():
        if one.tag == 0xA0:
            name = DIGESTS.get(_algorithm(data, _child(one, 0, ber.SEQUENCE)))
        elif one.tag == 0xA2:
            salt = _child(one, 0, ber.INTEGER).integer(data)
    return name, salt if 0 <= salt <= 512 else -1


def time_of(value: bytes) -> datetime | None:
    """The instant of a UTCTime or GeneralizedTime in UTC; None for any other value.

    Source    RFC 5652 section 11.3: years of two digits from 50 on are of the last century.
    """
    text = value[2:].decode("latin-1")
    form = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}.get(value[0] if value else 0)
    if form is None or len(value) != 2 + value[1] or not text.endswith("Z"):
        return None
    if form.startswith("%y"):
        text, form = ("19" if text[:2] >= "50" else "20") + text, "%Y%m%d%H%M%SZ"
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
