"""OpenPGP certificates: a primary key, its names, the subkeys it has bound, and what holds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax.mail.dkim_keys import MAX_RSA_BITS
from tamis.syntax.mail.openpgp_packets import (
    ALGORITHMS,
    PUBLIC_KEY,
    SIGNATURE,
    SUBKEY,
    USER_ID,
    PacketError,
    PublicKey,
    Signature,
    packets,
    read_key,
    read_signature,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_KEYS = 64
_BINDING, _REVOKED = 0x18, 0x20
_ADDRESS = re.compile(
    r"<([^<>\s@]{1,64}@[^<>\s@]{1,253})>\s*\Z|\A([^<>\s@]{1,64}@[^<>\s@]{1,253})\Z"
)
_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "SECP256R1",
    bytes.fromhex("2b81040022"): "SECP384R1",
    bytes.fromhex("2b81040023"): "SECP521R1",
}
_ED25519 = bytes.fromhex("2b06010401da470f01")


@dataclass(frozen=True, slots=True)
class Holder:
    """One key that may sign: the primary it belongs to, its names, where it came from."""

    key: PublicKey
    names: tuple[str, ...]
    is_revoked: bool
    source: str
    label: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mail addresses in its names."""
        found = (_ADDRESS.search(name.strip()) for name in self.names)
        return tuple(match[1] or match[2] for match in found if match)


def read_holders(data: bytes, source: str, label: str) -> list[Holder]:
    """Every key in a transferable public key that a signature could be by; never raises.

    Source    RFC 9580 section 10.1. A subkey counts when the primary has bound it.
    Limits    Names are as written: whoever made the key chose them. Expiry of keys, and the
              signature by which a subkey agrees to be bound, are not looked at.
    """
    found: list[Holder] = []
    try:
        for primary, rest in _certificates(data):
            found += _holders(primary, rest, source, label)
            if len(found) >= MAX_KEYS:
                break
    except PacketError:
        return found[:MAX_KEYS]
    return found[:MAX_KEYS]


def _certificates(data: bytes) -> Iterator[tuple[PublicKey, list[tuple[int, bytes]]]]:
    primary: PublicKey | None = None
    rest: list[tuple[int, bytes]] = []
    for tag, body in packets(data):
        if tag != PUBLIC_KEY:
            rest.append((tag, body))
            continue
        if primary is not None:
            yield primary, rest
        primary, rest = read_key(body), []
    if primary is not None:
        yield primary, rest


def _holders(
    primary: PublicKey, rest: list[tuple[int, bytes]], source: str, label: str
) -> Iterator[Holder]:
    names = tuple(body[:500].decode("utf-8", "replace") for tag, body in rest if tag == USER_ID)[
        :20
    ]
    subkeys: list[PublicKey] = []
    is_revoked = False
    pending: PublicKey | None = None
    tried = 0
    for tag, body in rest:
        if tag == SUBKEY:
            pending = read_key(body)
        elif tag == SIGNATURE and tried < MAX_KEYS and body[1:2] in {b"\x18", b"\x20"}:
            tried += 1
            made = read_signature(body)
            if made is None:
                continue
            if made.kind == _REVOKED:
                is_revoked = is_revoked or bool(holds(primary, made, primary.framed))
            elif pending is not None and holds(primary, made, primary.framed + pending.framed):
                subkeys.append(pending)
                pending = None
    for key in (primary, *subkeys):
        yield Holder(key, names, is_revoked, source, label)


def digest_of(made: Signature, content: bytes) -> bytes | None:
    """The digest that a signature is over, None for an unknown hash."""
    if made.hash_name is None:
        return None
    return hashlib.new(made.hash_name, content + made.trailer, usedforsecurity=False).digest()


def bits_of(key: PublicKey) -> int:
    """The size of a key: of its modulus, or of its curve."""
    kind = ALGORITHMS[key.algorithm]
    if kind in {"rsa", "dsa"}:
        return int.from_bytes(key.numbers[0], "big").bit_length()
    return {"SECP384R1": 384, "SECP521R1": 521}.get(_CURVES.get(key.curve, ""), 256)


def holds(key: PublicKey, made: Signature, content: bytes) -> bool | None:
    """Whether a signature by a key holds over `content`; None where it cannot be computed.

    Source    RFC 9580 sections 5.2.2, 5.2.3 and 9.1.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    digest = digest_of(made, content)
    kind = ALGORITHMS.get(made.algorithm)
    if digest is None or kind is None or kind != ALGORITHMS[key.algorithm]:
        return None
    if kind in {"rsa", "dsa"} and not 512 <= bits_of(key) <= MAX_RSA_BITS:
        return None
    try:
        _verify(key, made, digest, kind)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return True


def _verify(key: PublicKey, made: Signature, digest: bytes, kind: str) -> None:
    """Return where a signature holds; the library raises otherwise."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415
        Prehashed,
        encode_dss_signature,
    )

    numbers = [int.from_bytes(one, "big") for one in key.numbers]
    signed = [int.from_bytes(one, "big") for one in made.numbers]
    before = Prehashed(getattr(hashes, (made.hash_name or "").upper())())
    if kind == "rsa":
        size = (numbers[0].bit_length() + 7) // 8
        public = rsa.RSAPublicNumbers(numbers[1], numbers[0]).public_key()
        public.verify(made.numbers[0].rjust(size, b"\0"), digest, padding.PKCS1v15(), before)
    elif kind == "dsa":
        p, q, g, y = numbers
        group = dsa.DSAParameterNumbers(p, q, g)
        encoded = encode_dss_signature(*signed)
        dsa.DSAPublicNumbers(y, group).public_key().verify(encoded, digest, before)
    elif kind == "ecdsa":
        curve = getattr(ec, _CURVES.get(key.curve, ""), None)
        if curve is None:
            raise ValueError("an unknown curve")
        point = ec.EllipticCurvePublicKey.from_encoded_point(curve(), key.numbers[0])
        point.verify(encode_dss_signature(*signed), digest, ec.ECDSA(before))
    else:
        raw = key.numbers[0].removeprefix(b"\x40") if key.algorithm == 22 else key.numbers[0]
        if key.algorithm == 22 and key.curve != _ED25519:
            raise ValueError("an unknown curve")
        joined = b"".join(one.rjust(32, b"\0") for one in made.numbers)
        Ed25519PublicKey.from_public_bytes(raw).verify(joined, digest)
