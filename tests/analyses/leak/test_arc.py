"""ARC chains sealed by a test signer written from RFC 8617, and what an attacker does to them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dkim_signer import (
    BODY,
    LETTER,
    SEALED,
    SEALER,
    key_row,
    public_text,
    rsa_key,
    seal,
    seal_key_row,
    sign,
)
from tamis import records
from tamis.analyses.leak.arc import CHECK, ArcFinding, check, evidence_of, judge_chain
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.analyses.leak.other_signatures import Trust, other_rows
from tamis.findings import Outcome
from tamis.registry import plugins
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.headers import split

ROWS = [key_row(), seal_key_row(), seal_key_row(key_name="s1._domainkey.second.example")]
KEYS = KeyRing(ROWS)
PLAIN = b"".join(f"{name}: {text}\r\n".encode() for name, text in LETTER) + b"\r\n" + BODY
ONE = seal(PLAIN)
SECOND = {"domain": "second.example", "instance": 2}
TWO = seal(ONE, "mx.second.example; dkim=pass header.d=example.org; arc=pass", **SECOND)


def judge(raw: bytes, keys: KeyRing = KEYS, sealers: tuple[str, ...] = (SEALER,)) -> ArcFinding:
    headers = split(raw)
    found = judge_chain(raw, headers, read_display(headers), keys, sealers)
    assert found is not None
    return found


def swap(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw, old
    return raw.replace(old, new, 1)


def test_a_chain_of_one_set_holds_and_attests_the_from_domain() -> None:
    found = judge(ONE)
    assert found.row("x") == {
        "item_id": "x",
        "chain_holds": True,
        "is_known_sealer": True,
        "attests_from": True,
        "sealer": SEALER,
        "instance_count": 1,
        "chain_state": "pass",
        "oldest_pass_instance": 0,
        "aar_authserv_id": "mx.sealer.example",
        "aar_dkim": "pass",
        "aar_spf": None,
        "aar_dmarc": None,
        "aar_from_domain": None,
        "violations": [],
        "detail": "ARC chain of 1 set, last sealed by sealer.example: it holds, and "
        "mx.sealer.example states that the mail of the From domain passed its check.",
    }


def test_a_chain_of_two_sets_is_worth_what_its_latest_sealer_is() -> None:
    found = judge(TWO)
    assert (found.chain.state, found.chain.count, found.sealer) == ("pass", 2, "second.example")
    assert found.chain_holds
    assert not found.is_known_sealer
    assert judge(TWO, sealers=("Second.Example.",)).is_known_sealer


def test_oldest_pass_names_where_the_message_was_last_changed() -> None:
    changed = swap(ONE, b"weaves", b"weaves\r\n-- \r\nthe list")
    found = judge(seal(changed, "mx.second.example; dkim=fail", **SECOND))
    assert (found.chain.state, found.chain.oldest_pass) == ("pass", 2)
    assert found.chain_holds
    assert not found.attests_from


def test_mail_stored_with_lf_and_simple_forms_hold_too() -> None:
    assert judge(TWO.replace(b"\r\n", b"\n")).chain_holds
    assert judge(seal(PLAIN, forms=("simple", "simple"))).chain_holds


def test_without_a_key_the_chain_is_unable_and_says_which_is_missing() -> None:
    found = judge(TWO, KeyRing(ROWS[:2]))
    assert (found.chain.state, found.chain_holds) == ("unable", False)
    assert "s1._domainkey.second.example" in found.describe()
    assert found.sealer is None
    assert evidence_of("x", found)[0].outcome is Outcome.UNABLE


WEAK: dict[str, dict[str, Any]] = {
    "recovered": {"source": "recovered"},
    "dump": {"source": "dump"},
    "published": {"is_private_published": True},
    "testing": {"txt": f"v=DKIM1; t=y; p={public_text(rsa_key())}"},
    "revoked": {"txt": "v=DKIM1; p="},
    "other": {"txt": f"v=DKIM1; p={public_text(rsa_key(1024))}"},
}


@pytest.mark.parametrize("name", WEAK)
def test_a_key_that_no_outside_source_attests_makes_no_chain_that_holds(name: str) -> None:
    assert not judge(ONE, KeyRing([seal_key_row(**WEAK[name])])).chain_holds


STRUCTURE: dict[str, bytes] = {
    "results_missing": swap(ONE, b"ARC-Authentication-Results: i=1", b"X: i=1"),
    "message_missing": swap(ONE, b"ARC-Message-Signature", b"X"),
    "seal_missing": swap(ONE, b"ARC-Seal", b"X"),
    "first_missing": seal(PLAIN, instance=2),
    "gap": seal(ONE, instance=3),
    "twice": seal(ONE, instance=1),
    "second_results": b"ARC-Authentication-Results: i=1; mx.google.com; dkim=pass\r\n" + ONE,
    "instance_zero": b"ARC-Seal: i=0; a=rsa-sha256; cv=none; d=a.b; s=s; b=AA==\r\n" + ONE,
    "instance_51": seal(PLAIN, instance=51),
    "instance_letters": b"ARC-Seal: i=one\r\n" + ONE,
    "first_says_pass": seal(PLAIN, cv="pass"),
    "second_says_none": seal(ONE, cv="none", **SECOND),
    "second_says_fail": seal(ONE, cv="fail", **SECOND),
    "cv_unknown": seal(PLAIN, cv="yes"),
    "h_in_seal": seal(PLAIN, seal_extra=" h=from;"),
    "seal_signed": seal(PLAIN, signed=SEALED + ":arc-seal"),
    "sha1": seal(PLAIN, algorithm="rsa-sha1"),
    "from_unsigned": seal(PLAIN, signed="to:subject:date"),
    "many": b"ARC-Seal: i=1\r\n" * 400 + ONE,
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_chain_that_departs_from_the_standard_fails(name: str) -> None:
    found = judge(STRUCTURE[name])
    assert (found.chain.state, found.chain_holds) == ("fail", False)
    assert found.kept_from


def test_a_failed_chain_is_sealed_over_its_own_set() -> None:
    """RFC 8617 section 5.1.2: the seal of a failed chain covers the newest set alone."""
    found = judge(STRUCTURE["second_says_fail"])
    latest = found.chain.latest
    assert latest is not None
    assert latest.seal.header_verifies is True


OPEN: dict[str, bytes] = {
    "to_unsigned": seal(PLAIN, signed="from:subject:date:content-type:mime-version"),
    "date_unsigned": seal(PLAIN, signed="from:to:subject:content-type:mime-version"),
    "tail": seal(PLAIN, extra=" l=20;") + b"Pay Eve.\r\n",
    "nothing_signed_of_the_body": seal(PLAIN, extra=" l=0;"),
    "no_from": seal(swap(PLAIN, b"From: Ada Lovelace <ada@example.org>\r\n", b"")),
}


@pytest.mark.parametrize("name", OPEN)
def test_a_message_signature_that_leaves_the_display_open_attests_nothing(name: str) -> None:
    assert not judge(OPEN[name]).chain_holds


def test_message_signature_and_seal_of_different_houses_attest_nothing() -> None:
    changed = swap(ONE, b"d=sealer.example", b"d=second.example")
    assert not judge(changed).chain_holds


FIELDS = {
    b"From": b"Eve <eve@example.com>",
    b"To": b"mallory@example.com",
    b"Subject": b"Pay Eve",
    b"Date": b"Fri, 05 May 2017 10:00:00 +0200",
    b"Content-Type": b"text/html",
    b"Content-Transfer-Encoding": b"base64",
    b"Content-Disposition": b"attachment",
    b"MIME-Version": b"2.0",
}
ADDED: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
    "prepended": lambda raw, line, _: line + raw,
    "appended": lambda raw, line, _: swap(raw, b"\r\n\r\n", b"\r\n" + line + b"\r\n"),
    "upper": lambda raw, line, name: swap(line, name, name.upper()) + raw,
    "space": lambda raw, line, name: swap(line, name, name + b" ") + raw,
    "nul": lambda raw, line, name: swap(line, name, name[:3] + b"\0" + name[3:]) + raw,
    "nbsp": lambda raw, line, name: swap(line, name, name + b"\xc2\xa0") + raw,
    "folded": lambda raw, line, name: swap(line, name + b":", name + b":\r\n") + raw,
    "bare_cr": lambda raw, line, _: b"X: y\r" + line + raw,
    "blank_fold": lambda raw, line, _: b"X: y\r\n \r\n" + line + raw,
    "malformed": lambda raw, line, _: b"no field\r\n" + line + raw,
    "after_blank": lambda raw, line, _: b"\r\n" + line + raw,
    "bom": lambda raw, line, _: b"\xef\xbb\xbf" + line + raw,
    "own_block": lambda raw, line, _: line + b"\r\n" + raw,
    "as_fold": lambda raw, line, _: b" " + line + raw,
}


@pytest.mark.parametrize("base", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("change", ADDED)
def test_a_second_field_that_changes_the_display_is_never_attested(
    base: bytes, name: bytes, change: str
) -> None:
    raw = ADDED[change](base, name + b": " + FIELDS[name] + b"\r\n", name)
    headers = split(raw)
    found = judge_chain(raw, headers, read_display(headers), KEYS, (SEALER,))
    assert found is None or not found.chain_holds


@pytest.mark.parametrize("base", [ONE, TWO], ids=["one", "two"])
def test_each_changed_letter_of_a_principal_field_the_body_or_a_set_breaks_the_chain(
    base: bytes,
) -> None:
    block = base.index(b"\r\n\r\n")
    tried = 0
    for place in [*range(3, block, 11), *range(block + 4, len(base) - 6, 3)]:
        if not base[place : place + 1].isalnum():
            continue
        other = b"x" if base[place : place + 1] not in b"xX" else b"q"
        changed = base[:place] + other + base[place + 1 :]
        line = changed[: changed.find(b"\r\n", place)].rpartition(b"\r\n")[2]
        if line.startswith(b"Message-ID") and place < block:
            continue
        headers = split(changed)
        found = judge_chain(changed, headers, read_display(headers), KEYS, (SEALER,))
        assert found is None or not found.chain_holds, (place, line)
        tried += 1
    assert tried > 100


def test_the_word_of_the_results_cannot_be_changed() -> None:
    failed = seal(PLAIN, "mx.sealer.example; dkim=fail header.d=example.org")
    assert judge(failed).chain_holds
    assert not judge(failed).attests_from
    assert not judge(swap(failed, b"dkim=fail", b"dkim=pass")).chain_holds


def test_text_under_unsigned_structure_is_never_attested() -> None:
    raw = seal(PLAIN, signed="from:to:subject:date:message-id")
    assert judge(raw).chain_holds
    for new in (b"text/html", b"multipart/mixed; boundary=x", b"text/plain; charset=utf-7"):
        assert not judge(swap(raw, b'text/plain; charset="UTF-8"', new)).chain_holds


def test_rows_fit_their_tables_and_positions_go_on_after_dkim() -> None:
    raw = seal(sign(LETTER, BODY))
    judged = verify_message(raw, KEYS)
    stamp = {"run_id": "r", "analysis_version": "v"}
    rows: dict[str, list[dict[str, Any]]] = {"signature": judged.signature_rows()}
    for table, row in other_rows(raw, judged, Trust(KEYS, (SEALER,))):
        rows.setdefault(table, []).append(row | stamp)
    assert {name: records.table(name).build(found).num_rows for name, found in rows.items()} == {
        "signature": 3,
        "arc_chain": 1,
        "signature_evidence": 3,
    }
    assert [(one["position"], one["kind"]) for one in rows["signature"]] == [
        (0, "dkim"),
        (1, "arc"),
        (2, "arc"),
    ]
    assert len({one["evidence_id"] for one in rows["signature_evidence"]}) == 3
    assert list(other_rows(PLAIN, verify_message(PLAIN, KEYS), Trust(KEYS))) == []


def test_the_check_is_found_by_where_it_stands() -> None:
    assert plugins("checks")["arc"] is CHECK
    assert [one.outcome for one in check(ONE, KEYS)][1:] == [Outcome.SUPPORTS] * 2
    assert check(PLAIN, KEYS) == ()


def test_hostile_bytes_raise_nothing_and_cost_little() -> None:
    chance = random.Random(8617)
    started = time.process_time()
    for _ in range(600):
        raw = bytearray(chance.choice([ONE, TWO]))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        check(bytes(raw), KEYS)
    large = b"X: y\r\n" + ONE.replace(b"mx.sealer.example;", b"mx.sealer.example;" + b"a" * 2**21)
    assert judge(large).chain.state == "unable"
    assert time.process_time() - started < 20


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["arc__001.txt", "arc__002.txt"])
def test_chains_of_another_implementation_with_their_own_keys(shared_data: Path, name: str) -> None:
    whole = (shared_data / "leak/signed/stalwart-mail-auth" / name).read_bytes()
    keys, _, raw = whole.replace(b"\r\n", b"\n").partition(b"\n\n")
    pairs = [line.split(" ", 1) for line in keys.decode().splitlines()]
    found = judge(raw, KeyRing(key_row(txt, key_name=key) for key, txt in pairs))
    assert (found.chain.state, found.chain.count > 0) == ("pass", True)


@pytest.mark.shared_data
def test_real_chains_are_judged_as_their_collections_name_them(
    shared_data: Path, shared_keys: KeyRing
) -> None:
    folder = shared_data / "leak/signed/mailauth"
    found = {path.name: judge(path.read_bytes(), shared_keys) for path in folder.glob("*arc-*.eml")}
    assert len(found) >= 5
    for name, one in found.items():
        expected = "pass" if "pass" in name else "fail"
        assert one.chain.state == expected, name
        assert one.chain_holds == (expected == "pass"), name
