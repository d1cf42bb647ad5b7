"""OpenDocument files behind a password: opened with one of the list.

The same package with its members opened, and without the manifest that states the lock, is handed
over as a file inside and read in its turn.

Source    OpenDocument 1.2 part 3 §3.4 (encryption), §4.8 (manifest); XML Encryption §5.2 (padding)
Limits    Not opened: what LibreOffice has written since 2024 (Argon2, one locked package), and
          OpenPGP. A password from the list proves nothing about who set it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import time
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import office_encryption, xml_reader
from tamis.sources.leak.documents.office_ciphers import xored
from tamis.sources.leak.documents.zip_package import MAX_MEMBER, MAX_TOTAL, PackageError

if TYPE_CHECKING:
    from tamis.registry import Source
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.zip_package import Package

MANIFEST = "META-INF/manifest.xml"
_NEEDED = "a password is needed to open it, and none of the list fits: only its outside was read"
_UNKNOWN = "a password is needed to open it, and it is encrypted in a way that is not opened"
_MAX_ROUNDS = 2_000_000
_MAX_SECONDS = 20.0
_SUFFIXES = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}


@dataclass(slots=True)
class Lock:
    """What the manifest states of one locked member, by the names of its elements."""

    path: str
    stated: dict[str, dict[str, str]] = field(default_factory=dict)


def locks(package: Package) -> dict[str, Lock]:
    """The members that the manifest declares encrypted, by name.

    Errors    XmlError, PackageError where the manifest is broken
    """
    found: dict[str, Lock] = {}
    if MANIFEST not in package:
        return found
    lock = Lock("")
    for event in xml_reader.events(package.chunks(MANIFEST), allow_doctype=True):
        if event.kind != "start":
            continue
        if event.name == "file-entry":
            lock = Lock(event.attributes.get("full-path", ""))
        elif event.name == "encryption-data":
            found[lock.path] = lock
        lock.stated[event.name] = dict(event.attributes)
    return found


def hand_over(
    package: Package, locked: dict[str, Lock], kind: str, source: Source, facts: Facts
) -> bool:
    """Whether a password fits: then the opened package was handed over."""
    reason = _NEEDED
    probe = locked.get("content.xml")
    if probe is None:
        facts.note(f"{_UNKNOWN} (as one locked package)")
        facts.failed += 1
        return False
    try:
        facts.add("encryption", "method", _method(probe), part=probe.path)
        sealed = package.read(probe.path)

        def key_of(password: str) -> str | None:
            return None if _opened(probe, sealed, password) is None else password

        password = office_encryption.fitting(key_of, source, facts)
        if password is not None:
            name = f"opened.{_SUFFIXES.get(kind, 'odf')}"
            facts.child(name, _package(package, locked, password, facts))
            return True
    except PackageError as problem:
        reason = f"{_UNKNOWN} ({problem})"
    facts.note(reason)
    facts.failed += 1
    return False


def _package(package: Package, locked: dict[str, Lock], password: str, facts: Facts) -> bytes:
    """The package with its members opened; one that does not open is listed as lost."""
    deadline = time.monotonic() + _MAX_SECONDS
    out = io.BytesIO()
    total = 0
    with zipfile.ZipFile(out, "w") as made:
        for name in package.names():
            if name == MANIFEST or name.endswith("/"):
                continue
            content: bytes | None = package.read(name)
            if content is not None and name in locked:
                is_late = time.monotonic() > deadline
                content = None if is_late else _opened(locked[name], content, password)
            if content is None:
                facts.lost(name, "the password of its package does not open it")
                continue
            total += len(content)
            if total > MAX_TOTAL:
                raise PackageError(f"it unpacks to more than {MAX_TOTAL >> 20} MiB")
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _method(lock: Lock) -> str:
    told = lock.stated
    derived = told.get("key-derivation", {})
    return ", ".join(
        (
            told.get("algorithm", {}).get("algorithm-name", "").rpartition("#")[2],
            derived.get("key-derivation-name", ""),
            f"{derived.get('iteration-count', '?')} rounds",
        )
    )


def _opened(lock: Lock, sealed: bytes, password: str) -> bytes | None:
    """The member's content; None where the password does not fit.

    Errors    PackageError where the lock is of a kind that is not opened
    """
    told = lock.stated
    derived, algorithm = told.get("key-derivation", {}), told.get("algorithm", {})
    try:
        salt = base64.b64decode(derived["salt"])
        start = base64.b64decode(algorithm["initialisation-vector"])
        rounds, size = int(derived["iteration-count"]), int(derived.get("key-size", "16"))
        checksum = base64.b64decode(told["encryption-data"].get("checksum", ""))
    except (KeyError, ValueError) as problem:
        raise PackageError(f"its manifest states no {problem}") from None
    if not 0 < size <= 64:
        raise PackageError(f"a key of {size:,} bytes")
    if derived.get("key-derivation-name") != "PBKDF2" or not (0 < rounds <= _MAX_ROUNDS):
        raise PackageError(_method(lock))
    first = _hash(told.get("start-key-generation", {}).get("start-key-generation-name", "SHA1"))
    known = hashlib.new(first, password.encode("utf-8", "surrogatepass")).digest()
    key = hashlib.pbkdf2_hmac("sha1", known, salt, rounds, size)
    plain = _decrypted(algorithm.get("algorithm-name", ""), key, start, sealed)
    if plain is None:
        return None
    digest = _hash(told["encryption-data"].get("checksum-type", "SHA1"))
    if hashlib.new(digest, plain[:1024]).digest() != checksum:
        return None
    return _inflated(plain)


def _hash(name: str) -> str:
    """Python's name of a hash that the manifest names in one of its ways."""
    wanted = name.rpartition("#")[2].lower()
    for known in ("sha256", "sha1"):
        if wanted.replace("/", "-").removesuffix("-1k") == known:
            return known
    raise PackageError(f"the hash {name[:80]}")


def _decrypted(name: str, key: bytes, start: bytes, sealed: bytes) -> bytes | None:
    """The packed content, without padding; None where the padding is none."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import (  # noqa: PLC0415 (locked files)
        Blowfish,
    )
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415

    short = name.rpartition("#")[2].lower()
    try:
        if short in {"aes256-cbc", "aes192-cbc", "aes128-cbc"}:
            decryptor = Cipher(AES(key), modes.CBC(start)).decryptor()
            plain = decryptor.update(sealed) + decryptor.finalize()
            padding = plain[-1] if plain else 0
            return plain[:-padding] if 0 < padding <= 16 else None
        if short in {"blowfish cfb", "blowfish"} and len(start) == 8:
            # Cipher feedback: each block is laid over the block before it, encrypted.
            encryptor = Cipher(Blowfish(key), modes.ECB()).encryptor()  # noqa: S305
            pad = encryptor.update((start + sealed)[: -(-len(sealed) // 8) * 8])
            return xored(sealed, pad)
    except ValueError as problem:
        raise PackageError(f"its lock is malformed ({problem})") from None
    raise PackageError(f"the cipher {name[:80]}")


def _inflated(packed: bytes) -> bytes:
    """The content, unpacked.

    Errors    PackageError where it is broken, or unpacks to too much
    """
    inflater = zlib.decompressobj(-15)
    try:
        content = inflater.decompress(packed, MAX_MEMBER)
    except zlib.error as problem:
        raise PackageError(f"what it locks is damaged ({problem})") from None
    if inflater.unconsumed_tail:
        raise PackageError(f"a member unpacks to more than {MAX_MEMBER >> 20} MiB")
    return content
