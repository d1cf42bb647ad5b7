"""Facts in, verdict out: each word that the rules decide, and what kept it from `verified`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tamis import records
from tamis.findings.verdict import RollUp, Verdict, Word
from tamis.findings.verdict_rules import RULE_VERSION, decide
from tamis.findings.verdict_words import STANDING
from tamis.syntax.mail.display import Display, read_display
from tamis.syntax.mail.dkim_facts import SignatureFacts
from tamis.syntax.mail.dkim_rules import Violation
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.reading import EVIDENT, Grade, Ruling

NAMES = (b"From: Ada <ada@example.org>", b"To: b@example.net", b"Subject: x", b"Date: y")
DISPLAY = read_display(split(b"\r\n".join(NAMES) + b"\r\n\r\n"))
GOOD = SignatureFacts(
    position=0,
    byte_start=0,
    byte_end=1,
    domain="example.org",
    selector="s1",
    key_bits=2048,
    key_source="archive",
    key_status="found",
    key_covers=True,
    body_matches=True,
    header_verifies=True,
    covers_whole_body=True,
    alignment="exact",
    signed_ranks=frozenset(range(4)),
    signed_absent=frozenset({b"content-type"}),
)


def display_of(*lines: bytes) -> Display:
    return read_display(split(b"\r\n".join(lines) + b"\r\n\r\n"))


def rule(*facts: SignatureFacts, display: Display = DISPLAY, ruling: Ruling = EVIDENT) -> Verdict:
    return decide(facts, display, lambda _facts: ruling)


def test_everything_in_order_is_verified() -> None:
    verdict = rule(GOOD)
    assert (verdict.word, verdict.roll_up) == (Word.VERIFIED, RollUp.VERIFIED)
    assert verdict.kept_from is None
    assert verdict.signature_position == 0
    assert verdict.rule_version == RULE_VERSION
    assert set(STANDING) <= set(verdict.does_not_claim)
    assert "s1._domainkey.example.org" in verdict.claims[0]


WEAK = Violation("RFC 8301 section 3.1", "rsa-sha1 must not be used", is_fatal=False)
FATAL = Violation("RFC 6376 section 5.4", "From is not signed")


@pytest.mark.parametrize(
    ("change", "word", "why"),
    [
        ({"alignment": "organisational"}, Word.VERIFIED, ""),
        ({"key_covers": None}, Word.VERIFIED, ""),
        ({"key_bits": 1024}, Word.VERIFIED, ""),
        ({"key_source": "party"}, Word.VERIFIED, ""),
        ({"violations": (WEAK,)}, Word.VERIFIED_PARTLY, "rsa-sha1"),
        ({"key_status": "testing"}, Word.VERIFIED_PARTLY, "t=y"),
        ({"alignment": "none"}, Word.VERIFIED_PARTLY, "From shows example.org"),
        ({"domain": "example.20150623.gappssmtp.com"}, Word.VERIFIED_PARTLY, "tenant"),
        (
            {"covers_whole_body": False, "body_length_unsigned": 7, "is_rest_blank": True},
            Word.VERIFIED_PARTLY,
            "7 bytes",
        ),
        (
            {"covers_whole_body": False, "body_length_unsigned": 7, "body_length_signed": 3},
            Word.UNVERIFIABLE,
            "first 3 bytes of the body and leaves 7 unsigned",
        ),
        (
            {"covers_whole_body": False, "is_rest_blank": False, "key_source": "recovered"},
            Word.UNVERIFIABLE,
            "may hide or replace",
        ),
        ({"key_source": "recovered"}, Word.KEY_CONSISTENT, "recovered"),
        ({"key_covers": False, "key_status": "dated_out"}, Word.KEY_CONSISTENT, "dates"),
        ({"key_source": "recovered", "alignment": "none"}, Word.KEY_CONSISTENT, "recovered"),
        ({"body_matches": False}, Word.BODY_DIFFERS, "body"),
        ({"body_matches": None}, Word.UNVERIFIABLE, "body hash"),
        ({"header_verifies": False}, Word.UNVERIFIABLE, "counts as no signature"),
        ({"header_verifies": None, "key_status": "absent"}, Word.UNVERIFIABLE, "is not known"),
        ({"violations": (FATAL,)}, Word.UNVERIFIABLE, "cryptographically it holds"),
        ({"violations": (FATAL,), "body_matches": False}, Word.UNVERIFIABLE, "not valid"),
        ({"key_status": "private_published"}, Word.UNVERIFIABLE, "private key is public"),
        ({"signed_ranks": frozenset({0, 1, 3})}, Word.UNVERIFIABLE, "Subject is not signed"),
    ],
)
def test_each_fact_by_itself(change: dict[str, Any], word: Word, why: str) -> None:
    verdict = rule(replace(GOOD, **change))
    assert verdict.word is word
    assert why in (verdict.kept_from or "")
    assert (verdict.kept_from is None) == (word is Word.VERIFIED)


def test_a_key_that_came_after_the_leak_is_counted_as_unknown() -> None:
    """Who made the dump can hand a key to an archive, or publish it in a domain that lapsed."""
    dated = replace(GOOD, key_covers=False, key_status="dated_out")
    assert rule(dated).roll_up == "supported"
    late = replace(dated, is_key_late=True, key_trouble="its source came after the leak")
    verdict = rule(late)
    assert (verdict.word, verdict.roll_up) == (Word.KEY_CONSISTENT, "unknown")
    assert "after the leak" in (verdict.kept_from or "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key_covers": None}, "undated"),
        ({"key_bits": 1024}, "1024 bits"),
        ({"key_source": "party"}, "party"),
        ({"alignment": "organisational"}, "subdomain"),
        ({"signed_absent": frozenset()}, ""),
    ],
)
def test_what_weakens_a_verified_message_is_named(change: dict[str, Any], said: str) -> None:
    verdict = rule(replace(GOOD, **change))
    assert verdict.word is Word.VERIFIED
    assert any(said in one for one in verdict.does_not_claim)


@pytest.mark.parametrize(
    ("grade", "word"),
    [
        (Grade.EVIDENT, Word.VERIFIED),
        (Grade.OPEN, Word.VERIFIED_PARTLY),
        (Grade.CONTRADICTED, Word.UNVERIFIABLE),
    ],
)
def test_unsigned_structure_counts_by_how_evident_it_is(grade: Grade, word: Word) -> None:
    assert rule(GOOD, ruling=Ruling(grade, "the type")).word is word


def test_an_unsigned_tail_under_an_unsigned_type_signs_next_to_nothing() -> None:
    facts = replace(GOOD, covers_whole_body=False, signed_absent=frozenset(), is_rest_blank=True)
    verdict = rule(facts)
    assert (verdict.word, verdict.rule_id) == (Word.UNVERIFIABLE, "dkim.reading")


def test_a_tail_that_is_not_blank_has_a_rule_of_its_own() -> None:
    verdict = rule(replace(GOOD, covers_whole_body=False, is_rest_blank=False))
    assert (verdict.rule_id, verdict.claims) == ("dkim.unsigned_tail", ())
    assert verdict.roll_up is RollUp.UNKNOWN


def test_no_signature_is_unverifiable_and_claims_nothing() -> None:
    verdict = rule()
    assert (verdict.word, verdict.claims, verdict.signature_position) == ("unverifiable", (), None)
    assert verdict.roll_up is RollUp.UNKNOWN


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_strongest_signature_decides_and_a_failing_one_is_no_evidence(
    order: tuple[int, int],
) -> None:
    both = (
        replace(GOOD, header_verifies=False),
        replace(GOOD, position=1),
    )
    verdict = rule(*(both[i] for i in order))
    assert (verdict.word, verdict.signature_position) == (Word.VERIFIED, 1)


def test_precedence_is_that_of_the_design() -> None:
    assert [str(word) for word in Word] == [
        "decoy",
        "display_conflict",
        "verified",
        "altered_copy",
        "contradicted",
        "verified_partly",
        "arc_attested",
        "key_consistent",
        "consistent",
        "damaged",
        "body_differs",
        "decoy_asserted",
        "unverifiable",
    ]


def test_roll_up_is_that_of_the_design() -> None:
    groups: dict[str, set[str]] = {}
    for word in Word:
        groups.setdefault(str(word.roll_up), set()).add(str(word))
    assert groups == {
        "verified": {"verified"},
        "supported": {"verified_partly", "arc_attested", "key_consistent", "consistent"},
        "disputed": {"altered_copy", "contradicted", "display_conflict"},
        "decoy": {"decoy"},
        "unknown": {"damaged", "body_differs", "decoy_asserted", "unverifiable"},
    }


@pytest.mark.parametrize("name", [b"From", b"To", b"Subject", b"Date", b"Content-Type"])
def test_a_second_instance_is_a_conflict_with_and_without_a_signature(name: bytes) -> None:
    display = display_of(name + b": one", *NAMES, name + b": two")
    facts = replace(GOOD, signed_ranks=frozenset(range(1, 5)))
    for verdict in (rule(facts, display=display), rule(display=display)):
        assert (verdict.word, verdict.roll_up) == ("display_conflict", RollUp.DISPUTED)
        assert "times" in (verdict.kept_from or "")


def test_a_conflict_says_which_instance_is_signed() -> None:
    display = display_of(b"Subject: forged", *NAMES)
    verdict = rule(replace(GOOD, signed_ranks=frozenset(range(1, 5))), display=display)
    assert verdict.kept_from == "subject stands 2 times, signed is number 2 from the top"


@pytest.mark.parametrize(
    "line", [b"List-Id: <l.example.net>", b"X-Original-From: Eve <eve@example.com>"]
)
def test_list_mail_is_verified_partly(line: bytes) -> None:
    verdict = rule(GOOD, display=display_of(*NAMES, line))
    assert verdict.word is Word.VERIFIED_PARTLY


@pytest.mark.parametrize(
    "sender", [b"From: Ada via List <l@example.org>", b"From: A <ada=40example.com@example.org>"]
)
def test_a_rewritten_from_is_verified_partly(sender: bytes) -> None:
    verdict = rule(GOOD, display=display_of(sender, *NAMES[1:]))
    assert verdict.word is Word.VERIFIED_PARTLY


@pytest.mark.parametrize("name", [b"to", b"subject", b"date"])
def test_an_absent_field_is_verified_partly_only_if_its_absence_is_signed(name: bytes) -> None:
    lines = [line for line in NAMES if not line.lower().startswith(name)]
    display = display_of(*lines)
    facts = replace(GOOD, signed_ranks=frozenset(range(3)))
    assert rule(facts, display=display).word is Word.UNVERIFIABLE
    facts = replace(facts, signed_absent=frozenset({name}))
    assert rule(facts, display=display).word is Word.VERIFIED_PARTLY


@pytest.mark.parametrize(
    "top", [b"\xef\xbb\xbf", b"\r\n", b"nonsense\r\n", b"X: a\rb\r\n", b"X: \0\r\n", b"X : a\r\n"]
)
def test_a_header_block_that_readers_disagree_about_is_unverifiable(top: bytes) -> None:
    display = read_display(split(top + b"\r\n".join(NAMES) + b"\r\n\r\n"))
    facts = replace(GOOD, signed_ranks=frozenset(range(5)))
    verdict = rule(facts, display=display)
    assert (verdict.word, verdict.rule_id) == (Word.UNVERIFIABLE, "display.malformed")


def test_a_verdict_is_a_row_of_its_table() -> None:
    row = rule(GOOD).row("a" * 64, ("e1",), "run", "dkim/1")
    assert records.table("verdict").build([row]).num_rows == 1
