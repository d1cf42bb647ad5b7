"""Whether a time-stamp token holds: its signature, its signer, and the roots that are trusted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tamis.syntax import ber
from tamis.syntax.ber import BerError
from tamis.syntax.mail.certificates import Certificate, read_certificate
from tamis.syntax.mail.cms import (
    CONTENT_TYPE,
    DIGESTS,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    Signer,
    time_of,
)
from tamis.syntax.timestamp import TOKEN_TYPE, Stamp, read_reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

_SIGNING_V1, _SIGNING_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_FOR_TIME = "1.3.6.1.5.5.7.3.8"
_WEAK = frozenset({"md5", "sha1"})
_LEAST_BITS = 2048
_MAX_PATH = 6
# An authority that does not say how exact its clock is may be this wrong: an assumption, named.
UNSTATED_S = 60.0
_UNDERSTOOD = frozenset({"2.5.29.15", "2.5.29.19", "2.5.29.37"})
_NO_ROOT = (
    "no certificate that you trust vouches for its signer {signer}, issued by {issuer}; if you "
    "trust that authority, get its root certificate from it and give it with --roots"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One token: what holds, and by when the stamped thing existed at the latest.

    `problems` are sentences; an empty tuple says that everything holds. `authority` is the root's
    name, `latest_at` the stated time plus its accuracy; both None where the token does not hold.
    """

    problems: tuple[str, ...]
    signer: str | None = None
    authority: str | None = None
    root_sha256: str | None = None
    stated_at: datetime | None = None
    latest_at: datetime | None = None
    is_accuracy_stated: bool = False
    nonce: int | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the token."""
        return not self.problems


def judge(
    reply: bytes, digest: bytes, roots: Sequence[Certificate], nonces: Iterable[int] | None = None
) -> Judged:
    """Whether a reply holds over a SHA-256 digest under one of the given roots.

    Input     `nonces` are those of the requests that were sent; None where they are not known
    Source    RFC 3161 sections 2.2 to 2.4 and appendix A, RFC 5652 section 5, RFC 5816 (signing
              certificate), RFC 5280 section 6.1 by names, signatures, marks and validity at genTime
    Limits    Revocation is not looked at: a key that was stolen can stamp any time. The root is
              trusted because it was given. Nothing but the digest is stamped.
    """
    try:
        stamp = read_reply(reply)
    except BerError as error:
        return Judged((f"it is no time-stamp reply: {error}",))
    problems = list(_about_imprint(stamp, digest, nonces))
    signer = stamp.data.signers[0] if len(stamp.data.signers) == 1 else None
    if signer is None:
        return Judged((*problems, "it is not signed by exactly one signer"))
    come = [one for one in map(read_certificate, stamp.data.certificates) if one is not None]
    certificate = next((one for one in (*come, *roots) if _is_named(signer, one)), None)
    if certificate is None:
        return Judged((*problems, "the certificate of its signer is not there"))
    problems += _about_signature(stamp, signer, certificate)
    problems += _about_signer(certificate, stamp.stated_at)
    root = _root_of(certificate, come, roots, stamp.stated_at)
    if root is None:
        told = {"signer": certificate.subject, "issuer": certificate.issuer}
        problems.append(_NO_ROOT.format(**told))
    margin = UNSTATED_S if stamp.accuracy_s is None else stamp.accuracy_s
    holds = not problems and root is not None
    return Judged(
        problems=tuple(problems),
        signer=certificate.subject,
        authority=root.subject if root is not None and holds else None,
        root_sha256=hashlib.sha256(root.der).hexdigest() if root is not None and holds else None,
        stated_at=stamp.stated_at,
        latest_at=stamp.stated_at + timedelta(seconds=margin) if holds else None,
        is_accuracy_stated=stamp.accuracy_s is not None,
        nonce=stamp.nonce,
    )


def _about_imprint(stamp: Stamp, digest: bytes, nonces: Iterable[int] | None) -> Iterator[str]:
    if stamp.hash_name != "sha256" or stamp.imprint != digest:
        yield "it stamps something else (another message imprint)"
    if nonces is not None and stamp.nonce not in set(nonces):
        yield "it answers another request (another nonce)"


def _is_named(signer: Signer, one: Certificate) -> bool:
    if signer.key_id is not None:
        return one.key_id == signer.key_id
    return (one.issuer_der, one.serial) == (signer.issuer, signer.serial)


def _about_signature(stamp: Stamp, signer: Signer, certificate: Certificate) -> Iterator[str]:
    if signer.signed is None or not signer.is_der:
        yield "its signed attributes are missing or not in DER"
        return
    hashes = {signer.digest, signer.scheme_hash}
    if None in hashes or signer.scheme is None or hashes & _WEAK:
        yield "its signature uses an algorithm that is unknown or no longer safe"
        return
    kinds = [ber.dotted(value[2:]) for value in signer.attributes.get(CONTENT_TYPE, ())]
    digests = [value[2:] for value in signer.attributes.get(MESSAGE_DIGEST, ())]
    content = stamp.data.content or b""
    if kinds != [TOKEN_TYPE] or digests != [_hash(str(signer.digest), content)]:
        yield "its signed attributes are about another content"
    if not _verifies(signer, certificate):
        yield "its signature does not hold"
    if not _names(signer, certificate):
        yield "its signed attributes do not name the certificate of its signer"
    for value in signer.attributes.get(SIGNING_TIME, ()):
        told = time_of(value)
        if told is None or abs((told - stamp.stated_at).total_seconds()) > 3600:
            yield "the signing time beside its time is another"


def _verifies(signer: Signer, certificate: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding  # noqa: PLC0415

    chosen = getattr(hashes, str(signer.scheme_hash).upper())()
    over = signer.signed or b""
    try:
        key: Any = certificate.native.public_key()
        if signer.scheme == "rsa" and certificate.key_kind == "rsa":
            key.verify(signer.signature, over, padding.PKCS1v15(), chosen)
        elif signer.scheme == "rsa-pss" and certificate.key_kind == "rsa":
            salt = padding.PSS(padding.MGF1(chosen), max(signer.salt_length, 0))
            key.verify(signer.signature, over, salt, chosen)
        elif signer.scheme == "ecdsa" and certificate.key_kind == "ecdsa":
            key.verify(signer.signature, over, ec.ECDSA(chosen))
        elif signer.scheme == "ed25519" and certificate.key_kind == "ed25519":
            key.verify(signer.signature, over)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _names(signer: Signer, certificate: Certificate) -> bool:
    """Whether a signed attribute names the certificate by its hash (RFC 5035, RFC 5816)."""
    for kind, usual in ((_SIGNING_V2, "sha256"), (_SIGNING_V1, "sha1")):
        values = signer.attributes.get(kind, ())
        if len(values) != 1:
            continue
        try:
            first = ber.read(values[0]).children[0].children[0]
            name, stated = usual, first.children[0]
            if stated.tag == ber.SEQUENCE:
                name = DIGESTS.get(ber.dotted(stated.children[0].content(values[0])), "")
                stated = first.children[1]
        except (BerError, IndexError):
            return False
        is_octets = stated.tag == ber.OCTETS and name
        return bool(is_octets) and stated.content(values[0]) == _hash(name, certificate.der)
    return False


def _about_signer(certificate: Certificate, at: datetime) -> Iterator[str]:
    if not _is_for_time(certificate):
        yield "the certificate of its signer is not marked for time-stamping alone (RFC 3161, 2.3)"
    if not certificate.may_sign:
        yield "the certificate of its signer does not allow signatures"
    if not certificate.valid_from <= at <= certificate.valid_to:
        yield "the certificate of its signer was not valid at the time that it states"
    if not _is_strong(certificate):
        yield "the key of its signer is too short"


def _is_for_time(certificate: Certificate) -> bool:
    from cryptography import x509  # noqa: PLC0415 (loads OpenSSL)

    try:
        usage = certificate.native.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    purposes = [one.dotted_string for one in usage.value]
    return bool(usage.critical) and purposes == [_FOR_TIME]


def _is_strong(certificate: Certificate) -> bool:
    if certificate.key_kind == "rsa":
        return (certificate.key_bits or 0) >= _LEAST_BITS
    return certificate.key_kind in {"ecdsa", "ed25519"}


def _root_of(
    certificate: Certificate,
    come: Sequence[Certificate],
    roots: Sequence[Certificate],
    at: datetime,
) -> Certificate | None:
    """The trusted root above a certificate, through authorities that were valid then."""
    trusted = {one.der for one in roots}
    waiting: list[tuple[Certificate, int]] = [(certificate, 0)]
    seen = {certificate.der}
    while waiting:
        current, depth = waiting.pop()
        if current.der in trusted:
            return current
        if depth >= _MAX_PATH:
            continue
        for above in (*roots, *come):
            if above.der not in seen and _vouches(above, current, depth, at):
                seen.add(above.der)
                waiting.append((above, depth + 1))
    return None


def _vouches(above: Certificate, below: Certificate, depth: int, at: datetime) -> bool:
    """Whether an authority issued a certificate, and was entitled to at that time."""
    return (
        above.native.subject == below.native.issuer
        and above.valid_from <= at <= above.valid_to
        and _is_strong(above)
        and _may_issue(above, depth)
        and _is_issued(below, above)
    )


def _may_issue(above: Certificate, depth: int) -> bool:
    """Whether a certificate is an authority's, with `depth` others between it and the signer.

    Source    RFC 5280 sections 4.2.1.3 and 4.2.1.9; an extension that is critical and not
              understood refuses (section 4.2)
    """
    from cryptography import x509  # noqa: PLC0415 (loads OpenSSL)

    try:
        found = {one.oid.dotted_string: one for one in above.native.extensions}
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    limits, usage = found.get("2.5.29.19"), found.get("2.5.29.15")
    if limits is None or not limits.value.ca:
        return False
    longest = limits.value.path_length
    return (
        (longest is None or depth <= longest)
        and (usage is None or bool(usage.value.key_cert_sign))
        and all(not one.critical or oid in _UNDERSTOOD for oid, one in found.items())
    )


def _is_issued(below: Certificate, above: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    try:
        name = below.native.signature_hash_algorithm
        below.native.verify_directly_issued_by(above.native)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return name is None or name.name not in _WEAK


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()
