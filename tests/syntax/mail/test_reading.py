"""Readings a body admits: encoding, charset, text or multipart; and From read strictly."""

from __future__ import annotations

import base64
import time

import pytest

from tamis.syntax.mail.display import read_sender
from tamis.syntax.mail.reading_multipart import judge_multipart
from tamis.syntax.mail.reading_text import (
    Grade,
    could_be_multipart,
    judge_charset,
    judge_text,
    judge_transfer,
)

YES, OPEN, NO = Grade.EVIDENT, Grade.OPEN, Grade.CONTRADICTED
LONG = base64.encodebytes(b"the engine weaves algebraic patterns").replace(b"\n", b"\r\n")
SOFT = b"x" * 70 + b"=\r\n" + b"y" * 10 + b"\r\n"


@pytest.mark.parametrize(
    ("encoding", "body", "grade"),
    [
        ("", b"plain text\r\n", YES),
        ("7bit", b"plain text\r\n", YES),
        ("7bit", b"a=20b, see ?id=41\r\n", YES),
        ("7bit", b"price = 3\r\n", YES),
        ("7bit", b"caf=C3=A9\r\n", NO),
        ("7bit", SOFT, NO),
        ("7bit", LONG, NO),
        ("", LONG, NO),
        ("7bit", b"yesyes12\r\n", YES),
        ("quoted-printable", b"no escape at all\r\n", YES),
        ("quoted-printable", b"caf=C3=A9\r\n", YES),
        ("quoted-printable", SOFT, YES),
        ("quoted-printable", b"1 =3D 1\r\n", OPEN),
        ("quoted-printable", b"see ?id=41\r\n", NO),
        ("quoted-printable", b"a=20b\r\n", NO),
        ("quoted-printable", b"price = 3\r\n", NO),
        ("quoted-printable", b"caf\xc3\xa9 = 3\r\n", NO),
        ("quoted-printable", b"x" * 90 + b"=C3=A9\r\n", NO),
        ("base64", LONG, YES),
        ("base64", b"yesyes12\r\n", NO),
        ("base64", b"plain text\r\n", NO),
        ("base64", LONG + b"--\r\nfooter\r\n", NO),
        ("x-uuencode", b"plain text\r\n", NO),
        ("8-bit", b"plain text\r\n", NO),
    ],
)
def test_transfer_encoding(encoding: str, body: bytes, grade: Grade) -> None:
    assert judge_transfer(encoding, body)[0].grade is grade


@pytest.mark.parametrize(
    ("charset", "content", "grade"),
    [
        ("", b"plain", YES),
        ("utf-8", b"plain", YES),
        ("koi8-r", b"plain", YES),
        ("utf-8", "payé".encode(), YES),
        ("utf8", "оплачено".encode(), YES),
        ("", "payé".encode(), NO),
        ("iso-8859-1", "payé".encode(), NO),
        ("iso-8859-1", b"le d\xeener est pay\xe9", OPEN),
        ("iso-8859-7", b"le d\xeener est pay\xe9", NO),
        ("utf-8", b"le d\xeener est pay\xe9", NO),
        ("windows-1252", bytes(range(0xE0, 0xF0)), NO),
        ("utf-16", b"plain", NO),
        ("utf-7", b"plain", NO),
        ("shift_jis", b"C:\\", NO),
        ("", b"\x1b$B%\x1b(B", NO),
        ("gb2312", b"~{VPND~}", NO),
        ("us-ascii", b"caf+AOk-", OPEN),
        ("us-ascii", b"call +33-1 or +336-12", YES),
        ("utf-8", b"a\0b", NO),
    ],
)
def test_charset(charset: str, content: bytes, grade: Grade) -> None:
    assert judge_charset(charset, content)[0].grade is grade


@pytest.mark.parametrize(
    ("subtype", "content", "grade"),
    [
        ("plain", b"Dear Charles,\r\nsee <ada@example.org>\r\n", YES),
        ("plain", b"one\r\ntwo\r\n-- \r\nAda\r\n", YES),
        ("plain", b"one\r\n---\r\n\r\ntwo\r\n-----\r\n", YES),
        ("plain", b"use <br> for a new line\r\n", OPEN),
        ("plain", b"<html><body>x</body></html>", NO),
        ("plain", b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--\r\n", NO),
        ("plain", b"This is a multi-part message\r\n\r\n--x\r\n\r\na\r\n--x--\r\n", NO),
        ("plain", b"a\rb", NO),
        ("html", b"one line\r\n", YES),
        ("html", b"one line\r\nand another\r\n", NO),
        ("html", b"<p>one</p>\r\n<p>two</p>", OPEN),
        ("html", b"I <would> pay", NO),
        ("html", b"a &amp; b", NO),
    ],
)
def test_text(subtype: str, content: bytes, grade: Grade) -> None:
    assert judge_text(subtype, "utf-8", content).grade is grade


WORDS = b"the engine weaves algebraic patterns as the loom weaves flowers and leaves in silk today"


def part(kind: str, text: bytes, more: str = "") -> bytes:
    return b"--x\r\nContent-Type: " + kind.encode() + more.encode() + b"\r\n\r\n" + text + b"\r\n"


def enclosed(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


PLAIN = part("text/plain", WORDS)
HTML = part("text/html", b"<p>" + WORDS.replace(b"loom", b"<b>loom</b>") + b"</p>")
OTHER = part("text/plain", b"nothing of the kind")
FILE = part("text/plain", b"x", "\r\nContent-Disposition: attachment; filename=a")
IMAGE = part("image/png", b"x", "\r\nContent-ID: <i>")
SHOWING = part("text/html", b'<p>x</p><img src="cid:i">')


@pytest.mark.parametrize(
    ("subtype", "body", "grade"),
    [
        ("alternative", enclosed(PLAIN, HTML), YES),
        ("mixed", enclosed(PLAIN, HTML), YES),
        ("alternative", enclosed(PLAIN), YES),
        ("alternative", enclosed(PLAIN, OTHER), NO),
        ("alternative", enclosed(OTHER, HTML), NO),
        ("alternative", enclosed(PLAIN, FILE), NO),
        ("alternative", enclosed(FILE, FILE), NO),
        ("mixed", enclosed(PLAIN, FILE), YES),
        ("mixed", enclosed(PLAIN, OTHER), OPEN),
        ("mixed", enclosed(OTHER, HTML), NO),
        ("mixed", enclosed(FILE, PLAIN), OPEN),
        ("related", enclosed(SHOWING, IMAGE), YES),
        ("related", enclosed(HTML, IMAGE), NO),
        ("related", enclosed(IMAGE, SHOWING), NO),
        ("related", enclosed(PLAIN, FILE), NO),
        ("digest", enclosed(PLAIN), NO),
        ("signed", enclosed(PLAIN), NO),
        ("mixed", b"hidden\r\n" + enclosed(PLAIN), NO),
        ("mixed", enclosed(PLAIN) + b"hidden\r\n", NO),
        ("mixed", enclosed(PLAIN) + enclosed(PLAIN), NO),
        ("mixed", PLAIN, NO),
        ("mixed", enclosed(PLAIN, part("text/plain", b"--xy")), NO),
        ("mixed", b"\r\n" + enclosed(PLAIN) + b"\r\n \r\n", YES),
        ("mixed", b"This is a multi-part message in MIME format.\r\n" + enclosed(PLAIN), YES),
    ],
)
def test_multipart(subtype: str, body: bytes, grade: Grade) -> None:
    assert judge_multipart(subtype, {"boundary": "x"}, body).grade is grade


@pytest.mark.parametrize("boundary", ["", "a b", "é", "x" * 71, 'x"'])
def test_boundary_that_is_not_plain(boundary: str) -> None:
    assert judge_multipart("mixed", {"boundary": boundary}, enclosed(PLAIN)).grade is NO


@pytest.mark.parametrize(
    "text",
    [
        b"<" * 500_000,
        b"<" + b"/" * 500_000,
        b"[image:" * 100_000,
        b"a" * 500_000,
        b"http://" * 100_000,
        b"+" * 500_000,
        b"--" * 250_000,
        b"=\r\n" * 200_000,
        b" \r\n" * 200_000,
    ],
)
def test_hostile_bodies_cost_linear_time(text: bytes) -> None:
    start = time.perf_counter()
    judge_transfer("quoted-printable", text)
    judge_text("plain", "utf-8", text)
    could_be_multipart(text)
    body = enclosed(part("text/plain", text), part("text/html", text))
    judge_multipart("alternative", {"boundary": "x"}, body)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        (b" ada@example.org", "ada@example.org", None),
        (b" <ada@Example.ORG>", "ada@example.org", None),
        (b" Ada Lovelace <ada@example.org>", "ada@example.org", "Ada Lovelace"),
        (b' "Lovelace, \\"Ada\\"" <ada@example.org>', "ada@example.org", 'Lovelace, "Ada"'),
        (b" =?utf-8?q?Ad=C3=A9?=\r\n <ada@example.org>", "ada@example.org", "Adé"),
        (b" ada@example.org (Ada)", "ada@example.org", "Ada"),
    ],
)
def test_a_plain_sender_is_read(value: bytes, address: str, name: str | None) -> None:
    sender = read_sender(value)
    assert (sender.address, sender.name, sender.trouble) == (address, name, None)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" Ada",
        b" a@example.org, b@example.org",
        b" Team: a@example.org;",
        b" <a@example.org> b@example.org",
        b" =?utf-8?q?a=40example.org?=",
        b" a@exa mple.org",
        b" a@b@example.org",
        b" <<a@example.org>>",
        b" a@[192.0.2.1]",
        b" <" * 300_000,
        b" " * 600_000,
        b' "' * 300_000,
        b"a" * 600_000,
    ],
)
def test_a_sender_that_is_not_plain_is_none(value: bytes) -> None:
    start = time.perf_counter()
    assert read_sender(value).trouble
    assert time.perf_counter() - start < 5
