"""The RSA key behind signatures whose key nobody kept, from two of them and what they sign."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax.mail.dkim_keys import MAX_RSA_BITS, pad_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPONENTS = (3, 65537)
# Without gmpy2 a greatest common divisor takes time by the square of its length: 3 million bits
# take about ten seconds, the 134 million of 2048 bits and the usual exponent most of a day.
PLAIN_BITS = 3_000_000
MIN_BITS = 512
_SMALL_FACTORS = 1 << 16
_SPARE_BITS = 256


@dataclass(frozen=True, slots=True)
class SignedHash:
    """One signature and the hash that it signs: `algorithm` is that of the hash."""

    signature: bytes
    digest: bytes
    algorithm: str

    @property
    def padded(self) -> int | None:
        """The number that the signature's power must be; None where it cannot be."""
        made = pad_hash(self.digest, self.algorithm, len(self.signature))
        return None if made is None else int.from_bytes(made, "big")

    def holds(self, modulus: int, exponent: int) -> bool:
        """Whether the signature holds under a key."""
        number = int.from_bytes(self.signature, "big")
        return number < modulus and pow(number, exponent, modulus) == self.padded


@dataclass(frozen=True, slots=True)
class Recovered:
    """A key, and how many of the other signatures of its name it verifies."""

    modulus: int
    exponent: int
    others_count: int
    others_held_count: int

    @property
    def txt(self) -> str:
        """The key as a record of the DNS would state it."""
        return to_record(self.modulus, self.exponent)


def has_fast_division() -> bool:
    """Whether the extra [recover] is installed, without which only small exponents are tried."""
    return _gmpy2() is not None


def recover(
    first: SignedHash, second: SignedHash, others: Sequence[SignedHash] = ()
) -> Recovered | None:
    """The key under which two signatures hold, None when no key of a usual exponent does.

    Source    For s = m^d mod n, n divides s^e - m; so it divides the greatest common divisor of
              two such numbers, which beyond n has small factors only. RFC 8017 section 9.2 gives
              m. Found only if it is of the signatures' length and verifies both of them.
    Limits    Says that one signer made both, not who: the key is no outside source. Nothing is
              found when one message is altered. Without gmpy2 only exponent 3 is tried on keys of
              usual length.
    """
    size = len(first.signature)
    numbers = [one.padded for one in (first, second)]
    if size != len(second.signature) or None in numbers or numbers[0] == numbers[1]:
        return None
    if not MIN_BITS <= size * 8 <= MAX_RSA_BITS:
        return None
    for exponent in EXPONENTS:
        common = _common(first, second, exponent)
        modulus = None if common is None else _reduced(common, size, exponent, (first, second))
        if modulus is not None:
            held = sum(one.holds(modulus, exponent) for one in others)
            return Recovered(modulus, exponent, len(others), held)
    return None


def _common(first: SignedHash, second: SignedHash, exponent: int) -> int | None:
    """What both signatures' differences from their hashes have in common; None if out of reach."""
    fast = _gmpy2()
    if fast is None and len(first.signature) * 8 * exponent > PLAIN_BITS:
        return None
    number: Any = int if fast is None else fast.mpz
    divisor: Any = math.gcd if fast is None else fast.gcd
    powers = [
        number(int.from_bytes(one.signature, "big")) ** exponent - number(one.padded)
        for one in (first, second)
    ]
    return int(divisor(*powers))


def _reduced(
    common: int, size: int, exponent: int, pair: tuple[SignedHash, SignedHash]
) -> int | None:
    """The modulus inside a common divisor, whose small factors go."""
    # The factors beside the modulus are those that two random numbers share: small ones.
    if common.bit_length() > size * 8 + _SPARE_BITS:
        return None
    # A modulus has no small factor itself, so all of them go before it is tried: twice a modulus
    # may have its length, and may even verify.
    for factor in range(2, _SMALL_FACTORS):
        while common and common % factor == 0:
            common //= factor
    if (common.bit_length() + 7) // 8 != size:
        return None
    return common if all(one.holds(common, exponent) for one in pair) else None


def to_record(modulus: int, exponent: int) -> str:
    """The TXT record of an RSA key of any size.

    Source    RFC 8017 appendix A.1.1 for the key, RFC 5280 section 4.1 for what is around it.
    """
    key = _element(0x30, _integer(modulus) + _integer(exponent))
    kind = bytes.fromhex("300d06092a864886f70d0101010500")
    whole = _element(0x30, kind + _element(0x03, b"\x00" + key))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(whole).decode()}"


def _integer(number: int) -> bytes:
    return _element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _gmpy2() -> Any:
    try:
        import gmpy2  # noqa: PLC0415 (an extra)
    except ImportError:
        return None
    return gmpy2
