from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from tamis.registry import Glimpse
from tamis.sources.leak import message
from tamis.sources.leak.containers import eml
from tamis.sources.leak.magic import media_type, words

if TYPE_CHECKING:
    from pathlib import Path

MAIL = (
    b"Received: from a by b; Fri, 5 May 2017 10:00:00 +0200\r\n"
    b"From: =?utf-8?Q?Andr=C3=A9?= <A@Example.ORG>\r\n"
    b'To: b@c.example, "D, E" <d@e.example>\r\n'
    b"Subject: =?utf-8?B?w6k=?=\r\n"
    b"Date: Fri, 5 May 2017 10:00:00 +0200\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"References: <a@b> <c@d>\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n"
    b"\r\n"
    b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
    b"--y\r\n\r\nhello\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--y--\r\n"
    b'--x\r\nContent-Type: application/pdf; name="a.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: z@z\r\nSubject: in\r\n\r\ninner\r\n"
    b"--x--\r\n"
)


def test_a_message_by_hand() -> None:
    found = message.read(MAIL)
    row = found.message
    assert row["from_address"] == "A@example.org"
    assert row["from_name"] == "André"
    assert row["to_addresses"] == ["b@c.example", "d@e.example"]
    assert row["subject"] == "é"
    assert row["sent_offset_s"] == 7200
    assert row["message_id"] == "1@example.org"
    assert row["reference_ids"] == ["a@b", "c@d"]
    assert row["received_count"] == 1
    assert row["body_text"] == "hello"
    assert row["line_ends"] == "crlf"
    assert row["is_bulk"] is False
    assert [field["name"] for field in found.fields][:2] == ["Received", "From"]
    for field in found.fields:
        assert MAIL[field["byte_start"] : field["byte_end"]].endswith(b"\r\n")
    pdf, inner = found.attachments
    assert (pdf.name, pdf.content, pdf.transform) == ("a.pdf", b"ABC", "base64")
    assert pdf.span is not None
    assert MAIL[slice(*pdf.span)] == b"QUJD"
    assert (inner.claimed_type, inner.content, inner.transform) == ("message/rfc822", None, None)
    assert inner.span is not None
    assert MAIL[slice(*inner.span)] == b"From: z@z\r\nSubject: in\r\n\r\ninner"
    assert found.notes == []


@pytest.mark.parametrize(
    ("field", "is_bulk"),
    [
        (b"List-Id: <x.example>", True),
        (b"List-Unsubscribe: <https://x.example>", True),
        (b"Precedence: Bulk", True),
        (b"Precedence: first-class", False),
        (b"Auto-Submitted: auto-replied (vacation)", True),
        (b"Auto-Submitted: no", False),
        (b"Subject: hello", False),
    ],
)
def test_bulk_by_its_own_headers(field: bytes, *, is_bulk: bool) -> None:
    assert message.read(b"From: a@b\n" + field + b"\n\nx").message["is_bulk"] is is_bulk


def test_undecodable_header_bytes_are_escaped_and_kept() -> None:
    found = message.read(b"From: a@b\nX: caf\xe9 \\xff\n\n")
    assert found.fields[1]["value"] == "caf\\xe9 \\xff"


def test_the_first_of_two_fields_counts_and_both_are_listed() -> None:
    found = message.read(b"Subject: one\nSubject: two\n\n")
    assert found.message["subject"] == "one"
    assert [field["value"] for field in found.fields] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "head", "is_mail"),
    [
        ("x", b"Return-Path: <a@b>\nReceived: from x\n\n", True),
        ("1276533073.M1.host:2,S", b"Subject: x\n\ny", True),
        ("a.eml", b"From: user@example.org\n\n\n", True),
        ("a.txt", b"From: a@b\nTo: c@d\n\nx", True),
        ("a.txt", b"Note: buy milk\nDate: tomorrow\n", False),
        ("a.txt", b"Subject: minutes\nwe met at noon\nand went home\n", False),
        ("a.eml", b"<html><body>not mail", False),
        ("a.vcf", b"BEGIN:VCARD\nVERSION:3.0\n", False),
        ("a.pdf", b"%PDF-1.4\n%\xe2\xe3", False),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, False),
        ("a.json", b'{"from": "x", "to": "y"}', False),
        ("a.eml", b"", False),
        ("a.eml", b"From: a@b\nSubject: nul\0inside\n\nx", True),
        ("x", b"Received: from x\0y\nFrom: a@b\nTo: c@d\n\nx", True),
        ("a.eml", b"\0\0\0\0From: a@b\nTo: c@d\n\nx", False),
        ("a.eml", b"a.eml".ljust(508, b"\0") + b"\nFrom: a@b\nTo: c@d\n\nx", False),
    ],
)
def test_recognition(name: str, head: bytes, *, is_mail: bool) -> None:
    assert (eml.recognises(Glimpse(name, head, len(head))) > 1) is is_mail


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", None),
        (b"PK\x03\x04plain", "application/zip"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "text/html"),
        (b"just words", "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"\x01\x02\x03\x04", None),
        (b"", None),
    ],
)
def test_magic(head: bytes, found: str | None) -> None:
    said = media_type(head)
    if head.startswith(b"PK\x03\x04\0"):
        assert said is not None
        assert words(said) == "a text document (office format)"
    else:
        assert said == found


@pytest.mark.shared_data
def test_mutated_real_messages_never_raise(shared_data: Path) -> None:
    dice = random.Random(2047)
    files = sorted((shared_data / "leak" / "mime").rglob("*.eml"))[:150]
    tried = 0
    for path in files:
        whole = path.read_bytes()[:60_000]
        for _ in range(8):
            raw = bytearray(whole)
            for _ in range(dice.randrange(1, 8)):
                place = dice.randrange(len(raw) + 1)
                piece: Any = dice.choice(
                    [b"\0", b"\n", b"--", b'"', b"=?", b"(", b"\xff", b":", b";"]
                )
                raw[place : place + dice.randrange(4)] = piece
            found = message.read(bytes(raw))
            for part in found.parts:
                assert 0 <= part["byte_start"] <= part["byte_end"] <= len(raw)
            (found.message["body_text"] or "").encode()
            tried += 1
    assert tried > 500


def test_a_message_whose_first_field_is_longer_than_what_is_seen() -> None:
    head = b"X-Big: " + b"a" * 65529
    assert eml.recognises(Glimpse("big.eml", head, 1_000_100)) == 60
    assert eml.recognises(Glimpse("big.eml", b"X-A: b\r\n" + head, 1_000_100)) == 60
    assert eml.recognises(Glimpse("big.txt", head, 1_000_100)) == 0
    assert eml.recognises(Glimpse("big.eml", b"a word " + head, 1_000_100)) == 0
    assert eml.recognises(Glimpse("big.eml", b"X-A: b\r\n\r\n" + head, 1_000_100)) == 0


BEACONS = (
    b"From: news@example.org\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
    b"--y\r\nContent-Type: text/plain\r\n\r\nhello https://plain.example/seen\r\n"
    b"--y\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
    b"quoted-printable\r\n\r\n"
    b'<body background=3D"//paper.example/b.png"><style>@import "https://css.example/a.css";'
    b"</style>\r\n"
    b'<IMG SRC=3D"https://pixel.example/o.gif?u=3D7&amp;v=3D1" width=3D1 height=3D"1"><img src=3D"'
    b'cid:logo"><img src=3D"data:image/gif;base64,R0">\r\n'
    b'<td style=3D"background:url(&quot;https://style.example/x.png&quot;)">hello</td>\r\n'
    b"<img src=3D\"https:&#47;&#47;entity.example/e.gif\"><img src=3D'\\\\share.example\\x'>"
    b'<a href=3D"https://click.example/">c</a><!-- <img src=3D"https://mso.example/m.gif"> -->\r\n'
    b"--y--\r\n"
)


def test_what_an_html_body_would_load_is_listed_though_the_text_is_plain() -> None:
    found = message.read(BEACONS)
    assert found.message["body_text"].startswith("hello https://plain.example")
    assert {row["part_name"] for row in found.loads} == {"part 2"}
    assert [(row["name"], row["value"]) for row in found.loads] == [
        ("body", "//paper.example/b.png"),
        ("img of one pixel", "https://pixel.example/o.gif?u=7&v=1"),
        ("img", "https://entity.example/e.gif"),
        ("img", "\\\\share.example\\x"),
        ("img", "https://mso.example/m.gif"),
        ("style", "https://css.example/a.css"),
        ("style", "https://style.example/x.png"),
    ]


def test_of_very_many_addresses_the_rest_is_counted() -> None:
    page = "".join(f'<img src="https://a{n}.example/x">' for n in range(message.MAX_LOADS + 7))
    rows = message.load_rows(page * 2, "part 0")
    assert len(rows) == message.MAX_LOADS + 1
    assert (rows[-1]["name"], rows[-1]["value"]) == ("not listed", "7")


@pytest.mark.parametrize(
    "piece", ["<img src=//a ", "url(", "<", "&", "<a//", "@import ", "url(&#0"]
)
def test_hostile_pages_take_linear_time(piece: str) -> None:
    took = []
    for size in (200_000, 800_000):
        page = piece * (size // len(piece))
        begin = time.process_time()
        message.load_rows(page, "part 0")
        took.append(time.process_time() - begin)
    assert took[1] < 12 * took[0] + 0.2
