"""Windows of silence in a case, posts on either side of them, and the time left to answer."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from own_rules import OWN
from tamis import records
from tamis.analyses.response import silence, silence_timing
from tamis.analyses.response.silence import votes
from tamis.case import Case
from tamis.engines import open_engine
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import add
from tamis.run.report import write_report

Rows = list[dict[str, Any]]
PARIS = dt.timezone(dt.timedelta(hours=2))
STAMP = {"run_id": "r", "analysis_version": "t/1"}
SOURCE = {"source_item_id": "f", "byte_start": 0, "byte_end": 1}


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def post(name: str, low: str | None, high: str | None = None, **more: Any) -> dict[str, Any]:
    at = moment(low) if low else None
    last = moment(high) if high else at
    return {
        "post_id": f"x:{name}",
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": name,
        "account_id": "x:a",
        "posted_at": at,
        "posted_low_at": at,
        "posted_high_at": last,
        "clock": "platform",
        "text": name,
        "sampling": "query",
        **SOURCE,
        **more,
    }


def case_of(folder: Path, **settings: Any) -> Case:
    return Case.create(
        folder / "case",
        title="t",
        **{"polling_days": (dt.date(2017, 5, 7),), "jurisdictions": ("FR",), **settings},
    )


def fill(case: Case, **tables: Rows) -> None:
    with case.writer() as writer:
        for name, rows in tables.items():
            writer.append(name, _built(name, rows))
        writer.commit()


def _built(name: str, rows: Rows) -> pa.Table:
    table = records.table(name)
    return table.build([{**_blank(table), **row} for row in rows])


def _blank(table: records.Table) -> dict[str, Any]:
    """A value for each column that must not be empty, which the test does not care for."""
    kinds: dict[Any, Any] = {pa.string(): "", pa.int64(): 0, pa.bool_(): False, pa.float64(): 0.0}
    return {
        column.name: kinds.get(column.kind, [] if pa.types.is_list(column.kind) else None)
        for column in table.columns
        if not column.is_nullable
    }


def run(case: Case) -> dict[str, str]:
    lines = list(analyse(case, only=("response",), progress=Silent()))
    return dict(line.partition(": ")[::2] for line in lines[:-1])


def rows(case: Case, table: str) -> Rows:
    with case.view() as view:
        found: Rows = view.table(table).to_pylist()
    return found


def test_days_in_a_row_are_one_vote() -> None:
    day = dt.date(2024, 6, 8)
    following, later = day + dt.timedelta(days=1), day + dt.timedelta(days=14)
    assert votes([later, following, day, day]) == [(day, following), (later,)]
    assert votes([]) == []


def test_windows_of_a_case_and_of_rules_added_to_it(tmp_path: Path) -> None:
    case = case_of(tmp_path, jurisdictions=("FR", "XO", "ZZ"))
    run(case)
    assert {row["jurisdiction"] for row in rows(case, "silence_window")} == {
        "FR",
        "FR-OVERSEAS-SAT",
    }
    (tmp_path / "own.toml").write_text(OWN)
    add(case, [tmp_path / "own.toml"], progress=Silent())
    told = run(case)
    assert told["response.silence"].endswith("rows of silence_window")
    (own,) = (row for row in rows(case, "silence_window") if row["jurisdiction"] == "XO")
    assert own["start_low_at"] == moment("2017-05-06T00:00+02:00")
    assert own["origin"].startswith("file ")
    notes = [row["settings"] for row in rows(case, "run") if row["stage"] == "response.silence"]
    assert '"jurisdictions_without_rules": "ZZ"' in notes[-1]
    assert "up to date" in run(case)["response.silence"]


def test_the_report_and_the_gate_say_for_whom_nothing_is_known(tmp_path: Path) -> None:
    case = case_of(tmp_path, jurisdictions=("ZZ", "PK"))
    run(case)
    for public in (False, True):
        page = write_report(case, public=public, progress=Silent()).path.read_text()
        assert "no rule is known of PK (vote of 2017-05-07), ZZ" not in page, "its law is of 2017"
        assert "no rule is known of ZZ" in page
    case = case_of(tmp_path / "other", jurisdictions=("ZZ", "NP"))
    run(case)
    page = write_report(case, progress=Silent()).path.read_text()
    assert "no rule is known of NP (vote of 2017-05-07), ZZ" in page
    assert "Not known is not free" in page


def test_a_file_of_rules_with_a_mistake_is_read_as_none(tmp_path: Path) -> None:
    case = case_of(tmp_path)
    (tmp_path / "own.toml").write_text(OWN.replace('"campaign"', '"gag"'))
    report = add(case, [tmp_path / "own.toml"], kind="silence", progress=Silent())
    assert any("kind = 'gag'" in line for line in report.lines())
    assert rows(case, "silence_rule") == []


def test_posts_and_posts_of_clusters_before_inside_and_after(tmp_path: Path) -> None:
    case = case_of(tmp_path)
    fill(
        case,
        post=[
            post("1", "2017-05-05T23:59:59.999+02:00"),
            post("2", "2017-05-06T00:00:00+02:00", account_id="x:b"),
            post("3", "2017-05-07T19:59:59+02:00", account_id="x:b"),
            post("4", "2017-05-07T20:00:00+02:00"),
            post("5", "2017-05-05T23:59:30+02:00", "2017-05-06T00:00:30+02:00"),
            post("6", None, account_id="x:c"),
            # A later version of post 1 counts no second time.
            post("1b", "2017-05-06T10:00:00+02:00", edited_of="x:1"),
        ],
        action=[
            {
                "action_id": "1",
                "account_id": "x:b",
                "acted_at": moment("2017-05-06T12:00Z"),
                "acted_low_at": moment("2017-05-06T12:00Z"),
                "acted_high_at": moment("2017-05-06T12:00Z"),
            }
        ],
        cluster=[
            {**STAMP, "cluster_id": "k", "grade": "first", "first_at": moment("2017-05-06T12:00Z"),
             "last_at": moment("2017-05-06T12:00Z")},
            {**STAMP, "cluster_id": "l", "grade": "second",
             "first_at": moment("2017-05-06T12:00Z"), "last_at": moment("2017-05-06T12:00Z")},
        ],
        cluster_member=[
            {**STAMP, "cluster_id": "k", "account_id": "x:b"},
            {**STAMP, "cluster_id": "l", "account_id": "x:b"},
            {**STAMP, "cluster_id": "l", "account_id": "x:c"},
        ],
    )  # fmt: skip
    run(case)
    found = {
        (row["counted"], row["who"]): row
        for row in rows(case, "silence_timing")
        if (row["rule_id"], row["territory"]) == ("fr-campaign", "Metropole")
    }
    sides = ("before_count", "inside_count", "after_count", "unsure_count", "undated_count")
    counts = {key: tuple(row[side] for side in sides) for key, row in found.items()}
    assert counts == {
        ("post", "all"): (1, 2, 1, 1, 1),
        ("post", "cluster_first"): (0, 2, 0, 0, 0),
        ("post", "cluster_second"): (0, 0, 0, 0, 1),
        ("action", "all"): (0, 1, 0, 0, 0),
        ("action", "cluster_first"): (0, 1, 0, 0, 0),
    }
    shares = found["post", "all"]
    assert (shares["before_share"], shares["inside_share"]) == (0.25, 0.5)
    assert found["post", "cluster_second"]["inside_share"] is None


@pytest.mark.parametrize("seed", range(4))
def test_sides_against_a_slow_count(seed: int, tmp_path: Path) -> None:
    """Every post against every window, one by one."""
    dice = random.Random(seed)
    book = silence.rule_book([])
    made = silence.case_windows(book, ["FR", "JP", "DE", "US"], [dt.date(2017, 5, 7)])
    windows = [{**silence.window_row(one, day), **STAMP} for one, day in made]
    start = moment("2017-05-05T00:00Z")
    posts = []
    for number in range(400):
        low = start + dt.timedelta(seconds=dice.randrange(4 * 86_400))
        if dice.random() < 0.3:
            low = low.replace(hour=22, minute=0, second=0)
        high = low + dt.timedelta(seconds=dice.choice((0, 0, 1, 90, 4_000)))
        one = post(str(number), None)
        if dice.random() < 0.9:
            one |= {"posted_high_at": high, "posted_low_at": low if dice.random() < 0.9 else None}
        posts.append(one)
    engine = open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path)
    with engine:
        for name, found in (("post", posts), ("silence_window", windows)):
            engine.register(name, _built(name, found))
        for name in ("action", "cluster", "cluster_member"):
            engine.register(name, records.table(name).schema.empty_table())
        engine.run(silence_timing.ANALYSIS.build({}), keep=("silence_timing",), params=STAMP)
        written = tmp_path / "out.parquet"
        engine.write("silence_timing", written, records.table("silence_timing").paging)
        got = pa.parquet.read_table(written).to_pylist()
    expected = {}
    for window in windows:
        if window["start_state"] == window["end_state"] == "not_established":
            continue
        key = (window["rule_id"], window["territory"])
        expected[key] = dict.fromkeys(("before", "inside", "after", "unsure", "undated"), 0)
        for one in posts:
            expected[key][_side(window, one["posted_low_at"], one["posted_high_at"])] += 1
    assert {
        (row["rule_id"], row["territory"]): {side: row[f"{side}_count"] for side in expected[
            row["rule_id"], row["territory"]]}
        for row in got
    } == expected  # fmt: skip


def _side(window: dict[str, Any], low: dt.datetime | None, high: dt.datetime | None) -> str:
    if low is None and high is None:
        return "undated"
    start_low, start_high = window["start_low_at"], window["start_high_at"]
    end_low, end_high = window["end_low_at"], window["end_high_at"]
    if start_low is not None and high is not None and high < start_low:
        return "before"
    if end_high is not None and low is not None and low >= end_high:
        return "after"
    is_begun = window["start_state"] == "any_time" or (
        start_high is not None and low is not None and low >= start_high
    )
    is_open = end_low is not None and high is not None and high < end_low
    return "inside" if is_begun and is_open else "unsure"


def test_the_time_to_answer_is_a_span(tmp_path: Path) -> None:
    case = case_of(
        tmp_path,
        leak_at="2017-05-05T20:35:00+02:00",
        selectors=("#MacronLeaks", "https://p.example/x"),
    )
    fill(
        case,
        first_seen=[
            {**STAMP, **SOURCE, "object_id": f"{kind}:{name}", "kind": kind, "display": name,
             "platform": "*", "first_low_at": moment(low) if low else None,
             "first_high_at": moment(high)}
            for kind, name, low, high in (
                ("hashtag", "macronleaks", "2017-05-05T20:49+02:00", "2017-05-05T20:50+02:00"),
                ("url", "https://p.example/x", None, "2017-05-05T21:00+02:00"),
                ("hashtag", "other", "2017-05-05T20:00+02:00", "2017-05-05T20:00+02:00"),
            )
        ],
        object=[
            {"object_id": "hashtag:macronleaks", "kind": "hashtag", "canonical": "macronleaks"},
            {"object_id": "url:https://p.example/x", "kind": "url",
             "canonical": "https://p.example/x"},
            {"object_id": "hashtag:other", "kind": "hashtag", "canonical": "other"},
        ],
        post=[post("9", "2017-05-05T20:40+02:00")],
        post_item=[
            {**STAMP, "post_id": "x:9", "item_id": "i", "method": "file_sha256", "grade": "strong"}
        ],
    )  # fmt: skip
    run(case)
    found = {
        row["sight"] + row["object_id"]: (row["answer_low_s"], row["answer_high_s"])
        for row in rows(case, "answer_time")
        if row["territory"] == "Metropole" and row["rule_id"] == "fr-campaign"
    }
    assert found == {
        "leak_at*": (12_300, 12_300),
        "selectorhashtag:macronleaks": (11_400, 11_460),
        "selectorurl:https://p.example/x": (10_800, None),
        "leaked_itemx:9": (12_000, 12_000),
    }
    overseas = [row for row in rows(case, "answer_time") if row["territory"] == "Guyane"]
    assert all(row["answer_low_s"] < 0 for row in overseas)
