"""Signing keys that follow from the seed.

`cryptography` takes its chance from the operating system, so primes are searched here. These
keys protect nothing: anybody with the seed has them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from tamis.simulate.dice import Dice, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable

_E = 65537
_SMALL_LIMIT = 2000
_WITNESSES = (2, 3, 5, 7, 11)
_DIGEST_INFO = {  # RFC 8017 section 9.2, note 1
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}


def _small_primes() -> tuple[int, ...]:
    return tuple(
        n for n in range(3, _SMALL_LIMIT, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))
    )


_SMALL = _small_primes()
_SMALL_PRODUCT = prod(_SMALL)


def is_prime(number: int) -> bool:
    """Whether an odd number passes Miller and Rabin for the first five primes.

    Limits    fit for random candidates only; somebody who chooses the number can fool it
    """
    if gcd(number, _SMALL_PRODUCT) != 1:
        return number in _SMALL
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for witness in _WITNESSES:
        x = pow(witness, odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def _prime(dice: Dice, bits: int) -> int:
    """The first prime from a random start whose two top bits are set, so products keep length."""
    number = dice.bits(bits) | (3 << (bits - 2)) | 1
    while not (is_prime(number) and (number - 1) % _E):
        number += 2
    return number


@dataclass(frozen=True, slots=True)
class Key:
    """One key pair: `sign(algorithm, data)` and the TXT record that publishes it."""

    algorithm: str
    sign: Callable[[str, bytes], bytes]
    record: str
    bits: int


def _sign_by_hand(numbers: rsa.RSAPrivateNumbers, digest: str, data: bytes) -> bytes:
    """A PKCS#1 v1.5 signature without the library, which refuses SHA-1 and short keys in places."""
    modulus = numbers.public_numbers.n
    size = (modulus.bit_length() + 7) // 8
    info = _DIGEST_INFO[digest] + hashlib.new(digest, data, usedforsecurity=False).digest()
    block = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
    return pow(int.from_bytes(block, "big"), numbers.d, modulus).to_bytes(size, "big")


def der(tag: int, content: bytes) -> bytes:
    """One element of DER."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def der_number(number: int) -> bytes:
    """A number from 0 as an INTEGER of DER."""
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _rsa_record(modulus: int) -> str:
    """`k=rsa; p=` with a SubjectPublicKeyInfo, written by hand so that 512 bits work as well."""
    key = der(0x30, der_number(modulus) + der_number(_E))
    oid = bytes.fromhex("300d06092a864886f70d0101010500")
    info = der(0x30, oid + der(3, b"\x00" + key))
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(info).decode()


@lru_cache(maxsize=64)
def rsa_key(seed: int, name: str, bits: int) -> Key:
    """The RSA key of that name; about half a second for 2048 bits, once a run."""
    dice = Dice(seed, "rsa", name, bits)
    p, q = _prime(dice, bits // 2), _prime(dice, bits // 2)
    if p < q:
        p, q = q, p
    d = pow(_E, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(_E, p * q)
    )
    private = numbers.private_key() if bits >= 1024 else None

    def sign(algorithm: str, data: bytes) -> bytes:
        if algorithm == "rsa-sha256" and private is not None:
            return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return _sign_by_hand(numbers, algorithm.partition("-")[2], data)

    return Key("rsa", sign, _rsa_record(p * q), bits)


@lru_cache(maxsize=64)
def ed25519_key(seed: int, name: str) -> Key:
    """The Ed25519 key of that name; RFC 8463 signs the SHA-256 of the data."""
    secret = seed_for(seed, "ed25519", name).to_bytes(16, "big") * 2
    private = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    public = private.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )

    def sign(_algorithm: str, data: bytes) -> bytes:
        return private.sign(hashlib.sha256(data).digest())

    record = "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()
    return Key("ed25519", sign, record, 256)
