"""What a signature was made over: the hash of the body, and the hash of the header if it shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.dkim import (
    decode_base64,
    read_tags,
    relaxed_body,
    simple_body,
)
from tamis.syntax.mail.dkim_facts import read_signatures
from tamis.syntax.mail.dkim_rules import ALGORITHMS
from tamis.syntax.mail.headers import split

if TYPE_CHECKING:
    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.dkim_keys import KeyRing, PublicKey
    from tamis.syntax.mail.headers import Headers

MAX_AIMS = 3
# What starting one hash costs beside its bytes; a byte costs about one, so that units are
# nanoseconds on a machine of 2020.
_OVERHEAD = 900
_ED25519_COST = 120_000
_DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}
_NO_PROOF = frozenset({"private_published", "revoked", "unusable", "absent"})


@dataclass(slots=True)
class Budget:
    """Work that may still be done, in bytes hashed: counted and not timed, so that runs agree."""

    left: int
    tried_count: int = 0

    def take(self, size: int) -> bool:
        """Count one try over `size` bytes; whether there was room for it."""
        self.tried_count += 1
        self.left -= size + _OVERHEAD
        return self.left >= 0

    def work(self, size: int) -> bool:
        """Count other work over `size` bytes; whether there was room for it."""
        self.left -= size
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Seal:
    """One signature value under one key: which header hash it was made over, if that shows.

    `digest` is what an RSA signature holds; None for Ed25519, which can only be asked.
    """

    key: PublicKey
    signature: bytes
    algorithm: str
    digest: bytes | None

    @property
    def cost(self) -> int:
        """What one question costs beside the hash."""
        return 0 if self.digest is not None else _ED25519_COST

    def holds(self, digest: bytes) -> bool:
        """Whether the signature was made over a header with this hash."""
        if self.digest is not None:
            return digest == self.digest
        return self.key.verify(self.signature, digest, self.algorithm)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with CRLF line ends, taken apart once."""

    raw: bytes
    headers: Headers = field(repr=False)
    display: Display = field(repr=False)
    signatures: tuple[SignatureFacts, ...] = field(repr=False)

    @property
    def body(self) -> bytes:
        """What stands after the header block."""
        return self.raw[self.headers.body_start :]

    def fields(self) -> list[tuple[bytes, bytes]]:
        """Names and values, from the top."""
        return [(one.name, one.value) for one in self.headers.fields]


def read_letter(raw: bytes, keys: KeyRing) -> Letter:
    """The message taken apart, its signatures measured; never raises."""
    headers = split(raw)
    display = read_display(headers)
    return Letter(raw, headers, display, read_signatures(raw, headers, display, keys))


@dataclass(frozen=True, slots=True)
class Aim:
    """One signature to be made whole: what it wants of the body and of the header.

    `seal` is None where no key is known; `is_lost` says that a key is known and the signature
    holds nothing that this key signed, so that no repair can help.
    """

    facts: SignatureFacts
    header_form: str
    body_form: str
    algorithm: str
    body_hash: bytes
    seal: Seal | None
    is_lost: bool = False

    @property
    def is_proof(self) -> bool:
        """Whether the key is one that only the signer holds."""
        return self.facts.key_status not in _NO_PROOF and not self.facts.is_voided

    def canonical(self, body: bytes) -> bytes:
        """The canonical form of a whole body."""
        return relaxed_body(body) if self.body_form == "relaxed" else simple_body(body)

    def new(self) -> Any:
        """An empty hash of the signature's kind."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def hash(self, data: bytes) -> bytes:
        """The hash of `data`."""
        return hashlib.new(self.algorithm, data, usedforsecurity=False).digest()

    def digest(self, body: bytes, budget: Budget) -> bytes:
        """The hash of a body as this signature takes it; empty where the body is too short."""
        length = self.facts.body_length_signed
        form = self.canonical(body)
        budget.take(2 * len(body))
        if length is not None and len(form) < length:
            return b""
        return self.hash(form if length is None else form[:length])


def aims_of(letter: Letter, keys: KeyRing) -> list[Aim]:
    """What could be made whole in a message, the signatures aligned with From first.

    A signature that holds, one that a standard voids and one whose body hash cannot be read are
    none; of the others at most three.
    """
    found = []
    ranks = letter.display.ranks.get(b"dkim-signature", ())
    for facts, rank in zip(letter.signatures, ranks, strict=True):
        aim = _aim(facts, letter.headers.fields[rank].value, keys)
        if aim is not None:
            found.append(aim)
    found.sort(key=lambda one: one.facts.alignment not in {"exact", "organisational"})
    return found[:MAX_AIMS]


def _aim(facts: SignatureFacts, value: bytes, keys: KeyRing) -> Aim | None:
    algorithm = ALGORITHMS.get(facts.algorithm or "")
    if facts.is_voided or facts.body_matches is None or algorithm is None:
        return None
    if facts.body_matches and facts.header_verifies is not False:
        return None
    tags = read_tags(value)
    stated = decode_base64(tags.squeezed("bh"))
    signature = decode_base64(tags.squeezed("b"))
    header_form, _, body_form = (facts.canonicalization or "").partition("/")
    if stated is None or not body_form:
        return None
    seal = None
    is_lost = False
    if facts.header_verifies is not None and signature is not None:
        seal = _seal(facts, signature, algorithm, keys)
        is_lost = seal is None
    return Aim(facts, header_form, body_form, algorithm[1], stated, seal, is_lost)


def _seal(
    facts: SignatureFacts, signature: bytes, algorithm: tuple[str, str], keys: KeyRing
) -> Seal | None:
    kind, name = algorithm
    for source in keys.named(f"{facts.selector}._domainkey.{facts.domain}"):
        key = source.record.key
        if key is None or key.kind != kind:
            continue
        if kind != "rsa":
            return Seal(key, signature, name, None)
        digest = signed_digest(key, signature, name)
        if digest is not None:
            return Seal(key, signature, name, digest)
    return None


def signed_digest(key: PublicKey, signature: bytes, algorithm: str) -> bytes | None:
    """The hash that an RSA signature was made over; None where the key did not make it.

    Source    RSASSA-PKCS1-v1_5, RFC 8017 section 8.2.2: the padding and the name of the hash must
              be exact.
    """
    size = (key.modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= key.modulus:
        return None
    block = pow(number, key.exponent, key.modulus).to_bytes(size, "big")
    info = _DIGEST_INFO[algorithm]
    count = 20 if algorithm == "sha1" else 32
    ones = size - len(info) - count - 3
    if ones < 8 or block[: size - count] != b"\x00\x01" + b"\xff" * ones + b"\x00" + info:
        return None
    return block[size - count :]
