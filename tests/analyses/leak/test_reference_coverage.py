"""The coverage of reference originals against a slow, obvious way, and what it may never do."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corpus_rows import RUN_AT, at, item, message, part, place

from tamis import records
from tamis.analyses.leak import mailboxes, reference
from tamis.analyses.leak.pair_fields import COMPARED
from tamis.analyses.leak.reference_match import match_steps
from tamis.engines import open_engine

if TYPE_CHECKING:
    from pathlib import Path

ALICE, BOB = "alice@campaign.example", "bob@town.example"


def compare(folder: Path, tables: dict[str, Any], **params: Any) -> dict[str, list[dict[str, Any]]]:
    """The results, without what the cell adds: all messages are plain text."""
    told = {**mailboxes.PARAMS, **reference.PARAMS, **params}
    told |= {"run_id": "r", "analysis_version": "a", "run_at": RUN_AT}
    with open_engine("duckdb", allowed=[folder], scratch=folder, threads=1) as engine:
        for name in {*mailboxes.ANALYSIS.reads, *reference.READS} - {"mailbox_profile"}:
            record = records.table(name)
            engine.register(name, record.build(tables.get(name, ())), record.schema)
        engine.run(mailboxes.build(told), keep=("mailbox_profile",), params=told)
        steps = reference.pair_steps(told)
        engine.run(steps, keep=[step.name for step in steps], params=told)
        engine.register("compared", COMPARED.empty_table(), COMPARED)
        engine.run(match_steps(), keep=("reference_match",), params=told)
        return {
            name: engine.fetch(name).to_pylist()
            for name in ("reference_match", "reference_coverage", "chosen")
        }


def corpus(dice: random.Random) -> dict[str, Any]:
    """A leaked box and an original one of alice, some letters in both, some in one alone."""
    messages, items, places = [], [], []
    for number in range(dice.randint(8, 40)):
        is_sent = dice.random() < 0.5
        ends = (
            (ALICE, f"p{number % 9}@x.example") if is_sent else (f"p{number % 9}@x.example", ALICE)
        )
        day = dice.uniform(0, 120)
        sides = dice.choice([("leak",), ("reference",), ("leak", "reference")])
        for side in sides:
            name = f"{side}{number:03}"
            messages.append(
                message(name, ends[0], (ends[1],), day, message_id=f"m{number}", body_text="x",
                        subject="s", received_count=int(not is_sent))
            )  # fmt: skip
            items.append(item(name, side))
            places.append(place(name, f"box-{side}", side))
    return {"message": messages, "item": items, "place": places}


def slow(tables: dict[str, Any], gap_days: int) -> dict[str, str]:
    """The outcome of each leaked message, message by message and stretch by stretch."""
    side = {row["item_id"]: row["kind"] for row in tables["item"]}
    originals = [row for row in tables["message"] if side[row["item_id"]] == "reference"]
    ids = {row["message_id"] for row in originals}
    times: dict[bool, list[Any]] = {True: [], False: []}
    for row in originals:
        times[row["from_address"] == ALICE].append(row["sent_at"])
    gap = timedelta(days=gap_days)
    told = {}
    for row in tables["message"]:
        if side[row["item_id"]] != "leak":
            continue
        if row["message_id"] in ids:
            told[row["item_id"]] = "in_reference"
            continue
        same = sorted(times[row["from_address"] == ALICE])
        pairs = pairwise(same)
        is_covered = any(a <= row["sent_at"] <= b and b - a <= gap for a, b in pairs)
        told[row["item_id"]] = "not_in_reference" if is_covered else "outside_coverage"
    return told


def test_outcomes_agree_with_the_slow_way(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(18):
        tables = corpus(random.Random(seed))
        found = compare(tmp_path, tables, gap_days=10)
        addresses = {row["address"] for row in found["reference_coverage"]}
        told = {row["item_id"]: row["outcome"] for row in found["reference_match"]}
        seen.update(told.values())
        if addresses == {ALICE}:
            assert told == slow(tables, 10), seed
        else:
            assert addresses == set(), "a holder that is not established covers nothing"
            assert "not_in_reference" not in told.values()
        assert all(row["first_at"] <= row["last_at"] for row in found["reference_coverage"])
    assert min(seen[one] for one in ("in_reference", "not_in_reference", "outside_coverage")) > 10


def test_many_messages_of_one_id_do_not_run_away(tmp_path: Path) -> None:
    tables: dict[str, Any] = {"message": [], "item": [], "place": []}
    for side in ("leak", "reference"):
        for number in range(1500):
            name = f"{side}{number:04}"
            tables["message"].append(
                message(name, ALICE, (BOB,), 1, message_id="same", body_text=f"{side} {number}")
            )
            tables["item"].append(item(name, side))
            tables["place"].append(place(name, f"box-{side}", side))
    found = compare(tmp_path, tables)
    assert len(found["chosen"]) <= 3 * 1500
    assert {row["outcome"] for row in found["reference_match"]} == {"differs"}
    assert len(found["reference_match"]) == 1500


def test_what_a_store_does_not_keep_is_not_held_against_a_message(tmp_path: Path) -> None:
    text = "We pay 1,000 on Monday."
    tables = {
        "message": [
            message("r", BOB, (ALICE,), 1, message_id="m", subject="s", body_text=text),
            message("same", "/O=X/CN=BOB", (), 1, message_id="m", subject="s",
                    body_text="We pay 1000 on\u00a0Monday"),
            message("edited", BOB, (ALICE,), 1, message_id="m", subject="s",
                    body_text="We pay 9000 on Monday"),
            message("eml", "/O=X/CN=BOB", (), 1, message_id="m", subject="s", body_text=text),
        ],
        "item": [
            item("r", "reference"),
            *(item(name, reader="outlook") for name in ("same", "edited")),
            item("eml"),
            *(item(name) for name in ("f1", "f2")),
        ],
        "place": [
            place("r", "box-r", "reference"),
            *(place(name) for name in ("same", "edited", "eml")),
        ],
        "part": [
            part("r", 1, content_item_id="f1", media_type="message/rfc822"),
            part("same", 1, content_item_id="f2", media_type="message/x"),
        ],
    }  # fmt: skip
    rows = {row["item_id"]: row for row in compare(tmp_path, tables)["reference_match"]}
    assert rows["same"]["differing"] == []
    assert any("store" in told for told in rows["same"]["uncounted"])
    assert rows["edited"]["differing"] == ["text"]
    assert {"from", "to"} <= set(rows["eml"]["differing"])


def test_a_future_or_false_date_of_an_original_widens_nothing(tmp_path: Path) -> None:
    tables: dict[str, Any] = {"message": [], "item": [], "place": []}
    far = at(365 * 170)
    for number, day in enumerate([1, 2, 3]):
        tables["message"].append(message(f"r{number}", f"p{number}@x.example", (ALICE,), day))
    tables["message"].append(message("far", BOB, (ALICE,), None, sent_at=far, sent_raw="2187"))
    tables["message"].append(message("l", BOB, (ALICE,), 30, received_count=1))
    for row in tables["message"]:
        side = "leak" if row["item_id"] == "l" else "reference"
        tables["item"].append(item(row["item_id"], side))
        tables["place"].append(place(row["item_id"], f"box-{side}", side))
    found = compare(tmp_path, tables, gap_days=10_000_000)
    assert [row["last_at"] for row in found["reference_coverage"]] == [at(3)]
    assert [row["outcome"] for row in found["reference_match"]] == ["outside_coverage"]
