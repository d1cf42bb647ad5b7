"""OpenPGP signatures made by GnuPG 2.2.40 (golden bytes), and what an attacker does to them."""

from __future__ import annotations

import base64
import random
import time
from pathlib import Path

import pytest

from tamis.analyses.leak.signed_mail import SignedMail, Signers, check, read_signed_mail
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.openpgp_keys import read_holders
from tamis.syntax.mail.openpgp_packets import armoured

GOLDEN = Path(__file__).parent / "golden_openpgp"
PART = (
    b"Content-Type: text/plain; charset=us-ascii\r\n\r\nDear Charles,\r\n\r\nthe engine weaves.\r\n"
)
TOP = (
    b"From: Ada <ada@example.org>\r\nTo: charles@example.net\r\nSubject: The engine\r\n"
    b"Date: Thu, 26 Nov 2026 23:59:30 +0000\r\nMIME-Version: 1.0\r\n"
)
SIGNED = (
    b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256;\r\n'
    b' boundary="0c1"\r\n\r\n--0c1\r\n'
)
KEYS = (GOLDEN / "keys.asc").read_bytes()
BLOCKS = list(armoured(KEYS, b"PUBLIC KEY BLOCK"))
PARTY = Signers(holders=[h for one in BLOCKS for h in read_holders(one, "party", "keys.asc")])
KINDS = {"ed25519": "ed25519", "rsa": "rsa", "dsa": "dsa", "ecdsa": "ecdsa", "sub": "ed25519"}


def mail(name: str, part: bytes = PART, top: bytes = TOP) -> bytes:
    signature = (GOLDEN / name).read_bytes().replace(b"\n", b"\r\n")
    tail = b"\r\n--0c1\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n"
    return top + SIGNED + part + tail + signature + b"\r\n--0c1--\r\n"


def clear(name: str) -> bytes:
    return TOP + b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + text_of(name)


def text_of(name: str) -> bytes:
    return (GOLDEN / f"{name}.clear").read_bytes().replace(b"\n", b"\r\n")


def read(raw: bytes, signers: Signers = PARTY) -> SignedMail:
    headers = split(raw)
    (found,) = read_signed_mail(raw, headers, read_display(headers), signers)
    assert found.kind == "openpgp"
    return found


def is_attested(raw: bytes) -> bool:
    headers = split(raw)
    found = read_signed_mail(raw, headers, read_display(headers), PARTY)
    return any(
        one.facts.header_verifies and one.facts.body_matches and one.facts.covers_whole_body
        for one in found
    )


@pytest.mark.parametrize("kind", ["sig", "text.sig"])
@pytest.mark.parametrize("name", KINDS)
def test_a_detached_signature_of_each_kind_of_key_holds(name: str, kind: str) -> None:
    facts = read(mail(f"{name}.{kind}")).facts
    assert facts.algorithm == f"{KINDS[name]}-{'sha256' if kind == 'sig' else 'sha512'}"
    assert (facts.header_verifies, facts.body_matches, facts.covers_whole_body) == (True,) * 3
    assert (facts.identity, facts.alignment) == ("ada@example.org", "exact")
    assert (facts.key_source, facts.key_status, facts.key_covers) == ("party", "found", True)
    assert facts.canonicalization == ("binary" if kind == "sig" else "text")
    assert facts.conforms
    assert facts.signed_at is not None
    assert facts.signed_at.year == 2026


@pytest.mark.parametrize("name", KINDS)
def test_a_clear_signed_text_holds(name: str) -> None:
    facts = read(clear(name)).facts
    assert (facts.header_verifies, facts.body_matches, facts.covers_whole_body) == (True,) * 3


def test_mail_stored_with_lf_holds_too() -> None:
    assert is_attested(mail("rsa.sig").replace(b"\r\n", b"\n"))
    assert is_attested(clear("rsa").replace(b"\r\n", b"\n"))


def test_without_the_key_its_id_is_told_and_the_stated_octets_are_compared() -> None:
    whole = read(mail("rsa.sig"), Signers())
    assert whole.facts.header_verifies is None
    assert whole.facts.body_matches is None
    assert whole.facts.key_status == "absent"
    assert f"the key {whole.facts.selector} is not known" in whole.describe()
    assert "two octets of the digest" in whole.describe()
    other = read(mail("rsa.sig", PART.replace(b"weaves", b"leaves")), Signers())
    assert other.facts.body_matches is False


def test_a_key_that_the_message_brings_is_named_as_no_outside_source() -> None:
    block = next(one for one in BLOCKS if any(True for _ in read_holders(one, "dump", "")))
    field = b"Autocrypt: addr=ada@example.org; keydata=" + base64.b64encode(block) + b"\r\n"
    found = read(mail("ed25519.sig", top=field + TOP), Signers())
    assert found.facts.header_verifies is True
    assert found.facts.key_source == "dump"
    assert "only the message itself holds its key" in found.describe()
    attached = mail("ed25519.sig") + b"\r\n"
    parts = b"--z\r\nContent-Type: text/plain\r\n\r\n" + KEYS + b"\r\n--z\r\n"
    inner = attached[len(TOP) :]
    mixed = TOP + b'Content-Type: multipart/mixed; boundary="z"\r\n\r\n' + parts + inner + b"--z--"
    nested = read(mixed, Signers()).facts
    assert (nested.header_verifies, nested.key_source) == (True, "dump")
    assert nested.covers_whole_body is False


def test_a_subkey_counts_only_when_its_primary_has_bound_it() -> None:
    ids = {holder.key.key_id for holder in PARTY.holders}
    assert read(mail("sub.sig")).facts.selector in ids
    broken = bytearray(BLOCKS[0])
    broken[-20] ^= 1
    kept = {holder.key.key_id for holder in read_holders(bytes(broken), "party", "")}
    assert ids - kept == {read(mail("sub.sig")).facts.selector}


def swap(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw, old
    return raw.replace(old, new, 1)


WHOLE = mail("rsa.sig")
CLEAR = clear("rsa")
EVE = b"Content-Type: text/html\r\n\r\n<p>Pay Eve.</p>\r\n"
CHANGED: dict[str, bytes] = {
    "word": swap(WHOLE, b"weaves", b"leaves"),
    "part_header": swap(WHOLE, b"us-ascii", b"utf-7"),
    "before": swap(WHOLE, b"\r\n\r\n--0c1", b"\r\n\r\nPay Eve.\r\n--0c1"),
    "after": WHOLE + b"Pay Eve.\r\n",
    "third_part": swap(WHOLE, b"--0c1--", b"--0c1\r\n" + EVE + b"\r\n--0c1--"),
    "first_part": swap(WHOLE, b"--0c1\r\n", b"--0c1\r\n" + EVE + b"\r\n--0c1\r\n"),
    "other_boundary": swap(WHOLE, b'"0c1"\r\n\r\n', b'"x"\r\n\r\n--x\r\n' + EVE + b"\r\n--x--\r\n"),
    "two_boundaries": swap(WHOLE, b'"0c1"', b'"0c1"; boundary=x'),
    "shorter_boundary": swap(WHOLE, b'"0c1"', b'"0c"'),
    "as_mixed": swap(WHOLE, b"multipart/signed", b"multipart/mixed"),
    "as_plain": swap(WHOLE, b"multipart/signed", b"text/plain"),
    "second_type": b"Content-Type: text/html\r\n" + WHOLE,
    "encoded": b"Content-Transfer-Encoding: base64\r\n" + WHOLE,
    "as_attachment": b"Content-Disposition: attachment\r\n" + WHOLE,
    "malformed": b"no field\r\n" + WHOLE,
    "no_version": swap(WHOLE, b"MIME-Version: 1.0\r\n", b""),
    "clear_word": swap(CLEAR, b"weaves", b"leaves"),
    "clear_before": swap(CLEAR, b"-----BEGIN PGP SIGNED", b"Pay Eve.\r\n-----BEGIN PGP SIGNED"),
    "clear_after": CLEAR + b"Pay Eve.\r\n",
    "clear_header": swap(CLEAR, b"Hash: ", b"Comment: pay Eve\r\nHash: "),
    "clear_escape": swap(CLEAR, b"the engine", b"- the engine"),
    "clear_html": swap(CLEAR, b"text/plain", b"text/html"),
    "clear_utf7": swap(CLEAR, b"charset=us-ascii", b"charset=utf-7"),
    "clear_quoted": b"Content-Transfer-Encoding: quoted-printable\r\n" + CLEAR,
    "clear_twice": CLEAR + CLEAR[len(TOP) + 46 :],
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_display_is_never_wholly_covered_by_a_signature_that_holds(name: str) -> None:
    assert is_attested(WHOLE)
    assert is_attested(CLEAR)
    assert not is_attested(CHANGED[name])


def test_each_changed_letter_of_the_signed_part_is_seen() -> None:
    start = WHOLE.index(PART)
    for place in range(start, start + len(PART)):
        letter = WHOLE[place : place + 1]
        if letter.isspace():
            continue
        assert not is_attested(WHOLE[:place] + bytes([letter[0] ^ 1]) + WHOLE[place + 1 :])


def test_blanks_at_line_ends_that_old_text_signatures_leave_out() -> None:
    spaced = mail("rsa.text.sig", PART.replace(b"Charles,", b"Charles, "))
    facts = read(spaced).facts
    assert (facts.header_verifies, facts.canonicalization) == (True, "text-stripped")
    assert facts.covers_whole_body is False
    assert not is_attested(mail("rsa.sig", PART.replace(b"Charles,", b"Charles, ")))


def test_hostile_bytes_raise_nothing_and_cost_little() -> None:
    chance = random.Random(9580)
    bases = [WHOLE, CLEAR, swap(TOP, b"From", b"X: y\r\nFrom") + b"\r\n" + KEYS + CLEAR]
    started = time.process_time()
    for _ in range(500):
        raw = bytearray(chance.choice(bases))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        check(bytes(raw))
    for block in BLOCKS:
        for _ in range(200):
            mutated = bytearray(block)
            for _ in range(chance.randint(1, 5)):
                mutated[chance.randrange(len(mutated))] = chance.randrange(256)
            read_holders(bytes(mutated), "dump", "")
    for piece in (b"-----BEGIN PGP SIGNED MESSAGE-----\r\n", b"-----BEGIN PGP SIGNATURE-----\r\n"):
        check(TOP + b"\r\n" + piece * 20_000)
    assert time.process_time() - started < 20


@pytest.mark.shared_data
def test_real_signatures_without_keys_agree_in_the_octets_they_state(shared_data: Path) -> None:
    counted = 0
    folder = shared_data / "leak/lists/spamassassin-corpus"
    for path in sorted(folder.iterdir()):
        raw = path.read_bytes()
        if b"BEGIN PGP SIGNATURE" not in raw:
            continue
        headers = split(raw)
        for one in read_signed_mail(raw, headers, read_display(headers)):
            counted += 1
            assert one.facts.body_matches is not False, path.name
            assert one.facts.key_status == "absent"
    assert counted >= 8
