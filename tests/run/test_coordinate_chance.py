"""`coordinate` and chance: clusters of a generated world, publishers, and what the files say."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tamis import records
from tamis.cli import cli
from tamis.run.coordinate import CoordinateOptions, coordinate
from tamis.run.coordinate_files import TESTED
from tamis.simulate.worlds import PlantedPlan, planted

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.run.coordinate import CoordinateResult

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
START = 1_493_596_800


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[CoordinateResult, set[frozenset[str]]]:
    """A world of 20,000 actions with two cells, each over two platforms, in two layers."""
    made = planted(3, PlantedPlan(actions=20_000, cells=2, pushes=80, exclusive_share=0.2))
    folder = tmp_path_factory.mktemp("world")
    names = [f"{('fb', 'tw')[code % 2]}_{code}" for code in range(made.account_count)]
    table = pa.table(
        {
            "account_id": pa.array(names).take(pa.array(made.accounts)),
            "post_id": [f"p{row}" for row in range(len(made.accounts))],
            "url": pa.array([f"https://u.example/{code}" for code in made.objects.tolist()]),
            "hashtags": pa.array([f"t{code}" for code in made.objects.tolist()]),
            "timestamp": made.times // 1_000_000,
        }
    )
    pq.write_table(table, folder / "posts.parquet")
    options = CoordinateOptions(windows=("10s",), layers=("co_link", "co_hashtag"))
    result = coordinate([folder / "posts.parquet"], folder / "out", options)
    return result, {frozenset(names[one] for one in cell) for cell in made.cells}


def _groups(folder: Path, clusters: list[dict[str, Any]]) -> set[frozenset[str]]:
    held: dict[str, set[str]] = {}
    for row in pq.read_table(folder / "cluster_member.parquet").to_pylist():
        held.setdefault(row["cluster_id"], set()).add(row["account_id"])
    return {frozenset(held[row["cluster_id"]]) for row in clusters}


def test_the_cells_are_clusters_in_each_layer_and_merged_and_nobody_else_is_in_one(
    world: Any,
) -> None:
    result, truth = world
    for name in TESTED:
        table = pq.read_table(result.folder / f"{name}.parquet")
        records.table(name).check(table.cast(records.table(name).schema))
    clusters = pq.read_table(result.folder / "cluster.parquet").to_pylist()
    for layer in ("co_link", "co_hashtag", "merged"):
        mine = [row for row in clusters if row["layer"] == layer and row["grade"] == "first"]
        groups = _groups(result.folder, mine)
        assert all(any(group <= cell for cell in truth) for group in groups), layer
        # Publishers are not known here, which costs some members (decision 41), and adds nobody.
        assert all(max(len(cell & group) for group in groups) >= 9 for cell in truth), layer
        assert all(row["platforms"] == ["fb", "tw"] for row in mine)
    merged = [row for row in clusters if row["layer"] == "merged"]
    assert all(row["layers"] == ["co_hashtag", "co_link"] for row in merged)
    evidence = pq.read_table(result.folder / "co_action_evidence.parquet").to_pylist()
    for row in merged:
        (group,) = _groups(result.folder, [row])
        inside = [e for e in evidence if {e["account_a"], e["account_b"]} <= group]
        assert row["evidence_count"] == len(inside) > 0


def test_the_lines_say_how_many_and_never_more_than_not_explained(world: Any) -> None:
    result, _ = world
    lines = result.lines()
    first = [row for row in result.summary["significance"]["clusters"] if row["grade"] == "first"]
    told = next(line for line in lines if "clusters whose pairs no null model explains" in line)
    assert told.startswith(f"{len(first)} clusters")
    assert told.endswith(f"{len(first)} over several platforms")
    tests = [line for line in lines if "placebo with shifted times: factor" in line]
    assert len(tests) == 2
    text = "\n".join(lines)
    assert "no proof of an agreement" in text
    for word in ("bots", "guilty", "coordinated behaviour", "certain"):
        assert word not in text
    totals = pq.read_table(result.folder / "co_action_significance_total.parquet").to_pylist()
    assert result.summary["significance"]["tests"] == [
        {name: row[name] for name in result.summary["significance"]["tests"][0]} for row in totals
    ]


def test_pairs_and_accounts_carry_it_in_every_file(world: Any) -> None:
    result, truth = world
    with (result.folder / "edges.csv").open(newline="") as file:
        edges = list(csv.DictReader(file))
    assert len(edges) == sum(part["edge_count"] for part in result.summary["networks"])
    assert all(float(row["p_value"]) >= 1e-6 for row in edges)
    called = [row for row in edges if float(row["p_family"]) <= 0.05]
    assert called
    assert all(row["reading"].startswith("Not explained by bursts") for row in called)
    graph = ET.parse(result.folder / "network.graphml").getroot()  # noqa: S314  # our own file
    nodes = {
        node.get("id"): {data.get("key"): data.text for data in node.iter(f"{GRAPHML}data")}
        for node in graph.iter(f"{GRAPHML}node")
    }
    clusters = pq.read_table(result.folder / "cluster_member.parquet").to_pylist()
    in_any = {row["account_id"] for row in clusters}
    assert in_any <= frozenset().union(*truth)
    shown = {
        name: f"{held.get('cluster_ids', '')} {held.get('weaker_cluster_ids', '')}".split()
        for name, held in nodes.items()
    }
    assert {name for name, ids in shown.items() if ids} == in_any
    assert sum(map(len, shown.values())) == len(clusters)
    assert all(held["cluster_id"] in shown[n] for n, held in nodes.items() if "cluster_id" in held)
    readings = [
        data.text
        for edge in graph.iter(f"{GRAPHML}edge")
        for data in edge.iter(f"{GRAPHML}data")
        if data.get("key") == "reading"
    ]
    assert sorted(readings) == sorted(row["reading"] for row in edges)
    assert "cluster_id" in (result.folder / "network.gexf").read_text()


def _reposts(path: Path, authors: list[str]) -> Path:
    """Three accounts repost one post after the other within seconds, two days apart."""
    rows = []
    for number, author in enumerate(authors):
        at = START + number * 172_800
        rows.append((f"o{number}", author, "", at - 5_000))
        rows += [(f"r{number}{n}", n, f"o{number}", at + place) for place, n in enumerate("abc")]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "account_id", "retweet_id", "timestamp"), *rows])
    return path


def test_posts_of_one_publisher_count_once_where_the_file_holds_them(tmp_path: Path) -> None:
    for name, authors, independent in (
        ("one", ["z"] * 8, 1),
        ("two", ["z", "y"] * 4, 2),
        ("each", [f"z{n}" for n in range(8)], 8),
    ):
        file = _reposts(tmp_path / f"{name}.csv", authors)
        for layers in (("co_repost",), ("co_repost", "fast_repost")):
            out = tmp_path / f"{name}-{len(layers)}"
            coordinate([file], out, CoordinateOptions(windows=("10s",), layers=layers))
            rows = pq.read_table(out / "co_action_significance.parquet").to_pylist()
            assert [row["layer"] for row in rows] == ["co_repost"] * 3
            assert [row["session_count"] for row in rows] == [8] * 3
            assert [row["independent_count"] for row in rows] == [independent] * 3, name


def test_without_a_test_nothing_of_an_earlier_one_stays(tmp_path: Path) -> None:
    file = _reposts(tmp_path / "t.csv", ["z"] * 4)
    out = tmp_path / "out"
    tested = CliRunner().invoke(cli, ["coordinate", str(file), "-o", str(out)])
    assert tested.exit_code == 0, tested.output
    assert (out / "cluster.parquet").exists()
    plain = CliRunner().invoke(cli, ["coordinate", str(file), "--no-significance", "-o", str(out)])
    assert plain.exit_code == 0, plain.output
    assert "not tested against chance (--no-significance)" in plain.output
    assert not [name for name in TESTED if (out / f"{name}.parquet").exists()]
    assert json.loads((out / "summary.json").read_text())["significance"] is None
    with (out / "edges.csv").open(newline="") as stream:
        assert "p_value" not in next(csv.reader(stream))


def test_one_account_alone_has_no_pair_and_no_cluster(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("object_id,account_id,timestamp\no,a,1493596800\np,a,1493596801\n")
    result = coordinate([file], tmp_path / "out")
    assert result.summary["significance"] == {
        "tests": [
            {
                "layer": "co_object",
                "window_s": 60.0,
                **dict.fromkeys(("pair_count", "test_count"), 0),
                **dict.fromkeys(("unexplained_count", "weaker_count"), 0),
                **dict.fromkeys(("placebo_factor", "placebo_pair_count", "placebo_smallest"), None),
            }
        ],
        "clusters": [],
    }
    assert pq.read_table(tmp_path / "out/co_action_significance.parquet").num_rows == 0


@pytest.mark.shared_data
def test_the_german_elections_have_clusters_with_evidence(
    shared_data: Path, tmp_path: Path
) -> None:
    file = shared_data / "posts/coortweet/german_elections_dev.parquet"
    coordinate([file], tmp_path, CoordinateOptions(windows=("60s", "600s")))
    clusters = pq.read_table(tmp_path / "cluster.parquet").to_pylist()
    assert {row["grade"] for row in clusters} == {"first", "second"}
    assert all(row["evidence_count"] > 0 for row in clusters)
    assert all(set(row["platforms"]) <= {"fb", "tw"} for row in clusters)
    factors = pq.read_table(tmp_path / "co_action_significance_total.parquet")["placebo_factor"]
    assert all(factor >= 1.0 for factor in factors.to_pylist())
