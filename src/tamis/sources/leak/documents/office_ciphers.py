"""The ciphers of Office files before 2007: RC4, RC4 by CryptoAPI, and XOR, with their passwords.

Source    [MS-OFFCRYPTO] §2.3.5 (RC4 CryptoAPI), §2.3.6 (RC4), §2.3.7 (XOR obfuscation)
Limits    All three are broken: that a password opens a file says nothing about who knew it.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

Key = TypeVar("Key")

_RC4, _SHA1 = 0x6801, 0x8004
_MAX_PASSWORD = 255
_MAX_XOR_PASSWORD = 15
_CODEPAGES = ("cp1252", "cp1251", "cp1250")
_CUT_OFF = "its description of the encryption is cut off"
# §2.3.7.1 to §2.3.7.4: tables of the standard.
_PAD = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")
_FIRST = struct.unpack(
    ">15H", bytes.fromhex("e1f01d0fcc9c84c0110c0e10f1ce313e1872e139d40f84f9280ca96a4ec3")
)
_MATRIX = struct.unpack(
    ">105H",
    bytes.fromhex(
        "aefc4dd99bb227454e8a9d142a097b61f6c2fda5eb6bc6f79dcf2bbf45638ac605ad0b5a16b42d685ad0"
        "037506ea0dd41ba837506ea0dd40d849a0b35147a28e553daa7a44d56f45de8aad354a4b9496390d721a"
        "eb23c6679cef29ff53fea7fc5fd947d38fa60f6d1eda3db47b68f6d0b86160e3c1c693ad377b6ef6ddec"
        "45a08b4006a10d421a8435086a10aa5144838906022d045a08b4116876b4ed68caf185c31ba7374e6e9c"
        "37306e60dcc0a9a1436386c61dad33316662ccc489a9037306e60dcc10212042408481081231246248c4"
    ),
)


@dataclass(frozen=True, slots=True)
class Lock(Generic[Key]):
    """One way a file is locked: its name, and the cipher that a fitting password gives."""

    name: str
    key_of: Callable[[str], Key | None]


class Rc4:
    """RC4 with a fresh key for each block."""

    def __init__(self, key_of_block: Callable[[int], bytes]) -> None:
        """Take the function that gives the key of a block by its number."""
        self._key_of_block = key_of_block
        self._pad: tuple[int, bytes] = (-1, b"")

    def block(self, number: int, data: bytes) -> bytes:
        """The data opened from the start of the block's key stream."""
        return _rc4(self._key_of_block(number), data)

    def sheet(self, data: bytes, start: int, end: int, _: int) -> bytes:
        """What is locked of one record of a workbook: blocks of 1,024 bytes of the stream."""
        out = []
        while start < end:
            number = start // 1024
            stop = min(end, (number + 1) * 1024)
            if self._pad[0] != number:
                self._pad = (number, self.block(number, bytes(1024)))
            pad = self._pad[1][start % 1024 : start % 1024 + stop - start]
            out.append(xored(data[start:stop], pad))
            start = stop
        return b"".join(out)

    def text(self, data: bytes) -> bytes:
        """A whole stream of a Word file: blocks of 512 bytes."""
        pieces = range(0, len(data), 512)
        return b"".join(self.block(place // 512, data[place : place + 512]) for place in pieces)


class Xor:
    """Sixteen bytes laid over the content again and again."""

    def __init__(self, array: bytes) -> None:
        """Take the sixteen bytes that the password gives."""
        self._twice = array * 2

    def sheet(self, data: bytes, start: int, end: int, plain: int) -> bytes:
        """What is locked of one record of a workbook, behind its `plain` bytes.

        The sixteen bytes begin where place and size of the record say.
        """
        return xored(data[start:end], self._laid(end + plain, end - start)).translate(_TURNED)

    def text(self, data: bytes) -> bytes:
        """A whole stream of a Word file: what is zero, or would become zero, stands as it was."""
        found = np.frombuffer(data, np.uint8)
        other = np.frombuffer(self._laid(0, len(data)), np.uint8)
        return np.where((found == 0) | (found == other), found, found ^ other).tobytes()

    def _laid(self, start: int, size: int) -> bytes:
        first = self._twice[start % 16 : start % 16 + 16]
        return (first * (size // 16 + 1))[:size]


_TURNED = bytes((one >> 5 | one << 3) & 0xFF for one in range(256))


def rc4_lock(info: bytes) -> Lock[Rc4]:
    """The lock that a header of either kind of RC4 describes.

    Errors    StorageError where it is cut off, or names a cipher that is not opened here
    """
    if len(info) < 4:
        raise StorageError(_CUT_OFF)
    major, minor = struct.unpack_from("<HH", info)
    if (major, minor) == (1, 1):
        return _plain_rc4(info[4:52])
    if major in {2, 3, 4} and minor == 2:
        return _cryptoapi(info)
    raise StorageError(f"encryption of version {major}.{minor}")


def _plain_rc4(info: bytes) -> Lock[Rc4]:
    """Forty bits of MD5 over the password and a salt."""
    if len(info) < 48:
        raise StorageError(_CUT_OFF)
    salt, sealed = info[:16], info[16:]

    def key_of(password: str) -> Rc4 | None:
        start = hashlib.md5(_wide(password)).digest()  # noqa: S324 (the format's own)
        short = hashlib.md5((start[:5] + salt) * 16).digest()[:5]  # noqa: S324

        def block_key(number: int) -> bytes:
            return hashlib.md5(short + struct.pack("<I", number)).digest()  # noqa: S324

        cipher = Rc4(block_key)
        probe = cipher.block(0, sealed)
        fits = hashlib.md5(probe[:16]).digest() == probe[16:]  # noqa: S324
        return cipher if fits else None

    return Lock("RC4, 40 bits", key_of)


def _cryptoapi(info: bytes) -> Lock[Rc4]:
    """Up to 128 bits of SHA-1 over a salt and the password."""
    try:
        size = struct.unpack_from("<I", info, 8)[0]
        algorithm, digest, bits = struct.unpack_from("<III", info, 20)
        salt_size = struct.unpack_from("<I", info, 12 + size)[0]
    except struct.error:
        raise StorageError(_CUT_OFF) from None
    place = 16 + size
    salt, sealed = info[place : place + 16], info[place + 16 : place + 32]
    expected = info[place + 36 : place + 56]
    bits = bits or 40
    if algorithm not in {0, _RC4} or digest not in {0, _SHA1}:
        raise StorageError(f"the cipher {algorithm:#x} with the hash {digest:#x}")
    if bits not in {40, 56, 64, 80, 128} or salt_size != 16:
        raise StorageError(f"RC4 with {bits} bits and a salt of {salt_size:,} bytes")
    if len(expected) != 20:
        raise StorageError(_CUT_OFF)

    def key_of(password: str) -> Rc4 | None:
        start = hashlib.sha1(salt + _wide(password)).digest()  # noqa: S324 (the format's own)

        def block_key(number: int) -> bytes:
            key = hashlib.sha1(start + struct.pack("<I", number)).digest()  # noqa: S324
            return key[:5].ljust(16, b"\0") if bits == 40 else key[: bits // 8]

        cipher = Rc4(block_key)
        probe = cipher.block(0, sealed + expected)
        fits = hashlib.sha1(probe[:16]).digest() == probe[16:]  # noqa: S324
        return cipher if fits else None

    return Lock(f"RC4 CryptoAPI, {bits} bits", key_of)


def xor_lock(key: int, verifier: int) -> Lock[Xor]:
    """The lock that the key and the verifier of XOR obfuscation describe."""

    def key_of(password: str) -> Xor | None:
        for raw in _narrow(password):
            if _xor_verifier(raw) == verifier and _xor_key(raw) == key:
                return Xor(_xor_array(raw))
        return None

    return Lock("XOR obfuscation", key_of)


def _narrow(password: str) -> set[bytes]:
    """One byte a character, at most fifteen: as the standard says, and in old code pages.

    The standard takes the low byte, or the high one where that is zero; which code page an
    Excel of that time wrote is nowhere stated, and 32 bits tell whether it fits.
    """
    units = struct.iter_unpack("<BB", _wide(password)[: 2 * _MAX_XOR_PASSWORD])
    found = {bytes(low or high for low, high in units)}
    for codec in _CODEPAGES:
        try:
            found.add(password.encode(codec)[:_MAX_XOR_PASSWORD])
        except UnicodeEncodeError:
            continue
    return found - {b""}


def _xor_verifier(raw: bytes) -> int:
    found = 0
    for one in (*reversed(raw), len(raw)):
        found = (found >> 14 & 1 | found << 1 & 0x7FFF) ^ one
    return found ^ 0xCE4B


def _xor_key(raw: bytes) -> int:
    found: int = _FIRST[len(raw) - 1]
    for rank, one in enumerate(reversed(raw)):
        for bit in range(7):
            if one << bit & 0x40:
                found ^= _MATRIX[104 - 7 * rank - bit]
    return found


def _xor_array(raw: bytes) -> bytes:
    pair = struct.pack("<H", _xor_key(raw))
    laid = ((raw + _PAD)[rank] ^ pair[rank % 2] for rank in range(16))
    return bytes((one >> 1 | one << 7) & 0xFF for one in laid)


def _wide(password: str) -> bytes:
    return password[:_MAX_PASSWORD].encode("utf-16-le", "surrogatepass")


def xored(data: bytes, pad: bytes) -> bytes:
    """The data with a pad, at least as long, laid over it."""
    size = len(data)
    return (int.from_bytes(data, "big") ^ int.from_bytes(pad[:size], "big")).to_bytes(size, "big")


def _rc4(key: bytes, data: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (for locked files)
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher as Machine  # noqa: PLC0415

    try:
        return Machine(ARC4(key), None).decryptor().update(data)
    except UnsupportedAlgorithm:
        raise StorageError("RC4, which the cryptographic library here does not offer") from None
