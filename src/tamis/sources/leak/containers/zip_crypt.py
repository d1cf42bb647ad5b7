"""Encrypted entries of ZIP archives, opened with a password of the list.

Source    PKWARE APPNOTE.TXT section 6.1 (the old cipher); the WinZip AES specification AE-1, AE-2.
Limits    The old cipher is broken: that a password opens an entry says nothing about who knew it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import TYPE_CHECKING

from tamis.errors import MemberError
from tamis.sources.leak.containers.guards import ENCRYPTED
from tamis.sources.leak.containers.zip_directory import Entry, extra_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    # What reads bytes `start` to `end` of the entry's packed data, in pieces.
    Packed = Callable[[int, int], Iterator[bytes]]

# Plain Python runs the old cipher at a few MiB a second.
_MAX_OLD_BYTES = 24 << 20
_MAX_PASSWORDS = 2_000
_MAC_BYTES = 10
_ROUNDS = 1000


def aes_method(entry: Entry) -> tuple[int, int] | None:
    """Strength (1 to 3) and real packing method of an AES entry, None for another."""
    field = extra_field(entry.extra, 0x9901)
    if entry.method != 99 or field is None or len(field) < 7 or field[4] not in {1, 2, 3}:
        return None
    return field[4], struct.unpack_from("<H", field, 5)[0]


class Locks:
    """The passwords of one archive; the one that opened an entry is tried first on the next."""

    def __init__(self, given: Sequence[str]) -> None:
        """Try these, each as UTF-8 and in the two Western code pages."""
        self.left_bytes = _MAX_OLD_BYTES
        self._keys: list[bytes] = []
        for one in given[:_MAX_PASSWORDS]:
            for encoding in ("utf-8", "cp437", "cp1252"):
                key = one.encode(encoding, "replace")
                if key not in self._keys:
                    self._keys.append(key)

    def open_aes(self, strength: int, packed: int, read: Packed) -> Iterator[bytes]:
        """The plain (still compressed) bytes of an AES entry.

        Errors    MemberError (refused) when no password fits, (failed) when it was altered
        """
        salt_bytes = 4 + 4 * strength
        start, end = salt_bytes + 2, packed - _MAC_BYTES
        if end < start:
            raise MemberError("failed", "encrypted, and too short to be opened")
        head = b"".join(read(0, start))
        stated = b"".join(read(end, packed))
        for key in self._keys:
            size = 8 + 8 * strength
            made = hashlib.pbkdf2_hmac("sha1", key, head[:salt_bytes], _ROUNDS, 2 * size + 2)
            if made[2 * size :] != head[salt_bytes:]:
                continue
            mac = hmac.new(made[size : 2 * size], digestmod="sha1")
            for piece in read(start, end):
                mac.update(piece)
            if hmac.compare_digest(mac.digest()[:_MAC_BYTES], stated):
                self._first(key)
                return _counter(made[:size], read(start, end))
        raise MemberError("refused", ENCRYPTED)

    def open_old(
        self,
        entry: Entry,
        packed: int,
        read: Packed,
        is_right: Callable[[Iterable[bytes]], bool],
    ) -> Iterator[bytes]:
        """The plain (still compressed) bytes of an entry in the old cipher.

        `is_right` unpacks them once and compares the checksum: the cipher's own check lets one
        wrong password in 256 pass.
        """
        if not self._keys:
            raise MemberError("refused", ENCRYPTED)
        head = b"".join(read(0, 12))
        expected = entry.stamp >> 8 & 255 if entry.flags & 8 else entry.crc >> 24
        for key in self._keys:
            state = _begin(key)
            plain = _old(state, head)
            if len(plain) < 12 or plain[11] != expected:
                continue
            self._spend(packed)
            if is_right(_run(key, head, read(12, packed))):
                self._first(key)
                self._spend(packed)
                return _run(key, head, read(12, packed))
        raise MemberError("refused", ENCRYPTED)

    def _first(self, key: bytes) -> None:
        self._keys.remove(key)
        self._keys.insert(0, key)

    def _spend(self, size: int) -> None:
        self.left_bytes -= size
        if self.left_bytes < 0:
            raise MemberError(
                "refused",
                f"encrypted in the old way, and over {_MAX_OLD_BYTES >> 20} MiB are too much to "
                "decrypt here: extract it with your own tool and add the folder",
            )


def _counter(key: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """AES in counter mode as WinZip counts: from 1, lowest byte first."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    # The counter blocks are encrypted one by one, as counter mode is defined.
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    count, rest = 1, b""
    for piece in pieces:
        data = rest + piece
        whole = len(data) // 16 * 16
        rest = data[whole:]
        yield _mask(cipher.update, count, data[:whole])
        count += whole // 16
    yield _mask(cipher.update, count, rest)


def _mask(encrypt: Callable[[bytes], bytes], count: int, data: bytes) -> bytes:
    import numpy as np  # noqa: PLC0415 (only for encrypted archives)

    blocks = -(-len(data) // 16)
    counters = np.zeros((blocks, 2), dtype="<u8")
    counters[:, 0] = np.arange(count, count + blocks, dtype="<u8")
    stream = np.frombuffer(encrypt(counters.tobytes())[: len(data)], dtype=np.uint8)
    return bytes((stream ^ np.frombuffer(data, dtype=np.uint8)).tobytes())


def _run(key: bytes, head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    state = _begin(key)
    _old(state, head)
    for piece in pieces:
        yield _old(state, piece)


def _begin(key: bytes) -> list[int]:
    state = [0x12345678, 0x23456789, 0x34567890]
    first, second, third = state
    for one in key:
        first = first >> 8 ^ _CRC[(first ^ one) & 255]
        second = ((second + (first & 255)) * 134775813 + 1) & 0xFFFFFFFF
        third = third >> 8 ^ _CRC[(third ^ second >> 24) & 255]
    return [first, second, third]


def _old(state: list[int], data: bytes) -> bytes:
    """The plain bytes; `state` moves on."""
    first, second, third = state
    table = _CRC
    plain = bytearray(len(data))
    for rank, one in enumerate(data):
        mask = third | 2
        one ^= (mask * (mask ^ 1)) >> 8 & 255  # noqa: PLW2901 (the inner loop of a cipher)
        plain[rank] = one
        first = first >> 8 ^ table[(first ^ one) & 255]
        second = ((second + (first & 255)) * 134775813 + 1) & 0xFFFFFFFF
        third = third >> 8 ^ table[(third ^ second >> 24) & 255]
    state[:] = [first, second, third]
    return bytes(plain)


def _crc_table() -> tuple[int, ...]:
    found = []
    for one in range(256):
        value = one
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        found.append(value)
    return tuple(found)


_CRC = _crc_table()
