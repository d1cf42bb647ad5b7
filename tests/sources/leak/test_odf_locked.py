"""OpenDocument files behind a password, locked here as the standard writes it."""

from __future__ import annotations

import base64
import hashlib
import random
import zlib

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from document_rows import read
from office_building import package
from test_odf import META, TEXT, TYPE

from tamis.sources.leak.documents.odf import READER

SPACE = 'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
OLD = {
    "algorithm": "Blowfish CFB",
    "derivation": "PBKDF2",
    "start": "SHA1",
    "checksum": "SHA1/1K",
    "hash": "sha1",
    "size": 16,
}
NEW = {
    "algorithm": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "derivation": "PBKDF2",
    "start": "http://www.w3.org/2000/09/xmldsig#sha256",
    "checksum": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k",
    "hash": "sha256",
    "size": 32,
}
PICTURE = random.Random(5).randbytes(3000)


def sealed(content: bytes, password: str, way: dict, rounds: int, path: str) -> tuple[bytes, str]:
    """A member's locked bytes, and its entry in the manifest."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    salt = hashlib.md5(path.encode()).digest()  # noqa: S324 (any sixteen bytes)
    known = hashlib.new(way["hash"], password.encode()).digest()
    key = hashlib.pbkdf2_hmac("sha1", known, salt, rounds, way["size"])
    start = salt[:8] if way is OLD else salt
    if way["algorithm"].startswith("Blowfish"):
        cipher = Cipher(Blowfish(key), CFB(start))
        plain = packed
    else:
        cipher = Cipher(algorithms.AES(key), modes.CBC(start))
        missing = 16 - len(packed) % 16
        plain = packed + bytes(missing - 1) + bytes([missing])
    encryptor = cipher.encryptor()
    checksum = hashlib.new(way["hash"], packed[:1024]).digest()

    def shown(raw: bytes) -> str:
        return base64.b64encode(raw).decode()

    entry = (
        f'<m:file-entry m:full-path="{path}" m:size="{len(content)}"><m:encryption-data '
        f'm:checksum-type="{way["checksum"]}" m:checksum="{shown(checksum)}"><m:algorithm '
        f'm:algorithm-name="{way["algorithm"]}" m:initialisation-vector="{shown(start)}"/>'
        f'<m:start-key-generation m:start-key-generation-name="{way["start"]}"/>'
        f'<m:key-derivation m:key-derivation-name="{way["derivation"]}" '
        f'm:key-size="{way["size"]}" m:iteration-count="{rounds}" m:salt="{shown(salt)}"/>'
        "</m:encryption-data></m:file-entry>"
    )
    return encryptor.update(plain) + encryptor.finalize(), entry


def locked(password: str, way: dict, told_rounds: int | None = None) -> bytes:
    inner = {"content.xml": TEXT.encode(), "meta.xml": META.encode(), "Pictures/a.bin": PICTURE}
    members: dict[str, str | bytes] = {"mimetype": f"{TYPE}text"}
    entries = ""
    for path, content in inner.items():
        members[path], entry = sealed(content, password, way, 30, path)
        entries += entry
    if told_rounds is not None:
        entries = entries.replace('"30"', f'"{told_rounds}"')
    members["META-INF/manifest.xml"] = f"<m:manifest {SPACE}>{entries}</m:manifest>"
    return package(members)


@pytest.mark.parametrize("way", [OLD, NEW], ids=["blowfish", "aes"])
def test_it_opens_with_a_password_of_the_list(way: dict) -> None:
    raw = locked("clé", way)
    shut = read(READER, raw, "a.odt", passwords=["cle"])
    assert (shut.item["status"], shut.children) == ("refused", {})
    assert "password is needed" in shut.item["reason"]
    found = read(READER, raw, "a.odt", passwords=["cle", "clé"])
    assert (found.item["status"], found.document["is_encrypted"]) == ("read", True)
    assert "30 rounds" in (found.values("encryption")["method"] or "")
    told = read(READER, found.children["opened.odt"], "opened.odt")
    assert told.item["status"] == "read"
    assert told.document["is_encrypted"] is False
    assert told.values("core")["creator"] == "Ann"
    assert "kept" in told.document["text"]
    assert told.children == {"Pictures/a.bin": PICTURE}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"algorithm": "urn:x#twofish"}, "cipher urn:x#twofish"),
        ({"derivation": "urn:y:argon2id"}, "argon2id"),
        ({"start": "urn:z#md4"}, "hash urn:z#md4"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_reason(change: dict, told: str) -> None:
    found = read(READER, locked("a", NEW | change), "a.odt", passwords=["a"])
    assert (found.item["status"], found.children) == ("refused", {})
    assert told in found.item["reason"]


def test_hashing_without_end_is_refused() -> None:
    found = read(READER, locked("a", NEW, 99_999_999_999), "a.odt", passwords=["a"])
    assert found.item["status"] == "refused"
    assert "99999999999 rounds" in found.item["reason"]


def test_one_locked_package_is_refused_with_the_reason() -> None:
    manifest = (
        f'<m:manifest {SPACE}><m:file-entry m:full-path="encrypted-package">'
        "<m:encryption-data/></m:file-entry></m:manifest>"
    )
    members = {
        "mimetype": f"{TYPE}text",
        "encrypted-package": b"x",
        "META-INF/manifest.xml": manifest,
    }
    found = read(READER, package(members), "a.odt", passwords=["a"])
    assert found.item["status"] == "refused"
    assert "one locked package" in found.item["reason"]


def test_mutated_files_never_raise() -> None:
    chance = random.Random(2)
    raws = [locked("a", OLD), locked("a", NEW)]
    for _ in range(200):
        data = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found = read(READER, bytes(data), "a.odt", passwords=["a"])
        assert found.item["status"] in {"read", "partly", "failed", "refused"}
