from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tamis.registry import Glimpse
from tamis.sources.leak.containers import zip as reader
from tamis.sources.leak.containers import zip_crypt

Open = Callable[..., Any]
MAIL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: one\r\nMessage-ID: <1@x>\r\n"
    b"\r\nhello\r\n"
)


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_every_method_gives_back_the_bytes(opened: Open, method: int) -> None:
    entries = {"a/b/mail.eml": MAIL, "c.txt": b"words\n" * 5000, "empty.txt": b""}
    found = opened(archive(entries, method), "x.zip")
    assert {name: found.bytes(name) for name in entries} == entries
    assert found.top["status"] == "read"
    assert found.ledger["expected_count"] == found.ledger["emitted_count"] == 3
    assert found.children["a/b/mail.eml"]["path"] == "x.zip/a/b/mail.eml"
    assert found.rows["message"][0]["subject"] == "one"
    assert found.is_balanced()


def test_folders_inside_are_mailboxes_of_their_messages(opened: Open) -> None:
    second = MAIL.replace(b"<1@x>", b"<2@x>")
    entries = {"box/cur/1:2,S": MAIL, "box/new/2.host": second, "other/3.eml": MAIL + b"x\r\n"}
    found = opened(archive(entries), "x.zip")
    boxes = {name: found.children[name]["mailbox_id"] for name in entries}
    assert boxes["box/cur/1:2,S"] == boxes["box/new/2.host"] != boxes["other/3.eml"]


def test_names_that_climb_are_kept_and_lead_nowhere(opened: Open) -> None:
    names = ["../../etc/passwd", "/abs/olute", "C:\\win\\x", "a/../b", "x" * 5000, "nul\x01\u202e"]
    found = opened(archive({name: name.encode() for name in names}), "x.zip")
    assert set(found.children) == {*names[:2], "C:\\win\\x", *names[3:]}
    for name in names:
        path = found.children[name]["path"]
        assert path.startswith("x.zip/")
        assert not {"..", ".", ""} & set(path.split("/"))
        assert max(map(len, path.split("/"))) <= 300
    assert "4 names would lead outside" in found.ledger["note"]


def test_duplicate_names_are_all_kept(opened: Open) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("same.txt", b"first")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("same.txt", b"second")
    found = opened(target.getvalue(), "x.zip")
    places = [row for row in found.rows["place"] if row["depth"] == 1]
    assert sorted(found.files[row["item_id"]] for row in places) == [b"first", b"second"]
    assert "1 entries have the name of another" in found.ledger["note"]


def test_a_bomb_is_stopped_and_told(opened: Open) -> None:
    raw = archive({"bomb": bytes(200 << 20), "mail.eml": MAIL})
    found = opened(raw, "x.zip")
    assert found.status("bomb") == "refused"
    assert "swells to over 200 times" in found.reason("bomb")
    assert found.bytes("mail.eml") == MAIL
    assert (found.ledger["emitted_count"], found.ledger["failed_count"]) == (1, 1)
    assert found.top["status"] == "partly"


def test_the_total_of_all_entries_has_a_limit(opened: Open) -> None:
    dice = random.Random(1)
    raw = archive({f"{n}.bin": dice.randbytes(1 << 20) for n in range(6)}, zipfile.ZIP_STORED)
    found = opened(raw, "x.zip", total_bytes=3 << 20)
    statuses = [found.status(f"{n}.bin") for n in range(6)]
    assert statuses[3:] == ["refused"] * 3
    assert "had given 3,145,728 bytes before" in found.reason("5.bin")
    assert (found.ledger["emitted_count"], found.ledger["failed_count"]) == (3, 3)


def test_an_archive_in_itself_is_not_opened_again(opened: Open) -> None:
    inner = archive({"deep.txt": b"deep"})
    raw = inner
    for depth in range(60):
        raw = archive({f"{depth}.zip": raw}, zipfile.ZIP_STORED)
    found = opened(raw, "x.zip")
    deepest = max(row["depth"] for row in found.rows["place"])
    assert deepest == 51
    assert any("containers deep" in (row["reason"] or "") for row in found.rows["item"])


def test_a_missing_directory_is_made_good_from_the_entries(opened: Open) -> None:
    entries = {"a.eml": MAIL, "b.txt": b"second " * 100, "c.txt": b"third"}
    raw = archive(entries)
    found = opened(raw[: raw.index(b"PK\x01\x02")], "x.zip")
    assert {name: found.bytes(name) for name in entries} == entries
    assert found.top["status"] == "partly"
    assert "directory at its end is missing" in found.top["reason"]
    assert found.ledger["expected_count"] is None


def test_entries_that_state_their_size_behind_are_found_as_well(opened: Open) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.eml", MAIL)
        made.writestr("b.txt", b"second " * 100)
    raw = target.data
    assert raw[6] & 8
    assert opened(raw, "x.zip").bytes("b.txt") == b"second " * 100
    cut = opened(raw[: raw.index(b"PK\x01\x02")], "x.zip")
    assert cut.bytes("a.eml") == MAIL
    assert cut.bytes("b.txt") == b"second " * 100
    assert cut.status("a.eml") == "read"


def test_a_wrong_checksum_keeps_the_bytes_and_says_so(opened: Open) -> None:
    raw = archive({"a.eml": MAIL}, zipfile.ZIP_STORED).replace(b"hello", b"hullo")
    found = opened(raw, "x.zip")
    assert found.bytes("a.eml") == MAIL.replace(b"hello", b"hullo")
    assert found.status("a.eml") == "partly"
    assert "checksum does not fit" in found.reason("a.eml")


def test_a_lying_size_is_told(opened: Open) -> None:
    raw = bytearray(archive({"a.txt": b"x" * 1000}))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 5)
    found = opened(bytes(raw), "x.zip")
    assert found.bytes("a.txt") == b"x" * 1000
    assert "stated size" in found.reason("a.txt")


def test_overlapping_entries_are_refused(opened: Open) -> None:
    raw = bytearray(archive({"a.txt": b"x" * 1000, "b.txt": b"y" * 1000}, zipfile.ZIP_STORED))
    second = raw.rindex(b"PK\x01\x02")
    struct.pack_into("<I", raw, second + 42, 0)  # the second entry begins where the first does
    found = opened(bytes(raw), "x.zip")
    assert found.status("a.txt") == "read"
    assert found.status("b.txt") == "refused"
    assert "overlap" in found.reason("b.txt")


def test_more_entries_declared_than_there_are_stand_out(opened: Open) -> None:
    raw = bytearray(archive({"a.txt": b"x"}))
    struct.pack_into("<HH", raw, raw.rindex(b"PK\x05\x06") + 8, 7, 7)
    found = opened(bytes(raw), "x.zip")
    assert found.ledger["expected_count"] == 7
    assert found.ledger["emitted_count"] == 1
    assert "entries are missing or hidden" in found.ledger["note"]
    assert found.top["status"] == "partly"


def test_two_names_of_one_entry_are_told(opened: Open) -> None:
    raw = archive({"a.txt": b"x"}).replace(b"a.txt", b"z.txt", 1)
    found = opened(raw, "x.zip")
    assert set(found.children) == {"a.txt"}
    assert "another name in their own header" in found.ledger["note"]


def test_links_are_listed_and_not_followed(opened: Open) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        info = zipfile.ZipInfo("link")
        info.create_system = 3
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    found = opened(target.getvalue(), "x.zip")
    assert found.status("link") == "refused"
    assert "/etc/passwd" in found.reason("link")
    assert found.children["link"]["item_id"] not in found.files


def test_times_are_utc_only_where_the_archive_says_so(opened: Open) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        plain = zipfile.ZipInfo("plain.txt", (2017, 5, 5, 23, 59, 58))
        made.writestr(plain, b"1")
        stamped = zipfile.ZipInfo("stamped.txt", (2017, 5, 5, 23, 59, 58))
        stamped.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_494_021_598)
        made.writestr(stamped, b"2")
    found = opened(target.getvalue(), "x.zip")
    assert found.children["plain.txt"]["container_modified_at"] is None
    stated = found.children["stamped.txt"]["container_modified_at"]
    assert stated.isoformat() == "2017-05-05T21:59:58+00:00"
    told = {row["part_name"]: row["value"] for row in found.rows["property"]}
    assert told["plain.txt"] == told["stamped.txt"] == "2017-05-05 23:59:58"


def old_cipher(name: str, data: bytes, key: bytes) -> bytes:
    """One entry in the old cipher, written by hand."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(data) + deflate.flush()
    crc = zlib.crc32(data)
    plain = bytes(11) + bytes([crc >> 24]) + packed
    state = zip_crypt._begin(key)
    cipher = bytearray()
    for one in plain:
        mask = state[2] | 2
        cipher.append(one ^ (mask * (mask ^ 1)) >> 8 & 255)
        zip_crypt._old(state, bytes(cipher[-1:]))
    stated = (20, 1, 8, 0, 33, crc, len(cipher), len(data), len(name), 0)
    local = struct.pack("<4s5HIIIHH", b"PK\x03\x04", *stated) + name.encode()
    central = struct.pack("<4s6HIIIHHHHHII", b"PK\x01\x02", 20, *stated, 0, 0, 0, 0, 0)
    central += name.encode()
    start = len(local) + len(cipher)
    end = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), start, 0)
    return local + bytes(cipher) + central + end


def test_the_old_cipher_opens_with_a_password_of_the_list(opened: Open) -> None:
    raw = old_cipher("secret.eml", MAIL, b"mot de passe")
    with zipfile.ZipFile(io.BytesIO(raw)) as other:
        assert other.read("secret.eml", b"mot de passe") == MAIL
    locked = opened(raw, "x.zip", ["wrong"])
    assert locked.status("secret.eml") == "refused"
    assert "no password in the list opened it" in locked.reason("secret.eml")
    assert locked.top["status"] == "refused"
    assert locked.ledger["failed_count"] == locked.ledger["expected_count"] == 1
    found = opened(raw, "x.zip", ["wrong", "mot de passe"])
    assert found.bytes("secret.eml") == MAIL
    assert found.top["status"] == "read"


def test_one_in_256_wrong_passwords_passes_the_old_check_and_is_still_refused(
    opened: Open,
) -> None:
    raw = old_cipher("secret.txt", b"words " * 50, b"right")
    found = opened(raw, "x.zip", [f"wrong {n}" for n in range(2000)])
    assert found.status("secret.txt") == "refused"


def aes_entry(data: bytes, key: bytes) -> bytes:
    """One entry in AES-256 (AE-2), written by hand: salt, check, data, code."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    salt = bytes(range(16))
    made = hashlib.pbkdf2_hmac("sha1", key, salt, 1000, 66)
    cipher = Cipher(algorithms.AES(made[:32]), modes.ECB()).encryptor()  # noqa: S305
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(data) + deflate.flush()
    out = bytearray()
    for rank in range(0, len(packed), 16):
        mask = cipher.update((rank // 16 + 1).to_bytes(16, "little"))
        out += bytes(a ^ b for a, b in zip(packed[rank : rank + 16], mask, strict=False))
    code = hmac.new(made[32:64], bytes(out), "sha1").digest()[:10]
    body = salt + made[64:] + bytes(out) + code
    extra = struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 8)
    stated = (51, 1, 99, 0, 33, 0, len(body), len(data), 5, len(extra))
    local = struct.pack("<4s5HIIIHH", b"PK\x03\x04", *stated) + b"a.eml" + extra
    central = struct.pack("<4s6HIIIHHHHHII", b"PK\x01\x02", 51, *stated, 0, 0, 0, 0, 0)
    central += b"a.eml" + extra
    start = len(local) + len(body)
    end = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), start, 0)
    return local + body + central + end


def test_aes_opens_with_a_password_of_the_list(opened: Open) -> None:
    content = MAIL + random.Random(2).randbytes(70_000)
    raw = aes_entry(content, "été 2017".encode())
    assert opened(raw, "x.zip", ["ete 2017"]).status("a.eml") == "refused"
    found = opened(raw, "x.zip", ["ete 2017", "été 2017"])
    assert found.bytes("a.eml") == content
    altered = bytearray(raw)
    altered[100] ^= 1
    assert opened(bytes(altered), "x.zip", ["été 2017"]).status("a.eml") == "refused"


def test_recognition_leaves_office_documents_to_their_readers() -> None:
    plain = archive({"a.txt": b"x"})
    office = archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    assert reader.recognises(Glimpse("x.zip", plain, len(plain), plain)) == 39
    assert reader.recognises(Glimpse("x.docx", office, len(office), office)) < 39
    assert reader.recognises(Glimpse("x", b"text", 4, b"text")) == 0


@pytest.mark.shared_data
def test_real_archives(opened: Open, shared_data: Path) -> None:
    root = shared_data / "leak"
    counts = {
        "mixed/ingest-file/fixtures__test-documents.zip": 9,
        "outlook/libratom/tests__emails.zip": 102,
        "docs/tika/test-documents__droste.zip": 2,
        "docs/tika/test-documents__testZip_with_DataDescriptor2.zip": 4,
    }
    for name, count in counts.items():
        found = opened((root / name).read_bytes(), name.rpartition("/")[2])
        assert found.top["status"] == "read", name
        assert found.ledger["expected_count"] == found.ledger["emitted_count"] == count
        assert found.is_balanced()
    bomb = opened((root / "synthetic-hostile/bomb_1GB.zip").read_bytes(), "bomb.zip")
    assert bomb.top["status"] == "refused"
    climbing = opened((root / "synthetic-hostile/traversal.zip").read_bytes(), "traversal.zip")
    assert climbing.ledger["emitted_count"] == 3
