"""The check as the case run and `tamis verify` use it: rows, evidence, references."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from dkim_signer import BODY, LETTER, key_row, public_text, rsa_key, sign
from tamis import records
from tamis.analyses.leak.dkim import CHECK, KeyRing, check, verify_message
from tamis.findings import Outcome
from tamis.registry import plugins

KEYS = KeyRing([key_row()])
KEY = key_row()["txt"]


def test_the_check_is_found_by_where_it_stands() -> None:
    assert plugins("checks")["dkim"] is CHECK
    assert CHECK.reads == ("bytes", "dkim_key")
    assert "Source" in (check.__doc__ or "")
    assert "Limits" in (check.__doc__ or "")


def test_all_rows_fit_their_tables_and_refer_to_each_other() -> None:
    raw = b"Subject: other\r\n" + sign(LETTER, BODY)
    result = verify_message(raw, KEYS)
    signatures = records.table("signature").build(result.signature_rows("run"))
    evidence = records.table("evidence").build(result.evidence_rows("run"))
    verdict = records.table("verdict").build([result.verdict_row("run")])
    assert result.item_id == hashlib.sha256(raw).hexdigest()
    assert signatures.column("item_id").to_pylist() == [result.item_id]
    ids = evidence.column("evidence_id").to_pylist()
    assert len(set(ids)) == len(ids)
    assert verdict.column("evidence_ids").to_pylist() == [ids]


EARLY, SENT, LATER = (datetime(year, 5, 1, tzinfo=UTC) for year in (2016, 2017, 2018))
WITHIN = {"seen_from_at": EARLY, "seen_to_at": LATER}
REVOKED = "v=DKIM1; p="


@cache
def other_key() -> str:
    return f"v=DKIM1; p={public_text(rsa.generate_private_key(65537, 2048))}"


@pytest.mark.parametrize(
    ("sources", "word", "why"),
    [
        ([{}, {"txt": REVOKED, **WITHIN}], "key_consistent", "was revoked"),
        ([WITHIN, {"txt": REVOKED, **WITHIN}], "key_consistent", "was revoked"),
        ([WITHIN, {"txt": REVOKED, "seen_from_at": LATER}], "verified", ""),
        ([WITHIN, {"txt": REVOKED}], "verified", ""),
        ([{"source": "party"}, {"txt": None, **WITHIN}], "key_consistent", "another key"),
        ([{}, {"txt": None, "source": "recovered", **WITHIN}], "verified", ""),
        ([WITHIN, {"txt": None, **WITHIN}], "verified", ""),
        ([{}, {"txt": None}], "verified", ""),
        ([{}, {"source": "archive", **WITHIN}, {"txt": None, **WITHIN}], "verified", ""),
    ],
)
def test_sources_that_contradict_each_other(
    sources: list[dict[str, Any]], word: str, why: str
) -> None:
    """An undated record does not outweigh a dated one, nor any record a revocation of its time."""
    raw = sign(LETTER, BODY, signed="from:to:subject:date:mime-version:content-type")
    for order in (sources, sources[::-1]):
        rows = [key_row(**{**one, "txt": one.get("txt", KEY) or other_key()}) for one in order]
        verdict = verify_message(raw, KeyRing(rows)).verdict
        assert verdict.word == word
        assert why in (verdict.kept_from or "")


def test_each_fact_is_evidence_of_its_own_and_points_at_the_field() -> None:
    raw = b"X: y\r\n" + sign(LETTER, BODY).replace(b"weaves", b"leaves")
    found = {one.ref.rows["column"]: one for one in check(raw, KEYS)}
    assert found["header_verifies"].outcome is Outcome.SUPPORTS
    assert found["body_matches"].outcome is Outcome.NEUTRAL
    assert set(found) == {
        "body_matches",
        "header_verifies",
        "key_status",
        "covers_whole_body",
        "alignment",
        "violations",
    }
    ref = found["body_matches"].ref
    assert raw[ref.byte_start : ref.byte_end].startswith(b"DKIM-Signature:")


def test_a_failing_signature_never_contradicts() -> None:
    raw = sign(LETTER, BODY).replace(b"The engine", b"The end")
    assert not any(one.outcome is Outcome.CONTRADICTS for one in check(raw, KEYS))


def test_detail_is_a_sentence_with_the_key_and_its_source() -> None:
    row = verify_message(sign(LETTER, BODY), KEYS).signature_rows()[0]
    assert row["detail"] == (
        "Signature of example.org: the signature over the headers holds; the body is the one that "
        "was signed; the key s1._domainkey.example.org is known (source: dns, made by a test)."
    )


def test_mail_stored_with_lf_says_so() -> None:
    row = verify_message(sign(LETTER, BODY).replace(b"\r\n", b"\n"), KEYS).signature_rows()[0]
    assert "hashed with CRLF" in row["detail"]


def test_a_short_key_is_named_in_what_a_verified_message_does_not_claim() -> None:
    row = key_row(f"p={_public(1024)}")
    result = verify_message(sign(LETTER, BODY, key=rsa_key(1024)), KeyRing([row]))
    assert result.verdict.word == "verified"
    assert any("1024 bits" in one for one in result.verdict.does_not_claim)


def _public(bits: int) -> str:
    return public_text(rsa_key(bits))


@pytest.mark.parametrize("raw", [b"", b"\0", b"\n\n", b"x" * 10, b"From: a@b\n", b"\xff" * 100])
def test_what_is_no_mail_is_unverifiable_and_raises_nothing(raw: bytes) -> None:
    result = verify_message(raw, KEYS)
    assert result.verdict.word == "unverifiable"
    assert result.signature_rows() == []


@pytest.mark.shared_data
def test_real_gmail_that_leaves_content_type_unsigned_is_verified(
    shared_data: Path, shared_keys: KeyRing
) -> None:
    raw = (shared_data / "leak/signed/mailauth/fixtures__zproov.eml").read_bytes()
    result = verify_message(raw, shared_keys)
    assert "content-type" not in result.signatures[0].signed_headers
    assert result.verdict.word == "verified"
    assert any("Content-Type" in one for one in result.verdict.does_not_claim)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "Content-Type"])
def test_real_gmail_with_a_second_field_on_top_is_never_supported(
    name: str, shared_data: Path, shared_keys: KeyRing
) -> None:
    raw = (shared_data / "leak/signed/mailauth/fixtures__zproov.eml").read_bytes()
    result = verify_message(f"{name}: Eve <eve@example.com>\r\n".encode() + raw, shared_keys)
    assert result.verdict.word == "display_conflict"
    assert result.verdict.roll_up == "disputed"


@pytest.mark.shared_data
def test_nothing_in_the_real_material_raises_and_all_rows_fit(
    shared_data: Path, shared_keys: KeyRing
) -> None:
    files = [path for path in (shared_data / "leak").rglob("*") if path.is_file()]
    rows, verdicts = [], []
    for path in files:
        if path.stat().st_size < 5_000_000:
            result = verify_message(path.read_bytes(), shared_keys, str(path))
            rows += result.signature_rows()
            verdicts.append(result.verdict_row())
    assert records.table("signature").build(rows).num_rows > 50
    assert records.table("verdict").build(verdicts).num_rows > 1000
