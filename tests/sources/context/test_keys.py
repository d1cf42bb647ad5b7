from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tamis import records
from tamis.errors import FormatError
from tamis.registry import Glimpse, Source
from tamis.sources.context import keys

if TYPE_CHECKING:
    from pathlib import Path

TXT = "v=DKIM1; k=rsa; t=y; p="


def test_both_forms() -> None:
    data = json.dumps(
        {
            "S1._domainkey.Example.ORG.": TXT,
            "s2._domainkey.example.org": [
                {
                    "txt": "v=DKIM1; p=QUJD",
                    "src": "archive X",
                    "source": "archive",
                    "seen_from": "2017-05-05T02:00:00+02:00",
                    "seen_to": "2017-06-01",
                },
                {"txt": "v=DKIM1; p=QUJD", "private_published": True},
            ],
        }
    ).encode()
    sheet = keys.load_keys(data, "0" * 64)
    rows, rejected = sheet.rows, sheet.rejected
    assert rejected == []
    assert [row["key_name"] for row in rows] == [
        "s1._domainkey.example.org",
        "s2._domainkey.example.org",
        "s2._domainkey.example.org",
    ]
    assert rows[0]["source"] == "party"
    assert rows[0]["is_testing"] is True
    assert rows[0]["is_revoked"] is True
    assert rows[1]["source_label"] == "archive X"
    assert rows[1]["seen_from_at"] == datetime(2017, 5, 5, tzinfo=UTC)
    assert rows[1]["seen_to_at"] == datetime(2017, 6, 1, tzinfo=UTC)
    assert rows[2]["is_private_published"] is True
    records.table("dkim_key").build(rows)


@pytest.mark.parametrize(
    "entry",
    [
        17,
        None,
        {},
        {"txt": 3},
        {"txt": "p=", "source": "friend"},
        {"txt": "p=", "seen_from": "2017-05-05T10:00:00"},
        {"txt": "p=", "seen_from": "yesterday"},
        {"txt": "p=", "seen_from": 12},
        {"txt": "p=", "seen_from": "2018-01-01", "seen_to": "2017-01-01"},
    ],
)
def test_an_unusable_entry_is_a_rejected_row(entry: object) -> None:
    data = json.dumps({"a._domainkey.b.c": [entry, {"txt": "p="}], "no key name": "p="}).encode()
    sheet = keys.load_keys(data, "0" * 64)
    rows, rejected = sheet.rows, sheet.rejected
    assert len(rows) == 1
    assert [row["position"] for row in rejected] == [0, 2]
    records.table("rejected").build(rejected)


def test_read_counts_every_entry_once() -> None:
    data = json.dumps({"a._domainkey.b.c": [{"txt": "p="}, {"txt": "p="}, 3]}).encode()
    tables: dict[str, int] = {}
    counted = None
    for batches in keys.read(io.BytesIO(data), Source("0" * 64, "k.json", len(data))):
        for table, batch in batches.items():
            tables[table] = tables.get(table, 0) + batch.num_rows
            if table == "intake_count":
                counted = batch.to_pylist()[0]
    assert tables == {"dkim_key": 1, "rejected": 1, "intake_count": 1}
    assert counted is not None
    assert (counted["row_count"], counted["used_count"]) == (3, 1)
    assert (counted["rejected_count"], counted["skipped_count"]) == (1, 1)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'"x"'])
def test_what_is_no_key_file_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match="key file"):
        keys.load_keys(data)


def test_recognition() -> None:
    def score(head: bytes) -> int:
        return keys.recognises(Glimpse("k.json", head, len(head)))

    assert score(b'\n{ "s._domainkey.example.org": "p="}') > 90
    assert score(b'{"a": 1, "s._domainkey.example.org": "p="}') == 0
    assert score(b"[1]") == 0


@pytest.mark.shared_data
def test_the_shared_key_file(shared_data: Path) -> None:
    sheet = keys.load_keys((shared_data / "leak" / "keys.json").read_bytes())
    assert (len(sheet.rows), len(sheet.rejected)) == (63, 0)
