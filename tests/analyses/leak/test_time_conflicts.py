"""Documents dated after the message that carries them, and the life a document tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from corpus_rows import at, header, message, part, place, run

from tamis.analyses.leak import revisions, time_conflicts

SENT = at(10)


def fact(position: int, namespace: str, name: str, value: str, noted: Any = None) -> dict[str, Any]:
    return {
        "item_id": "doc",
        "position": position,
        "namespace": namespace,
        "name": name,
        "value": value,
        "noted_at": noted,
    }


def conflicts(folder: Path, *facts: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    tables: dict[str, Any] = {
        "message": [message("m", "a@x.example", (), 10, sent_offset_s=0)],
        "place": [place("m"), place("doc", parent_item_id="m", depth=1)],
        "document": [{"item_id": "doc", "kind": "text", "is_encrypted": False}],
        "property": list(facts),
    }
    found = run(time_conflicts.ANALYSIS, folder, **{**tables, **more})
    return found["document_time_conflict"]


def zoned(moment: datetime) -> dict[str, Any]:
    return fact(0, "core", "modified", moment.isoformat(), moment)


def test_a_document_saved_after_it_was_sent_is_told_with_the_lag(tmp_path: Path) -> None:
    (row,) = conflicts(tmp_path, zoned(SENT + timedelta(hours=3)))
    assert (row["item_id"], row["carrier_item_id"], row["lag_s"]) == ("doc", "m", 10_800.0)
    assert row["source"] == "core modified"
    assert "at least 3 hours after the message that carries it was sent" in row["detail"]
    assert "Clocks are often wrong" in row["limits"]


@pytest.mark.parametrize("seconds", [-86_400, 0, 60, 900])
def test_before_and_within_the_error_of_clocks_there_is_no_conflict(
    tmp_path: Path, seconds: int
) -> None:
    assert conflicts(tmp_path, zoned(SENT + timedelta(seconds=seconds))) == []


@pytest.mark.parametrize(("hours", "is_told"), [(14, False), (14.3, True), (13, False)])
def test_a_time_without_a_zone_conflicts_only_in_every_zone(
    tmp_path: Path, *, hours: float, is_told: bool
) -> None:
    written = (SENT + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    rows = conflicts(tmp_path, fact(0, "zip", "modified", written))
    assert bool(rows) is is_told
    if rows:
        assert rows[0]["is_zoned"] is False
        assert rows[0]["document_high_at"] - rows[0]["document_low_at"] == timedelta(hours=26)


def test_a_pdf_date_without_a_zone_is_read_too(tmp_path: Path) -> None:
    written = f"D:{SENT + timedelta(days=2):%Y%m%d%H%M%S}"
    assert len(conflicts(tmp_path, fact(0, "docinfo", "ModDate", written))) == 1


def test_the_later_of_date_and_received_counts(tmp_path: Path) -> None:
    late = SENT + timedelta(hours=5)
    field = header("m", 0, "Received", f"by x; {late:%a, %d %b %Y %H:%M:%S} +0000")
    saved = zoned(SENT + timedelta(hours=4))
    assert conflicts(tmp_path, saved, header=[field]) == []
    (row,) = conflicts(tmp_path, zoned(late + timedelta(hours=1)), header=[field])
    assert (row["received_at"], row["lag_s"]) == (late, 3600.0)


def test_a_date_of_unknown_zone_is_an_interval_and_minus_zero_is_not(tmp_path: Path) -> None:
    for raw, is_told in (("Thu, 12 Jan 2017 09:00:00 XYZ", False), ("... 09:00:00 -0000", True)):
        mail = message("m", "a@x.example", (), 10, sent_raw=raw)
        rows = conflicts(tmp_path, zoned(SENT + timedelta(hours=3)), message=[mail])
        assert bool(rows) is is_told


def test_carriers_are_found_through_archives_and_parts(tmp_path: Path) -> None:
    saved = zoned(SENT + timedelta(days=3))
    nested = [place("zip", parent_item_id="m", depth=1), place("doc", parent_item_id="zip")]
    assert len(conflicts(tmp_path, saved, place=nested)) == 1
    attached = [part("m", 1, content_item_id="doc")]
    assert len(conflicts(tmp_path, saved, place=[], part=attached)) == 1
    inner = message("inner", "b@x.example", (), 20, sent_offset_s=0)
    outer = message("m", "a@x.example", (), 1, sent_offset_s=0)
    places = [place("inner", parent_item_id="m", depth=1), place("doc", parent_item_id="inner")]
    assert conflicts(tmp_path, saved, message=[inner, outer], place=places) == []


def test_times_in_the_future_and_false_dates_take_no_part(tmp_path: Path) -> None:
    assert conflicts(tmp_path, zoned(datetime(2090, 1, 1, tzinfo=UTC))) == []
    mail = message("m", "a@x.example", (), 0, sent_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert conflicts(tmp_path, zoned(SENT), message=[mail]) == []


def test_the_life_of_a_document_is_one_ordered_list(tmp_path: Path) -> None:
    facts = [
        fact(0, "core", "creator", "Ann"),
        fact(1, "core", "last_author", "Рошка"),
        zoned(at(9)) | {"position": 2},
        fact(3, "core", "created", at(1).isoformat(), at(1)),
        fact(4, "revision", "insertion", "Dupont, Bob, 2017-01-05T09:00:00Z, 3 times"),
        fact(5, "revision", "insertion_count", "3"),
        fact(6, "comment", "author", "Eve, 2017-01-06T10:00:00+00:00", at(4)),
        fact(7, "rsid", "session_count", "12"),
        fact(8, "revision", "2 docinfo ModDate", "D:20170108101112"),
        fact(9, "zip", "modified", "2017-01-09T01:02:03"),
        fact(10, "revision", "deletion", "Carl"),
    ]
    rows = run(
        revisions.ANALYSIS,
        tmp_path,
        property=facts,
        document=[{"item_id": "doc", "kind": "text", "is_encrypted": False}],
    )["revision_event"]
    told = [(row["what"], row["author"], row["is_zoned"]) for row in rows]
    assert told == [
        ("made", "Ann", True),
        ("insertion, 3 times", "Dupont, Bob", False),
        ("comment", "Eve", True),
        ("state 2 written", None, False),
        ("part of the package written", None, False),
        ("saved", "Рошка", True),
        ("12 editing session ids listed", None, None),
        ("deletion", "Carl", None),
    ]
    assert rows[1]["happened_at"] is None, "Word's Z is the editor's local time"
    assert rows[1]["stated"] == "2017-01-05T09:00:00Z"
