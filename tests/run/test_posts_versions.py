"""The newest version of a post over all files, ranges and additions of a case."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case, audit
from tamis.run import intake_ranges
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "post_id,account_id,created_at,text\n"


def line(number: int, text: str) -> str:
    return f"{number},a,2017-05-05T18:49:00Z,{text}\n"


def told(case: Case) -> dict[str, list[tuple[int, bool, str]]]:
    """Version, mark and text of the rows of each post, by version."""
    found: dict[str, list[tuple[int, bool, str]]] = {}
    with case.view() as view:
        for row in view.table("post").to_pylist():
            one = (row["version"], row["is_latest"], row["text"])
            found.setdefault(row["native_id"], []).append(one)
    return {native: sorted(rows) for native, rows in found.items()}


def table(folder: Path, name: str, *rows: str) -> Path:
    file = folder / name
    file.write_text(HEAD + "".join(rows))
    return file


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case", title="t")


def test_within_one_file_the_last_content_is_the_newest(case: Case, tmp_path: Path) -> None:
    add(case, [table(tmp_path, "a.csv", line(1, "old"), line(2, "x"), line(1, "new"))])
    assert told(case) == {"1": [(1, False, "old"), (2, True, "new")], "2": [(1, True, "x")]}


def test_a_later_file_adds_the_newer_version(case: Case, tmp_path: Path) -> None:
    add(case, [table(tmp_path, "z.csv", line(1, "old"), line(2, "x"))])
    add(case, [table(tmp_path, "a.csv", line(1, "new"))])
    assert told(case) == {"1": [(1, False, "old"), (2, True, "new")], "2": [(1, True, "x")]}
    add(case, [table(tmp_path, "b.csv", line(1, "newest"))])
    assert told(case)["1"] == [(1, False, "old"), (2, False, "new"), (3, True, "newest")]
    assert audit(case.path, None).ok


def test_two_files_of_one_add_stand_in_their_order(case: Case, tmp_path: Path) -> None:
    files = [table(tmp_path, f"{n}.csv", line(1, f"text {n}")) for n in range(4)]
    add(case, files)
    assert told(case)["1"] == [(n + 1, n == 3, f"text {n}") for n in range(4)]


def test_the_same_content_again_is_no_version_and_order_decides_nothing(tmp_path: Path) -> None:
    """Which of two rows that say the same bears the mark does not hang on what came first."""
    one = table(tmp_path, "a.csv", line(1, "same"))
    other = table(tmp_path, "b.csv", line(2, "x"), line(1, "same"))
    marked = []
    for number, files in enumerate(([one, other], [other, one])):
        case = Case.create(tmp_path / f"case{number}", title="order")
        for file in files:
            add(case, [file])
        assert told(case)["1"] == [(1, False, "same"), (1, True, "same")]
        with case.view() as view:
            rows = [row for batch in view.batches("post") for row in batch.to_pylist()]
        marked.append({row["source_item_id"] for row in rows if row["is_latest"]})
    assert marked[0] == marked[1]


def test_the_same_bytes_again_change_nothing(case: Case, tmp_path: Path) -> None:
    file = table(tmp_path, "a.csv", line(1, "old"), line(1, "new"))
    add(case, [file])
    before = (case.head(), told(case))
    add(case, [file])
    copy = tmp_path / "other"
    copy.mkdir()
    assert (case.head(), told(case)) == before
    (copy / "copy.csv").write_bytes(file.read_bytes())
    add(case, [copy])
    assert told(case) == before[1]


def test_ranges_of_one_file_are_one_file(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_ranges, "RANGE_BYTES", 4096)
    rows = [line(n % 200, "old" if n < 200 else "new") for n in range(400)]
    add(case, [table(tmp_path, "a.csv", *rows)])
    with case.view() as view:
        assert view.row_count("intake_range") > 2
    assert told(case) == {str(n): [(1, False, "old"), (2, True, "new")] for n in range(200)}


def x_post(native: int, text: str, history: list[int], seen: str) -> dict[str, Any]:
    return {
        "data": {
            "id": str(native),
            "author_id": "7",
            "created_at": "2017-05-05T18:49:12.000Z",
            "text": text,
            "edit_history_tweet_ids": [str(one) for one in history],
        },
        "__twarc": {"retrieved_at": seen},
    }


def test_collection_times_and_edit_histories_come_before_the_order_of_adding(
    case: Case, tmp_path: Path
) -> None:
    one, two = 860_000_000_000_000_001, 860_000_000_000_000_002
    late = tmp_path / "late.jsonl"
    late.write_text(json.dumps(x_post(one, "seen later", [one], "2020-01-02T00:00:00Z")) + "\n")
    early = tmp_path / "early.jsonl"
    early.write_text(json.dumps(x_post(one, "seen first", [one], "2020-01-01T00:00:00Z")) + "\n")
    add(case, [late])
    add(case, [early])
    assert told(case)[str(one)] == [(1, False, "seen first"), (2, True, "seen later")]
    edit = tmp_path / "edit.jsonl"
    edit.write_text(json.dumps(x_post(two, "edited", [one, two], "2019-01-01T00:00:00Z")) + "\n")
    add(case, [edit])
    marks = {native: [row[1] for row in rows] for native, rows in told(case).items()}
    assert marks == {str(one): [False, False], str(two): [True]}
    assert told(case)[str(two)] == [(2, True, "edited")]


def test_an_edit_that_is_known_and_not_collected_leaves_the_newest_one_held(
    case: Case, tmp_path: Path
) -> None:
    one, two = 860_000_000_000_000_001, 860_000_000_000_000_002
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(x_post(one, "first", [one, two], "2020-01-01T00:00:00Z")) + "\n")
    add(case, [file])
    assert told(case) == {str(one): [(1, True, "first")]}


@pytest.mark.parametrize("seed", range(2))
def test_as_a_slow_walk_through_the_files_says(case: Case, tmp_path: Path, seed: int) -> None:
    """Files in the order of adding: each other content is a version, the last one the newest."""
    chance = random.Random(seed)
    expected: dict[str, list[str]] = {}
    for rank in range(3):
        rows = [(chance.randrange(6), chance.choice("abc")) for _ in range(chance.randrange(1, 12))]
        for number, text in rows:
            texts = expected.setdefault(str(number), [])
            if not texts or texts[-1] != text:
                texts.append(text)
        add(case, [table(tmp_path, f"{rank}.csv", *(line(*row) for row in rows))])
    for native, rows in told(case).items():
        versions = {version: text for version, _, text in rows}
        assert [versions[n] for n in sorted(versions)] == expected[native]
        (newest,) = (row for row in rows if row[1])
        assert newest[0] == max(versions)
