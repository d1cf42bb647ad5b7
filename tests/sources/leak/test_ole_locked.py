"""Word, Excel and PowerPoint files of before 2007 behind a password."""

from __future__ import annotations

import io
import random
import struct
from typing import TYPE_CHECKING

import office_locking as locking
import pytest
from document_rows import Rows, read
from test_ole import NAME, record, word, workbook

from cfb_writer import compound_file
from tamis.sources.leak.documents import office_ciphers
from tamis.sources.leak.documents.ole import READER
from tamis.sources.leak.documents.ole_storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Open

SHEETS = workbook(record(0x2F, bytes(6)), *(record(0x31, bytes([rank]) * 700) for rank in range(5)))


def stream(raw: bytes, name: str) -> bytes:
    return Storage(io.BytesIO(raw)).read(name)


def excel(lock: str, password: str) -> bytes:
    if lock == "xor":
        raw = password.encode("cp1252")
        key = office_ciphers._xor_key(raw)
        info = struct.pack("<HHH", 0, key, office_ciphers._xor_verifier(raw))
    else:
        make = {"rc4": locking.plain_rc4}.get(lock) or (
            lambda word: locking.cryptoapi(word, int(lock))
        )
        header, pad = make(password)
        info = b"\x01\0" + header
    plain = SHEETS.replace(record(0x2F, bytes(6)), record(0x2F, info))
    if lock == "xor":
        return locking.sheets_xor(plain, locking.xor_array(raw, key))
    return locking.sheets_rc4(plain, pad)


def words(lock: str, password: str) -> dict[str, bytes]:
    plain = word() | {"Data": random.Random(3).randbytes(5000)}
    head = bytearray(plain["WordDocument"])
    head[100:110] = b"\0\0some text"[:10]
    if lock == "xor":
        raw = password.encode("cp1252")
        key = office_ciphers._xor_key(raw)
        array = locking.xor_array(raw, key)
        struct.pack_into("<H", head, 10, 0x8300)
        struct.pack_into("<I", head, 14, key << 16 | office_ciphers._xor_verifier(raw))
        out = {name: locking.word_xor(data, array) for name, data in plain.items()}
    else:
        info, pad = (locking.plain_rc4 if lock == "rc4" else locking.cryptoapi)(password)
        # The table begins behind the description of the lock: the places in the head say so.
        table = info + plain["1Table"]
        for rank in (71, 51, 31):
            place = struct.unpack_from("<I", head, 154 + 8 * rank)[0]
            struct.pack_into("<I", head, 154 + 8 * rank, place + len(info))
        struct.pack_into("<H", head, 10, 0x0300)
        struct.pack_into("<I", head, 14, len(info))
        out = {"Data": locking.blocks(plain["Data"], pad, 512)}
        out["1Table"] = info + locking.blocks(table, pad, 512)[len(info) :]
        out["WordDocument"] = locking.blocks(bytes(head), pad, 512)
    if lock == "xor":
        out["WordDocument"] = locking.word_xor(bytes(head), array)
    out["WordDocument"] = bytes(head[:68]) + out["WordDocument"][68:]
    return out


def test_the_key_stream_of_the_slow_version_is_the_known_one() -> None:
    known = bytes.fromhex("bbf316e8d940af0ad3")
    assert locking.xor(b"Plaintext", locking.rc4(b"Key", 9)) == known


def test_known_values_of_xor_obfuscation() -> None:
    assert office_ciphers._xor_verifier(b"VelvetSweatshop") == 0x9A0A
    # What Excel wrote for "abc" into a file that is public.
    assert (office_ciphers._xor_key(b"abc"), office_ciphers._xor_verifier(b"abc")) == (
        0x514A,
        0xCC1A,
    )
    for size in range(1, 16):
        raw = bytes(range(97, 97 + size))
        slow = locking.xor_array(raw, office_ciphers._xor_key(raw))
        assert list(office_ciphers._xor_array(raw)) == slow, size


@pytest.mark.parametrize("lock", ["rc4", "40", "56", "128", "xor"])
def test_a_workbook_opens_with_a_password_of_the_list(lock: str) -> None:
    raw = compound_file({"Workbook": excel(lock, "clé")})
    shut = read(READER, raw, "a.xls", passwords=["wrong", "cle"])
    assert (shut.item["status"], shut.children) == ("refused", {})
    assert "password is needed" in shut.item["reason"]
    assert NAME not in repr(shut.properties)
    found = read(READER, raw, "a.xls", passwords=["wrong", "clé"])
    assert (found.item["status"], found.document["is_encrypted"]) == ("read", True)
    assert found.values("encryption")["opened"] == "a password from the list fits"
    assert "clé" not in repr([*found.properties, found.item])
    inner = found.children["opened.xls"]
    info_size = len(locking.records(excel(lock, "clé"))[1][2])
    expected = SHEETS.replace(record(0x2F, bytes(6)), record(0, bytes(info_size)))
    assert stream(inner, "Workbook") == expected
    told = read(READER, inner, "opened.xls")
    assert told.document["is_encrypted"] is False
    assert told.values("biff")["user_name"] == NAME
    assert told.values("hidden") == {"hidden_sheet": "secret (hidden)"}


@pytest.mark.parametrize("lock", ["rc4", "cryptoapi", "xor"])
def test_a_word_file_opens_with_a_password_of_the_list(lock: str) -> None:
    raw = compound_file(words(lock, "Élysée"))
    assert read(READER, raw, "a.doc", passwords=["no"]).item["status"] == "refused"
    found = read(READER, raw, "a.doc", passwords=["no", "Élysée"])
    assert found.item["status"] == "read"
    inner = found.children["opened.doc"]
    assert stream(inner, "Data") == random.Random(3).randbytes(5000)
    assert stream(inner, "WordDocument")[100:110] == b"\0\0some text"[:10]
    assert stream(inner, "1Table").endswith(word()["1Table"])
    told = read(READER, inner, "opened.doc")
    assert told.document["is_encrypted"] is False
    assert told.values("saved_by") == {"author": "Bob", "path": "D:\\new\\a.doc"}
    assert told.values("dop")["created_local"] == "2017-03-27T09:08"


@pytest.mark.parametrize("bits", [40, 128])
def test_slides_of_every_save_open_with_a_password_of_the_list(bits: int) -> None:
    streams, places = locking.presentation("hello", bits, ["first words", "last words"])
    raw = compound_file(streams)
    shut = read(READER, raw, "a.ppt", passwords=["no"])
    assert (shut.item["status"], shut.children) == ("refused", {})
    found = read(READER, raw, "a.ppt", passwords=["hello"])
    assert found.item["status"] == "partly", "its made-up properties are none"
    data = stream(found.children["opened.ppt"], "PowerPoint Document")
    for place, text in zip(places, ("first words", "last words"), strict=True):
        plain = locking.atom(0x0FA0, text.encode("utf-16-le"))
        assert data[place : place + len(plain)] == plain
    told = read(READER, found.children["opened.ppt"], "opened.ppt")
    assert told.document["is_encrypted"] is False
    assert told.values("current_user") == {"user_name": "Ann", "save_count": "2"}


def test_what_opens_is_an_item_of_its_own(opened: Open) -> None:
    found = opened(compound_file({"Workbook": excel("xor", "abc")}), "a.xls", ["abc"])
    assert found.top["status"] == "read"
    assert found.status("opened.xls") == "read"
    assert found.is_balanced()
    assert [row["is_encrypted"] for row in found.rows["document"]].count(True) == 1


def test_the_default_of_excel_needs_no_list() -> None:
    raw = compound_file({"Workbook": excel("rc4", "VelvetSweatshop")})
    found = read(READER, raw, "a.xls")
    assert "opened.xls" in found.children
    assert "default" in (found.values("encryption")["opened"] or "")


def status(streams: dict[str, bytes], name: str) -> Rows:
    return read(READER, compound_file(streams), name, passwords=["a"])


def test_what_is_not_understood_is_refused_with_the_reason() -> None:
    head = bytearray(words("rc4", "a")["WordDocument"])
    for magic, told in ((0xA5DC, "Word 6 or 95"), (0xA5EC, "cut off")):
        struct.pack_into("<H", head, 0, magic)
        struct.pack_into("<I", head, 14, 2)
        found = status({"WordDocument": bytes(head), "1Table": b"\x01\0"}, "a.doc")
        assert (found.item["status"], found.children) == ("refused", {})
        assert told in found.item["reason"]
    for info, told in (
        (b"\x01\0\x09\0\x01\0", "version 9.1"),
        (b"\x01\0\x01\0\x01\0" + bytes(10), "cut off"),
        (b"\x01\0" + locking.cryptoapi("a", 200)[0], "200 bits"),
        (b"\x02\0", "wrong"),
    ):
        found = status({"Workbook": workbook(record(0x2F, info))}, "a.xls")
        assert found.item["status"] == "refused"
        assert told in found.item["reason"]
    slides, _ = locking.presentation("a", 128, ["x"])
    slides["PowerPoint Document"] = slides["PowerPoint Document"].replace(b"\x14\x2f", b"\0\0")
    found = status(slides, "a.ppt")
    assert found.item["status"] == "refused"
    assert "not there" in found.item["reason"]


def test_mutated_locked_files_never_raise() -> None:
    chance = random.Random(11)
    slides, _ = locking.presentation("a", 128, ["one", "two"])
    raws = [
        compound_file(one)
        for one in (words("rc4", "a"), words("xor", "a"), {"Workbook": excel("128", "a")}, slides)
    ]
    statuses = set()
    for _ in range(300):
        data = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(512, len(data))] = chance.randrange(256)
        found = read(READER, bytes(data), "a.doc", passwords=["a"])
        statuses.add(found.item["status"])
        for inner in found.children.values():
            read(READER, inner, "opened.doc", passwords=["a"])
    assert "refused" in statuses
    assert statuses <= {"read", "partly", "failed", "refused"}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "password", "text"),
    [
        ("document__password_tika_binaryrc4.doc", "tika", "This is an encrypted Word 2007 File."),
        ("document__password_password_cryptoapi.doc", "password", "This is a test"),
        ("spreadsheet__password.xls", "password", "A ZIP bomb is a variant of mail-bombing"),
        ("spreadsheet__xor-encryption-abc.xls", "abc", "Sheet1\n\n1\n2\n3"),
        ("slideshow__Password_Protected-56-hello.ppt", "hello", "The password is “hello”"),
    ],
)
def test_real_files_open(shared_data: Path, name: str, password: str, text: str) -> None:
    raw = (shared_data / "leak/docs/hostile-poi" / name).read_bytes()
    assert read(READER, raw, name, passwords=["other"]).item["status"] == "refused"
    found = read(READER, raw, name, passwords=["other", password])
    assert found.item["status"] == "read"
    (inner,) = (data for name, data in found.children.items() if name.startswith("opened."))
    assert text in (read(READER, inner, name).document["text"] or "")


@pytest.mark.shared_data
def test_real_locked_properties_are_told(shared_data: Path) -> None:
    path = shared_data / "leak/docs/hostile-poi/slideshow__Password_Protected-56-hello.ppt"
    found = read(READER, path.read_bytes(), path.name, passwords=["hello"])
    told = found.values("summary")
    assert (told["creator"], told["title"]) == ("Hogwarts", "This is a protected document")
