"""RFC 6376 and RFC 8463 against the canonical forms, hashes and signatures."""

from __future__ import annotations

import base64

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dkim_signer
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.findings.verdict import RollUp
from tamis.syntax.mail.dkim import relaxed_body, relaxed_header, simple_body
from tamis.syntax.mail.headers import split

LINES = st.lists(st.text(" \tab\r", max_size=12).map(str.encode), max_size=12)
BODIES = LINES.map(lambda lines: b"\r\n".join(line.replace(b"\r", b"") for line in lines))
VALUES = st.lists(st.text(" \tab:", max_size=8).map(str.encode), min_size=1, max_size=5)
KEYS = KeyRing([dkim_signer.key_row()])
GMAIL = "mime-version:from:date:message-id:subject:to"


class TestSimpleBody:
    """RFC 6376 section 3.4.3: "The "simple" body canonicalization algorithm ignores all empty
    lines at the end of the message body." "In other words, it converts "*CRLF" at the end of the
    body to a single "CRLF"."
    """

    @given(BODIES)
    def test_it_is_what_the_slow_reading_of_the_standard_gives(self, body: bytes) -> None:
        assert simple_body(body) == dkim_signer.body_form(body, "simple")

    @given(BODIES, st.integers(0, 5))
    def test_empty_lines_at_the_end_change_nothing(self, body: bytes, count: int) -> None:
        assert simple_body(body + b"\r\n" * count) == simple_body(body)


class TestRelaxedBody:
    """RFC 6376 section 3.4.4: "Ignore all whitespace at the end of lines." "Reduce all sequences of
    WSP within a line to a single SP character." "Ignore all empty lines at the end of the message
    body."
    """

    @given(BODIES)
    def test_it_is_what_the_slow_reading_of_the_standard_gives(self, body: bytes) -> None:
        assert relaxed_body(body) == dkim_signer.body_form(body, "relaxed")

    @given(BODIES)
    def test_it_is_stable(self, body: bytes) -> None:
        assert relaxed_body(relaxed_body(body)) == relaxed_body(body)

    @given(BODIES)
    def test_stored_with_lf_it_is_the_same(self, body: bytes) -> None:
        assert relaxed_body(body.replace(b"\r\n", b"\n")) == relaxed_body(body)


class TestRelaxedHeader:
    """RFC 6376 section 3.4.2: "Convert all header field names (not the header field values) to
    lowercase." "Unfold all header field continuation lines" "Convert all sequences of one or more
    WSP characters to a single SP character." "Delete all WSP characters at the end of each unfolded
    header field value." "Delete any WSP characters remaining before and after the colon".
    """

    @given(VALUES)
    def test_it_is_what_the_slow_reading_of_the_standard_gives(self, words: list[bytes]) -> None:
        value = b"\r\n ".join(words)
        assert relaxed_header(b"Na-Me", value) == dkim_signer.header_form(
            b"Na-Me", value, "relaxed"
        )


class TestSignature:
    """RFC 6376 section 6.1.3: "If the signature does not validate, the Verifier SHOULD ignore the
    signature and return PERMFAIL" ; section 5.4.2: "Signers MAY claim to have signed header fields
    that do not exist".
    """

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(
        st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"]), max_size=30),
        BODIES,
        st.sampled_from(["simple", "relaxed"]),
        st.sampled_from(["simple", "relaxed"]),
        st.booleans(),
    )
    def test_what_an_independent_signer_signs_holds(
        self,
        subject: str,
        body: bytes,
        header: str,
        form: str,
        is_lf: bool,  # noqa: FBT001
    ) -> None:
        fields = [(n, f"x{subject}" if n == "Subject" else v) for n, v in dkim_signer.LETTER]
        raw = dkim_signer.sign(fields, body, forms=(header, form), signed=GMAIL + ":cc:from")
        raw = raw.replace(b"\r\n", b"\n") if is_lf else raw
        (facts,) = verify_message(raw, KEYS).signatures
        assert facts.body_matches
        assert facts.header_verifies
        assert facts.conforms

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_a_changed_byte_is_verified_only_where_nothing_shown_changes(
        self, data: st.DataObject
    ) -> None:
        raw = MESSAGE
        place = data.draw(st.integers(0, len(raw) - 1))
        byte = data.draw(st.integers(0, 255))
        changed = raw[:place] + bytes([byte]) + raw[place + 1 :]
        verdict = verify_message(changed, KEYS).verdict
        if verdict.roll_up in {RollUp.VERIFIED, RollUp.SUPPORTED}:
            assert _shown(changed) == _shown(raw)


MESSAGE = dkim_signer.sign(dkim_signer.LETTER, dkim_signer.BODY, signed=GMAIL)


def _shown(raw: bytes) -> tuple[object, ...]:
    """What a reader shows of a plain letter, white space apart."""
    headers = split(raw)
    names = (b"from", b"to", b"subject", b"date")
    fields = [b" ".join(f.value.split()) for name in names for f in headers.named(name)]
    return (*fields, raw[headers.body_start :].split())


class TestEd25519:
    """RFC 8463 section 3: "It signs the hash with the PureEdDSA variant Ed25519"; section 4: "Since
    Ed25519 public keys are 256 bits long, the base64-encoded key is only 44 octets".
    """

    @settings(max_examples=20, deadline=None)
    @given(BODIES)
    def test_what_an_independent_signer_signs_holds(self, body: bytes) -> None:
        key = dkim_signer.ed25519_key()
        row = dkim_signer.key_row(f"v=DKIM1; k=ed25519; p={dkim_signer.public_text(key)}")
        raw = dkim_signer.sign(dkim_signer.LETTER, body, algorithm="ed25519-sha256", key=key)
        (facts,) = verify_message(raw, KeyRing([row])).signatures
        assert (facts.body_matches, facts.header_verifies, facts.key_bits) == (True, True, 256)


class TestKeys:
    """RFC 6376 section 3.6.1: "p= Public-key data (base64; REQUIRED). An empty value means that
    this public key has been revoked."
    """

    @settings(max_examples=200)
    @given(st.binary(max_size=200), st.sampled_from(["rsa", "ed25519", "x"]))
    def test_any_bytes_as_a_key_raise_nothing_and_verify_nothing(
        self, raw: bytes, kind: str
    ) -> None:
        txt = f"k={kind}; p={base64.b64encode(raw).decode()}"
        (facts,) = verify_message(MESSAGE, KeyRing([dkim_signer.key_row(txt)])).signatures
        assert not facts.header_verifies


class TestAnyBytes:
    """RFC 6376 section 6.1: "a Verifier SHOULD NOT treat a message that has one or more bad
    signatures and no good signatures differently from a message with no signature at all."
    """

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=400))
    def test_nothing_is_raised(self, raw: bytes) -> None:
        top = b"DKIM-Signature: v=1; d=example.org; s=s1; a=rsa-sha256; "
        for whole in (raw, top + raw, raw + b"\r\n" + MESSAGE):
            verdict = verify_message(whole, KEYS).verdict
            assert verdict.roll_up in {RollUp.UNKNOWN, RollUp.DISPUTED} or whole.endswith(MESSAGE)
