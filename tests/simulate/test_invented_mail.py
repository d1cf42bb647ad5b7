"""What is said of the mail is true of its bytes, by other programs' judgement."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import sys
import types
import zipfile
from collections import Counter
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tamis.simulate.keys import is_prime
from tamis.simulate.signing import canonical_body, canonical_field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamis.simulate import Incident

_SEPARATOR = re.compile(rb"(?m)^From \S+ (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [^\n]*\n")


def stored(incident: Incident) -> Iterator[tuple[dict[str, str], bytes]]:
    """Each copy with its row of the truth, mbox quoting undone."""
    split: dict[str, list[bytes]] = {}
    for row in incident.truth.messages:
        path = incident.leak / row["path"]
        if path.suffix == ".eml":
            raw = path.read_bytes()
            assert hashlib.sha256(raw).hexdigest() == row["sha256"], row
            yield row, raw
            continue
        if row["path"] not in split:
            split[row["path"]] = _SEPARATOR.split(path.read_bytes())[1:]
        raw = split[row["path"]][int(row["position"])]
        raw = raw[:-2] if raw.endswith(b"\r\n\r\n") else raw[:-1]
        assert hashlib.sha256(raw).hexdigest() == row["sha256"], row
        yield row, re.sub(rb"(?m)^>(>*From )", rb"\1", raw)


@pytest.fixture(scope="module")
def copies(incident: Incident) -> list[tuple[dict[str, str], bytes]]:
    return list(stored(incident))


def wire(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class VerifyKey:
    """What dkimpy asks of PyNaCl, answered by another library."""

    def __init__(self, raw: bytes, encoder: object = None) -> None:
        import base64

        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(raw) if encoder else raw)

    def verify(self, message: bytes, signature: bytes) -> bytes:
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            raise sys.modules["nacl.exceptions"].BadSignatureError from error  # type: ignore[attr-defined]
        return message


@pytest.fixture
def nacl(monkeypatch: pytest.MonkeyPatch) -> None:
    package, signing, encoding = (
        types.ModuleType(name) for name in ("nacl", "nacl.signing", "nacl.encoding")
    )
    exceptions = types.ModuleType("nacl.exceptions")
    exceptions.BadSignatureError = type("BadSignatureError", (Exception,), {})  # type: ignore[attr-defined]
    signing.VerifyKey = VerifyKey  # type: ignore[attr-defined]
    encoding.Base64Encoder = object  # type: ignore[attr-defined]
    for module in (package, signing, encoding, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
        setattr(package, module.__name__.rpartition(".")[2], module)
    monkeypatch.setattr(dkim, "nacl", package, raising=False)


def oracle(raw: bytes, keys: dict[str, list[dict[str, str]]]) -> list[bool]:
    """What dkimpy says of each signature, top first."""

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        rows = keys.get(name.decode().rstrip("."))
        return rows[0]["txt"].encode() if rows else None

    judge = dkim.DKIM(wire(raw))
    head = wire(raw).partition(b"\r\n\r\n")[0]
    out = []
    for index in range(len(re.findall(rb"(?im)^dkim-signature:", head))):
        try:
            out.append(bool(judge.verify(idx=index, dnsfunc=answer)))
        except (dkim.DKIMException, dkim.crypto.UnparsableKeyError):
            out.append(False)
    return out


HOLDS = {  # how it was made -> whether some signature holds under the key file
    "newsletter": True, "list_post": True, "third_party": True, "decoy": True,
    "twin_of_altered": True, "blanks_harmless": True, "from_line": True, "lookalike": True,
    "signed_twice": True, "prepended_to": True, "prepended_subject": True, "prepended_date": True,
    "prepended_content_type": True, "prepended_from": False, "altered_body": False,
    "altered_subject": False, "altered_attachment": False, "footer_added": False,
    "subject_tagged": False, "blanks_broke": False, "forged_unsigned": False, "forged_key": False,
    "transplanted": False, "sent_copy": False,
}  # fmt: skip
LETTER_HOLDS = {
    "key rotated away, in no source": False,
    "key revoked, empty p=": False,
    "512 bit key (RFC 8301)": False,
    "unsigned": False,
    "From not in h=": None,  # dkimpy lets it pass, RFC 6376 section 5.4 does not
}


@pytest.mark.usefixtures("nacl")
def test_dkimpy_passes_what_is_said_to_be_genuine_and_nothing_else(
    incident: Incident, copies: list[tuple[dict[str, str], bytes]]
) -> None:
    keys = json.loads(incident.keys.read_text())
    seen = Counter()
    for row, raw in copies:
        made_as = row["made_as"]
        expected = LETTER_HOLDS.get(row["why"], True) if made_as == "letter" else HOLDS[made_as]
        found = oracle(raw, keys)
        seen[made_as] += 1
        if expected is not None:
            assert any(found) is expected, (row, found)
    assert set(HOLDS) | {"letter"} == set(seen)
    assert seen["letter"] >= 100


def test_whatever_may_be_called_verified_has_a_signature_that_holds_or_none_of_the_others(
    copies: list[tuple[dict[str, str], bytes]],
) -> None:
    for row, _ in copies:
        expected = set(row["expected"].split("|"))
        if row["true_class"] == "forged":
            assert expected == {"unverifiable"}
        if row["true_class"] == "altered":
            assert not expected & {"verified", "verified_partly", "key_consistent", "consistent"}


def test_every_copy_lies_where_the_truth_says_with_those_bytes(
    incident: Incident, copies: list[tuple[dict[str, str], bytes]]
) -> None:
    assert len(copies) == incident.message_count == sum(incident.truth.leak["classes"].values())
    for row, raw in copies:
        assert hashlib.sha256(raw).hexdigest() == row["sha256_unquoted"], row
        assert (row["sha256"] != row["sha256_unquoted"]) == (row["is_quoted"] == "True")
    boxes = Counter(row["path"] for row, _ in copies if not row["path"].endswith(".eml"))
    for path, count in incident.truth.leak["containers"].items():
        if path.endswith(".mbox"):
            assert boxes[path] == count


def test_the_classes_all_occur_and_verified_mail_is_no_majority_of_person_to_person_mail(
    incident: Incident,
) -> None:
    rows = incident.truth.messages
    assert {row["true_class"] for row in rows} == {
        "genuine", "genuine_damaged", "altered", "forged", "lookalike", "decoy",
    }  # fmt: skip
    expected = {verdict for row in rows for verdict in row["expected"].split("|")}
    assert expected == {
        "verified", "verified_partly", "key_consistent", "body_differs", "display_conflict",
        "unverifiable",
    }  # fmt: skip
    personal = [row for row in rows if row["person_to_person"] == "True"]
    share = sum(row["expected"] == "verified" for row in personal) / len(personal)
    assert 0.2 < share < 0.6


def test_mbox_quoting_was_needed_in_both_varieties(incident: Incident) -> None:
    quoted = {row["mailbox"] for row in incident.truth.messages if row["is_quoted"] == "True"}
    assert "tresorerie" in quoted  # mboxo
    assert quoted & {"direction", "terrain"}  # mboxrd


def test_only_what_genuine_letters_say_can_stand_in_replies(incident: Incident) -> None:
    """A letter whose body the mailbox changed may be `consistent`, a false or sold one never."""
    quoted = [r for r in incident.truth.messages if "body_differs" in r["expected"].split("|")]
    quoted = [r for r in quoted if r["is_quoted"] == "True" and "damaged" in r["later"]]
    letters = [r for r in quoted if r["person_to_person"] == "True"]
    assert letters
    for row in quoted:
        is_letter = row["person_to_person"] == "True" and row["true_class"] == "genuine"
        assert ("consistent" in row["later"].split("|")) >= is_letter
    for row in incident.truth.messages:
        if row["true_class"] in {"altered", "forged"}:
            assert "consistent" not in row["later"].split("|")


def test_three_in_ten_honest_ways_run_backwards(
    copies: list[tuple[dict[str, str], bytes]],
) -> None:
    inverted = total = 0
    for row, raw in copies:
        hops = message_from_bytes(raw).get_all("Received") or []
        times = [parsedate_to_datetime(h.rpartition(";")[2].strip()) for h in hops]
        if row["true_class"] == "genuine" and len(times) == 2:
            total += 1
            inverted += (times[1] - times[0]).total_seconds() > 60
    assert total > 200
    assert 0.22 < inverted / total < 0.38


def test_other_files_are_as_told(incident: Incident) -> None:
    for row in incident.truth.documents:
        data = (incident.leak / row["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert len(data) == int(row["size_bytes"])
    assert zipfile.ZipFile(incident.leak / "documents/tracts.zip").testzip() is None
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(incident.leak / "documents/tracts-coupe.zip")


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def test_every_domain_is_reserved(incident: Incident) -> None:
    mark = rb"(?:@|://|\bd=|\bfrom (?=\S+ \())"
    host = re.compile(mark + rb"([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
    # The platform's wrapper, whole and as the cut of a repost leaves it; the collector's own query.
    own = {b"t.co", b"t.c", b"api.twitter.com"}
    paths = [p for p in incident.folder.rglob("*") if p.is_file()]
    found = Counter(name.lower() for path in paths for name in host.findall(content(path)))
    assert len(found) > 20
    assert {name for name in found if not name.endswith(b".example")} <= own


@pytest.mark.parametrize(
    ("body", "relaxed", "simple"),
    [  # RFC 6376 sections 3.4.3 to 3.4.5
        (b"", b"", b"\r\n"),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n", b" C \r\nD \t E\r\n"),
        (b"no end", b"no end\r\n", b"no end\r\n"),
    ],
)
def test_bodies_are_canonical_as_the_standard_says(
    body: bytes, relaxed: bytes, simple: bytes
) -> None:
    assert canonical_body(body, "relaxed") == relaxed
    assert canonical_body(body, "simple") == simple


def test_fields_are_canonical_as_the_standard_says() -> None:
    assert canonical_field("A", " X", "relaxed") == "a:X"
    assert canonical_field("B", "Y\t\r\n\tZ  ", "relaxed") == "b:Y Z"
    assert canonical_field("B", "Y\t\r\n\tZ  ", "simple") == "B: Y\t\r\n\tZ  "


def test_primes_are_told_from_composites() -> None:
    assert is_prime((1 << 521) - 1)
    assert is_prime(1_999)
    assert not is_prime(2_003 * 2_011)
    assert not is_prime(3_215_031_751)  # passes for the witnesses 2, 3, 5 and 7 alone


def test_the_truth_is_a_table(incident: Incident) -> None:
    with (incident.folder / "truth" / "messages.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows) == incident.truth.messages
    some = next(row for row in rows if row["made_as"] == "decoy")
    words = {"verified", "decoy", "decoy_asserted"}
    assert incident.truth.expected(some["sha256"]) == words
    assert incident.truth.expected("0" * 64) == frozenset()
