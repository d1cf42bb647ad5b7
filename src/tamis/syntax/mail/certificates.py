"""X.509 certificates as far as signed mail needs them: whose they are, and what they verify."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax.mail.dkim_keys import MAX_RSA_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MAX_BYTES = 65_536
MAX_NAMES = 50
_MIN_BITS = 1024  # below it, anybody can compute the private key
_FOR_MAIL = frozenset({"1.3.6.1.5.5.7.3.4", "2.5.29.37.0"})  # emailProtection, any
_MAX_PATH = 6
_LONGEST = 120


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """One certificate; `native` is the library's, `trouble` says why its key is not used."""

    der: bytes
    native: Any
    subject: str
    issuer: str
    issuer_der: bytes
    serial: int
    key_id: bytes | None
    addresses: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    key_kind: str | None
    key_bits: int | None
    may_sign: bool
    is_authority: bool
    trouble: str | None

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return bool(self.native.subject == self.native.issuer)


def read_certificate(der: bytes) -> Certificate | None:
    """What a certificate in DER states, None where it cannot be read; never raises.

    Source    RFC 5280 sections 4.1 and 4.2, RFC 8550 section 3 (addresses).
    """
    from cryptography import x509  # noqa: PLC0415 (loads OpenSSL)

    if len(der) > MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            # The library warns about old certificates that break rules: facts all the same.
            warnings.simplefilter("ignore")
            return _read(x509, der)
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension):
        return None


def _read(x509: Any, der: bytes) -> Certificate:
    native = x509.load_der_x509_certificate(der)
    kind, bits, trouble = _key_of(native)
    try:
        extensions = {one.oid.dotted_string: one.value for one in native.extensions}
    except x509.UnsupportedGeneralNameType:
        extensions = {}
    usage = extensions.get("2.5.29.15")
    limits = extensions.get("2.5.29.19")
    named = extensions.get("2.5.29.14")
    return Certificate(
        der=der,
        native=native,
        subject=_shown(native.subject),
        issuer=_shown(native.issuer),
        issuer_der=native.issuer.public_bytes(),
        serial=native.serial_number,
        key_id=None if named is None else bytes(named.digest),
        addresses=_addresses(x509, native, extensions.get("2.5.29.17")),
        valid_from=native.not_valid_before_utc,
        valid_to=native.not_valid_after_utc,
        key_kind=kind,
        key_bits=bits,
        may_sign=usage is None or usage.digital_signature or usage.content_commitment,
        is_authority=_is_authority(x509, native, limits),
        trouble=trouble or _unfit(extensions.get("2.5.29.37")),
    )


def _is_authority(x509: Any, native: Any, limits: Any) -> bool:
    """Whether a certificate may vouch for others: marked so, or of the time before the mark.

    Source    RFC 5280 section 4.2.1.9; a certificate of version 1 has no room for the mark.
    """
    if limits is not None:
        return bool(limits.ca)
    return bool(native.version is x509.Version.v1 and native.subject == native.issuer)


def _unfit(purposes: Any) -> str | None:
    """Why a certificate is not for mail (RFC 8550 section 4.4.4), None if it may be."""
    if purposes is None or _FOR_MAIL & {one.dotted_string for one in purposes}:
        return None
    return "its extended key usage does not allow mail"


def _key_of(native: Any) -> tuple[str | None, int | None, str | None]:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (loads OpenSSL)
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa  # noqa: PLC0415

    try:
        key = native.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        return None, None, f"its key cannot be used ({str(error)[:60]})"
    kinds = (
        (rsa.RSAPublicKey, "rsa"),
        (ec.EllipticCurvePublicKey, "ecdsa"),
        (dsa.DSAPublicKey, "dsa"),
        (ed25519.Ed25519PublicKey, "ed25519"),
    )
    kind = next((name for of, name in kinds if isinstance(key, of)), None)
    bits = int(getattr(key, "key_size", 256))
    if kind is None:
        return None, None, "its key is of a kind that signs no mail"
    if kind in {"rsa", "dsa"} and bits < _MIN_BITS:
        return kind, bits, f"its key has {bits} bits only: it vouches for nobody"
    if bits > MAX_RSA_BITS:
        return kind, bits, f"its key has {bits} bits; above {MAX_RSA_BITS} it is not computed"
    return kind, bits, None


def _shown(name: Any) -> str:
    """The common name, or the whole name, shortened."""
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 (loads OpenSSL)

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(found[0].value) if found else name.rfc4514_string()
    return text[:_LONGEST]


def _addresses(x509: Any, native: Any, alternative: Any) -> tuple[str, ...]:
    found: list[str] = []
    if alternative is not None:
        found += alternative.get_values_for_type(x509.RFC822Name)
    named = native.subject.get_attributes_for_oid(x509.oid.NameOID.EMAIL_ADDRESS)
    found += [str(one.value) for one in named]
    return tuple(dict.fromkeys(one[:320] for one in found[:MAX_NAMES]))


def verify(
    certificate: Certificate, scheme: str, name: str, salt: int, signature: bytes, digest: bytes
) -> bool | None:
    """Whether a signature holds over a message with that digest; None where it is not computed.

    Input     `scheme` rsa, rsa-pss, ecdsa or dsa, `name` the hash, `salt` the length for PSS.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils  # noqa: PLC0415

    if certificate.trouble is not None:
        return None
    if certificate.key_kind != scheme.partition("-")[0]:
        return False
    chosen = getattr(hashes, name.upper())()
    before = utils.Prehashed(chosen)
    key = certificate.native.public_key()
    try:
        if scheme == "rsa":
            key.verify(signature, digest, padding.PKCS1v15(), before)
        elif scheme == "rsa-pss":
            key.verify(signature, digest, padding.PSS(padding.MGF1(chosen), salt), before)
        elif scheme == "ecdsa":
            key.verify(signature, digest, ec.ECDSA(before))
        elif scheme == "dsa":
            key.verify(signature, digest, before)
        else:
            return None
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError):
        return None
    return True


def reaches(
    certificate: Certificate, others: Sequence[Certificate], anchors: Iterable[Certificate]
) -> Certificate | None:
    """The anchor that a certificate is, or that vouches for it through `others`; None without one.

    Source    RFC 5280 section 6.1, by names, signatures and the mark of an authority alone.
    Limits    Validity dates, policies and revocation of the authorities are not looked at. A
              signature by SHA-1 or MD5 vouches for nobody: such a certificate counts only when it
              is an anchor itself.
    """
    trusted = {one.der: one for one in anchors}
    current = certificate
    for _ in range(_MAX_PATH):
        if current.der in trusted:
            return trusted[current.der]
        above = [
            one
            for one in (*trusted.values(), *others)
            if one.native.subject == current.native.issuer
            and one is not current
            and one.is_authority
        ]
        found = next((one for one in above[:8] if _is_issued(current, one)), None)
        if found is None:
            return None
        current = found
    return None


def _is_issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    if issuer.trouble is not None:
        return False
    try:
        certificate.native.verify_directly_issued_by(issuer.native)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
