"""Files of claims: good rows, bad rows with their reasons, and the same from JSON."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tamis.errors import FormatError
from tamis.registry import Glimpse, Source
from tamis.sources.context import claims, claims_json

HEADER = "claim_id,kind,subject_kind,subject,measure,of,window_s,value,unit,reported_by,tolerance\n"


def _read(reader: Any, data: bytes) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"claim": [], "rejected": [], "intake_count": []}
    for batch in reader.read(io.BytesIO(data), Source("ab" * 32, "claims", len(data))):
        for table, rows in batch.items():
            found[table] += rows.to_pylist()
    return found


def _one(line: str) -> dict[str, Any]:
    found = _read(claims, (HEADER + line + "\n").encode())
    assert not found["rejected"], found["rejected"]
    return found["claim"][0]


def _reason(line: str) -> str:
    found = _read(claims, (HEADER + line + "\n").encode())
    assert not found["claim"]
    return str(found["rejected"][0]["reason"])


def test_a_count_keeps_what_it_counts_and_who_says_so() -> None:
    row = _one("C1,count,hashtag,#leak,posts,,300,87,posts,A. Writer,0.05")
    assert (row["kind"], row["subject"], row["measure"]) == ("count", "#leak", "posts")
    assert (row["window_s"], row["value_low"], row["value_high"]) == (300.0, 87.0, 87.0)
    assert (row["tolerance"], row["reported_by"], row["value_text"]) == (0.05, "A. Writer", "87")


def test_a_percent_becomes_a_share() -> None:
    row = _one("C1,share,hashtag,#leak,top_share,5%,,40,percent,,")
    assert (row["value_low"], row["of_what"]) == (0.4, "5%")


def test_a_time_to_the_minute_lasts_that_minute() -> None:
    row = _one("C1,time,hashtag,#leak,first_post,,,2017-05-05T20:49+02:00,,,")
    assert row["value_from_at"] == datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
    assert row["value_to_at"] == datetime(2017, 5, 5, 18, 50, tzinfo=UTC)


def test_a_range_has_two_ends() -> None:
    row = _one("C1,range,collection,,accounts,,,35000-39000,,,")
    assert (row["value_low"], row["value_high"]) == (35_000, 39_000)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",count,hashtag,#a,posts,,,1,,,", "needs a claim_id"),
        ("C1,count,hashtag,#a,likes,,,1,,,", "count has no measure 'likes'"),
        ("C1,volume,hashtag,#a,posts,,,1,,,", "kind 'volume' has no measures"),
        ("C1,count,hashtag,#a,posts,,,many,,,", "neither a number nor"),
        ("C1,count,hashtag,#a,posts,,,,,,", "needs a value"),
        ("C1,count,hashtag,#a,posts,,-5,1,,,", "window_s must be above 0"),
        ("C1,count,hashtag,,posts,,,1,,,", "needs a subject_kind and a subject"),
        ("C1,count,hashtag,#a,reposts,,,1,,,", "of a post or an account"),
        ("C1,share,hashtag,#a,top_share,,,0.4,,,", "needs the column `of`"),
        ("C1,share,hashtag,#a,repost_share,,,40,,,", "unit percent"),
        ("C1,time,hashtag,#a,first_post,,,2017-05-05T20:49,,,", "no offset"),
        ("C1,count,hashtag,#a,posts,,,nan,,,", "neither a number nor"),
        ("C1,count,hashtag,#a,posts,,,9-1,,,", "ends below its begin"),
        ("C1,other,,,,,,1,,,", "needs a statement, or a measure"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(line: str, why: str) -> None:
    assert why in _reason(line)


def test_the_second_claim_of_a_name_is_rejected_and_all_rows_are_counted() -> None:
    line = "C1,count,hashtag,#a,posts,,,1,,,\n"
    found = _read(claims, (HEADER + line + line + "\n").encode())
    assert [row["position"] for row in found["claim"]] == [0]
    assert "came before" in found["rejected"][0]["reason"]
    count = found["intake_count"][0]
    assert (count["row_count"], count["used_count"], count["rejected_count"]) == (2, 1, 1)


def test_words_alone_are_kept_with_the_conflict_they_name() -> None:
    header = "id,kind,claim,value,time_utc,confidence\n"
    text = f"{header}F3,time,a link,,2017-05-05T17:59Z,conflicts with F4\n"
    row = _read(claims, text.encode())["claim"][0]
    assert (row["measure"], row["statement"]) == (None, "a link")
    assert row["conflicts_with"] == ["F4"]


def test_json_gives_the_same_rows_and_no_list_is_an_error() -> None:
    entry = {
        "claim_id": "C1",
        "kind": "count",
        "subject_kind": "hashtag",
        "subject": "#a",
        "measure": "posts",
        "value": 3,
    }
    assert claims_json.recognises(Glimpse("c", json.dumps([entry]).encode(), 0)) == 60
    found = _read(claims_json, json.dumps([entry, 5]).encode())
    assert found["claim"][0]["value_low"] == 3.0
    assert found["rejected"][0]["reason"] == "a claim must be an object"
    with pytest.raises(FormatError, match="JSON list"):
        _read(claims_json, b'{"a": 1}')


def test_only_a_header_of_claims_is_recognised() -> None:
    assert claims.recognises(Glimpse("c", HEADER.encode(), 0)) == 60
    assert claims.recognises(Glimpse("k", b"name,value,source\n", 0)) == 0


def test_a_quote_that_is_never_closed_hides_no_claim() -> None:
    rows = "".join(f"c{n},count,hashtag,tag,posts,,,{n},,paper,\n" for n in (3, 4, 5))
    found = _read(claims, (HEADER + 'c2,count,hashtag,"tag,posts,,,2,,paper,\n' + rows).encode())
    assert [row["claim_id"] for row in found["claim"]] == ["c3", "c4", "c5"]
    assert [row["reason"] for row in found["rejected"]] == ["a quote is not closed"]
    folded = _read(claims, (HEADER + 'c2,count,hashtag,tag,posts,,,2,,"a\npaper",\n').encode())
    assert [row["reported_by"] for row in folded["claim"]] == ["a\npaper"]
