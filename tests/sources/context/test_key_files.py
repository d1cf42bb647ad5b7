"""Key files in every form that tamis reads: what becomes a row, of which source, and what not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import dkim_signer
from tamis import records, registry
from tamis.errors import FormatError
from tamis.registry import Glimpse, Source
from tamis.run.intake_leak import best
from tamis.run.intake_tasks import readers_of

NAME = "s1._domainkey.example.org"
KEY = dkim_signer.public_text(dkim_signer.rsa_key())
TXT = f"v=DKIM1; k=rsa; p={KEY}"


Rows = list[dict[str, Any]]


def load(data: bytes | str, name: str = "f") -> tuple[str, Rows, Rows, dict[str, Any]]:
    """Reader, rows, rejected rows and counts of a file, as `tamis add --kind keys` reads it."""
    raw = data.encode() if isinstance(data, str) else data
    found = best(readers_of("context", "keys"), Glimpse(name, raw[:65536], len(raw)))
    assert found[1] > 0, "nobody recognises it"
    reader = registry.plugins("context")[found[0]]
    tables: dict[str, list[dict[str, Any]]] = {"dkim_key": [], "rejected": [], "intake_count": []}
    for batches in reader.read(io.BytesIO(raw), Source("0" * 64, name, len(raw))):
        for table, batch in batches.items():
            assert batch.schema == records.table(table).schema
            tables[table] += batch.to_pylist()
    (count,) = tables["intake_count"]
    total = count["used_count"] + count["rejected_count"] + count["skipped_count"]
    assert total == count["row_count"]
    return found[0], tables["dkim_key"], tables["rejected"], count


def test_an_archive_dump_keeps_dates_and_names_what_was_recovered() -> None:
    lines = [
        {"domain": "example.org", "selector": "s1", "value": TXT, "source": "scraper",
         "firstSeenAt": "2016-11-01T00:00:00.000Z", "lastSeenAt": "2017-06-01T00:00:00.000Z"},
        {"domain": "example.org", "selector": "s1", "value": TXT, "source": "public_key_gcd_batch",
         "firstSeenAt": "2015-01-01T00:00:00Z", "lastSeenAt": "2017-06-01T00:00:00Z"},
        {"domain": "example.org", "selector": "s2", "value": TXT, "gcdFirstSeenAt": "2015-01-01"},
        {"domain": "example.org", "selector": "s3", "value": TXT, "source": "scraper",
         "firstSeenAt": "2010-01-01", "lastSeenAt": "2020-01-01", "gcdFirstSeenAt": "2010-01-01",
         "dnsFirstSeenAt": "2017-01-01", "dnsLastSeenAt": "2017-12-31"},
        {"name": NAME, "txt": TXT, "note": "key recovered from two mails"},
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, lines)) + '\n{"domain": \n\n["x"]\n'
    reader, rows, rejected, count = load(text)
    assert reader == "dkim_keys_lines"
    assert [row["source"] for row in rows] == [
        "archive", "recovered", "recovered", "archive", "recovered",
    ]  # fmt: skip
    assert rows[0]["seen_from_at"] == datetime(2016, 11, 1, tzinfo=UTC)
    assert "scraper" in rows[0]["source_label"]
    # The dates of the DNS alone: the archive widened the others by those of mail.
    assert rows[3]["seen_from_at"] == datetime(2017, 1, 1, tzinfo=UTC)
    assert len(rejected) == 2
    assert rejected[0]["byte_start"] == len("\n".join(map(json.dumps, lines))) + 1
    assert "recovered from signatures" in count["note"]


def test_a_long_archive_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.sources.context import keys_lines

    monkeypatch.setattr(keys_lines, "BATCH_ROWS", 7)
    monkeypatch.setattr(keys_lines, "_LONGEST_LINE", 1000)
    lines = [
        json.dumps({"selector": f"s{rank % 40}", "domain": "example.org", "value": "p="})
        for rank in range(60)
    ]
    lines[30] = json.dumps({"selector": "s", "domain": "example.org", "value": "p=" + "A" * 5000})
    lines[31] = "x"
    _, rows, rejected, count = load("\n".join(lines))
    assert len(rows) == len({row["key_name"] for row in rows}) == 38
    assert [row["position"] for row in rejected] == [30, 31]
    assert rejected[1]["byte_start"] == sum(len(line) + 1 for line in lines[:31])
    assert (count["row_count"], count["used_count"], count["skipped_count"]) == (60, 38, 20)


def test_csv_in_its_dialects() -> None:
    text = (
        "selector;domain;record;source;first_seen;last_seen\n"
        f's1;example.org;"{TXT}";archive;2017-01-01;2017-06-01\n'
        's2;example.org;"p=";;;\n'
        's3;example.org;"p=";friend;;\n'
        "s4;example.org;p=;dns;yesterday;\n"
        "s5;example.org;p=;dns;;;;too;many\n"
        '"open\n'
    )
    reader, rows, rejected, _ = load(text)
    assert reader == "dkim_keys_csv"
    assert [(row["key_name"], row["source"]) for row in rows] == [
        (NAME, "archive"),
        ("s2._domainkey.example.org", "party"),
    ]
    assert len(rejected) == 4
    _, rows, _, _ = load(f"﻿key_name\ttxt\n{NAME}\t{TXT}\n".encode())
    assert rows[0]["txt"] == TXT


def test_what_a_table_or_a_line_says_twice_is_no_guess() -> None:
    _, rows, rejected, _ = load(f"name,txt,txt\n{NAME},p=,{TXT}\ns2._domainkey.b.c,p=,p=\n")
    assert [row["key_name"] for row in rows] == ["s2._domainkey.b.c"]
    assert "more than once, and differently: txt" in rejected[0]["reason"]
    line = f'{{"name": "{NAME}", "txt": "p=", "%s": "{TXT}"}}\n'
    _, rows, rejected, _ = load(line % "txt" + line % "\\u0074xt" + line % "note")
    assert [row["position"] for row in rejected] == [0, 1]
    assert [row["txt"] for row in rows] == ["p="]


def test_a_quote_that_is_never_closed_hides_no_row() -> None:
    _, rows, rejected, _ = load(f'name,txt\n{NAME},"p=\ns2._domainkey.b.c,"p="\n')
    assert [row["key_name"] for row in rows] == ["s2._domainkey.b.c"]
    assert [row["reason"] for row in rejected] == ["a quote is not closed"]
    _, rows, rejected, _ = load(f'name,txt\n{NAME},"p=\ns2._domainkey.b.c,p="\n')
    assert rows == []
    assert rejected[0]["reason"] == "a cell holds further rows: a quote is not closed"
    _, rows, _, _ = load(f'name,txt\n{NAME},"p=QUJD\n QUJD"\n')
    assert len(rows) == 1, "a record may be folded"


def test_a_header_that_no_reader_of_csv_takes_is_said() -> None:
    with pytest.raises(FormatError, match="the header row is no CSV"):
        load(f"name,txt,{'x' * 200_000}\n{NAME},p=\n")


def test_a_zone_file_is_of_a_party_and_dig_of_the_dns() -> None:
    record = f'"v=DKIM1; k=rsa; p={KEY[:200]}"\n  "{KEY[200:]}"'
    zone = f'$ORIGIN example.org.\ns1._domainkey IN TXT ( {record} )\nx TXT "v=spf1"\n'
    reader, rows, rejected, _ = load(zone)
    assert (reader, len(rows), rejected) == ("dkim_keys_zone", 1, [])
    short = f"$TTL 3600\n$ORIGIN _domainkey.example.org.\ns1 IN TXT ( {record} )\n* TXT {record}\n"
    reader, rows, rejected, _ = load(short)
    names = {row["key_name"] for row in rows}
    assert (reader, NAME in names) == ("dkim_keys_zone", True)
    assert names <= {NAME, "*._domainkey.example.org"}, "a wildcard is no other name's key"
    assert (rows[0]["key_name"], rows[0]["txt"], rows[0]["source"]) == (NAME, TXT, "party")
    dig = f"""
; <<>> DiG 9.18.28 <<>> TXT {NAME}
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; QUESTION SECTION:
;{NAME}. IN TXT

;; ANSWER SECTION:
{NAME}. 300 IN TXT "v=DKIM1; k=rsa; p={KEY[:200]}" "{KEY[200:]}"

;; Query time: 3 msec
;; SERVER: 9.9.9.9#53(9.9.9.9) (UDP)
;; WHEN: Thu May 04 10:00:00 %s 2017
;; MSG SIZE  rcvd: 100
"""
    _, rows, _, count = load(dig % "UTC")
    assert (rows[0]["source"], rows[0]["txt"]) == ("dns", TXT)
    assert rows[0]["seen_from_at"] == datetime(2017, 5, 4, 10, tzinfo=UTC)
    assert "9.9.9.9" in rows[0]["source_label"]
    _, rows, _, count = load(dig % "CEST")
    assert rows[0]["seen_from_at"] is None, "an abbreviation of a zone is no offset"
    assert "no time in UTC" in count["note"]


def test_a_zone_without_its_name_is_no_guess() -> None:
    _, rows, rejected, _ = load('s1._domainkey IN TXT "p="\n', "example.org.zone")
    assert rows == []
    assert "no $ORIGIN" in rejected[0]["reason"]


def test_nslookup_output_also_as_windows_saves_it() -> None:
    text = f'{NAME}\ttext = "{TXT[:100]}" "{TXT[100:]}"\n'
    for raw in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        reader, rows, _, _ = load(raw)
        assert (reader, rows[0]["txt"], rows[0]["source"]) == ("dkim_keys_lookup", TXT, "dns")
        assert rows[0]["seen_from_at"] is None


def pem(key: Any, password: bytes | None = None) -> bytes:
    encryption: Any = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def test_private_keys_stand_for_every_name() -> None:
    other = rsa.generate_private_key(65537, 2048)
    data = b"# leaked\n" + pem(dkim_signer.rsa_key()) + pem(dkim_signer.ed25519_key())
    data += pem(other, b"x") + pem(ec.generate_private_key(ec.SECP256R1()))
    data += b"-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n"
    reader, rows, rejected, _ = load(data, f"{NAME}.pem")
    assert reader == "dkim_private_keys"
    assert [row["key_name"] for row in rows] == ["*", NAME, "*", NAME]
    assert all(row["is_private_published"] for row in rows)
    assert rows[0]["txt"] == TXT
    reasons = " ".join(row["reason"] for row in rejected)
    assert len(rejected) == 3
    assert "encrypted" in reasons
    assert "neither RSA nor Ed25519" in reasons
    # Nothing of the private half comes out.
    number = dkim_signer.rsa_key().private_numbers().d
    assert all(str(number)[:40] not in str(row) for row in (*rows, *rejected))


def test_any_name_is_for_private_keys_only() -> None:
    _, rows, rejected, _ = load(json.dumps({NAME: "p=", "*": TXT}))
    assert len(rows) == 1
    assert "form selector._domainkey.domain" in rejected[0]["reason"]


def der_integer(number: int) -> bytes:
    raw = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + der_length(len(raw)) + raw


def der_length(size: int) -> bytes:
    if size < 128:
        return bytes((size,))
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(raw),)) + raw


def bare_key(bits: int) -> str:
    """p= of a PKCS#1 key whose modulus has so many bits; nobody ever made its primes."""
    import base64

    body = der_integer((1 << (bits - 1)) | 1) + der_integer(65537)
    return "v=DKIM1; p=" + base64.b64encode(b"\x30" + der_length(len(body)) + body).decode()


@pytest.mark.parametrize(
    ("txt", "bits", "strength", "trouble"),
    [
        (TXT, 2048, "usual", None),
        (bare_key(1024), 1024, "1024_to_2047", None),
        (bare_key(1023), 1023, "below_1024", None),
        (bare_key(64), None, None, "no honest key"),
        (bare_key(65_536), None, None, "65536 bits"),
        ("v=DKIM1; p=", None, None, "revoked"),
        ("NXDOMAIN", None, None, "no p="),
        ("v=DKIM1; p=QUJD", None, None, "no RSA key"),
        ("v=DKIM1; k=ed25519; p=QUJD", None, None, "32 bytes"),
        ("v=DKIM1; p=!!!", None, None, "no base64"),
        ("p=\x00\x01☃", None, None, "no p="),
    ],
)
def test_keys_that_are_no_keys_are_facts_with_reasons(
    txt: str, bits: int | None, strength: str | None, trouble: str | None
) -> None:
    _, rows, rejected, count = load(json.dumps({NAME: txt}))
    assert rejected == []
    assert (rows[0]["key_bits"], rows[0]["strength"]) == (bits, strength)
    if trouble is None:
        assert rows[0]["trouble"] is None
    else:
        assert trouble in rows[0]["trouble"]
        assert "no usable key" in count["note"]


def test_contradictory_records_are_all_kept_and_said() -> None:
    _, rows, _, count = load(json.dumps({NAME: [TXT, "v=DKIM1; p=", {"txt": TXT, "src": "B"}]}))
    assert len(rows) == 3
    assert "1 names have more than one record" in count["note"]


def test_a_mark_as_private_is_not_lost_to_an_equal_entry() -> None:
    _, rows, _, _ = load(json.dumps({NAME: [TXT, {"txt": TXT, "private_published": True}]}))
    assert [row["is_private_published"] for row in rows] == [False, True]
