"""Layers from the columns of tables, estimated windows, graphs, and input that cannot be used."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis import records
from tamis.errors import FormatError
from tamis.run.coordinate import CoordinateOptions, coordinate
from tamis.run.coordinate_layers import chosen
from tamis.syntax.text import text_hash

if TYPE_CHECKING:
    from pathlib import Path

START = 1_493_596_800
NAMES = ("object_id", "account_id", "content_id", "timestamp")


def _csv(path: Path, names: tuple[str, ...], rows: list[Any]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


def _proof(folder: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / "co_action_evidence.parquet").to_pylist())


def test_one_wide_table_gives_each_of_its_layers(tmp_path: Path) -> None:
    names = (
        *("account_id", "post_id", "timestamp", "text", "retweet_id", "in_reply_to_id", "url"),
        *("domain", "hashtags", "image_hash", "mentions", "conversation_id", "weather"),
    )
    text = "The very same words, long enough to be no accident"
    same = ("o7", "o8", "http://x.example/1", "x.example", "Un, deux, trois", "f0", "m1;m2", "t1")
    rows = [
        ("a", "1", START, text, *same, "rain"),
        ("b", "2", START + 5, text + "  https://t.example/2", *same, "rain"),
        ("c", "3", START + 8, "short", "1", "", "", "", "un, deux", "", "", "", "sun"),
    ]
    path = _csv(tmp_path / "wide.csv", names, rows)
    result = coordinate([path], tmp_path / "out", CoordinateOptions(min_weight=1))
    held: dict[str, set[Any]] = {}
    for row in _proof(tmp_path / "out"):
        pair = row["account_a"] + row["account_b"]
        held.setdefault(row["layer"], set()).add((pair, row["object_id"]))
    assert held == {
        "co_repost": {("ab", "o7")},
        "co_reply": {("ab", "o8")},
        "co_link": {("ab", "http://x.example/1")},
        "co_domain": {("ab", "x.example")},
        "co_hashtag": {
            ("ab", "Un"),
            ("ab", "deux"),
            ("ac", "deux"),
            ("bc", "deux"),
            ("ab", "trois"),
        },
        "co_hashtag_sequence": {("ab", "hashtags:#un #deux #trois")},
        "co_text": {("ab", f"text:{text_hash(text)}")},
        "co_media": {("ab", "f0")},
        "co_mention": {("ab", "m1;m2")},
        "co_presence": {("ab", "t1")},
        "fast_repost": {("ac", "1")},
    }
    assert any("2 reposts of posts that no file holds" in line for line in result.lines())
    coordinate([path], tmp_path / "own", CoordinateOptions(min_weight=1, layers=("weather",)))
    assert [(row["layer"], row["object_id"]) for row in _proof(tmp_path / "own")] == [
        ("co_object", "rain")
    ]


def test_a_viral_object_is_left_out_named_and_printed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    count = 30_000
    table = pa.table(
        {
            "object_id": ["viral"] * count + ["o1", "o1", "o2", "o2"],
            "account_id": [f"a{n}" for n in rng.integers(0, 20_000, count)] + ["a", "b"] * 2,
            "content_id": [f"p{n}" for n in range(count + 4)],
            "timestamp": [START + int(n) for n in rng.integers(0, 600, count)] + [START] * 4,
        }
    )
    path = tmp_path / "viral.parquet"
    pq.write_table(table, path)
    result = coordinate([path], tmp_path / "out")
    edges = pq.read_table(tmp_path / "out/co_action.parquet").to_pylist()
    assert [(row["account_a"], row["account_b"], row["weight"]) for row in edges] == [("a", "b", 2)]
    (left,) = pq.read_table(tmp_path / "out/co_action_left_out.parquet").to_pylist()
    assert (left["object_id"], left["action_count"]) == ("viral", count)
    times = np.sort(table.column("timestamp").to_numpy()[:count])
    first = np.searchsorted(times, times - 60)
    assert left["pair_count"] == int((np.arange(count) - first).sum()) > 10**7
    line = next(line for line in result.lines() if "LEFT OUT" in line)
    assert f"viral (30,000 actions, {left['pair_count']:,} pairs)" in line
    total = pq.read_table(tmp_path / "out/co_action_total.parquet").to_pylist()[0]
    assert total["pair_count"] == total["left_out_pair_count"] + 2
    wide = coordinate(
        [path], tmp_path / "wide", CoordinateOptions(object_limit=10**9, min_weight=3)
    )
    assert not any("LEFT OUT" in line for line in wide.lines())


def test_a_window_is_estimated_with_its_reasons(tmp_path: Path) -> None:
    rows = []
    for number in range(40):
        lag = 5 if number < 8 else 500 + number
        rows += [
            (f"o{number}", "a", f"a{number}", START + number * 10_000),
            (f"o{number}", "b", f"b{number}", START + number * 10_000 + lag),
        ]
    path = _csv(tmp_path / "t.csv", NAMES, rows)
    result = coordinate([path], tmp_path / "out", CoordinateOptions(windows=("auto", "10min")))
    assert [part["window_s"] for part in result.summary["networks"]] == [600.0, 5.0]
    assert [part["edge_count"] for part in result.summary["networks"]] == [1, 1]
    lines = "\n".join(result.lines())
    assert "co_object: window estimated as 5 s" in lines
    assert "of 40 objects used by two accounts or more, the fastest tenth" in lines
    assert "1 s: 0, 5 s: 8, 10 s: 8, 60 s: 8, 600 s: 40" in lines
    few = _csv(tmp_path / "few.csv", NAMES, rows[:4])
    told = coordinate([few], tmp_path / "few", CoordinateOptions(windows=("auto",)))
    assert any("too few to say" in line for line in told.lines())
    assert told.summary["networks"][0]["window_s"] == 60.0


def test_graphs_are_well_formed_whatever_the_ids_hold(tmp_path: Path) -> None:
    hostile = '<b x="1">&amp;\x0b\ud7ff'
    rows = [
        *(("o<1>", hostile, "p&1", START), ("o<1>", "b'\"", "p]]>2", START + 1)),
        *(("o2", hostile, "p3", START), ("o2", "b'\"", "p4", START + 1)),
    ]
    path = _csv(tmp_path / "t.csv", NAMES, rows)
    coordinate([path], tmp_path / "out")
    shown = hostile.replace("\x0b", "\ufffd")
    for name, space in (
        ("graphml", "http://graphml.graphdrawing.org/xmlns"),
        ("gexf", "http://gexf.net/1.3"),
    ):
        root = ET.parse(tmp_path / f"out/network.{name}").getroot()  # noqa: S314  # our own file
        nodes = {node.get("id") for node in root.iter(f"{{{space}}}node")}
        assert nodes == {shown, "b'\""}
        (edge,) = root.iter(f"{{{space}}}edge")
        assert {edge.get("source"), edge.get("target")} == nodes
        text = ET.tostring(edge, encoding="unicode")
        assert "p]]&gt;2" in text
        assert "o&lt;1&gt;" in text


def test_who_reposted_points_at_who_was_reposted(tmp_path: Path) -> None:
    names = ("account_id", "post_id", "timestamp", "retweet_id")
    rows = [("author", "1", START, ""), ("author", "2", START + 100, "")]
    rows += [("passer", "3", START + 2, "1"), ("passer", "4", START + 101, "2")]
    path = _csv(tmp_path / "t.csv", names, rows)
    result = coordinate([path], tmp_path / "out", CoordinateOptions(layers=("fast_repost",)))
    assert [part["edge_count"] for part in result.summary["networks"]] == [1]
    edge = next(
        line
        for line in (tmp_path / "out/network.graphml").read_text().splitlines()
        if line.startswith("<edge")
    )
    assert 'source="passer" target="author" directed="true"' in edge


@pytest.mark.parametrize(
    ("times", "why"),
    [
        ((START, -5), "before 1970"),
        ((START, "1969-12-31T23:59:59Z"), "before 1970"),
        ((f"{START}", "2017-05-05 20:00:00"), "--assume-zone"),
        ((START, 10**20), "no time"),
    ],
)
def test_a_time_that_cannot_be_is_a_rejected_row_with_its_reason(
    tmp_path: Path, times: tuple[Any, Any], why: str
) -> None:
    rows = [("o", "a", "p1", times[0]), ("o", "b", "p2", times[1])]
    result = coordinate([_csv(tmp_path / "t.csv", NAMES, rows)], tmp_path / "out")
    (file,) = result.summary["files"]
    assert file["left_out"] == {"no time": 1}
    assert why in file["examples"][0]["why"]
    assert any("1 row with no time" in line for line in result.lines())


def test_one_account_alone_is_an_explained_answer(tmp_path: Path) -> None:
    rows = [(f"o{n % 3}", "a", f"p{n}", START + n) for n in range(20)]
    result = coordinate([_csv(tmp_path / "t.csv", NAMES, rows)], tmp_path / "out")
    assert any("one account alone" in line for line in result.lines())
    for name in ("co_action", "co_action_evidence", "co_action_total", "co_action_left_out"):
        table = pq.read_table(tmp_path / f"out/{name}.parquet")
        assert table.num_rows == (name == "co_action_total")
        records.table(name).check(table.cast(records.table(name).schema))


def test_what_is_left_out_is_explained_in_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text(
        "object_id,account_id,content_id,timestamp\n"
        "u1,a,1,\nu1,b,2,-5\nu1,c,3,2017-05-05T10:00:00Z\nu1,d,4,2017-05-05 10:00:00\n"
    )
    lines = coordinate([file], tmp_path / "out").lines()
    assert lines[0] == "f.csv: 4 rows; times read: 1 as ISO 8601 with an offset"
    assert "  left out: 3 rows with no time" in lines
    told = [line for line in lines if line.startswith("    such as: ")]
    assert any("--assume-zone" in line for line in told)
    assert any("before 1970" in line for line in told)


def test_what_only_calls_itself_parquet_is_told(tmp_path: Path) -> None:
    file = tmp_path / "f.parquet"
    file.write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match=r"f\.parquet: it is no Parquet file"):
        coordinate([file], tmp_path / "out")


@pytest.mark.parametrize(
    ("asked", "layers"),
    [
        (("url", "Image_Hash"), {"co_link", "co_media"}),
        (("hashtag", "domain"), {"co_hashtag", "co_domain"}),
        (("url_id",), {"co_link"}),
        (("weather", "url"), {"co_object", "co_link"}),
    ],
)
def test_a_layer_is_also_called_by_what_is_shared(asked: tuple[str, ...], layers: set[str]) -> None:
    names = ["account_id", "post_id", "timestamp", "url_id", "hashtag_id", "domain_id", "phash_id"]
    assert set(chosen([*names, "weather"], asked)) == layers


def test_a_column_of_that_name_comes_before_the_layer() -> None:
    found = chosen(["account_id", "timestamp", "link", "image"], ["image"])
    assert {layer: made.column for layer, made in found.items()} == {"co_object": "image"}
