"""What goes wrong in other tools for co-action networks cannot go wrong here: a test for each."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from tamis.run.coordinate import CoordinateOptions, coordinate

if TYPE_CHECKING:
    from pathlib import Path

START = 1_493_596_800
DAY = 86_400
NAMES = ("object_id", "account_id", "content_id", "timestamp")


def _edges(tmp_path: Path, rows: list[Any], **options: Any) -> list[dict[str, Any]]:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *rows])
    coordinate([path], tmp_path / "out", CoordinateOptions(**options))
    return list(pq.read_table(tmp_path / "out/co_action.parquet").to_pylist())


@pytest.mark.parametrize("names", [("aa", "zz"), ("zz", "aa")])
def test_content_ids_stay_with_their_account(tmp_path: Path, names: tuple[str, str]) -> None:
    """CooRTweet 2.1.3 puts accounts into order but not their contents: 6 and 6 for 1 and 10."""
    one, other = names
    rows = [("o1", one, "the-only-post", START)]
    rows += [("o1", other, f"post-{number}", START + number) for number in range(10)]
    (edge,) = _edges(tmp_path, rows, weight="co_pairs")
    counts = {
        edge["account_a"]: edge["message_count_a"],
        edge["account_b"]: edge["message_count_b"],
    }
    assert counts == {one: 1, other: 10}


def test_thirty_days_and_three_seconds_are_not_three_seconds(tmp_path: Path) -> None:
    """coordinatedActivity takes the seconds of a span of time without its days."""
    rows = [
        *(("o1", "a", "p1", START), ("o1", "b", "p2", START + 30 * DAY + 3)),
        *(("o2", "a", "p3", START), ("o2", "b", "p4", START + 3)),
    ]
    (edge,) = _edges(tmp_path, rows, min_weight=1, windows=("10s",))
    assert (edge["weight"], edge["lag_median_s"]) == (1, 3.0)


@pytest.mark.parametrize("shift", [0, 1, 9, 30, 59])
def test_no_pair_is_lost_at_the_border_of_a_bin(tmp_path: Path, shift: int) -> None:
    """CooRnet cuts time into bins from an object's first share and loses half of the pairs."""
    rows = [
        *(("o1", "early", "p0", START), ("o2", "early", "p00", START)),
        *(("o1", "a", "p1", START + 60 + shift - 1), ("o1", "b", "p2", START + 60 + shift + 1)),
        *(("o2", "a", "p3", START + 120 + shift - 5), ("o2", "b", "p4", START + 120 + shift + 55)),
    ]
    edges = _edges(tmp_path, rows, windows=("60s",))
    assert [(e["account_a"], e["account_b"], e["weight"]) for e in edges] == [("a", "b", 2)]


def test_a_second_window_does_not_overwrite_the_first(tmp_path: Path) -> None:
    """The Coordination Network Toolkit keeps one table for each kind of network."""
    rows = [
        *(("o1", "a", "p1", START), ("o1", "b", "p2", START + 5)),
        *(("o2", "a", "p3", START), ("o2", "b", "p4", START + 50)),
    ]
    edges = _edges(tmp_path, rows, min_weight=1, windows=("10s", "60s"))
    assert [(e["window_s"], e["weight"]) for e in edges] == [(10.0, 1), (60.0, 2)]
    proof = pq.read_table(tmp_path / "out/co_action_evidence.parquet").to_pylist()
    assert sorted((row["window_s"], row["object_id"]) for row in proof) == [
        *((10.0, "o1"), (60.0, "o1"), (60.0, "o2")),
    ]


def test_an_account_is_never_its_own_partner(tmp_path: Path) -> None:
    """The Coordination Network Toolkit counts such pairs and hides them later."""
    rows = [("o1", "a", f"p{number}", START + number) for number in range(5)]
    assert _edges(tmp_path, rows, min_weight=1, weight="co_pairs") == []


def test_the_edges_carry_the_coordinated_posts_and_not_the_latest(tmp_path: Path) -> None:
    """The toolkit's graph shows the ten latest posts of an account (its issues 33 and 34)."""
    rows = [("o1", "a", "together-1", START), ("o1", "b", "together-2", START + 2)]
    rows += [
        (f"later-{n}", side, f"{side}{n}", START + DAY + n * 60) for n in range(15) for side in "ab"
    ]
    rows = [row if row[0] == "o1" else (row[0] + row[1], *row[1:]) for row in rows]
    _edges(tmp_path, rows, min_weight=1)
    graph = (tmp_path / "out/network.graphml").read_text()
    assert "together-1" in graph
    assert "together-2" in graph
    assert "a14" not in graph
