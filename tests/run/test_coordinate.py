"""`coordinate` on tables of posts: the published figures, the three formats, and bad input."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis import records
from tamis.errors import FormatError, InputError
from tamis.run.coordinate import CoordinateOptions, coordinate

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    ("o1", "a", "p1", 1_493_596_800),
    ("o1", "b", "p2", 1_493_596_830),
    ("o2", "b", "p3", 1_493_597_000),
    ("o2", "a", "p4", 1_493_597_060),
    ("o2", "c", "p5", 1_493_597_121),
]
NAMES = ("object_id", "account_id", "content_id", "timestamp")


def _csv(path: Path, rows: list[Any], names: tuple[str, ...] = NAMES) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


def _edges(folder: Path) -> list[tuple[str, str, str, int]]:
    table = pq.read_table(folder / "co_action.parquet")
    records.table("co_action").check(table.cast(records.table("co_action").schema))
    return [
        (row["layer"], row["account_a"], row["account_b"], row["weight"])
        for row in table.to_pylist()
    ]


@pytest.mark.shared_data
def test_the_published_counts_of_the_russian_data(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "posts/coortweet/russian_coord_tweets.parquet"
    for weight, counts in (("co_pairs", (63, 5)), ("distinct_objects", (32, 2))):
        options = CoordinateOptions(windows=("60s", "10s"), weight=weight)
        result = coordinate([file], tmp_path / weight, options)
        networks = result.summary["networks"]
        assert [part["pair_count"] for part in networks] == [6_281, 1_098]
        assert tuple(part["edge_count"] for part in networks) == counts
    evidence = pq.read_table(tmp_path / "co_pairs/co_action_evidence.parquet")
    edges = pq.read_table(tmp_path / "co_pairs/co_action.parquet")
    assert evidence.num_rows == sum(edges.column("pair_count").to_pylist())


@pytest.mark.shared_data
def test_directed_messages_are_those_of_the_coordination_network_toolkit(
    shared_data: Path, tmp_path: Path
) -> None:
    """Its 48 edges number the accounts by first appearance: 48 one way, 47 the other."""
    file = shared_data / "posts/coortweet/russian_coord_tweets.parquet"
    coordinate([file], tmp_path, CoordinateOptions(weight="distinct_messages"))
    edges = pq.read_table(tmp_path / "co_action.parquet").to_pylist()
    seen: dict[str, int] = {}
    for account in pq.read_table(file).column("account_id").to_pylist():
        seen.setdefault(account, len(seen))
    directed = [
        (one, other)
        for edge in edges
        for one, other, count in (
            (edge["account_a"], edge["account_b"], edge["message_count_a"]),
            (edge["account_b"], edge["account_a"], edge["message_count_b"]),
        )
        if count >= 2
    ]
    assert len(directed) == 95
    assert sum(seen[one] < seen[other] for one, other in directed) == 48


@pytest.mark.shared_data
def test_each_object_column_is_a_layer_of_its_own(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "posts/coortweet/german_elections_dev.parquet"
    result = coordinate([file], tmp_path / "all")
    layers = [part["layer"] for part in result.summary["networks"]]
    assert layers == ["co_domain", "co_hashtag", "co_link", "co_media"]
    assert result.summary["files"][0]["left_out"]["no post id"] == 1
    one = coordinate([file], tmp_path / "one", CoordinateOptions(layers=("url_id",)))
    assert [part["layer"] for part in one.summary["networks"]] == ["co_link"]
    expected = duckdb.sql(
        f"""
        SELECT count(*) FROM (
            SELECT x.account_id AS a, y.account_id AS b FROM '{file}' AS x JOIN '{file}' AS y
            ON x.url_id = y.url_id AND x.account_id < y.account_id
            AND abs(x.timestamp - y.timestamp) <= 60 AND x.post_id IS NOT NULL
            AND y.post_id IS NOT NULL
            GROUP BY ALL HAVING count(DISTINCT x.url_id) >= 2)
        """  # noqa: S608
    ).fetchall()
    assert expected == [(one.summary["networks"][0]["edge_count"],)]


def test_csv_ndjson_and_parquet_say_the_same(tmp_path: Path) -> None:
    paths = {
        "csv": _csv(tmp_path / "t.csv", ROWS),
        "json": tmp_path / "t.ndjson",
        "parquet": tmp_path / "t.parquet",
    }
    named = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    paths["json"].write_text("\n".join(map(json.dumps, named)))
    pq.write_table(pa.Table.from_pylist(named), paths["parquet"])
    for kind, path in paths.items():
        coordinate([path], tmp_path / kind)
        assert _edges(tmp_path / kind) == [("co_object", "a", "b", 2)]
        evidence = pq.read_table(tmp_path / kind / "co_action_evidence.parquet").to_pylist()
        assert [row["lag_s"] for row in evidence] == [30.0, -60.0]
        starts = [row["byte_start_a"] for row in evidence]
        if kind == "parquet":
            assert starts == [None, None]
        else:
            lines = path.read_bytes()
            assert all(b"a" in lines[at:].splitlines()[0] for at in starts)


@pytest.mark.parametrize(
    ("scale", "named"), [(1, "seconds"), (1_000, "milliseconds"), (1_000_000, "microseconds")]
)
def test_epochs_are_read_by_their_size_and_it_says_so(
    tmp_path: Path, scale: int, named: str
) -> None:
    rows = [(*row[:3], row[3] * scale) for row in ROWS]
    result = coordinate([_csv(tmp_path / "t.csv", rows)], tmp_path / "out")
    assert result.summary["files"][0]["time_read_as"] == {f"{named} since 1970": 5}
    assert _edges(tmp_path / "out") == [("co_object", "a", "b", 2)]


def test_times_without_a_zone_are_refused_with_the_remedy_and_read_with_one(
    tmp_path: Path,
) -> None:
    rows = [
        ("o1", "a", "p1", "2017-05-05 20:00:00"),
        ("o1", "b", "p2", "2017-05-05T18:00:30Z"),
        ("o2", "a", "p3", "2017-05-05 20:10:00"),
        ("o2", "b", "p4", "2017-05-05T20:10:30+02:00"),
    ]
    path = _csv(tmp_path / "t.csv", rows)
    result = coordinate([path], tmp_path / "out")
    assert result.summary["files"][0]["left_out"] == {"no time": 2}
    assert "--assume-zone" in result.summary["files"][0]["examples"][0]["why"]
    coordinate([path], tmp_path / "paris", CoordinateOptions(assume_zone="Europe/Paris"))
    assert _edges(tmp_path / "paris") == [("co_object", "a", "b", 2)]
    with pytest.raises(FormatError, match="assume-zone"):
        coordinate([_csv(tmp_path / "all.csv", [rows[0], rows[2]])], tmp_path / "none")


def test_rows_that_lack_something_are_counted_each_once(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("o1", "", "", ""),
        ("", "c", "p6", 1_493_596_801),
        ("o1", "c", "nan", 1),
        ("x",),
    ]
    result = coordinate([_csv(tmp_path / "t.csv", rows)], tmp_path / "out")
    file = result.summary["files"][0]
    assert file["row_count"] == 9
    assert file["left_out"] == {
        "a form that cannot be read": 1,
        "no account": 1,
        "no post id": 1,
        "co_object: no object": 1,
    }
    assert any("the row has 1 columns" in one["why"] for one in file["examples"])


def test_layers_of_one_file_and_lists_of_links(tmp_path: Path) -> None:
    names = ("user_id", "message_id", "repost_id", "urls", "timestamp")
    rows = [
        ("a", "1", "t1", "['http://x.example/1', 'http://x.example/2']", 1_493_596_800),
        ("b", "2", "t1", '["http://x.example/2","http://x.example/1"]', 1_493_596_801),
    ]
    result = coordinate(
        [_csv(tmp_path / "t.csv", rows, names)],
        tmp_path / "out",
        CoordinateOptions(min_weight=1, windows=("1s",)),
    )
    assert _edges(tmp_path / "out") == [("co_link", "a", "b", 2), ("co_repost", "a", "b", 1)]
    assert result.summary["files"][0]["layers"] == {
        "co_repost": "repost_id",
        "co_link": "urls",
        "fast_repost": "repost_id",
    }


def test_two_files_are_one_network_and_evidence_names_each_file(tmp_path: Path) -> None:
    files = [_csv(tmp_path / "1.csv", ROWS[::2]), _csv(tmp_path / "2.csv", ROWS[1::2])]
    result = coordinate(files, tmp_path / "out")
    assert _edges(tmp_path / "out") == [("co_object", "a", "b", 2)]
    evidence = pq.read_table(tmp_path / "out/co_action_evidence.parquet").to_pylist()
    hashes = [file["sha256"] for file in result.summary["files"]]
    assert [row["source_item_id_a"] for row in evidence] == hashes


def test_an_account_cannot_become_a_formula_in_the_spreadsheet(tmp_path: Path) -> None:
    rows = [("o", "=cmd()", "1", 1_493_596_800), ("o", "-100123", "2", 1_493_596_801)]
    path = _csv(tmp_path / "t.csv", rows)
    coordinate([path], tmp_path / "out", CoordinateOptions(min_weight=1))
    assert _edges(tmp_path / "out") == [("co_object", "-100123", "=cmd()", 1)]
    with (tmp_path / "out/edges.csv").open() as file:
        row = next(csv.DictReader(file))
    assert (row["account_a"], row["account_b"]) == ("-100123", "'=cmd()")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "table"),
        (b"hello\n", "table"),
        (b"PAR1 and nothing else", "Parquet"),
        (b"account_id,timestamp\na,1\n", "object"),
        (b"object_id,timestamp\na,1493596800\n", "account"),
        (b"object_id,account_id\na,1493596800\n", "time"),
        (b"object_id,account_id,timestamp\no,a,yesterday\n", "yesterday"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_was_expected(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "strange.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"strange\.csv.*{words}"):
        coordinate([path], tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    path = _csv(tmp_path / "t.csv", ROWS)
    with pytest.raises(InputError, match="60s"):
        coordinate([path], tmp_path / "out", CoordinateOptions(windows=("soon",)))
    with pytest.raises(InputError, match="time zone"):
        coordinate([path], tmp_path / "out", CoordinateOptions(assume_zone="Mars/North"))
    with pytest.raises(InputError, match="not there"):
        coordinate([tmp_path / "absent.csv"], tmp_path / "out")
    with pytest.raises(FormatError, match=r"co_smile.*object_id \(co_object\)"):
        coordinate([path], tmp_path / "out", CoordinateOptions(layers=("co_smile",)))
    with pytest.raises(InputError, match="folder"):
        coordinate([path], path)


def test_an_evidence_limit_is_told(tmp_path: Path) -> None:
    path = _csv(tmp_path / "t.csv", ROWS)
    result = coordinate([path], tmp_path / "out", CoordinateOptions(evidence_limit=1))
    assert result.summary["networks"][0]["edge_without_evidence_count"] == 1
    assert any("no evidence rows" in line for line in result.lines())
    assert pq.read_table(tmp_path / "out/co_action_evidence.parquet").num_rows == 0


def test_rows_that_stand_twice_count_once(tmp_path: Path) -> None:
    one = _csv(tmp_path / "one.csv", ROWS)
    again = _csv(tmp_path / "again.csv", [*ROWS[:3], ROWS[0]])
    plain = coordinate([one], tmp_path / "plain", CoordinateOptions(weight="co_pairs"))
    both = coordinate([one, again], tmp_path / "both", CoordinateOptions(weight="co_pairs"))
    assert _edges(tmp_path / "both") == _edges(tmp_path / "plain") != []
    assert plain.summary["counted_once"] == {}
    assert sum(both.summary["counted_once"].values()) == 4
    assert "counted once" in "\n".join(both.lines())


def test_without_post_ids_the_same_act_in_two_files_counts_once(tmp_path: Path) -> None:
    names = ("object_id", "account_id", "timestamp")
    rows = [(o, a, t) for o, a, _, t in ROWS]
    one = _csv(tmp_path / "one.csv", rows, names)
    two = _csv(tmp_path / "two.csv", rows[::-1], names)
    coordinate([one], tmp_path / "plain", CoordinateOptions(weight="co_pairs"))
    coordinate([one, two], tmp_path / "both", CoordinateOptions(weight="co_pairs"))
    assert _edges(tmp_path / "both") == _edges(tmp_path / "plain") != []


def test_a_table_with_columns_and_no_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no rows"):
        coordinate([_csv(tmp_path / "empty.csv", [])], tmp_path / "out")
    empty = tmp_path / "empty.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in NAMES}), empty)
    with pytest.raises(FormatError, match="no rows"):
        coordinate([empty], tmp_path / "out")
