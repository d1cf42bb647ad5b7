from __future__ import annotations

import time

import pytest

from tamis.syntax.mail import charset, html, params
from tamis.syntax.mail.words import base64_bytes, decode, text_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" plain ", "plain"),
        (b"=?ISO-8859-1?Q?a?= b", "a b"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?_b?=", "a b"),
        (b"=?utf-8?B?w6k=?=", "é"),
        (b"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
        (b"x =?utf-8?q?=C3=A9?= =?koi8-r?b?8tXT08vJyg==?= y", "x éРусский y"),
        ("Пётр".encode(), "Пётр"),
        (b"caf\xe9", "café"),
        (b"=?no-such?Q?=E9?=", "é"),
        (b"=?utf-8?Q?open", "=?utf-8?Q?open"),
        (b"=?utf-8*fr?Q?=C3=A9?=", "é"),
    ],
)
def test_encoded_words(value: bytes, expected: str) -> None:
    assert decode(value) == expected


def test_folding_is_undone_and_nothing_else() -> None:
    assert text_of(b" a\r\n b\n\tc\rd ") == "a b\tc\rd"


def test_base64_is_lenient_and_never_raises() -> None:
    assert base64_bytes(b"QUJD") == b"ABC"
    assert base64_bytes(b"QU\nJD!RA") == b"ABCD"
    assert base64_bytes(b"QUJDR") == b"ABC"
    assert base64_bytes(b"") == b""


def test_charsets_that_do_not_fit_are_said() -> None:
    assert charset.decode(b"abc", "x-unheard") == (
        "abc",
        "declared charset 'x-unheard' is unknown: read as UTF-8",
    )
    assert charset.decode(b"caf\xe9", "us-ascii") == ("café", None)
    assert charset.decode(b"\x93a\x94", "iso-8859-1")[0] == "“a”"
    assert charset.decode(b"\x81", "iso-8859-1")[0] == "\x81"
    text, note = charset.decode(b"ok \xff", "utf-8")
    assert text == "ok �"
    assert note is not None
    assert "does not fit" in note


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "rot13", "zlib", "hex"])
def test_codecs_that_are_no_charset_are_not_used(name: str) -> None:
    assert charset.codec_name(name) is None


def test_lone_surrogates_become_storable() -> None:
    text, _ = charset.decode(b"+2AA-", "utf-7")
    assert text.encode()


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>a</p><p>b &amp; c</p>", "a\nb & c"),
        ("a<br>b<style>x{}</style><script>evil()</script>c", "a\nb c"),
        ("<!-- no -->1 < 2 and <b>3</b>", "1 < 2 and 3"),
        ("<td>a</td><td>b</td>", "a b"),
        ("shown <!-- never closed <p>x", "shown"),
        ("&#xD800;&#0;", "\ufffd\ufffd"),
    ],
)
def test_html_becomes_text(page: str, expected: str) -> None:
    assert html.text_of(page) == expected


@pytest.mark.parametrize(
    "piece", ["<!--", "<script>", "<a ", "<\"'>", "&#", "&", "<style></style>", "<p"]
)
def test_html_takes_linear_time(piece: str) -> None:
    page = piece * (1_000_000 // len(piece))
    began = time.process_time()
    html.text_of(page)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("value", "media_type", "name"),
    [
        (b" Text/Plain; charset=utf-8", "text/plain", None),
        (b'application/pdf; name="a;b\\".pdf"', "application/pdf", 'a;b".pdf'),
        (b"x/y; name*=utf-8''%C3%A9.txt", "x/y", "é.txt"),
        (b"x/y; name*0*=utf-8''%C3; name*1*=%A9; name*2=.txt", "x/y", "é.txt"),
        (b'x/y; name="=?utf-8?B?w6k=?="', "x/y", "é"),
        (b"nonsense", None, None),
        (b"(comment) text/html (x); name=a", "text/html", "a"),
        (b"", None, None),
    ],
)
def test_parameters(value: bytes, media_type: str | None, name: str | None) -> None:
    found, given = params.type_of(value)
    assert found == media_type
    assert given.get("name") == name


@pytest.mark.parametrize("piece", ["a; ", 'a; x="', "a;x*0*=a;", "(", "/", ';x="\\"'])
def test_parameters_take_linear_time(piece: str) -> None:
    value = (piece * (1_000_000 // len(piece))).encode()
    began = time.process_time()
    params.type_of(value)
    params.disposition_of(value)
    assert time.process_time() - began < 10
