"""Office packages behind a password: listed, and opened with a password of the list.

Source    [MS-OFFCRYPTO] §2.3.4 (standard and agile encryption of ECMA-376 documents)
Limits    RC4 and certificates are not opened. A password from the list proves nothing about who
          set it. Files of before 2007 are read by ole_locked.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tamis.sources.leak.documents import xml_reader
from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamis.registry import Source
    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

Key = TypeVar("Key")

_TYPE = "application/vnd.openxmlformats-officedocument"
# What Excel uses when a file is protected without a password being asked for.
_ALWAYS = ("VelvetSweatshop", "")
_MAX_SPINS = 2_000_000
_MAX_SECONDS = 20.0
_SEGMENT = 4096
_HASHES = {"sha1", "sha256", "sha384", "sha512", "md5"}
_BLOCK_INPUT = bytes.fromhex("fea7d2763b4b9e79")
_BLOCK_VALUE = bytes.fromhex("d7aa0f6d3061344e")
_BLOCK_KEY = bytes.fromhex("146e0be7abacd0d6")


@dataclass(frozen=True, slots=True)
class _Lock:
    """One way a package is locked: its name, the test of a password, and how it is opened."""

    name: str
    key_of: Callable[[str], bytes | None]
    opened: Callable[[bytes, bytes], bytes]


def read(storage: Storage, source: Source, facts: Facts) -> None:
    """List a locked package, and hand over the document in it when a password fits."""
    storage.tell(facts)
    is_open = False
    reason = "a password is needed to open it, and none of the list fits"
    try:
        lock = _lock(storage.read("EncryptionInfo", 1 << 20))
        facts.add("encryption", "method", lock.name, part="EncryptionInfo")
        key = fitting(lock.key_of, source, facts)
        if key is not None:
            facts.child("EncryptedPackage", lock.opened(key, storage.read("EncryptedPackage")))
            is_open = True
    except (StorageError, xml_reader.XmlError) as problem:
        reason = f"it is encrypted in a way that is not opened ({problem})"
    facts.sink.row(
        "document",
        {"kind": "other", "is_encrypted": True, "has_macros": None, "page_count": None},
    )
    if not is_open:
        facts.note(reason)
        facts.failed += 1
    facts.close(_TYPE, is_refused=not is_open)


def fitting(key_of: Callable[[str], Key | None], source: Source, facts: Facts) -> Key | None:
    """The key that the first fitting password gives: the format's own defaults, then the list."""
    passwords = [*_ALWAYS, *(source.options.get("passwords") or ())]
    deadline = time.monotonic() + _MAX_SECONDS
    for count, password in enumerate(dict.fromkeys(passwords)):
        if time.monotonic() > deadline:
            facts.note(f"only the first {count:,} passwords were tried: each takes long here")
            return None
        key = key_of(str(password))
        if key is not None:
            fits = "with the format's own default" if password in _ALWAYS else "from the list"
            facts.add("encryption", "opened", f"a password {fits} fits")
            return key
    return None


def _lock(info: bytes) -> _Lock:
    if len(info) < 8:
        raise StorageError("its description of the encryption is cut off")
    major, minor = struct.unpack_from("<HH", info)
    if (major, minor) == (4, 4):
        return _agile(info[8:])
    if major in {2, 3, 4} and minor == 2:
        return _standard(info)
    raise StorageError(f"encryption of version {major}.{minor}")


def _standard(info: bytes) -> _Lock:
    """AES in single blocks, with a key from 50,000 rounds of SHA-1."""
    try:
        header_size = struct.unpack_from("<I", info, 8)[0]
        algorithm, _, key_bits = struct.unpack_from("<III", info, 20)
        place = 12 + header_size
        salt = info[place + 4 : place + 20]
        probe = info[place + 20 : place + 36]
        expected = info[place + 40 : place + 72]
    except struct.error:
        raise StorageError("its description of the encryption is cut off") from None
    if algorithm not in {0x660E, 0x660F, 0x6610} or key_bits not in {128, 192, 256}:
        raise StorageError("RC4 or an unknown cipher")
    if len(salt) != 16 or len(probe) != 16 or len(expected) != 32:
        raise StorageError("its description of the encryption is cut off")

    def key_of(password: str) -> bytes | None:
        digest = _spun("sha1", salt, password, 50_000)
        digest = hashlib.sha1(digest + bytes(4)).digest()  # noqa: S324 (the format's own)
        key = b"".join(
            hashlib.sha1(bytes(one ^ pad for one in digest.ljust(64, b"\0"))).digest()  # noqa: S324
            for pad in (0x36, 0x5C)
        )[: key_bits // 8]
        found = hashlib.sha1(_aes(key, probe, None)).digest()  # noqa: S324
        return key if _aes(key, expected, None)[:20] == found else None

    return _Lock(f"standard, AES-{key_bits}", key_of, _opened_standard)


def _opened_standard(key: bytes, package: bytes) -> bytes:
    size, body = _sized(package)
    return _aes(key, body[: len(body) // 16 * 16], None)[:size]


def _agile(info: bytes) -> _Lock:
    """AES in chained blocks; everything is stated in XML."""
    data, guard = _stated(info)
    try:
        keeper, contents = _Cipher(guard), _Cipher(data)
        spins = int(guard["spinCount"])
        sealed = [
            base64.b64decode(guard[f"encrypted{name}"])
            for name in ("VerifierHashInput", "VerifierHashValue", "KeyValue")
        ]
    except (KeyError, ValueError) as problem:
        raise StorageError(f"its description of the encryption is wrong ({problem})") from None
    if not 0 <= spins <= _MAX_SPINS:
        raise StorageError(f"{spins:,} rounds of hashing, more than are computed")

    def key_of(password: str) -> bytes | None:
        spun = _spun(keeper.digest, keeper.salt, password, spins)
        probe = keeper.unsealed(spun, _BLOCK_INPUT, sealed[0])[: keeper.salt_size]
        expected = keeper.unsealed(spun, _BLOCK_VALUE, sealed[1])
        found = hashlib.new(keeper.digest, probe).digest()
        if expected[: len(found)] != found:
            return None
        return keeper.unsealed(spun, _BLOCK_KEY, sealed[2])[: contents.key_size]

    def opened(key: bytes, package: bytes) -> bytes:
        size, body = _sized(package)
        out = bytearray()
        for rank in range((len(body) + _SEGMENT - 1) // _SEGMENT):
            piece = body[rank * _SEGMENT : (rank + 1) * _SEGMENT]
            start = hashlib.new(contents.digest, contents.salt + struct.pack("<I", rank)).digest()
            whole = piece[: len(piece) // 16 * 16]
            out += _aes(key, whole, contents.start(start))
        return bytes(out[:size])

    name = f"agile, AES-{8 * contents.key_size}, {contents.digest}, {spins:,} rounds"
    return _Lock(name, key_of, opened)


def _stated(info: bytes) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What the XML states of the contents, and of the key that a password keeps."""
    data: Mapping[str, str] | None = None
    guard: Mapping[str, str] | None = None
    for tag, given in xml_reader.starts([info]):
        if tag == "keyData" and data is None:
            data = given
        elif tag == "encryptedKey" and guard is None and "spinCount" in given:
            guard = given
    if data is None or guard is None:
        raise StorageError("no password among its keys")
    return data, guard


class _Cipher:
    """What one element of the XML states: cipher, hash, salt, sizes."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.salt = base64.b64decode(given["saltValue"])
        self.salt_size = int(given["saltSize"])
        self.key_size = int(given["keyBits"]) // 8
        self.digest = given["hashAlgorithm"].replace("-", "").lower()
        chaining = given.get("cipherChaining", "")
        if given.get("cipherAlgorithm") != "AES" or chaining != "ChainingModeCBC":
            raise ValueError(f"cipher {given.get('cipherAlgorithm')} {chaining}")
        if self.digest not in _HASHES or self.key_size not in {16, 24, 32}:
            raise ValueError(f"hash {self.digest} with {8 * self.key_size} bits")

    def start(self, raw: bytes) -> bytes:
        """An initialisation vector of one block."""
        return raw[:16].ljust(16, b"\x36")

    def unsealed(self, spun: bytes, block: bytes, sealed: bytes) -> bytes:
        """A sealed value, opened with the key that the password gives for its block."""
        key = hashlib.new(self.digest, spun + block).digest()
        key = key[: self.key_size].ljust(self.key_size, b"\x36")
        return _aes(key, sealed[: len(sealed) // 16 * 16], self.start(self.salt))


def _spun(digest: str, salt: bytes, password: str, spins: int) -> bytes:
    found = hashlib.new(digest, salt + password.encode("utf-16-le", "surrogatepass")).digest()
    for rank in range(spins):
        found = hashlib.new(digest, rank.to_bytes(4, "little") + found).digest()
    return found


def _sized(package: bytes) -> tuple[int, bytes]:
    if len(package) < 8:
        raise StorageError("the encrypted package is cut off")
    return struct.unpack_from("<Q", package)[0], package[8:]


def _aes(key: bytes, data: bytes, start: bytes | None) -> bytes:
    """The data decrypted, block by block, or chained from a start."""
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 (only for locked files)
        Cipher,
        algorithms,
        modes,
    )

    mode = modes.ECB() if start is None else modes.CBC(start)  # noqa: S305 (the format's own)
    decryptor = Cipher(algorithms.AES(key), mode).decryptor()
    return decryptor.update(data) + decryptor.finalize()
