"""Communities from before the incident: by hand, and against a slow modularity."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spread_rows import act, at, mark, post, thing

from tamis import records
from tamis.analyses.coordination.clusters.communities import modular_communities
from tamis.analyses.spread.community import MOMENTS, Moment, moment
from tamis.engines import open_engine
from tamis.run.community import communities_of

if TYPE_CHECKING:
    from pathlib import Path

RUN = {"run_id": "r1", "analysis_version": "spread.community/1"}


def slow_modularity(edges: dict[tuple[int, int], float], label: list[int]) -> float:
    """Newman and Girvan's sum, word for word, times the weight of all pairs."""
    whole = sum(edges.values())
    quality = sum(w for (a, b), w in edges.items() if label[a] == label[b])
    for one in set(label):
        degree = sum(w * ((label[a] == one) + (label[b] == one)) for (a, b), w in edges.items())
        quality -= degree * degree / (4 * whole)
    return quality


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]),
        st.integers(1, 5),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=150)
def test_nobody_gains_by_leaving_a_modular_community(
    edges: dict[tuple[int, int], int], rng: random.Random
) -> None:
    label = modular_communities(*_arrays(edges), 13).tolist()
    weighed = {pair: float(w) for pair, w in edges.items()}
    best = slow_modularity(weighed, label)
    assert best >= slow_modularity(weighed, list(range(13))) - 1e-9
    degree = [sum(pair.count(node) for pair in edges) for node in range(13)]
    for a, b in edges:
        for leaf, other in ((a, b), (b, a)):
            if degree[leaf] == 1:
                assert label[leaf] == label[other]
    for node in range(13):
        # A node that leaves takes its leaves along, as they are folded into it.
        takes = [
            other
            for other in range(13)
            if other == node
            or (degree[other] == 1 and (min(node, other), max(node, other)) in edges)
        ]
        for there in {*label, 99}:
            moved = [there if n in takes else one for n, one in enumerate(label)]
            assert slow_modularity(weighed, moved) <= best + 1e-9
    shuffled = list(edges)
    rng.shuffle(shuffled)
    again = modular_communities(*_arrays({pair: edges[pair] for pair in shuffled}), 13).tolist()
    assert again == label
    firsts = [label.index(one) for one in range(max(label) + 1)]
    assert firsts == sorted(firsts)


def _arrays(edges: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(list(edges)), np.asarray(list(edges.values()))


def test_two_stars_joined_by_one_repost_are_two() -> None:
    edges = {(0, n): 1 for n in range(2, 8)} | {(1, n): 1 for n in range(8, 14)} | {(0, 1): 1}
    label = modular_communities(*_arrays(edges), 15).tolist()
    assert label == [0, 1, *[0] * 6, *[1] * 6, 2]


def _found(
    tmp_path: Path, when: Moment, least: int = 3, **tables: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for name in ("action", "post", "container"):
            record = records.table(name)
            engine.register(name, record.build(tables.get(name, ())), record.schema)
        found = communities_of(engine, when, least, RUN)
    return {name: table.to_pylist() for name, table in found.items()}


def _crowd(name: str, size: int, second: float) -> tuple[list[Any], list[Any]]:
    """One post that `size` accounts repost, the first two of them a second one too."""
    posts = [post(f"x:{name}{n}", 0, account_id=f"x:{name}") for n in range(2)]
    acts = [
        act("repost", f"x:{name}{n}-{who}", f"x:{name}{n}", f"x:{name}-{who}", second)
        for who in range(size)
        for n in range(2 if who < 2 else 1)
    ]
    return posts, acts


def test_communities_by_hand_and_only_from_before_the_moment(tmp_path: Path) -> None:
    posts_a, acts_a = _crowd("a", 5, 10)
    posts_b, acts_b = _crowd("b", 3, 10)
    posts_c, acts_c = _crowd("c", 9, 100)
    bridge = act("repost", "x:b-9", "x:a0", "x:b-0", 20)
    found = _found(
        tmp_path,
        Moment(at(100), "leak_at"),
        post=[*posts_a, *posts_b, *posts_c],
        action=[*acts_a, *acts_b, *acts_c, bridge, {**acts_a[0], "source_item_id": "f2"}],
    )
    first, second = found["community"]
    assert (first["community_id"], first["account_count"]) == ("x:community-1", 6)
    assert (second["community_id"], second["account_count"]) == ("x:community-2", 4)
    assert (first["centre_account_id"], second["centre_account_id"]) == ("x:a", "x:b")
    assert (first["until_at"], first["until_basis"]) == (at(100), "leak_at")
    # a: 7 reposts inside and one across; b: 5 inside and one across; 13 in all.
    assert first["inside_share"] == pytest.approx(14 / 15)
    assert second["inside_share"] == pytest.approx(10 / 11)
    assert first["expected_share"] == pytest.approx(15 / 26)
    of = {row["account_id"]: row for row in found["community_member"]}
    assert of["x:b-0"]["community_id"] == "x:community-2"
    assert (of["x:b-0"]["tie_count"], of["x:b-0"]["inside_share"]) == (3, pytest.approx(2 / 3))
    assert not any(name.startswith("x:c") for name in of)


def test_a_platform_without_reposts_has_its_containers(tmp_path: Path) -> None:
    posts, acts = _crowd("a", 4, 10)
    places = [("d:1", "d:chat"), ("d:2", "d:chat"), ("d:3", "d:other")]
    posts += [post(one, 5, account_id="d:me", container_id=where) for one, where in places]
    posts += [post("x:9", 5, account_id="x:z", container_id="x:list")]
    containers = [
        {"container_id": "d:chat", "platform": "d", "kind": "channel", "parent_id": "d:cat"},
        {"container_id": "d:cat", "platform": "d", "kind": "category", "parent_id": "d:guild"},
        {"container_id": "d:guild", "platform": "d", "kind": "guild", "name": "Guild"},
    ]
    found = _found(tmp_path, Moment(None, "none"), post=posts, action=acts, container=containers)
    (home,) = [row for row in found["community"] if row["basis"] == "container"]
    assert (home["community_id"], home["name"], home["account_count"]) == ("d:guild", "Guild", 1)
    of = {row["account_id"]: row for row in found["community_member"]}
    assert (of["d:me"]["tie_count"], of["d:me"]["inside_share"]) == (2, pytest.approx(2 / 3))
    assert "x:z" not in of


def test_nothing_at_all_gives_empty_tables(tmp_path: Path) -> None:
    found = _found(tmp_path, Moment(None, "none"))
    assert found == {"community": [], "community_member": []}


def test_the_moment_is_the_case_s_word_else_what_the_case_is_about(tmp_path: Path) -> None:
    posts = [post("x:1", 0), post("x:2", 50), post("x:3", 70)]
    tables = {
        "post": posts,
        "post_object": [mark("x:1", "hashtag:other"), mark("x:2", "hashtag:leak")],
        "object": [thing("hashtag:other"), thing("hashtag:leak")],
        "post_item": [
            {
                "post_id": "x:3",
                "item_id": "i",
                "method": "file_name",
                "grade": "strong",
                "detail": "d",
                "candidate_count": 1,
                **RUN,
            }
        ],
    }
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for name, rows in tables.items():
            record = records.table(name)
            engine.register(name, record.build(rows), record.schema)
        rows = engine.query(MOMENTS, {"selectors": ["leak"]}).to_pylist()
    found = {row["basis"]: row["low_at"] for row in rows}
    assert found == {"corpus": at(70), "selector": at(50)}
    assert moment(at(1), found) == (at(1), "leak_at")
    assert moment(None, found) == (at(70), "corpus")
    assert moment(None, {**found, "corpus": None}) == (at(50), "selector")
    assert moment(None, {}) == (None, "none")
