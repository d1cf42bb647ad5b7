"""S/MIME signatures made by OpenSSL and by `cryptography`, and what an attacker does to them."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.leak.signed_mail import CHECK, SignedMail, Signers, check, read_signed_mail
from tamis.registry import plugins
from tamis.syntax import ber
from tamis.syntax.mail.certificates import read_certificate
from tamis.syntax.mail.cms import read_signed
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.signed_parts import find_signed

PART = (
    b"Content-Type: text/plain; charset=us-ascii\r\n\r\nDear Charles,\r\n\r\nthe engine weaves.\r\n"
)
TOP = (
    b"From: Ada <ada@example.org>\r\nTo: charles@example.net\r\nSubject: The engine\r\n"
    b"Date: Thu, 04 May 2017 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"
)
HEAD = (
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;\r\n'
    b' boundary="0c1"\r\n\r\n--0c1\r\n'
)
NOW = datetime.now(UTC).replace(microsecond=0)


@cache
def key(kind: str) -> Any:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind))


@cache
def certificate(
    kind: str = "2048",
    address: str = "ada@example.org",
    issuer: str | None = None,
    days: int = 30,
    is_authority: bool = False,  # noqa: FBT001, FBT002
    may_sign: bool = True,  # noqa: FBT001, FBT002
    *,
    purpose: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    """A certificate of `address` under its own key, or one that the authority `issuer` issued."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    above = name if issuer is None else authority(issuer).subject
    usage = x509.KeyUsage(
        **dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "crl_sign",
                "encipher_only",
                "decipher_only",
            ),
            False,
        ),
        digital_signature=may_sign,
        key_cert_sign=is_authority,
    )
    purposes = [] if purpose is None else [x509.ExtendedKeyUsage([purpose])]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above)
        .public_key(key(kind).public_key())
        .serial_number(17)
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW - timedelta(days=30) + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(usage, critical=True)
    )
    for one in purposes:
        builder = builder.add_extension(one, critical=False)
    return builder.sign(key("3072") if issuer else key(kind), hashes.SHA256())


def authority(name: str) -> x509.Certificate:
    return certificate("3072", name, is_authority=True, days=400)


def der(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.DER)


def cms(content: bytes, kind: str = "2048", *options: Any, **other: Any) -> bytes:
    chosen = other.pop("cert", None) or certificate(kind, days=60)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if other.pop("pss", False) else None
    builder = builder.add_signer(
        chosen, key(kind), other.pop("hash", hashes.SHA256()), rsa_padding=pss
    )
    for one in other.pop("more", ()):
        builder = builder.add_certificate(one)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def base64_lines(data: bytes) -> bytes:
    import base64

    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def wrap(signature: bytes, part: bytes = PART, top: bytes = TOP) -> bytes:
    tail = (
        b"\r\n--0c1\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return top + HEAD + part + tail + base64_lines(signature) + b"\r\n--0c1--\r\n"


def detached(kind: str = "2048", **other: Any) -> bytes:
    return wrap(cms(PART, kind, pkcs7.PKCS7Options.DetachedSignature, **other))


def opaque(data: bytes, top: bytes = TOP) -> bytes:
    fields = (
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return top + fields + base64_lines(data)


def read_all(raw: bytes, *anchors: x509.Certificate) -> tuple[SignedMail, ...]:
    headers = split(raw)
    known = [one for one in map(read_certificate, map(der, anchors)) if one is not None]
    return read_signed_mail(raw, headers, read_display(headers), Signers(known))


def read(raw: bytes, *anchors: x509.Certificate) -> Any:
    (found,) = read_all(raw, *anchors)
    assert found.kind == "smime"
    return found.facts


def is_attested(raw: bytes) -> bool:
    return any(
        one.facts.header_verifies and one.facts.body_matches and one.facts.covers_whole_body
        for one in read_all(raw)
    )


@pytest.mark.parametrize(
    ("kind", "other", "algorithm"),
    [
        ("2048", {}, "rsa-sha256"),
        ("2048", {"hash": hashes.SHA512()}, "rsa-sha512"),
        ("2048", {"pss": True}, "rsa-pss-sha256"),
        ("ec", {}, "ecdsa-sha256"),
        ("ec", {"hash": hashes.SHA384()}, "ecdsa-sha384"),
    ],
)
def test_a_detached_signature_holds(kind: str, other: dict[str, Any], algorithm: str) -> None:
    facts = read(detached(kind, **other))
    assert (facts.header_verifies, facts.body_matches, facts.covers_whole_body) == (True,) * 3
    assert facts.algorithm == algorithm
    assert (facts.identity, facts.alignment) == ("ada@example.org", "exact")
    assert (facts.key_source, facts.key_status, facts.selector) == ("dump", "found", "11")
    assert abs(facts.signed_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert facts.conforms


def test_an_opaque_signature_and_mail_stored_with_lf_hold() -> None:
    assert is_attested(opaque(cms(PART)))
    assert is_attested(detached().replace(b"\r\n", b"\n"))
    no_attributes = read(wrap(cms(PART, "2048", *_plain())))
    assert (no_attributes.header_verifies, no_attributes.body_matches) == (True, True)
    assert no_attributes.signed_at is None


def _plain() -> tuple[pkcs7.PKCS7Options, ...]:
    return pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes


def test_a_certificate_given_from_outside_or_its_authority_makes_the_key_attested() -> None:
    own = certificate(days=60)
    assert read(detached(), own).key_source == "party"
    issued = certificate(issuer="Root", days=60)
    assert read(detached(cert=issued)).key_source == "dump"
    facts = read(detached(cert=issued), authority("Root"))
    assert facts.key_source == "party"
    assert "Root given from outside" in (facts.key_label or "")
    assert read(detached(cert=issued), authority("Other root")).key_source == "dump"
    assert read(detached(cert=issued), certificate("ec", "Root")).key_source == "dump"
    come = read(detached(cert=issued, more=[authority("Root")]))
    assert come.key_source == "dump"


def test_a_certificate_that_is_no_authority_vouches_for_nobody() -> None:
    """RFC 5280 section 6.1.4 (k): a certificate that is no CA's issues none."""
    below = certificate("2048", "ada@example.org", issuer="Root", days=60)
    assert read(detached(cert=below), certificate("ec", "Root")).key_source == "dump"
    colleague = certificate("3072", "bob@example.net", days=400)
    forged = certificate("2048", "ada@example.org", issuer="bob@example.net", days=60)
    assert read(detached(cert=forged), colleague).key_source == "dump"
    assert read(detached(cert=forged, more=[colleague]), colleague).key_source == "dump"


def test_a_certificate_for_servers_or_under_a_breakable_key_signs_no_mail() -> None:
    """RFC 8550 section 4.4.4: without emailProtection the key is not for mail."""
    purposes = x509.ExtendedKeyUsageOID
    web = certificate(days=60, purpose=purposes.SERVER_AUTH)
    facts = read(detached(cert=web), web)
    assert (facts.header_verifies, facts.key_status) == (None, "unusable")
    assert "extended key usage" in (facts.key_trouble or "")
    mail = certificate(days=60, purpose=purposes.EMAIL_PROTECTION)
    assert read(detached(cert=mail), mail).key_status == "found"


def test_facts_about_the_certificate_are_told() -> None:
    old = read(detached(cert=certificate(days=0)))
    assert (old.key_covers, old.key_status) == (False, "dated_out")
    usage = read(detached(cert=certificate(days=60, may_sign=False)))
    assert "key usage" in str(usage.violations[0])
    other = read(detached(cert=certificate("2048", "eve@example.com", days=60)))
    assert (other.alignment, other.identity) == ("none", "eve@example.com")
    house = read(detached(cert=certificate("2048", "office@example.org", days=60)))
    assert house.alignment == "organisational"
    short = read(detached("1024"))
    assert "only 1024 bits" in str(short.violations[0])


def test_without_its_certificate_a_signature_is_named_and_the_text_is_compared() -> None:
    bare = wrap(cms(PART, "2048", *_plain()[:1], pkcs7.PKCS7Options.NoCerts))
    facts = read(bare)
    assert (facts.header_verifies, facts.body_matches) == (None, True)
    assert facts.key_trouble == "the certificate with serial number 11 is not there"
    assert read(bare, certificate(days=60)).header_verifies is True
    assert read(bare.replace(b"weaves", b"leaves")).body_matches is False


def swap(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw, old
    return raw.replace(old, new, 1)


WHOLE = detached()
OPAQUE = opaque(cms(PART))
EVE = b"Content-Type: text/html\r\n\r\n<p>Pay Eve.</p>\r\n"
ATTRIBUTES = read_signed(cms(PART, "2048", pkcs7.PKCS7Options.DetachedSignature))
CHANGED: dict[str, bytes] = {
    "word": swap(WHOLE, b"weaves", b"leaves"),
    "part_header": swap(WHOLE, b"us-ascii", b"utf-7"),
    "blank": swap(WHOLE, b"Charles,", b"Charles, "),
    "before": swap(WHOLE, b"\r\n\r\n--0c1", b"\r\n\r\nPay Eve.\r\n--0c1"),
    "after": WHOLE + b"Pay Eve.\r\n",
    "third_part": swap(WHOLE, b"--0c1--", b"--0c1\r\n" + EVE + b"\r\n--0c1--"),
    "first_part": swap(WHOLE, b"--0c1\r\n", b"--0c1\r\n" + EVE + b"\r\n--0c1\r\n"),
    "other_boundary": swap(WHOLE, b'"0c1"\r\n\r\n', b'"x"\r\n\r\n--x\r\n' + EVE + b"\r\n--x--\r\n"),
    "two_boundaries": swap(WHOLE, b'"0c1"', b'"0c1"; boundary=x'),
    "shorter_boundary": swap(WHOLE, b'"0c1"', b'"0c"'),
    "extended_boundary": swap(WHOLE, b'boundary="0c1"', b"boundary*0=0c; boundary*1=1"),
    "as_mixed": swap(WHOLE, b"multipart/signed", b"multipart/mixed"),
    "as_plain": swap(WHOLE, b"multipart/signed", b"text/plain"),
    "second_type": b"Content-Type: text/html\r\n" + WHOLE,
    "second_from": b"From: eve@example.com\r\n" + WHOLE,
    "encoded": b"Content-Transfer-Encoding: base64\r\n" + WHOLE,
    "as_attachment": b"Content-Disposition: attachment\r\n" + WHOLE,
    "malformed": b"no field\r\n" + WHOLE,
    "no_version": swap(WHOLE, b"MIME-Version: 1.0\r\n", b""),
    "nested": TOP
    + b"Content-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n"
    + EVE
    + b"\r\n--z\r\n"
    + WHOLE[len(TOP) :]
    + b"\r\n--z--\r\n",
    "opaque_as_plain": swap(OPAQUE, b"application/pkcs7-mime", b"text/plain"),
    "opaque_with_more": opaque(cms(PART) + EVE),
    "opaque_quoted": swap(OPAQUE, b"Encoding: base64", b"Encoding: quoted-printable"),
    "content_in_both": wrap(cms(PART), b"Content-Type: text/plain\r\n\r\nPay Eve.\r\n"),
    "content_replaced": wrap(cms(PART), EVE),
    "attributes_as_content": opaque(cms(ATTRIBUTES.signers[0].signed or b""))
    if ATTRIBUTES
    else b"",
}


@pytest.mark.parametrize("name", sorted(set(CHANGED) - {"attributes_as_content"}))
def test_a_changed_display_is_never_wholly_covered_by_a_signature_that_holds(name: str) -> None:
    assert is_attested(WHOLE)
    assert is_attested(OPAQUE)
    assert not is_attested(CHANGED[name])


def test_signed_attributes_cannot_be_passed_off_as_content() -> None:
    """RFC 5652 section 5.3: signed attributes must be there unless the content is plain data."""
    assert ATTRIBUTES is not None
    signer = ATTRIBUTES.signers[0]
    assert signer.signed is not None
    plain = cms(signer.signed, "2048", pkcs7.PKCS7Options.NoAttributes)
    facts = read(opaque(plain))
    assert facts.body_matches is None
    assert "looks like signed attributes" in str(facts.violations[0])


def test_each_changed_letter_of_the_signed_part_is_seen() -> None:
    start = WHOLE.index(PART)
    for place in range(start, start + len(PART), 3):
        letter = WHOLE[place : place + 1]
        if not letter.isspace():
            changed = WHOLE[:place] + bytes([letter[0] ^ 1]) + WHOLE[place + 1 :]
            assert not is_attested(changed)


def test_hostile_bytes_raise_nothing_and_cost_little() -> None:
    chance = random.Random(5652)
    data = cms(PART, "ec", more=[authority("Root")])
    started = time.process_time()
    for _ in range(600):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            place = chance.randrange(len(mutated))
            mutated[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        check(opaque(bytes(mutated)))
        check(wrap(bytes(mutated)))
    for bomb in (b"\x30\x80" * 100_000, b"\x24\x80" * 5_000 + b"\0\0" * 5_000, b"\x30\x84\xff"):
        check(opaque(bomb))
    check(opaque(b"\x30\x83\x04\x93\xe0" + b"\x05\x00" * 150_000))
    assert time.process_time() - started < 30


@given(st.binary(max_size=200))
def test_an_element_lies_within_its_bytes_or_is_refused(data: bytes) -> None:
    try:
        element = ber.read(data)
    except ber.BerError:
        return
    todo = [element]
    while todo:
        one = todo.pop()
        assert 0 <= one.start < one.content_start <= one.content_end <= one.end <= len(data)
        todo += one.children


def test_object_identifiers() -> None:
    assert ber.dotted(bytes.fromhex("2a864886f70d010702")) == "1.2.840.113549.1.7.2"
    assert ber.dotted(bytes.fromhex("883703")) == "2.999.3"
    assert ber.dotted(b"\x80") == ber.dotted(b"") == ""


def test_the_check_is_found_by_where_it_stands() -> None:
    assert plugins("checks")["signed_mail"] is CHECK
    assert check(TOP + b"\r\nplain\r\n") == ()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl program is not there")
@pytest.mark.parametrize(
    "options",
    [
        ["-md", "sha256"],
        ["-md", "sha1", "-noattr"],
        ["-md", "sha384", "-keyid"],
        ["-md", "sha512", "-keyopt", "rsa_padding_mode:pss"],
        ["-md", "sha256", "-nodetach"],
        ["-md", "sha256", "-nodetach", "-stream", "-indef"],
    ],
    ids=["plain", "noattr_sha1", "keyid", "pss", "opaque", "indefinite"],
)
def test_what_openssl_signs_holds_and_openssl_agrees(tmp_path: Path, options: list[str]) -> None:
    identified = x509.SubjectKeyIdentifier.from_public_key(key("2048").public_key())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ada")])
    own = (
        x509.CertificateBuilder(name, name, key("2048").public_key(), 5, NOW, NOW + timedelta(9))
        .add_extension(identified, critical=False)
        .sign(key("2048"), hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "c.pem").write_bytes(own.public_bytes(pem))
    private = key("2048").private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "k.pem").write_bytes(private)
    (tmp_path / "m").write_bytes(PART)
    run = ["openssl", "cms", "-sign", "-in", "m", "-signer", "c.pem", "-inkey", "k.pem", *options]
    raw = subprocess.run(run, cwd=tmp_path, capture_output=True, check=True).stdout
    facts = read(b"From: ada@example.org\r\n" + raw)
    assert (facts.header_verifies, facts.body_matches, facts.covers_whole_body) == (True,) * 3
    assert facts.conforms == ("sha1" not in options)
    if "-nodetach" not in options:
        changed = read(b"From: ada@example.org\r\n" + raw.replace(b"weaves", b"leaves"))
        assert not (changed.header_verifies and changed.body_matches)


@pytest.mark.shared_data
def test_a_real_signature_of_thunderbird_holds_and_sha1_vouches_for_nobody(
    shared_data: Path,
) -> None:
    folder = shared_data / "leak/signed/MimeKit"
    raw = (folder / "smime__thunderbird-signed.txt").read_bytes()
    facts = read(raw)
    assert (facts.header_verifies, facts.body_matches, facts.covers_whole_body) == (True,) * 3
    assert (facts.key_source, facts.identity) == ("dump", "fejj@gnome.org")
    assert facts.algorithm == "rsa-sha1"
    inner = (folder / "smime__StartComClass1PrimaryIntermediateClientCA.crt").read_bytes()
    assert read(raw, x509.load_pem_x509_certificate(inner)).key_source == "dump"
    place = find_signed(raw, split(raw), read_display(split(raw)))[1][0]
    data = read_signed(place.signature)
    assert data is not None
    own = x509.load_der_x509_certificate(data.certificates[0])
    assert read(raw, own).key_source == "party"
