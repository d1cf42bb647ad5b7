from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.mail.auth_results import read_results

GOOGLE = (
    " mx.google.com;\t dkim=pass header.i=@ekiri.ee header.s=default header.b=TXuCNlsq;"
    " arc=pass (i=1 spf=pass spfdomain=ekiri.ee dkim=pass dkdomain=ekiri.ee);"
    " spf=neutral (google.com: 209.85.220.41 is neither permitted nor denied)"
    ' smtp.mailfrom="andris+caf_=andris.reinman=gmail.com@tr.ee";'
    " dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=ekiri.ee"
)
MICROSOFT = (
    " mx.microsoft.com 1; spf=pass smtp.mailfrom=contoso.example; dmarc=pass action=none"
    " header.from=contoso.example; dkim=pass header.d=contoso.example; arc=none"
)


def test_the_results_of_two_large_providers_are_read() -> None:
    found = read_results(GOOGLE)
    assert (found.server, found.troubles) == ("mx.google.com", ())
    assert [(one.method, one.word) for one in found.results] == [
        ("dkim", "pass"),
        ("arc", "pass"),
        ("spf", "neutral"),
        ("dmarc", "pass"),
    ]
    assert found.results[0].properties["header.i"] == "@ekiri.ee"
    assert found.results[2].properties["smtp.mailfrom"].endswith("@tr.ee")
    assert found.from_domain() == "ekiri.ee"
    assert read_results(MICROSOFT).attests("contoso.example")


@pytest.mark.parametrize(
    ("text", "domain", "expected"),
    [
        ("a; dkim=pass header.d=example.org", "example.org", True),
        ("a; dkim=pass header.d=mail.example.org", "example.org", True),
        ("a; dkim=pass header.i=@example.org", "example.org", True),
        ("a; dkim=pass header.i=ada@x.example.org", "example.org", True),
        ('a; dkim = "pass" header . d = example.org', "example.org", True),
        ("a; dkim=pass header.d=example.org", "example.com", False),
        ("a; dkim=pass header.d=example.org", None, False),
        ("a; dkim=pass", "example.org", False),
        ("a; dkim=fail header.d=example.org", "example.org", False),
        ("a; spf=pass smtp.mailfrom=ada@example.org", "example.org", False),
        ("a; dmarc=pass header.from=example.org", "example.org", True),
        ("a; dmarc=pass header.from=example.org", "x.example.org", False),
        ("a; dmarc=fail header.from=example.org; dkim=pass header.d=example.org", "example.org", 0),
        ("a; dkim=pass header.d=example.com header.i=@example.org", "example.org", False),
        ("a; dkim=pass header.d=example.com header.d=example.org", "example.org", False),
        ("a; dkim=fail (dkim=pass header.d=example.org)", "example.org", False),
        ("a; (; dkim=pass header.d=example.org;) dkim=fail", "example.org", False),
        ('a; dkim=fail reason="; dkim=pass header.d=example.org"', "example.org", False),
        ('a; dkim=fail reason="\\"; dkim=pass header.d=example.org"', "example.org", False),
        ("a; dkim=pass header.d=example.org (", "example.org", False),
        ("a; dkim=pass header.d=example.org; x", "example.org", False),
        ("a 2; dkim=pass header.d=example.org", "example.org", False),
        ("dkim=pass header.d=example.org", "example.org", False),
        ("a; dkim=pass header.d=co.uk", "co.uk", False),
        ("a; none", "example.org", False),
    ],
)
def test_what_attests_a_from_domain(text: str, domain: str | None, expected: object) -> None:
    assert read_results(text).attests(domain) is bool(expected)


def test_of_several_results_one_pass_counts_and_the_first_word_is_told() -> None:
    found = read_results("a; dkim=fail header.d=x.example; dkim=pass header.d=example.org")
    assert found.attests("example.org")
    assert found.word_of("dkim") == "pass"
    assert read_results("a; spf=softfail; spf=fail").word_of("spf") == "softfail"
    assert found.word_of("spf") is None
    two = read_results("a; dmarc=pass header.from=a.example; dmarc=pass header.from=b.example")
    assert two.from_domain() is None


@given(st.text(alphabet='ad=;.()"\\ @1/\t', max_size=200))
def test_nothing_raises(text: str) -> None:
    found = read_results(text)
    assert isinstance(found.attests("a.example"), bool)


@pytest.mark.parametrize(
    "piece", ["(", "(()", "\\", '"', '"a', "dkim=", " a=b", ";", "a ", "a=b c.d=", ")(", " . "]
)
def test_hostile_text_costs_linear_time(piece: str) -> None:
    text = "a; " + piece * (60_000 // len(piece))
    started = time.process_time()
    read_results(text)
    read_results("x" + text + "x" * 10)
    assert time.process_time() - started < 1.0
