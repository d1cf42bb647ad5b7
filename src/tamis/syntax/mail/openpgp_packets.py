"""OpenPGP armour, packets, public keys and signatures as they stand; nothing is verified."""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1 << 20
MAX_PACKETS = 2_000
SIGNATURE, PUBLIC_KEY, USER_ID, SUBKEY = 2, 6, 13, 14
_CLEAR = re.compile(rb"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n", re.MULTILINE)
_NEEDLESS = re.compile(rb"- (?!-|From )")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
# How many numbers a key or a signature of an algorithm holds (RFC 9580 section 9.1).
_KEY_NUMBERS = {1: 2, 3: 2, 17: 4}
_SIGNATURE_NUMBERS = {1: 1, 3: 1, 17: 2, 19: 2, 22: 2}
ALGORITHMS = {1: "rsa", 3: "rsa", 17: "dsa", 19: "ecdsa", 22: "ed25519", 27: "ed25519"}
HASHES = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}


class PacketError(ValueError):
    """What is there is no OpenPGP within the limits; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature packet: what it hashes after the content, and its numbers.

    `left` are the first two octets of the digest, which anybody can compare without a key.
    """

    version: int
    kind: int
    algorithm: int
    hash_id: int
    trailer: bytes
    left: bytes
    numbers: tuple[bytes, ...]
    key_id: str | None
    created_s: int | None

    @property
    def hash_name(self) -> str | None:
        """The hash by name, None where it is unknown."""
        return HASHES.get(self.hash_id)

    @property
    def is_text(self) -> bool:
        """Whether it was made over text, so that line ends are CRLF whatever they were."""
        return self.kind == 1


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One version 4 key packet; `curve` is the identifier of its curve."""

    body: bytes
    algorithm: int
    numbers: tuple[bytes, ...]
    curve: bytes
    created_s: int

    @property
    def framed(self) -> bytes:
        """What fingerprints and bindings hash of a key (RFC 9580 section 5.2.4)."""
        return b"\x99" + len(self.body).to_bytes(2, "big") + self.body

    @property
    def key_id(self) -> str:
        """The last 64 bits of the fingerprint, as hex digits."""
        return hashlib.sha1(self.framed, usedforsecurity=False).hexdigest()[-16:].upper()


def armoured(text: bytes, label: bytes) -> Iterator[bytes]:
    """The binary content of each armoured block with that label, broken ones left out.

    Source    RFC 9580 section 6.2. The checksum is not compared: signatures protect the content.
    """
    begin, end = (b"-----%s PGP %s-----" % (word, label) for word in (b"BEGIN", b"END"))
    position = 0
    while (start := text.find(begin, position)) >= 0:
        stop = text.find(end, start)
        if stop < 0:
            return
        position = stop + len(end)
        body = text[start + len(begin) : stop].replace(b"\r\n", b"\n")
        if len(body) > 2 * MAX_BYTES or text[start - 1 : start] not in {b"", b"\n"}:
            continue
        # Headers of the armour end at an empty line; some mailers lose it.
        lines = body.lstrip(b" \t").split(b"\n")[1:]
        blank = next((rank for rank, line in enumerate(lines) if not line.strip()), 0)
        lines = lines[blank:]
        if lines[-1:] == [b""]:
            lines.pop()
        if lines and lines[-1].startswith(b"="):
            lines.pop()
        try:
            yield binascii.a2b_base64(_NOT_BASE64.sub(b"", b"".join(lines)))
        except binascii.Error:
            continue


def split_clear(text: bytes) -> tuple[bytes, bytes, bool] | None:
    """Signed text (CRLF, without blanks at line ends), its signature's armour, whether that is all.

    Source    RFC 9580 section 7. A header other than Hash could hold text that is shown; an escape
              that a line does not need would change how it looks.
    """
    begin = _CLEAR.search(text)
    if begin is None:
        return None
    lines = text[begin.end() :].replace(b"\r\n", b"\n").split(b"\n")
    heads = next((rank for rank, line in enumerate(lines) if not line.strip()), len(lines))
    end = next(
        (n for n, line in enumerate(lines) if line.rstrip() == b"-----BEGIN PGP SIGNATURE-----"),
        None,
    )
    if end is None or end <= heads:
        return None
    kept = [line.removeprefix(b"- ").rstrip(b" \t\r") for line in lines[heads + 1 : end]]
    armour = b"\n".join(lines[end:])
    last = armour.rfind(b"-----END PGP SIGNATURE-----")
    is_all = (
        not text[: begin.start()].strip()
        and all(line.startswith(b"Hash: ") for line in lines[:heads])
        and not armour[last:].removeprefix(b"-----END PGP SIGNATURE-----").strip()
        and armour.count(b"-----BEGIN") == 1
        and not any(_NEEDLESS.match(line) for line in lines[heads + 1 : end])
    )
    return b"\r\n".join(kept), armour, is_all


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each packet.

    Source    RFC 9580 section 4.2; partial and indeterminate lengths, which only data has, are
              refused.
    Errors    PacketError where a packet is cut off, or there are more than 2,000.
    """
    position = count = 0
    while position < len(data):
        count += 1
        head = data[position]
        if not head & 0x80 or count > MAX_PACKETS:
            raise PacketError("no packet where one was expected, or too many")
        position += 1
        if head & 0x40:
            tag = head & 0x3F
            size = 1 if data[position : position + 1] < b"\xc0" else 2
            size = 5 if data[position : position + 1] == b"\xff" else size
            octets = data[position : position + size]
            length = int.from_bytes(octets[-4:], "big")
            if size == 2:
                if octets[:1] >= b"\xe0":
                    raise PacketError("a packet of unknown length")
                length += 192 - (192 << 8)
        else:
            tag, size = head >> 2 & 0x0F, (1, 2, 4, 0)[head & 3]
            if not size:
                raise PacketError("a packet of unknown length")
            octets = data[position : position + size]
            length = int.from_bytes(octets, "big")
        position += size
        if len(octets) < size or position + length > len(data):
            raise PacketError("a packet is cut off")
        yield tag, data[position : position + length]
        position += length


def _numbers(data: bytes, position: int, count: int) -> tuple[tuple[bytes, ...], int]:
    found = []
    for _ in range(count):
        bits = int.from_bytes(data[position : position + 2], "big")
        end = position + 2 + (bits + 7) // 8
        if position + 2 > len(data) or end > len(data):
            raise PacketError("a number is cut off")
        found.append(data[position + 2 : end])
        position = end
    return tuple(found), position


def read_key(body: bytes) -> PublicKey | None:
    """The key in a packet, None for a version or an algorithm that is not read here."""
    if len(body) < 6 or body[0] != 4 or body[5] not in ALGORITHMS or len(body) > 65_535:
        return None
    algorithm, position, curve = body[5], 6, b""
    if algorithm == 27:
        numbers: tuple[bytes, ...] = (body[6:38],)
    else:
        if algorithm in {19, 22}:
            curve = body[7 : 7 + body[6]] if len(body) > 6 else b""
            position = 7 + len(curve)
        numbers, _ = _numbers(body, position, _KEY_NUMBERS.get(algorithm, 1))
    return PublicKey(body, algorithm, numbers, curve, int.from_bytes(body[1:5], "big"))


def read_signature(body: bytes) -> Signature | None:
    """The signature in a packet, None for a version that is not read here.

    Source    RFC 9580 sections 5.2.2 and 5.2.3.
    """
    if body[:2] == b"\x03\x05" and len(body) > 19:
        created = int.from_bytes(body[3:7], "big")
        key_id, algorithm, hash_id = body[7:15].hex().upper(), body[15], body[16]
        kind, trailer, position = body[2], body[2:7], 17
    elif body[:1] == b"\x04" and len(body) > 10:
        kind, algorithm, hash_id = body[1], body[2], body[3]
        hashed_end = 6 + int.from_bytes(body[4:6], "big")
        position = hashed_end + 2 + int.from_bytes(body[hashed_end : hashed_end + 2], "big")
        trailer = body[:hashed_end] + b"\x04\xff" + hashed_end.to_bytes(4, "big")
        hashed = _subpackets(body[6:hashed_end])
        other = _subpackets(body[hashed_end + 2 : position])
        created = int.from_bytes(hashed[2], "big") if len(hashed.get(2, b"")) == 4 else -1
        named = hashed.get(33, other.get(33, b""))[-8:] or hashed.get(16, other.get(16, b""))
        key_id = named.hex().upper()
    else:
        return None
    count = _SIGNATURE_NUMBERS.get(algorithm, 0)
    if algorithm == 27:
        numbers: tuple[bytes, ...] = (body[position + 2 : position + 66],)
    else:
        numbers, _ = _numbers(body, position + 2, count)
    return Signature(
        version=body[0],
        kind=kind,
        algorithm=algorithm,
        hash_id=hash_id,
        trailer=trailer,
        left=body[position : position + 2],
        numbers=numbers,
        key_id=key_id or None,
        created_s=created if created >= 0 else None,
    )


def _subpackets(data: bytes) -> dict[int, bytes]:
    """The first subpacket of each type (RFC 9580 section 5.2.3.7)."""
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        size = 1 if data[position] < 192 else 5 if data[position] == 255 else 2
        length = int.from_bytes(data[position : position + size][-4:], "big")
        length += 192 - (192 << 8) if size == 2 else 0
        position += size
        if length < 1 or position + length > len(data):
            raise PacketError("a subpacket is cut off")
        found.setdefault(data[position] & 0x7F, data[position + 1 : position + length])
        position += length
    return found
