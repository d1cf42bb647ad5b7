from __future__ import annotations

import hashlib
import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tamis.syntax.ber import BerError
from tamis.syntax.mail.certificates import Certificate, read_certificate
from tamis.syntax.timestamp import read_reply, write_request
from tamis.syntax.timestamp_trust import UNSTATED_S, judge
from time_authority import OPENSSL, WHY_NOT, Authority

pytestmark = pytest.mark.skipif(OPENSSL is None, reason=WHY_NOT)
DIGEST = hashlib.sha256(b"what is stamped").digest()
NONCE = 0x0102030405060708


def root_of(authority: Authority) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    loaded = x509.load_pem_x509_certificate(authority.root_pem)
    found = read_certificate(loaded.public_bytes(Encoding.DER))
    assert found is not None
    return found


def stamped(authority: Authority, *, with_root: bool = False) -> bytes:
    request = authority.folder / "one.tsq"
    request.write_bytes(write_request(DIGEST, NONCE))
    return authority.answer(request, with_root=with_root).read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a", "First")


@pytest.fixture(scope="module")
def reply(authority: Authority) -> bytes:
    return stamped(authority)


def test_golden_request_is_what_the_standard_writes() -> None:
    golden = (
        "303d020101"  # TimeStampReq, version 1
        "3031300d060960864801650304020105000420" + DIGEST.hex() + "02020081"  # a nonce of 129
        "0101ff"
    )
    assert write_request(DIGEST, 129).hex() == golden.replace("303d", "303d", 1)


def test_the_request_is_read_by_openssl(tmp_path: Path) -> None:
    (tmp_path / "r.tsq").write_bytes(write_request(DIGEST, NONCE))
    done = subprocess.run(
        ["openssl", "ts", "-query", "-in", "r.tsq", "-text"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "sha256" in done.stdout
    assert "Nonce: 0x0102030405060708" in done.stdout
    assert "Certificate required: yes" in done.stdout


@pytest.mark.parametrize("beside", ["alone", "root"])  # the root makes a set that is not sorted
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_token_holds_under_its_root(tmp_path: Path, kind: str, beside: str) -> None:
    authority = Authority(tmp_path / "t", "Own", kind=kind)
    judged = judge(
        stamped(authority, with_root=beside == "root"), DIGEST, [root_of(authority)], [NONCE]
    )
    assert judged.problems == ()
    assert (judged.authority, judged.signer) == ("Own root", "Own clock")
    assert judged.stated_at is not None
    assert judged.latest_at is not None
    assert judged.latest_at - judged.stated_at == timedelta(seconds=1)
    assert abs(datetime.now(UTC) - judged.stated_at) < timedelta(minutes=5)


def test_a_token_for_another_root_is_refused_with_the_remedy(tmp_path: Path, reply: bytes) -> None:
    other = Authority(tmp_path / "o", "First")  # the same names, other keys
    for roots in ([], [root_of(other)]):
        judged = judge(reply, DIGEST, roots, [NONCE])
        assert not judged.holds
        assert judged.latest_at is None
        assert "get its root certificate from it and give it with --roots" in judged.problems[0]


def test_another_digest_or_nonce_is_told(authority: Authority, reply: bytes) -> None:
    roots = [root_of(authority)]
    assert judge(reply, DIGEST, roots).holds
    other = judge(reply, hashlib.sha256(b"else").digest(), roots, [NONCE])
    assert other.problems == ("it stamps something else (another message imprint)",)
    assert judge(reply, DIGEST, roots, [1]).problems == (
        "it answers another request (another nonce)",
    )


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"valid_days": -100}, "was not valid at the time"),
        ({"is_ca": False}, "no certificate that you trust vouches"),
    ],
)
def test_who_may_not_stamp_does_not(tmp_path: Path, wishes: dict[str, object], told: str) -> None:
    authority = Authority(tmp_path / "t", "Bad", **wishes)
    judged = judge(stamped(authority), DIGEST, [root_of(authority)])
    assert any(told in one for one in judged.problems), judged.problems


def test_an_accuracy_that_is_not_stated_is_assumed(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "t", "Vague", accuracy="secs:0")
    judged = judge(stamped(authority), DIGEST, [root_of(authority)])
    assert judged.holds
    assert judged.stated_at is not None
    assert judged.latest_at is not None
    margin = (judged.latest_at - judged.stated_at).total_seconds()
    assert margin == (0 if judged.is_accuracy_stated else UNSTATED_S)


def test_no_changed_byte_is_read_as_another_time_or_stamp(
    authority: Authority, reply: bytes
) -> None:
    roots = [root_of(authority)]
    whole = judge(reply, DIGEST, roots, [NONCE])
    dice = random.Random(7)
    places = dice.sample(range(len(reply)), 400)
    kept = 0
    for at in places:
        changed = bytearray(reply)
        changed[at] ^= 1 << dice.randrange(8)
        judged = judge(bytes(changed), DIGEST, roots, [NONCE])
        # What no signature covers (a status text, an unused certificate) may differ, no more.
        if judged.holds:
            kept += 1
            assert (judged.stated_at, judged.latest_at) == (whole.stated_at, whole.latest_at)
            assert judged.authority == whole.authority
    assert kept < len(places) / 10


def test_what_is_no_reply_is_named() -> None:
    refused = bytes.fromhex("30053003020102")
    with pytest.raises(BerError, match="gave no token"):
        read_reply(refused)
    for data in (b"", b"\x30", b"\x30\x80", b"<html>", b"\x30\x03\x02\x01\x00", bytes(3000)):
        with pytest.raises(BerError):
            read_reply(data)


def test_a_reply_with_something_behind_it_is_refused(reply: bytes) -> None:
    with pytest.raises(BerError, match="something follows"):
        read_reply(reply + b"\0")
