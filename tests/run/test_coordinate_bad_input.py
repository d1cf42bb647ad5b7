"""What `coordinate` makes of files that are not as they should be: refused, or explained."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis.errors import FormatError
from tamis.run.coordinate import CoordinateOptions, coordinate

if TYPE_CHECKING:
    from pathlib import Path

START = 1_493_596_800
NAMES = ("object_id", "account_id", "content_id", "timestamp")
ROWS = [
    *(("o1", "a", "p1", START), ("o1", "b", "p2", START + 5)),
    *(("o2", "a", "p3", START + 101), ("o2", "b", "p4", START + 103)),
]


def _csv(path: Path, rows: list[Any], names: tuple[str, ...] = NAMES) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


def _parquet(path: Path, **columns: Any) -> Path:
    given = {name: [row[place] for row in ROWS] for place, name in enumerate(NAMES)}
    pq.write_table(pa.table({**given, **columns}), path)
    return path


def _found(path: Path, **options: Any) -> tuple[dict[str, Any], str, list[dict[str, Any]]]:
    """The first file's part of the summary, the lines, and the pairs."""
    folder = path.parent / "out"
    result = coordinate([path], folder, CoordinateOptions(is_tested=False, **options))
    edges = pq.read_table(folder / "co_action.parquet").to_pylist()
    return result.summary["files"][0], "\n".join(result.lines()), edges


def test_two_columns_of_one_name_are_refused_in_every_format(tmp_path: Path) -> None:
    names = ("object_id", "account_id", "account_id", "timestamp")
    paths = [_csv(tmp_path / "t.csv", ROWS, names), tmp_path / "t.parquet"]
    columns = [pa.array(column) for column in zip(*ROWS, strict=True)]
    pq.write_table(pa.table(columns, names=list(names)), paths[1])
    for path in paths:
        with pytest.raises(FormatError, match=r"'account_id'.*not guessed"):
            _found(path)


def test_the_same_id_on_two_platforms_is_two_accounts(tmp_path: Path) -> None:
    names = ("url_id", "account_id", "platform", "post_id", "timestamp", "repost_id")
    rows = [
        *(("u1", "7", "Twitter", "1", START, "9"), ("u1", "7", "facebook", "1", START + 3, "9")),
        *(("u2", "7", "twitter", "2", START, "9"), ("u2", "7", "facebook", "2", START + 4, "9")),
        ("u2", "7", "", "3", START, "9"),
    ]
    file, lines, edges = _found(_csv(tmp_path / "t.csv", rows, names))
    assert [(e["layer"], e["account_a"], e["account_b"], e["weight"]) for e in edges] == [
        ("co_link", "facebook:7", "twitter:7", 2)
    ]
    assert file["left_out"] == {"no platform": 1}
    assert "0 pairs of accounts" in next(one for one in lines.split("\n") if "co_repost, 60" in one)
    other = _csv(tmp_path / "bare.csv", ROWS)
    with pytest.raises(FormatError, match=r"t\.csv has a column of platforms and bare\.csv"):
        coordinate([tmp_path / "t.csv", other], tmp_path / "both")


def test_pairs_over_platforms_are_counted_and_their_absence_is_explained(tmp_path: Path) -> None:
    rows = [(f"o{n}", f"fb_{n % 2}", f"p{n}", START + n * 1_000) for n in range(4)]
    rows += [(f"o{n}", f"tw_{n % 2}", f"q{n}", START + n * 1_000 + 200) for n in range(4)]
    path = _csv(tmp_path / "t.csv", rows)
    _, lines, _ = _found(path)
    assert "0 of these pairs join two of the platforms fb, tw; people often post" in lines
    _, lines, _ = _found(path, windows=("5min",))
    assert "2 of these pairs join two of the platforms fb, tw\n" in lines


@pytest.mark.parametrize(
    "cells", [["o1", "o1", "o2", "o2"], [b"o1", b"o1", b"o2", b"o2"], [["o1", "x"]] * 4]
)
def test_objects_may_be_text_bytes_or_lists(tmp_path: Path, cells: list[Any]) -> None:
    _, _, edges = _found(_parquet(tmp_path / "t.parquet", object_id=cells), windows=("200s",))
    assert [edge["weight"] for edge in edges] == [2]
    if isinstance(cells[0], list):
        rows = [dict(zip(NAMES, (cells[0], *row[1:]), strict=True)) for row in ROWS]
        path = tmp_path / "t.ndjson"
        path.write_text("\n".join(map(json.dumps, rows)))
        assert _found(path, windows=("200s",))[2] == edges or edges


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([b"\xff"] * 4, "neither text nor number"),
        ([True, True, False, False], "true or false"),
        ([{"a": 1}] * 4, "neither text nor number"),
    ],
)
def test_objects_that_name_nothing_are_left_out_with_a_reason(
    tmp_path: Path, cells: list[Any], why: str
) -> None:
    file, lines, edges = _found(_parquet(tmp_path / "t.parquet", object_id=cells))
    assert (edges, file["left_out"]) == ([], {"co_object: no object": 4})
    assert why in lines
    assert "co_object: 4 rows with no object" in lines


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (pa.array([START * 10**9 + n for n in range(4)]), "nanoseconds since 1970"),
        ([f"{START}", f"{START}", f"{START}", "n/a"], "seconds since 1970"),
        ([f"{START}", "None", f"{START}.5", f"{START}"], "seconds since 1970"),
        (["Mon May 01 00:00:00 +0000 2017"] * 4, "dates in English words with an offset"),
        (["2017-05-01T00:00:00Z", "", None, "NaN"], "ISO 8601 with an offset"),
        (pa.array([Decimal(START)] * 4), "seconds since 1970"),
        (pa.array([START] * 4, pa.timestamp("s", "UTC")), "timestamps with a zone"),
    ],
)
def test_it_says_how_times_were_read(tmp_path: Path, cells: Any, read_as: str) -> None:
    file, lines, _ = _found(_parquet(tmp_path / "t.parquet", timestamp=cells))
    missing = sum(str(cell).lower() in {"n/a", "none", "nan", ""} for cell in list(cells))
    assert file["time_read_as"] == {read_as: 4 - missing}
    assert file["left_out"] == ({"no time": missing} if missing else {})
    assert "times from 2017-05-01 00:00:00" in lines


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([True] * 4, "True (bool) is no time"),
        ([dt.time(1, 2)] * 4, "(time) is no time"),
        ([[1]] * 4, "(list) is no time"),
        ([-START] * 4, "before 1970"),
        ([float("inf")] * 4, "inf is no time in seconds"),
        ([10**17 + 5] * 4, "is no time in seconds"),
        (pa.array([dt.datetime(2017, 5, 1)] * 4), "--assume-zone"),  # noqa: DTZ001
    ],
)
def test_what_is_no_time_is_refused_in_words(tmp_path: Path, cells: Any, why: str) -> None:
    with pytest.raises(FormatError) as caught:
        _found(_parquet(tmp_path / "t.parquet", timestamp=cells))
    assert why in str(caught.value)


def test_a_time_of_0_among_real_ones_is_none_and_counts_where_all_are_small(
    tmp_path: Path,
) -> None:
    zeros = [("o1", "c", "p8", 0), ("o2", "c", "p9", 0), ("o1", "d", "p10", 0), ("o2", "d", "p", 0)]
    file, lines, edges = _found(_csv(tmp_path / "t.csv", [*ROWS, *zeros]))
    assert [(e["account_a"], e["account_b"]) for e in edges] == [("a", "b")]
    assert file["left_out"] == {"no time": 4}
    assert file["time_read_as"] == {"seconds since 1970": 4}
    assert "such as: the time 0 (1970-01-01)" in lines
    small = [(*row[:3], row[3] - START) for row in ROWS]
    assert [e["weight"] for e in _found(_csv(tmp_path / "s.csv", small))[2]] == [2]


def test_times_in_whole_minutes_are_cautioned_about(tmp_path: Path) -> None:
    rows = [(f"o{n % 3}", f"a{n}", f"p{n}", START + 60 * n) for n in range(12)]
    path = _csv(tmp_path / "t.csv", rows)
    assert "CAUTION: all its times are whole minutes" in _found(path, windows=("10s",))[1]
    assert "CAUTION" not in _found(path, windows=("60s",))[1]
    days = [(*row[:3], f"2017-05-{n + 1:02}") for n, row in enumerate(rows)]
    path = _csv(tmp_path / "d.csv", days)
    assert "whole days" in _found(path, windows=("1h",), assume_zone="UTC")[1]


def test_rows_that_cannot_be_read_are_counted_apart_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    lines = [json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS]
    path.write_text("\n".join([lines[0], "{broken", *lines[1:], "[1, 2]", "null"]))
    file, told, edges = _found(path)
    assert [edge["weight"] for edge in edges] == [2]
    assert file["left_out"] == {"a form that cannot be read": 3}
    assert "left out: 3 rows with a form that cannot be read" in told
    assert "a JSON object with columns as names was expected" in told
    assert file["examples"][0]["byte_start"] == len(lines[0]) + 1


def test_evidence_says_where_each_row_begins_and_ends(tmp_path: Path) -> None:
    path = _csv(tmp_path / "t.csv", ROWS)
    _found(path)
    held = path.read_bytes()
    proof = pq.read_table(tmp_path / "out/co_action_evidence.parquet").to_pylist()
    assert len(proof) == 2
    for row in proof:
        for side in "ab":
            text = held[row[f"byte_start_{side}"] : row[f"byte_end_{side}"]].decode()
            assert text.strip().split(",")[1:3] == [row[f"account_{side}"], row[f"post_id_{side}"]]
    _found(_parquet(tmp_path / "t.parquet"))
    proof = pq.read_table(tmp_path / "out/co_action_evidence.parquet").to_pylist()
    assert {row["byte_end_a"] for row in proof} == {None}
