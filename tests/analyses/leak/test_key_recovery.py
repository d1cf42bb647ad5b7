"""Keys out of pairs of signatures: recovered, or not, and never a wrong one."""

from __future__ import annotations

import hashlib
import itertools
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tamis.analyses.leak import key_recovery
from tamis.analyses.leak.key_recovery import SignedHash, has_fast_division, recover, to_record
from tamis.syntax.mail.dkim_keys import read_key


@cache
def key(bits: int, exponent: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def signed(private: rsa.RSAPrivateKey, text: bytes, hash_name: str = "sha256") -> SignedHash:
    chosen = hashes.SHA256() if hash_name == "sha256" else hashes.SHA1()  # noqa: S303
    signature = private.sign(text, padding.PKCS1v15(), chosen)
    return SignedHash(signature, hashlib.new(hash_name, text).digest(), hash_name)


def altered(one: SignedHash) -> SignedHash:
    return SignedHash(one.signature, hashlib.sha256(b"other").digest(), one.algorithm)


@pytest.fixture(params=["gmpy2", "plain"])
def division(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With whatever is installed, and without gmpy2."""
    if request.param == "plain":
        monkeypatch.setattr(key_recovery, "_gmpy2", lambda: None)


@pytest.mark.usefixtures("division")
@pytest.mark.parametrize("bits", [1024, 2048, 1031])
def test_a_pair_gives_the_key(bits: int) -> None:
    private = key(bits, 3)
    some = [signed(private, bytes((rank,))) for rank in range(4)]
    found = recover(some[0], some[1], [*some[2:], altered(some[0])])
    assert found is not None
    numbers = private.public_key().public_numbers()
    assert (found.modulus, found.exponent) == (numbers.n, 3)
    assert (found.others_count, found.others_held_count) == (3, 2)
    record = read_key(found.txt)
    assert record.key is not None
    assert (record.key.modulus, record.key.exponent) == (numbers.n, 3)


@pytest.mark.usefixtures("division")
def test_many_pairs_with_small_factors_in_common_give_the_key() -> None:
    private = key(1024, 3)
    some = [signed(private, bytes((rank,))) for rank in range(20)]
    for first, second in itertools.pairwise(some):
        found = recover(first, second)
        assert found is not None
        assert found.modulus == private.public_key().public_numbers().n


@pytest.mark.usefixtures("division")
def test_sha1_beside_sha256_gives_the_key() -> None:
    private = key(1024, 3)
    assert recover(signed(private, b"a", "sha1"), signed(private, b"b")) is not None


def test_a_wrong_pair_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # The usual exponent would take half a minute here; what it gives is tested among the slow ones.
    monkeypatch.setattr(key_recovery, "EXPONENTS", (3,))
    first, second = signed(key(1024, 3), b"a"), signed(key(1024, 3), b"b")
    other = rsa.generate_private_key(3, 2048)
    assert recover(first, altered(second)) is None
    assert recover(signed(key(2048, 3), b"a"), signed(other, b"b")) is None
    assert recover(first, first) is None, "one signature twice is no pair"
    assert recover(first, signed(key(2048, 3), b"b")) is None
    zero = SignedHash(bytes(128), second.digest, "sha256")
    one = SignedHash(bytes(127) + b"\x01", second.digest, "sha256")
    for strange in (zero, one, SignedHash(b"", b"", "sha256"), SignedHash(b"x" * 20, b"", "sha1")):
        assert recover(first, strange) is None
        assert recover(strange, first) is None


def test_without_gmpy2_the_usual_exponent_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_recovery, "_gmpy2", lambda: None)
    private = key(1024, 65537)
    assert recover(signed(private, b"a"), signed(private, b"b")) is None


def test_a_record_is_read_back_whatever_its_size() -> None:
    for bits in (512, 1023, 1024, 4096, 8192):
        modulus = (1 << (bits - 1)) | 0x1234567
        found = read_key(to_record(modulus, 65537)).key
        assert found is not None
        assert (found.modulus, found.exponent, found.form) == (modulus, 65537, "spki")


@pytest.mark.slow
@pytest.mark.parametrize("bits", [1024, 2048])
def test_the_usual_exponent_gives_the_key(bits: int) -> None:
    assert has_fast_division(), "the suites install the extra [recover]"
    private = key(bits, 65537)
    some = [signed(private, bytes((rank,))) for rank in range(3)]
    found = recover(some[0], some[1], some[2:])
    assert found is not None
    assert found.modulus == private.public_key().public_numbers().n
    assert found.others_held_count == 1


@pytest.mark.slow
def test_a_wrong_pair_of_the_usual_exponent_gives_nothing() -> None:
    assert has_fast_division(), "the suites install the extra [recover]"
    private = key(1024, 65537)
    assert recover(signed(private, b"a"), altered(signed(private, b"b"))) is None
