"""Office files of before 2007, locked step by step as [MS-OFFCRYPTO] writes it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable

Pad = Callable[[int, int], bytes]

SALT, PROBE = bytes(range(16)), bytes(range(100, 116))


def md5(data: bytes) -> bytes:
    return hashlib.md5(data).digest()  # noqa: S324 (the format's own)


def sha1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 (the format's own)


PAD = (0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80, 0, 0xBE, 0x0F, 0, 0xBF, 0x0F, 0)


def rc4(key: bytes, size: int) -> bytes:
    """The key stream."""
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for _ in range(size):
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(box[(box[i] + box[j]) % 256])
    return bytes(out)


def xor(data: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, pad, strict=True))


def plain_rc4(password: str) -> tuple[bytes, Pad]:
    """The header of §2.3.6.1, and what gives the key stream of a block."""
    first = md5(password.encode("utf-16-le"))
    short = md5((first[:5] + SALT) * 16)[:5]

    def pad(block: int, size: int) -> bytes:
        return rc4(md5(short + struct.pack("<I", block)), size)

    sealed = xor(PROBE + md5(PROBE), pad(0, 32))
    return struct.pack("<HH", 1, 1) + SALT + sealed, pad


def cryptoapi(password: str, bits: int = 128) -> tuple[bytes, Pad]:
    """The header of §2.3.5.1, and what gives the key stream of a block."""
    first = sha1(SALT + password.encode("utf-16-le"))

    def pad(block: int, size: int) -> bytes:
        key = sha1(first + struct.pack("<I", block))[: bits // 8]
        return rc4(key + bytes(11) if bits == 40 else key, size)

    name = "Some Provider\0".encode("utf-16-le")
    header = struct.pack("<IIIIIIII", 4, 0, 0x6801, 0x8004, bits, 1, 0, 0) + name
    sealed = xor(PROBE + sha1(PROBE), pad(0, 36))
    info = struct.pack("<HHII", 4, 2, 4, len(header)) + header
    return info + struct.pack("<I", 16) + SALT + sealed[:16] + struct.pack("<I", 20) + sealed[
        16:
    ], pad


def blocks(data: bytes, pad: Pad, size: int) -> bytes:
    """A whole stream in blocks of `size`, each with its own key stream."""
    out = b""
    for block in range(-(-len(data) // size)):
        piece = data[block * size : (block + 1) * size]
        out += xor(piece, pad(block, len(piece)))
    return out


def turned(one: int, count: int) -> int:
    """A byte, its bits turned to the right."""
    for _ in range(count):
        one = one >> 1 | (one & 1) << 7
    return one


def xor_array(password: bytes, key: int) -> list[int]:
    """CreateXorArray_Method1 of §2.3.7.2, in the order of its own steps."""
    high, low = key >> 8, key & 0xFF
    out = [0] * 16
    index = len(password)
    if index % 2:
        out[index] = turned(PAD[0] ^ high, 1)
        index -= 1
        out[index] = turned(password[-1] ^ low, 1)
    while index > 0:
        index -= 1
        out[index] = turned(password[index] ^ high, 1)
        index -= 1
        out[index] = turned(password[index] ^ low, 1)
    index, pad = 15, 15 - len(password)
    while pad > 0:
        out[index] = turned(PAD[pad] ^ high, 1)
        index, pad = index - 1, pad - 1
        out[index] = turned(PAD[pad] ^ low, 1)
        index, pad = index - 1, pad - 1
    return out


def word_xor(data: bytes, array: list[int]) -> bytes:
    """A stream of a Word file (§2.3.7.6)."""
    out = bytearray()
    for place, one in enumerate(data):
        other = one ^ array[place % 16]
        out.append(one if one == 0 or other == 0 else other)
    return bytes(out)


def records(data: bytes) -> list[tuple[int, int, bytes]]:
    """Place, number and content of the records of a workbook."""
    out, place = [], 0
    while place < len(data):
        kind, size = struct.unpack_from("<HH", data, place)
        out.append((place, kind, data[place + 4 : place + 4 + size]))
        place += 4 + size
    return out


def sheets(data: bytes, lock: Callable[[bytes, int, int, int], bytes]) -> bytes:
    """A workbook with each record locked by `lock(piece, place, size, skipped)`, heads plain."""
    out, is_locked = b"", False
    for place, kind, body in records(data):
        skipped = len(body)
        if is_locked and kind not in {0x809, 0x2F, 0xE1, 0x194, 0x195, 0x196, 0x138}:
            skipped = min(4, len(body)) if kind == 0x85 else 0
        out += data[place : place + 4] + body[:skipped]
        out += lock(body[skipped:], place + 4, len(body), skipped)
        is_locked |= kind == 0x2F
    return out


def sheets_rc4(data: bytes, pad: Pad) -> bytes:
    stream = b"".join(pad(block, 1024) for block in range(len(data) // 1024 + 1))

    def lock(piece: bytes, place: int, _: int, skipped: int) -> bytes:
        start = place + skipped
        return xor(piece, stream[start : start + len(piece)])

    return sheets(data, lock)


def sheets_xor(data: bytes, array: list[int]) -> bytes:
    """EncryptData_Method1 of §2.3.7.3; where it begins is what [MS-XLS] §2.2.10 says."""

    def lock(piece: bytes, place: int, size: int, skipped: int) -> bytes:
        return bytes(
            turned(one, 3) ^ array[(place + size + skipped + rank) % 16]
            for rank, one in enumerate(piece)
        )

    return sheets(data, lock)


def atom(kind: int, body: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(body)) + body


def presentation(password: str, bits: int, texts: list[str]) -> tuple[dict[str, bytes], list[int]]:
    """The streams of a locked PowerPoint file of two saves, and where its objects stand."""
    info, pad = cryptoapi(password, bits)
    data, places = b"", []
    before = 0
    for save, text in enumerate(texts):
        number = 1 + save
        places.append(len(data))
        plain = atom(0x0FA0, text.encode("utf-16-le"))
        data += xor(plain, pad(number, len(plain)))
        lock = len(data)
        data += atom(0x2F14, info, 15)
        directory = len(data)
        listed = struct.pack("<II", number | 1 << 20, places[-1])
        data += atom(0x1772, listed + struct.pack("<II", 9 | 1 << 20, lock))
        edit = len(data)
        data += atom(
            0x0FF5, struct.pack("<IIIIIIII", 256, 0x3000000, before, directory, 1, 10, 0, 9)
        )
        before = edit
    user = atom(0x0FF6, struct.pack("<IIIHHBBH", 20, 0xF3D1C4DF, before, 3, 1012, 3, 0, 0) + b"Ann")
    summary = "\x05SummaryInformation"
    content = b"the property set"
    text_entry = xor(content, pad(3, len(content)))
    name = summary.encode("utf-16-le") + b"\0\0"
    entry = struct.pack("<IIHBBI", 8, len(content), 3, len(summary), 1, 0) + name
    table = struct.pack("<I", 1) + entry
    head = struct.pack("<II", 8 + len(content), len(table))
    locked = xor(head, pad(0, 8)) + text_entry + xor(table, pad(0, len(table)))
    return {"PowerPoint Document": data, "Current User": user, "EncryptedSummary": locked}, places
