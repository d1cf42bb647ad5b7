"""Tag lists, canonical forms, body hashes and signature facts."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from dkim_signer import (
    BODY,
    LETTER,
    body_form,
    ed25519_key,
    key_row,
    public_text,
    rsa_key,
    sign,
)
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.dkim import (
    BodyHashes,
    decode_base64,
    read_tags,
    relaxed_body,
    relaxed_header,
    relaxed_plain_header,
    simple_body,
    to_crlf,
    without_signature,
)
from tamis.syntax.mail.dkim_facts import MAX_SIGNATURES, SignatureFacts, read_signatures
from tamis.syntax.mail.dkim_keys import KeyRing
from tamis.syntax.mail.headers import split

# RFC 8463 appendix A: one message, an Ed25519 and an RSA signature, two keys.
RFC8463 = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC8463_KEYS = {
    "brisbane": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5"
        "qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG"
        "4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
    ),
}


def facts_of(raw: bytes, *rows: dict[str, Any]) -> tuple[SignatureFacts, ...]:
    headers = split(raw)
    return read_signatures(raw, headers, read_display(headers), KeyRing(rows))


def one(raw: bytes, *rows: dict[str, Any]) -> SignatureFacts:
    (found,) = facts_of(raw, *(rows or (key_row(),)))
    return found


def told(facts: SignatureFacts) -> str:
    return "; ".join(str(violation) for violation in facts.violations)


def test_both_signatures_of_rfc_8463_appendix_a_hold() -> None:
    rows = [
        key_row(txt, key_name=f"{name}._domainkey.football.example.com")
        for name, txt in RFC8463_KEYS.items()
    ]
    for raw in (RFC8463, RFC8463.replace(b"\n", b"\r\n")):
        found = facts_of(raw, *rows)
        assert [f.algorithm for f in found] == ["ed25519-sha256", "rsa-sha256"]
        assert [f.key_bits for f in found] == [256, 1024]
        assert all(f.body_matches and f.header_verifies and f.conforms for f in found)
        assert found[0].signed_absent == {b"from", b"subject", b"date"}


def test_body_hash_is_a_fact_without_any_key() -> None:
    facts = facts_of(sign(LETTER, BODY))[0]
    assert facts.body_matches is True
    assert facts.header_verifies is None
    assert facts.key_status == "absent"


def test_header_signature_is_a_fact_although_the_body_differs() -> None:
    facts = one(sign(LETTER, BODY).replace(b"weaves", b"leaves"))
    assert (facts.body_matches, facts.header_verifies) == (False, True)


def test_a_changed_signed_field_is_a_fact_although_the_body_matches() -> None:
    facts = one(sign(LETTER, BODY).replace(b"The engine", b"The end"))
    assert (facts.body_matches, facts.header_verifies) == (True, False)


@pytest.mark.parametrize("header", ["simple", "relaxed"])
@pytest.mark.parametrize("body", ["simple", "relaxed"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_every_canonical_form_holds_under_both_line_ends(
    header: str, body: str, end: bytes
) -> None:
    raw = sign(LETTER, BODY, forms=(header, body)).replace(b"\r\n", end)
    facts = one(raw)
    assert facts.body_matches
    assert facts.header_verifies
    assert facts.canonicalization == f"{header}/{body}"
    assert bool(facts.notes) == (end == b"\n")


def test_relaxed_form_forgives_white_space_and_simple_does_not() -> None:
    change = (b"Subject: The engine", b"SUBJECT:   The \r\n engine  ")
    relaxed = sign(LETTER, BODY, forms=("relaxed", "simple")).replace(*change)
    simple = sign(LETTER, BODY, forms=("simple", "simple")).replace(*change)
    assert one(relaxed).header_verifies
    assert not one(simple).header_verifies


@pytest.mark.parametrize(
    ("form", "status"), [("pkcs1", "found"), ("spki", "found"), ("info", "found")]
)
def test_rsa_keys_are_read_in_both_forms(form: str, status: str) -> None:
    facts = one(sign(LETTER, BODY), key_row(f"p={public_text(rsa_key(), form)}"))
    assert (facts.header_verifies, facts.key_status, facts.key_bits) == (True, status, 2048)


def test_ed25519_key_that_is_no_bare_key_is_a_departure_that_does_not_void() -> None:
    raw = sign(LETTER, BODY, algorithm="ed25519-sha256", key=ed25519_key())
    bare = one(raw, key_row(f"k=ed25519; p={public_text(ed25519_key())}"))
    wrapped = one(raw, key_row(f"k=ed25519; p={public_text(ed25519_key(), 'info')}"))
    assert (bare.header_verifies, bare.conforms) == (True, True)
    assert (wrapped.header_verifies, wrapped.conforms, wrapped.is_voided) == (True, False, False)


def test_rsa_sha1_is_computed_and_is_a_departure() -> None:
    facts = one(sign(LETTER, BODY, algorithm="rsa-sha1"))
    assert (facts.body_matches, facts.header_verifies) == (True, True)
    assert "RFC 8301 section 3.1" in told(facts)
    assert not facts.is_voided


def test_short_rsa_key_is_computed_by_hand_and_voids() -> None:
    p, q = 2**127 - 1, 2**521 - 1
    modulus, exponent = p * q, 65537
    private = pow(exponent, -1, (p - 1) * (q - 1))

    class Key:
        @staticmethod
        def sign(data: bytes, _padding: object, _hash: object) -> bytes:
            info = bytes.fromhex("3031300d060960864801650304020105000420")
            info += hashlib.sha256(data).digest()
            size = (modulus.bit_length() + 7) // 8
            block = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
            return pow(int.from_bytes(block, "big"), private, modulus).to_bytes(size, "big")

    def integer(number: int) -> bytes:
        raw = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + (bytes([len(raw)]) if len(raw) < 128 else b"") + raw

    inside = integer(modulus) + integer(exponent)
    der = b"\x30" + bytes([len(inside)]) + inside
    facts = one(sign(LETTER, BODY, key=Key()), key_row(f"p={base64.b64encode(der).decode()}"))
    assert (facts.header_verifies, facts.key_bits) == (True, 648)
    assert "RFC 8301 section 3.2" in told(facts)
    assert facts.is_voided


@pytest.mark.parametrize(
    ("txt", "status", "why"),
    [
        ("v=DKIM1; p=", "revoked", "revoked"),
        ("v=DKIM1", "unusable", "no p="),
        ("v=DKIM1; p=###", "unusable", "base64"),
        ("v=DKIM1; p=AAAA", "unusable", "neither"),
        ("k=foo; p=AAAA", "unusable", "unknown"),
        ("k=ed25519; p=AAAA", "unusable", "32 bytes"),
    ],
)
def test_a_key_that_cannot_be_used_says_why(txt: str, status: str, why: str) -> None:
    facts = one(sign(LETTER, BODY), key_row(txt))
    assert (facts.header_verifies, facts.key_status) == (None, status)
    assert why in (facts.key_trouble or "")
    assert facts.body_matches


def test_an_enormous_modulus_is_refused_at_once() -> None:
    number = b"\x02\x83\x00\x80\x01" + b"\x00\xff" + b"\xff" * 32767
    inside = number + b"\x02\x03\x01\x00\x01"
    der = b"\x30\x83" + len(inside).to_bytes(3, "big") + inside
    start = time.perf_counter()
    facts = one(sign(LETTER, BODY), key_row(f"p={base64.b64encode(der).decode()}"))
    assert time.perf_counter() - start < 1
    assert "above 8192" in (facts.key_trouble or "")


@pytest.mark.parametrize(
    ("arguments", "section"),
    [
        ({"signed": "to:subject:date"}, "5.4"),
        ({"extra": " d=example.org;"}, "3.2"),
        ({"extra": " bad tag;"}, "3.2"),
        ({"replace": {"v": "2"}}, "3.5"),
        ({"replace": {"v": ""}}, "3.5"),
        ({"extra": " i=@example.com;"}, "3.5"),
        ({"extra": " i=@notexample.org;"}, "3.5"),
        ({"extra": " t=20; x=10;"}, "3.5"),
        ({"extra": " t=now;"}, "3.5"),
        ({"extra": " l=100000;"}, "3.5"),
        ({"extra": " l=-1;"}, "3.5"),
        ({"extra": " q=http;"}, "3.5"),
        ({"replace": {"c": "loose/simple"}}, "3.5"),
    ],
)
def test_what_the_standard_forbids_voids_and_names_its_section(
    arguments: dict[str, Any], section: str
) -> None:
    facts = one(sign(LETTER, BODY, **arguments))
    assert f"RFC 6376 section {section}" in told(facts)
    assert facts.is_voided


@pytest.mark.parametrize(
    "txt",
    ["h=sha1; ", "s=tlsrpt; ", "v=DKIM2; ", "v=DKIM1; h=sha256; h=sha256; ", "k=rsa; v=DKIM1; "],
)
def test_what_the_key_record_forbids_voids_although_the_arithmetic_holds(txt: str) -> None:
    facts = one(sign(LETTER, BODY), key_row(f"{txt}p={public_text(rsa_key())}"))
    assert facts.header_verifies
    assert facts.is_voided
    assert "RFC 6376 section 3.6.1" in told(facts)


def test_strict_key_wants_i_equal_to_d() -> None:
    raw = sign(LETTER, BODY, extra=" i=ada@mail.example.org;")
    assert one(raw).conforms
    strict = one(raw, key_row(f"t=s; p={public_text(rsa_key())}"))
    assert strict.header_verifies
    assert strict.is_voided


@pytest.mark.parametrize("extra", ["", " t=20; x=30;", " t=20;", " x=30;", " i=@example.org;"])
def test_what_the_standard_allows_conforms(extra: str) -> None:
    assert one(sign(LETTER, BODY, extra=extra)).conforms


def test_length_tag_leaves_the_rest_unsigned() -> None:
    raw = sign(LETTER, BODY, extra=" l=13;") + b"more\r\n"
    facts = one(raw)
    assert (facts.body_matches, facts.header_verifies) == (True, True)
    assert facts.covers_whole_body is False
    whole = len(body_form(BODY + b"more\r\n", "relaxed"))
    assert facts.body_length_unsigned == whole - 13


def test_instances_are_taken_from_the_bottom() -> None:
    raw = sign(LETTER, BODY)
    twice = b"Subject: other\r\n" + raw
    facts = one(twice)
    assert facts.header_verifies
    positions = [i for i, f in enumerate(split(twice).fields) if f.name == b"Subject"]
    assert [p in facts.signed_ranks for p in positions] == [False, True]


def test_over_signing_forbids_an_added_instance() -> None:
    raw = sign(LETTER, BODY, signed="from:from:subject:subject:to:date")
    assert one(raw).header_verifies
    assert not one(b"Subject: other\r\n" + raw).header_verifies


def test_sources_of_a_key_are_weighed_dated_first_recovered_last() -> None:
    raw = sign(LETTER, BODY, extra=" t=1493884800;")
    covering = {
        "seen_from_at": datetime(2017, 1, 1, tzinfo=UTC),
        "seen_to_at": datetime(2018, 1, 1, tzinfo=UTC),
    }
    late = {"seen_from_at": datetime(2018, 1, 1, tzinfo=UTC), "seen_to_at": None}
    recovered = key_row(source="recovered")
    assert one(raw, recovered, key_row(source="archive")).key_source == "archive"
    assert one(raw, key_row(), key_row(source="archive", **covering)).key_covers is True
    assert one(raw, key_row(**late)).key_status == "dated_out"
    assert one(raw, key_row(**late), key_row()).key_status == "found"
    assert one(raw, recovered).key_source == "recovered"


def test_a_published_private_key_taints_every_source_of_that_key() -> None:
    raw = sign(LETTER, BODY)
    published = key_row(source="archive", is_private_published=True)
    assert one(raw, key_row(), published).key_status == "private_published"


def test_the_key_that_holds_is_chosen_among_several() -> None:
    other = key_row(f"p={public_text(rsa_key(1024))}")
    facts = one(sign(LETTER, BODY), other, key_row())
    assert (facts.header_verifies, facts.key_bits) == (True, 2048)
    assert one(sign(LETTER, BODY), other).header_verifies is False


def test_thousands_of_signatures_are_refused_not_computed() -> None:
    line = sign(LETTER, BODY).split(b"\r\n", 1)[0] + b"\r\n"
    found = facts_of(line * 500 + sign(LETTER, BODY), key_row())
    assert len(found) == 501
    assert all("more than" in (f.key_trouble or "") for f in found[MAX_SIGNATURES:])


@pytest.mark.parametrize("value", [b"", b";;;", b"v=1", b"\0", b"v=1; b=; bh=; d=; h=; s=; a="])
def test_a_broken_signature_field_is_a_row_of_facts(value: bytes) -> None:
    facts = one(b"DKIM-Signature: " + value + b"\r\nFrom: a@example.org\r\n\r\nx")
    assert facts.is_voided
    assert not facts.header_verifies


def test_tags_keep_the_first_of_two_and_report_the_rest() -> None:
    tags = read_tags(b" v=1; a = b ;; a=c; =d; 9x=y; z")
    assert tags.values == {"v": "1", "a": "b"}
    assert tags.repeated == ("a",)
    assert tags.broken == ("=d", "9x=y", "z")
    assert tags.is_untidy


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" bh=abc; b=xyz", b" bh=abc; b="),
        (b" b=xy\r\n z; bh=abc", b" b=; bh=abc"),
        (b" a=b=c; b = x", b" a=b=c; b ="),
    ],
)
def test_only_the_value_of_b_is_taken_out(value: bytes, expected: bytes) -> None:
    assert without_signature(value) == expected


def test_both_ways_to_relax_a_header_agree() -> None:
    for value in (b"", b" a", b" a\r\n\t b  c \t", b"\r\n a:b\r\n "):
        assert relaxed_plain_header(b"Na-me", value) == relaxed_header(b"Na-me", value)


def test_relaxed_header_keeps_what_is_no_white_space() -> None:
    assert relaxed_header(b"A", b" x\x0by\r\n z \t") == b"a:x\x0by z\r\n"
    assert relaxed_header(b"A", b"x \r y") == b"a:x \r y\r\n"


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b" \r\n", b" \r\n", b""),
        (b"a", b"a\r\n", b"a\r\n"),
        (b"a \r\n\r\n", b"a \r\n", b"a\r\n"),
        (b"a\t \tb\t\r\n", b"a\t \tb\t\r\n", b"a b\r\n"),
        (b" a", b" a\r\n", b" a\r\n"),
        (b"a  ", b"a  \r\n", b"a\r\n"),
        (b"a\nb\n\n", b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\r\n", b"a\r\r\n", b"a\r\r\n"),
    ],
)
def test_canonical_bodies(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert simple_body(body) == simple
    assert relaxed_body(body) == relaxed


def test_line_ends_become_crlf_and_a_lone_cr_stays() -> None:
    assert to_crlf(b"a\nb\r\nc\rd\n\n") == b"a\r\nb\r\nc\rd\r\n\r\n"


def test_base64_is_strict() -> None:
    assert decode_base64("YWI=") == b"ab"
    assert decode_base64("YW I=") is None
    assert decode_base64("YWI") is None
    assert decode_base64(None) is None


def test_a_body_is_put_into_each_form_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(body: bytes) -> bytes:
        calls.append(body)
        return relaxed_body(body)

    monkeypatch.setattr("tamis.syntax.mail.dkim.relaxed_body", counted)
    hashes = BodyHashes(b"a  b\r\n")
    assert hashes.digest("relaxed", "sha256", None) != hashes.digest("relaxed", "sha256", 1)
    hashes.digest("relaxed", "sha1", None)
    assert hashes.size("relaxed") == 5
    assert len(calls) == 1


@pytest.mark.parametrize("body", [b" " * 3_000_000, b"\r\n" * 1_500_000, b"a \t" * 1_000_000])
def test_megabytes_of_white_space_are_read_in_linear_time(body: bytes) -> None:
    start = time.perf_counter()
    relaxed_body(body)
    simple_body(body)
    assert time.perf_counter() - start < 5
