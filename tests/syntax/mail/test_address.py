from __future__ import annotations

import time

import pytest

from tamis.syntax.mail.address import Address, domain_of, message_ids, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@B.Example", [Address(None, "a@b.example")]),
        ("A B <a@B.com>", [Address("A B", "a@b.com")]),
        ('"x, y" <q@W.org> (c)', [Address("x, y", "q@w.org")]),
        (
            "Group: a@b.c, d <e@f>;, z@z",
            [
                Address(None, "a@b.c", "Group"),
                Address("d", "e@f", "Group"),
                Address(None, "z@z"),
            ],
        ),
        ("undisclosed-recipients:;", []),
        ("a@b (Joe (the) Plumber)", [Address("Joe (the) Plumber", "a@b")]),
        ('"Joe\\" X" <j@x>', [Address('Joe" X', "j@x")]),
        ('"q u"@ex.com', [Address(None, '"q u"@ex.com')]),
        ("<@r,@s:u@V>", [Address(None, "u@v")]),
        ("=?utf-8?B?w6k=?= =?utf-8?B?w6k=?= <a@b>", [Address("éé", "a@b")]),
        ("MAILER-DAEMON", [Address("MAILER-DAEMON", None)]),
        ('"open <a@b>', [Address("open", "a@b")]),
        ("open (a <a@b>", [Address("open a", "a@b")]),
        ("", []),
    ],
)
def test_what_mailers_write(text: str, expected: list[Address]) -> None:
    assert list(parse(text)) == expected


@pytest.mark.parametrize(
    "piece",
    ['"\\"', "(", "<", "a@b,", "a@b:", "x:;", ">", '"', "a@b <", "=?a?b?", ",", "\\"],
)
def test_a_megabyte_of_anything_takes_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    parse(text[:1000])
    began = time.process_time()
    parse(text)
    message_ids(text)
    assert time.process_time() - began < 10


def test_ids_lose_brackets_and_folding() -> None:
    assert message_ids("<a@b> <c\r\n @d>\t<e>") == ["a@b", "c@d", "e"]
    assert message_ids("bare@id other") == ["bare@id"]
    assert message_ids("<a> <b>", 1) == ["a"]
    assert message_ids("") == []


def test_domain() -> None:
    assert domain_of("a@b@C.example") == "c.example"
    assert domain_of("nobody") == ""
