from __future__ import annotations

import base64
import hashlib
import random
import struct
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from document_rows import read, score
from office_building import docx, ole, property_set, text_value

from tamis.sources.leak.documents import moments, office_encryption, ole_objects, ole_word
from tamis.sources.leak.documents.ole import READER
from tamis.sources.leak.documents.ole_storage import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Open

SUMMARY = UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9").bytes_le
NAME = "Рошка Георгий Петрович"
TICKS = 131_350_968_000_000_000  # 2017-03-27T14:00:00Z


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def wide(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def workbook(*more: bytes) -> bytes:
    sheet = struct.pack("<IBBBB", 0, 1, 0, 6, 0) + b"secret"
    shown = struct.pack("<IBBBB", 0, 0, 0, 5, 0) + b"shown"
    return b"".join(
        [
            record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x2345, 1997, 0, 0)),
            *more,
            record(0x42, struct.pack("<H", 1251)),
            record(0x5C, wide(NAME) + b" " * 20),
            record(0x85, shown),
            record(0x85, sheet),
            record(0x1AE, struct.pack("<H", 1) + wide("\x01C\x03other.xls")),
            record(0x0A, b""),
        ]
    )


def summary() -> bytes:
    return property_set(
        SUMMARY,
        {
            1: struct.pack("<Ih", 2, 1251),
            4: text_value(NAME.encode("cp1251")),
            10: struct.pack("<IQ", 64, 4 * 600_000_000),
            13: struct.pack("<IQ", 64, TICKS),
        },
    )


def test_the_excel_user_hidden_sheets_and_clocks() -> None:
    raw = ole({"Workbook": workbook(), "\x05SummaryInformation": summary()}, ticks=TICKS)
    found = read(READER, raw, "a.xls")
    assert found.values("biff")["user_name"] == NAME
    assert found.values("biff")["codepage"] == "1251"
    stated = found.values("summary")
    assert (stated["creator"], stated["codepage"], stated["edit_minutes"]) == (NAME, "1251", "4")
    assert found.at("summary", "modified") == "2017-03-27T14:00:00+00:00"
    assert found.at("ole", "modified") == "2017-03-27T14:00:00+00:00"
    assert found.values("hidden") == {"hidden_sheet": "secret (hidden)"}
    assert found.values("sheet") == {"sheet": "shown"}
    assert found.values("link") == {"workbook": "|C|other.xls"}
    assert found.document["page_count"] == 2
    assert (found.document["kind"], found.document["is_encrypted"]) == ("spreadsheet", False)


def test_an_encrypted_workbook_is_listed_and_not_opened() -> None:
    raw = ole({"Workbook": workbook(record(0x2F, bytes(54)))})
    found = read(READER, raw, "a.xls")
    assert found.item["status"] == "refused"
    assert "password" in found.item["reason"]
    assert found.document["is_encrypted"] is True
    assert "text" not in found.document


def strings(*texts: str) -> bytes:
    out = struct.pack("<HHH", 0xFFFF, len(texts), 0)
    for text in texts:
        out += struct.pack("<H", len(text)) + text.encode("utf-16-le")
    return out


def word() -> dict[str, bytes]:
    saved = strings("Ann", "C:\\old\\a.doc", "Bob", "D:\\new\\a.doc")
    revisers = strings("Unknown", "Eve")
    clock = 8 << 0 | 9 << 6 | 27 << 11 | 3 << 16 | 117 << 20
    dop = bytes(20) + struct.pack("<IIIhi", clock, clock, 0, 3, 12) + bytes(46)
    head = bytearray(4096)
    struct.pack_into("<HH2xHHH", head, 0, 0xA5EC, 193, 0x0419, 0, 0x0200)
    table = b""
    for rank, piece in ((71, saved), (51, revisers), (31, dop)):
        struct.pack_into("<II", head, 154 + 8 * rank, len(table), len(piece))
        table += piece
    return {"WordDocument": bytes(head), "1Table": table}


def test_who_saved_a_word_file_where_and_by_which_clock() -> None:
    found = read(READER, ole(word()), "a.doc")
    saved = [row["value"] for row in found.properties if row["namespace"] == "saved_by"]
    assert saved == ["Ann", "C:\\old\\a.doc", "Bob", "D:\\new\\a.doc"]
    assert found.values("revision") == {"author": "Eve"}
    clock = found.values("dop")
    assert clock["created_local"] == "2017-03-27T09:08"
    assert (clock["revision"], clock["edit_minutes"]) == ("3", "12")
    assert found.at("dop", "created_local") is None, "no zone, no moment"
    assert found.values("fib")["language"] == "0x0419"
    assert ole_word.local_time(0) is None


def test_macro_sources_come_out_and_are_files() -> None:
    # One literal chunk: "Sub x()" with a copy token for a repeated run.
    source = b"Sub aaaaaaaaaaaa()"
    body = bytes([0]) + b"Sub aaa" + b"a"
    packed = b"\x01" + struct.pack("<H", 0xB000 | (len(body) - 1)) + body
    assert ole_objects.decompress(packed, 0) == b"Sub aaaa"
    # offset 1, length 8 more letters: 4 bits of offset while fewer than 17 bytes are out
    copy = bytes([0]) + b"Sub aaaa" + bytes([1]) + struct.pack("<H", 8 - 3) + b"()"
    packed = b"\x01" + struct.pack("<H", 0xB000 | (len(copy) - 1)) + copy
    assert ole_objects.decompress(packed, 0) == source
    directory = record32(0x03, struct.pack("<H", 1252)) + record32(0x1A, b"Module1")
    directory += record32(0x31, struct.pack("<I", 0))
    flat = bytes([0]).join([b"", *(directory[i : i + 8] for i in range(0, len(directory), 8))])
    stored = b"\x01" + struct.pack("<H", 0xB000 | (len(flat) - 1)) + flat
    found = read(READER, ole({"VBA/dir": stored, "VBA/Module1": packed}), "vbaProject.bin")
    assert found.document["has_macros"] is True
    assert found.children["VBA/Module1.bas"].startswith(source)


def record32(kind: int, content: bytes) -> bytes:
    return struct.pack("<HI", kind, len(content)) + content


def test_macro_sources_that_point_outside_are_refused() -> None:
    bad = bytes([1]) + struct.pack("<H", 0xFFFF)
    packed = b"\x01" + struct.pack("<H", 0xB000 | (len(bad) - 1)) + bad
    with pytest.raises(StorageError):
        ole_objects.decompress(packed, 0)
    with pytest.raises(StorageError):
        ole_objects.decompress(b"", 0)


def test_a_packed_file_inside_comes_out_with_its_path() -> None:
    content = b"%PDF-1.4 inside"
    temporary = b"C:\\TEMP\\a.pdf\0"
    data = b"\x02\0a.pdf\0C:\\Users\\ann\\a.pdf\0\0\0\x03\0" + struct.pack("<I", len(temporary))
    data += temporary + struct.pack("<I", len(content)) + content
    raw = ole({"Box/\x01Ole10Native": struct.pack("<I", len(data)) + data})
    found = read(READER, raw, "a.bin")
    assert found.children == {"Box/a.pdf": content}
    assert found.values("embedded")["original_path"] == "C:\\Users\\ann\\a.pdf"
    assert found.ledger["emitted_count"] == 1


def aes(key: bytes, start: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def locked(content: bytes, password: str, told_spins: int = 10) -> bytes:
    """A package encrypted as Office 2010 and later do, by the words of [MS-OFFCRYPTO]."""
    salt, key, spins = b"s" * 16, b"k" * 32, 10
    spun = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for rank in range(spins):
        spun = hashlib.sha512(struct.pack("<I", rank) + spun).digest()

    def seal(block: bytes, value: bytes) -> str:
        one = hashlib.sha512(spun + block).digest()[:32]
        return base64.b64encode(aes(one, salt, value)).decode()

    probe = b"p" * 16
    stated = (
        f'saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" '
        f'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" '
        f'saltValue="{base64.b64encode(salt).decode()}"'
    )
    xml = (
        f'<encryption xmlns="urn:e" xmlns:p="urn:p"><keyData {stated}/><keyEncryptors>'
        f'<keyEncryptor><p:encryptedKey spinCount="{told_spins}" {stated} '
        f'encryptedVerifierHashInput="{seal(office_encryption._BLOCK_INPUT, probe)}" '
        f'encryptedVerifierHashValue="'
        f'{seal(office_encryption._BLOCK_VALUE, hashlib.sha512(probe).digest())}" '
        f'encryptedKeyValue="{seal(office_encryption._BLOCK_KEY, key)}"/></keyEncryptor>'
        f"</keyEncryptors></encryption>"
    )
    body = b""
    for rank in range(0, len(content), 4096):
        start = hashlib.sha512(salt + struct.pack("<I", rank // 4096)).digest()[:16]
        piece = content[rank : rank + 4096]
        body += aes(key, start, piece + bytes(-len(piece) % 16))
    info = struct.pack("<HHI", 4, 4, 0x40) + xml.encode()
    return ole(
        {
            "EncryptionInfo": info.ljust(4096, b" "),
            "EncryptedPackage": struct.pack("<Q", len(content)) + body,
        }
    )


def test_a_locked_package_opens_with_a_password_of_the_list(opened: Open) -> None:
    inner = docx(
        "<w:p><w:r><w:t>behind the lock</w:t></w:r></w:p>",
        word__x_DOT_bin=random.Random(1).randbytes(9000),
    )
    raw = locked(inner, "clé")
    shut = opened(raw, "a.docx", ["wrong"])
    assert shut.top["status"] == "refused"
    assert "password" in shut.top["reason"]
    assert shut.rows["document"][0]["is_encrypted"] is True
    assert shut.children == {}
    found = opened(raw, "a.docx", ["wrong", "clé"])
    assert found.top["status"] == "read"
    assert found.bytes("EncryptedPackage") == inner
    assert found.is_balanced()
    texts = [row["text"] for row in found.rows["document"] if row["text"]]
    assert [text.strip() for text in texts] == ["behind the lock"]
    assert "clé" not in repr(found.rows), "no password is kept in a table"


def test_hashing_without_end_is_refused() -> None:
    found = read(READER, locked(b"x" * 16, "a", 99_999_999_999), "a.docx", passwords=["a"])
    assert found.item["status"] == "refused"
    assert "rounds of hashing" in found.item["reason"]
    assert found.children == {}


def test_times_of_windows() -> None:
    assert moments.ticks(0) is None
    assert moments.ticks((1 << 63) - 1) is None
    assert str(moments.ticks(TICKS)) == "2017-03-27 14:00:00+00:00"
    assert moments.zoned("2017-03-27T06:00:00") is None
    assert moments.zoned("0001-01-01T00:00:00+23:59") is None
    assert str(moments.zoned("2017-03-27T06:00:00+02:00")) == "2017-03-27 04:00:00+00:00"


def test_broken_files_fail_with_a_reason() -> None:
    raw = ole({"Workbook": workbook()})
    assert score(READER, raw, "x") == 50
    for cut in (100, 512, 600):
        found = read(READER, raw[:cut], "a.xls")
        assert found.item["status"] in {"failed", "partly"}, cut
        assert found.item["reason"]


def test_mutated_files_never_raise() -> None:
    chance = random.Random(7)
    raws = [ole(word()), ole({"Workbook": workbook(), "\x05SummaryInformation": summary()})]
    statuses = set()
    for _ in range(150):
        data = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        statuses.add(read(READER, bytes(data), "a.xls").item["status"])
    assert statuses <= {"read", "partly", "failed", "refused"}


@pytest.mark.shared_data
def test_real_files_open_with_their_passwords(shared_data: Path) -> None:
    root = shared_data / "leak/docs/tika"
    told: dict[str, Any] = {}
    for name in (
        "test-documents__testEXCEL_protected_passtika_2.xlsx",
        "test-documents__testPPT_protected_passtika.pptx",
        "test-documents__protect.xlsx",
    ):
        found = read(READER, (root / name).read_bytes(), name, passwords=["tika"])
        told[name] = (found.item["status"], found.children["EncryptedPackage"][:2])
    assert set(told.values()) == {("read", b"PK")}


@pytest.mark.shared_data
def test_a_real_file_says_who_saved_it_where(shared_data: Path) -> None:
    path = shared_data / "leak/docs/tika/test-documents__testException2.doc"
    found = read(READER, path.read_bytes(), path.name)
    saved = [row["value"] for row in found.properties if row["namespace"] == "saved_by"]
    assert saved[:2] == ["Labs", "Hard Drive:Course Folders:276:276-s00:07-Force-on-a-current-S00"]
    assert found.values("dop")["created_local"] == "2000-01-12T09:49"
    assert found.at("summary", "created") == "2000-01-12T14:49:00+00:00"
