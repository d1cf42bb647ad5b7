"""DKIM key records: what they say, the public key in them, and the ring they hang on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tamis.syntax.mail.dkim import Tags, decode_base64, read_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

# Moduli above this make one verification cost seconds (keys of 32,768 bits are in circulation).
MAX_RSA_BITS = 8192
# The name of a private key that was given without one: it counts under every name.
ANY_NAME = "*"
_MAX_EXPONENT_BITS = 64
_RSA_OID = bytes.fromhex("2a864886f70d010101")
_ED25519_OID = bytes.fromhex("2b6570")
# DigestInfo prefixes (RFC 8017 section 9.2, note 1).
_DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that can verify: `kind` rsa or ed25519, its size, and its form in p=."""

    kind: str
    bits: int
    form: str
    native: Any
    modulus: int = 0
    exponent: int = 0
    raw: bytes = b""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two keys one, in whatever form they are published."""
        return (self.kind, self.modulus, self.exponent, self.raw)

    def verify(self, signature: bytes, digest: bytes, algorithm: str) -> bool:
        """Whether `signature` holds over a message whose hash is `digest`.

        Source    RSASSA-PKCS1-v1_5, RFC 8017 section 8.2.2; PureEdDSA over the SHA-256 hash,
                  RFC 8463 section 3.
        """
        from cryptography.exceptions import (  # noqa: PLC0415 (loads OpenSSL)
            InvalidSignature,
            UnsupportedAlgorithm,
        )

        if self.kind == "rsa" and self.native is None:
            return self._verify_by_hand(signature, digest, algorithm)
        try:
            if self.kind == "ed25519":
                self.native.verify(signature, digest)
            else:
                padding, prehashed = _schemes()
                self.native.verify(signature, digest, padding, prehashed[algorithm])
        except InvalidSignature:
            return False
        except UnsupportedAlgorithm:
            # The library may refuse SHA-1; the arithmetic is still a fact.
            return self._verify_by_hand(signature, digest, algorithm)
        return True

    def _verify_by_hand(self, signature: bytes, digest: bytes, algorithm: str) -> bool:
        size = (self.modulus.bit_length() + 7) // 8
        expected = pad_hash(digest, algorithm, size)
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.modulus or expected is None:
            return False
        return pow(number, self.exponent, self.modulus).to_bytes(size, "big") == expected


def pad_hash(digest: bytes, algorithm: str, size: int) -> bytes | None:
    """What an RSA signature of `size` bytes over a hash must hold, None if that is too short.

    Source    EMSA-PKCS1-v1_5, RFC 8017 section 9.2.
    """
    info = _DIGEST_INFO[algorithm] + digest
    if size < len(info) + 11:
        return None
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


@dataclass(frozen=True, slots=True, eq=False)
class KeyRecord:
    """One key record as its text states it; `key` is None where `trouble` says why.

    Records of one text are one object (`read_key` remembers), so identity serves as equality.
    """

    tags: Tags
    key: PublicKey | None
    trouble: str | None
    is_revoked: bool
    is_testing: bool
    is_strict: bool


@dataclass(frozen=True, slots=True)
class KeySource:
    """One record together with one source that attests it."""

    record: KeyRecord
    source: str
    label: str
    seen_from_at: datetime | None
    seen_to_at: datetime | None
    is_private_published: bool
    is_late: bool = False

    def covers(self, moment: datetime | None) -> bool | None:
        """Whether the source's dates cover `moment`; None for an undated source.

        A source that came after the leak covers nothing: who made the dump could have made it.
        """
        if self.is_late:
            return False
        if self.seen_from_at is None and self.seen_to_at is None:
            return None
        if moment is None:
            return False
        is_after = self.seen_from_at is None or self.seen_from_at <= moment
        return is_after and (self.seen_to_at is None or moment <= self.seen_to_at)


def find_doubt(
    chosen: KeySource, sources: Iterable[KeySource], moment: datetime | None
) -> str | None:
    """Why a record that a source states may not have been the one in use, None without a reason.

    A source whose dates cover the message and that states another key outweighs an undated one; one
    that states a revoked key outweighs every other.

    Source    RFC 6376 section 3.6.1: a key with an empty p= is withdrawn. What recovered keys say,
              and what came after the leak, is held against nobody.
    """
    if chosen.is_late:
        return "its source came after the leak"
    covering = [one for one in sources if one.source != "recovered" and one.covers(moment)]
    if any(one.record.is_revoked for one in covering):
        return "a source whose dates cover the message says that the key was revoked"
    own = _identity(chosen)
    stated = {_identity(one) for one in covering} - {None}
    if chosen.covers(moment) is None and stated and own not in stated:
        return "a source whose dates cover the message states another key, this one is undated"
    return None


def _identity(one: KeySource) -> tuple[Any, ...] | None:
    return None if one.record.key is None else one.record.key.identity


class KeyRing:
    """Key records by name, with every source of each; a record is parsed when it is asked for.

    Built from rows of the table `dkim_key`; a name is `selector._domainkey.domain`. A key whose
    private half is public is so under every name, whichever source attests it there. A source that
    came after `leak_at` attests nothing.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]] = (),
        leak_at: datetime | None = None,
        *,
        load: Callable[[str], Iterable[Mapping[str, Any]]] | None = None,
    ) -> None:
        """Keep what each row of `dkim_key` states.

        Input     over a large registry `load` gives the rows of one lower-cased name, and `rows`
                  are those of all names whose private half is public.
        """
        by_name: dict[str, list[Mapping[str, Any]]] = {}
        published = []
        for row in rows:
            by_name.setdefault(str(row["key_name"]).rstrip(".").lower(), []).append(row)
            if row.get("is_private_published"):
                published.append(read_key(row["txt"]).key)
        self._load = load or (lambda name: by_name.get(name, ()))
        self._leak_at = leak_at
        self._known: dict[str, tuple[KeySource, ...]] = {}
        self._published = {key.identity for key in published if key is not None}

    def named(self, name: str) -> tuple[KeySource, ...]:
        """Every record known under a name, in the order given."""
        plain = name.rstrip(".").lower()
        if plain not in self._known:
            rows = () if plain == ANY_NAME else self._load(plain)
            self._known[plain] = tuple(
                _marked(_source_of(row, self._leak_at), self._published) for row in rows
            )
        return self._known[plain]


def _source_of(row: Mapping[str, Any], leak_at: datetime | None) -> KeySource:
    """One row of `dkim_key` as a source of its record."""
    came = row.get("submitted_at") or row.get("seen_from_at")
    return KeySource(
        record=read_key(row["txt"]),
        source=row["source"],
        label=row["source_label"],
        seen_from_at=row.get("seen_from_at"),
        seen_to_at=row.get("seen_to_at"),
        is_private_published=bool(row.get("is_private_published")),
        is_late=leak_at is not None and came is not None and came > leak_at,
    )


def _marked(one: KeySource, published: set[tuple[Any, ...]]) -> KeySource:
    key = one.record.key
    if one.is_private_published or key is None or key.identity not in published:
        return one
    return replace(one, is_private_published=True)


@lru_cache(maxsize=4096)
def read_key(txt: str) -> KeyRecord:
    """What a TXT record states; never raises.

    Source    RFC 6376 section 3.6.1; RFC 8463 section 4.
    """
    tags = read_tags(txt.encode("utf-8", "surrogateescape"))
    flags = tags.listed("t")
    squeezed = tags.squeezed("p")
    key: PublicKey | None = None
    if squeezed is None:
        trouble: str | None = "the record has no p= (RFC 6376 section 3.6.1)"
    elif not squeezed:
        trouble = "the key is revoked: p= is empty (RFC 6376 section 3.6.1)"
    else:
        key, trouble = _read_public(decode_base64(squeezed), tags.text("k") or "rsa")
    return KeyRecord(
        tags=tags,
        key=key,
        trouble=trouble,
        is_revoked=squeezed == "",
        is_testing="y" in flags,
        is_strict="s" in flags,
    )


def _read_public(der: bytes | None, kind: str) -> tuple[PublicKey | None, str | None]:
    if der is None:
        return None, "p= is no base64 (RFC 6376 section 3.6.1)"
    if kind == "ed25519":
        return _read_ed25519(der)
    if kind != "rsa":
        return None, f"key type k={kind[:20]} is unknown (RFC 6376 section 3.6.1)"
    found = _read_rsa(der)
    if found is None:
        return None, "p= holds no RSA key, neither SubjectPublicKeyInfo nor PKCS#1"
    modulus, exponent, form = found
    trouble = _find_trouble(modulus, exponent)
    if trouble is not None:
        return None, trouble
    native = _load_rsa(modulus, exponent)
    return PublicKey("rsa", modulus.bit_length(), form, native, modulus, exponent), None


def _find_trouble(modulus: int, exponent: int) -> str | None:
    """Why an RSA key is not computed with, None if it is."""
    bits = modulus.bit_length()
    if bits > MAX_RSA_BITS:
        return f"the RSA key has {bits} bits; above {MAX_RSA_BITS} it is not computed"
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _MAX_EXPONENT_BITS:
        return "the RSA key has an exponent that no honest key has"
    if modulus % 2 == 0 or bits < 256:
        return "the RSA key has a modulus that no honest key has"
    return None


def _read_ed25519(der: bytes) -> tuple[PublicKey | None, str | None]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 (loads OpenSSL)
        Ed25519PublicKey,
    )

    form = "raw"
    if len(der) == 44 and _ED25519_OID in der[:12]:
        # RFC 8463 section 4 wants the bare 32 bytes; some publish a SubjectPublicKeyInfo.
        der, form = der[12:], "spki"
    if len(der) != 32:
        return None, f"an Ed25519 key has 32 bytes, this has {len(der)} (RFC 8463 section 4)"
    key = Ed25519PublicKey.from_public_bytes(der)
    return PublicKey("ed25519", 256, form, key, raw=der), None


def _load_rsa(modulus: int, exponent: int) -> Any:
    """The library's key, None where it refuses (short moduli): then the arithmetic is ours."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (loads OpenSSL)
    from cryptography.hazmat.primitives.asymmetric.rsa import (  # noqa: PLC0415 (loads OpenSSL)
        RSAPublicNumbers,
    )

    if modulus.bit_length() < 1024:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


@lru_cache(maxsize=1)
def _schemes() -> tuple[Any, dict[str, Any]]:
    from cryptography.hazmat.primitives.asymmetric import padding, utils  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256  # noqa: PLC0415

    return padding.PKCS1v15(), {
        "sha1": utils.Prehashed(SHA1()),  # noqa: S303 (a fact about old mail, never a support)
        "sha256": utils.Prehashed(SHA256()),
    }


def _read_rsa(der: bytes) -> tuple[int, int, str] | None:
    """Modulus, exponent and form (spki or pkcs1) of a DER key; None if it is neither."""
    outer = _der(der, 0, 0x30)
    if outer is None:
        return None
    inner = _der(der, outer[0], 0x30)
    if inner is None:
        return _read_numbers(der, outer[0], "pkcs1")
    if not der.startswith(_RSA_OID, inner[0] + 2):
        return None
    bits = _der(der, inner[1], 0x03)
    if bits is None or bits[0] >= len(der) or der[bits[0]] != 0:
        return None
    sequence = _der(der, bits[0] + 1, 0x30)
    return None if sequence is None else _read_numbers(der, sequence[0], "spki")


def _read_numbers(der: bytes, start: int, form: str) -> tuple[int, int, str] | None:
    first = _der(der, start, 0x02)
    second = None if first is None else _der(der, first[1], 0x02)
    if first is None or second is None:
        return None
    modulus = int.from_bytes(der[first[0] : first[1]], "big")
    exponent = int.from_bytes(der[second[0] : second[1]], "big")
    return modulus, exponent, form


def _der(der: bytes, start: int, tag: int) -> tuple[int, int] | None:
    """The content's span of the DER element at `start`, None if it is not of that tag."""
    if start + 2 > len(der) or der[start] != tag:
        return None
    length = der[start + 1]
    content = start + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            return None
        length = int.from_bytes(der[content : content + size], "big")
        content += size
    return (content, content + length) if content + length <= len(der) else None
