"""A reply of an authority, kept in the repository, so that a checkout alone proves the reading."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tamis.syntax.mail.certificates import read_certificate
from tamis.syntax.pem import certificates_in
from tamis.syntax.timestamp_trust import _is_for_time, judge

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "timestamp_reply.json").read_text())
REPLY, DIGEST = base64.b64decode(GOLDEN["reply"]), bytes.fromhex(GOLDEN["digest"])
PURPOSES = x509.oid.ExtendedKeyUsageOID


def test_the_golden_reply_holds_with_its_time_and_no_other_digest() -> None:
    (der,) = certificates_in(GOLDEN["root"].encode())
    root = read_certificate(der)
    assert root is not None
    judged = judge(REPLY, DIGEST, [root], [GOLDEN["nonce"]])
    assert judged.problems == ()
    assert judged.stated_at == datetime.fromisoformat(GOLDEN["stated_at"])
    assert judged.latest_at == datetime.fromisoformat(GOLDEN["latest_at"])
    assert not judge(REPLY, bytes(32), [root]).holds
    assert not judge(REPLY, DIGEST, []).holds


@pytest.mark.parametrize(
    ("purposes", "is_critical", "expected"),
    [
        ([PURPOSES.TIME_STAMPING], True, True),
        ([PURPOSES.TIME_STAMPING], False, False),
        ([PURPOSES.TIME_STAMPING, PURPOSES.EMAIL_PROTECTION], True, False),
        ([PURPOSES.EMAIL_PROTECTION], True, False),
        ([], True, False),
    ],
    ids=["critical and alone", "not critical", "mail too", "mail", "unmarked"],
)
def test_only_a_certificate_for_time_alone_may_stamp(
    purposes: list[x509.ObjectIdentifier], *, is_critical: bool, expected: bool
) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "t")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=9))
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), is_critical)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    found = read_certificate(der)
    assert found is not None
    assert _is_for_time(found) is expected
