"""Invented time-stamp authorities: roots, clocks below them, and replies (RFC 3161).

Their keys follow from the seed, so a reply has the same bytes on every machine. They are worth
nothing outside: anybody with the seed can stamp any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tamis.simulate import clock
from tamis.simulate.dice import Dice, seed_for
from tamis.simulate.keys import der, der_number

if TYPE_CHECKING:
    from datetime import datetime

_SEQUENCE, _SET, _OCTETS, _TIME = 0x30, 0x31, 0x04, 0x18
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TOKEN = bytes.fromhex("060b2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_SHA512 = bytes.fromhex("300b0609608648016503040203")
_ED25519 = bytes.fromhex("300506032b6570")
_POLICY = bytes.fromhex("06042a030401")
_FROM_AT, _TO_AT = clock.seconds(2020, 1, 1), clock.seconds(2040, 1, 1)


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority: its root certificate in PEM, and what answers requests below it."""

    root_pem: bytes
    _clock: x509.Certificate
    _key: ed25519.Ed25519PrivateKey

    def reply(self, digest: bytes, at: datetime, number: int) -> bytes:
        """A reply that stamps a SHA-256 digest at a time, to the second.

        Source    RFC 3161 section 2.4.2, RFC 5652 section 5, RFC 5816, RFC 8419 section 3
        """
        imprint = der(_SEQUENCE, _SHA256 + der(_OCTETS, digest))
        info = der(
            _SEQUENCE,
            der_number(1)
            + _POLICY
            + imprint
            + der_number(number)
            + der(_TIME, f"{at:%Y%m%d%H%M%S}Z".encode())
            + der(_SEQUENCE, der_number(1)),
        )
        granted = der(_SEQUENCE, der_number(0))
        return der(_SEQUENCE, granted + self._signed(info))

    def _signed(self, content: bytes) -> bytes:
        certificate = self._clock.public_bytes(serialization.Encoding.DER)
        attributes = self._attributes(content, certificate)
        issuer = self._clock.issuer.public_bytes()
        signer = der(
            _SEQUENCE,
            der_number(1)
            + der(_SEQUENCE, issuer + der_number(self._clock.serial_number))
            + _SHA512
            + der(0xA0, attributes)
            + _ED25519
            + der(_OCTETS, self._key.sign(der(_SET, attributes))),
        )
        signed = der(
            _SEQUENCE,
            der_number(3)
            + der(_SET, _SHA512)
            + der(_SEQUENCE, _TOKEN + der(0xA0, der(_OCTETS, content)))
            + der(0xA0, certificate)
            + der(_SET, signer),
        )
        return der(_SEQUENCE, _SIGNED_DATA + der(0xA0, signed))

    def _attributes(self, content: bytes, certificate: bytes) -> bytes:
        """The signed attributes in DER's order, without the tag around them."""
        named = der(_SEQUENCE, der(_OCTETS, hashlib.sha256(certificate).digest()))
        values = (
            (_CONTENT_TYPE, _TOKEN),
            (_MESSAGE_DIGEST, der(_OCTETS, hashlib.sha512(content).digest())),
            (_SIGNING_CERTIFICATE, der(_SEQUENCE, der(_SEQUENCE, named))),
        )
        return b"".join(sorted(der(_SEQUENCE, kind + der(_SET, value)) for kind, value in values))


def authority(seed: int, name: str) -> Authority:
    """The authority of that name."""
    root_key, key = _key(seed, name, "root"), _key(seed, name, "clock")
    root_name = _name(f"{name} (invented root)")
    numbers = Dice(seed, "authority", name)
    root = (
        _builder(root_name, root_name, root_key, numbers.bits(63) | 1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, None)
    )
    purposes = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
    below = (
        _builder(_name(f"{name} (invented clock)"), root_name, key, numbers.bits(63) | 1)
        .add_extension(purposes, critical=True)
        .sign(root_key, None)
    )
    return Authority(root.public_bytes(serialization.Encoding.PEM), below, key)


def _key(seed: int, name: str, what: str) -> ed25519.Ed25519PrivateKey:
    secret = seed_for(seed, "authority", name, what).to_bytes(16, "big") * 2
    return ed25519.Ed25519PrivateKey.from_private_bytes(secret)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ed25519.Ed25519PrivateKey, serial: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(clock.moment(_FROM_AT))
        .not_valid_after(clock.moment(_TO_AT))
    )
