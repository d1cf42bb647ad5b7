"""Domain names: ASCII form, registrable part, alignment."""

from __future__ import annotations

import pytest

from tamis.syntax.domain import (
    align,
    is_as_registered,
    is_inside,
    is_provider_derived,
    organisational,
    to_ascii,
)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("Example.ORG.", "example.org"),
        ("été.example", "xn--t-9fab.example"),
        ("a..b", None),
        ("example.org..", None),
        ("", None),
        ("a" * 64 + ".org", None),
        ("a b.org", None),
        ("_dmarc.example.org", "_dmarc.example.org"),
    ],
)
def test_to_ascii(domain: str, expected: str | None) -> None:
    assert to_ascii(domain) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("mail.example.co.uk", "example.co.uk"),
        ("example.org", "example.org"),
        ("co.uk", None),
        ("a.b.github.io", "b.github.io"),
        ("not a name", None),
        ("192.0.2.7", None),
    ],
)
def test_organisational(domain: str, expected: str | None) -> None:
    assert organisational(domain) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("example.org", "EXAMPLE.org", "exact"),
        ("mail.example.org", "example.org", "organisational"),
        ("example.org", "mail.example.org", "organisational"),
        ("a.example.co.uk", "b.example.co.uk", "organisational"),
        ("example.org", "example.com", "none"),
        ("example.org", "notexample.org", "none"),
        ("a.co.uk", "b.co.uk", "none"),
        ("a.github.io", "b.github.io", "none"),
        ("org", "org", "none"),
        ("co.uk", "example.co.uk", "none"),
        ("192.0.2.7", "2.7", "none"),
    ],
)
def test_align(one: str, other: str, expected: str) -> None:
    assert align(one, other) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.org", True),
        ("MÜNCHEN.example", True),
        ("xn--mnchen-3ya.example", True),
        ("straße.example", False),  # strasse.example to the programs of 2003
        ("βόλος.example", False),
        ("ex\u200dample.org", False),
        ("ex\u00adample.org", False),
        ("\uff45xample.org", False),
        ("example\u3002org", False),
        ("a..b", False),
    ],
)
def test_a_name_that_programs_take_for_another_is_told_apart(
    domain: str, *, expected: bool
) -> None:
    assert is_as_registered(domain) is expected


def test_inside_is_by_labels() -> None:
    assert is_inside("a.example.org", "example.org")
    assert not is_inside("aexample.org", "example.org")


def test_provider_derived_domains_are_told_apart() -> None:
    assert is_provider_derived("example-org.20150623.gappssmtp.com")
    assert is_provider_derived("tenant.onmicrosoft.com")
    assert not is_provider_derived("gmail.com")
