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


def test_a_name_that_comes_twice_is_kept_twice() -> None:
    name, other = "a._domainkey.b.c", "v=DKIM1; p=QUJD"
    for first, second in (('"p="', f'"{other}"'), (f'"{other}"', '[{"txt": "p="}]')):
        sheet = keys.load_keys(f'{{"{name}": {first}, "{name}": {second}}}'.encode())
        assert {row["txt"] for row in sheet.rows} == {"p=", other}
        *_, last = list(sheet.batches("r"))
        assert "1 names have more than one record" in last["intake_count"].to_pylist()[0]["note"]


@pytest.mark.parametrize(
    "entry",
    [
        '{"txt": "p=", "txt": "p=QUJD"}',
        '{"txt": "p=", "\\u0074xt": "p=QUJD"}',
        '{"txt": "p=", "Txt": "p=QUJD"}',
        '{"txt": "p=", "value": "v=DKIM1; p=QUJD"}',
        '{"txt": "p=", "seen_to": "2018-01-01", "seenTo": "2019-01-01"}',
    ],
)
def test_an_entry_that_contradicts_itself_is_no_guess(entry: str) -> None:
    sheet = keys.load_keys(f'{{"a._domainkey.b.c": [{entry}, "p="]}}'.encode())
    assert len(sheet.rows) == 1
    assert sheet.rejected[0]["reason"].startswith("the entry says more than once")


def test_saying_the_same_twice_is_one_entry() -> None:
    sheet = keys.load_keys(b'{"a._domainkey.b.c": {"txt": "p=", "txt": "p=", "record": "TXT"}}')
    assert [row["txt"] for row in sheet.rows] == ["p="]


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "}}",
        "} x",
        ', "n": NaN}',
        ", }",
        ',"x":' + "[" * 9**5,
        ' "x": 1}',
        ", 1: 2}",
        ', "x" 1}',
    ],
)
def test_a_file_that_breaks_off_gives_no_row(tail: str) -> None:
    data = b'{"a._domainkey.b.c": "p="' + tail.encode()
    with pytest.raises(FormatError, match="key file is"):
        list(keys.read(io.BytesIO(data), Source("0" * 64, "k.json", len(data))))


def test_numbers_without_end_and_lone_surrogates_are_reasons() -> None:
    given = '{"a._domainkey.b.c": [{"txt": "p=", "seen_to": %s}, {"txt": "p=", "src": "\\ud800"}]}'
    sheet = keys.load_keys((given % ("9" * 6000)).encode())
    assert len(sheet.rejected) == len(sheet.rows) == 1
    records.table("dkim_key").build(sheet.rows)


def test_a_large_file_goes_out_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "BATCH_ROWS", 2)
    data = json.dumps({f"s{one}._domainkey.b.c": "p=" for one in range(5)}).encode()
    found = list(keys.read(io.BytesIO(data), Source("0" * 64, "k.json", len(data))))
    assert [table for one in found for table in one] == ["dkim_key"] * 3 + ["intake_count"]


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
