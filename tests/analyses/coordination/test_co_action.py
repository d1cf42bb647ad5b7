"""The co-action analysis over a case's tables, small enough to check by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tamis import records
from tamis.analyses.coordination.co_action import ANALYSIS, build
from tamis.engines import fitted, open_engine
from tamis.errors import PlanError
from tamis.registry import plugins

if TYPE_CHECKING:
    from pathlib import Path

THREE = ("co_repost", "co_link", "co_hashtag")
START = datetime(2017, 5, 5, 18, 0, tzinfo=UTC)
FILE = "f" * 64


def _at(second: float | None) -> datetime | None:
    return None if second is None else START + timedelta(seconds=second)


def _repost(name: str, account: str | None, target: str, second: float | None, **more: Any) -> Any:
    return {
        "action_id": name,
        "type": "repost",
        "account_id": account,
        "post_id": f"x:{name}",
        "target_post_id": target,
        "acted_at": _at(second),
        "grade": "native",
        "sampling": "full",
        "source_item_id": FILE,
        "byte_start": 0,
        "byte_end": 1,
        **more,
    }


def _post(name: str, account: str | None, second: float | None, **more: Any) -> Any:
    return {
        "post_id": name,
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": name,
        "account_id": account,
        "posted_at": _at(second),
        "sampling": "full",
        "source_item_id": FILE,
        "byte_start": 10,
        **more,
    }


def _in_post(post: str, name: str, role: str = "in_text") -> Any:
    return {
        "post_id": post,
        "object_id": name,
        "role": role,
        "method": "entity",
        "source_item_id": FILE,
        "byte_start": 10,
    }


def _object(kind: str, name: str) -> Any:
    return {"object_id": name, "kind": kind, "canonical": name, "display": name}


TABLES = {
    "action": [
        # a and b repost p1 and p2 within a minute, b first once; c is a second too late.
        _repost("1", "x:a", "x:p1", 0),
        _repost("2", "x:b", "x:p1", 60),
        _repost("3", "x:b", "x:p2", 100),
        _repost("4", "x:a", "x:p2", 130),
        _repost("5", "x:c", "x:p1", 121),
        # The same action out of a second file counts once.
        _repost("1", "x:a", "x:p1", 0, source_item_id="e" * 64),
        # Somebody who cannot be named, some time that is not known, another kind of action.
        _repost("6", None, "x:p1", 1),
        _repost("7", "x:c", "x:p2", None),
        _repost("8", "x:c", "x:p2", 131, type="quote"),
    ],
    "post": [
        _post("x:l1", "x:a", 0),
        _post("x:l1", "x:a", 5_000, version=2),
        _post("x:l2", "x:b", 20),
        _post("x:l3", "x:a", 1_000),
        _post("x:l4", "x:b", 1_030),
        _post("x:l5", None, 1),
        _post("x:l6", "x:c", None),
        _post("x:l7", "x:c", 25),
    ],
    "post_object": [
        _in_post("x:l1", "url:1"),
        _in_post("x:l1", "url:1", "card"),
        _in_post("x:l2", "url:1"),
        _in_post("x:l3", "url:2"),
        _in_post("x:l4", "url:2"),
        _in_post("x:l5", "url:1"),
        _in_post("x:l6", "url:1"),
        # Inherited from the reposted original: co_repost's business.
        _in_post("x:l7", "url:1", "inherited"),
        _in_post("x:l1", "hashtag:leak"),
        _in_post("x:l2", "hashtag:leak"),
    ],
    "object": [
        _object("url", "url:1"),
        _object("url", "url:2"),
        _object("hashtag", "hashtag:leak"),
        _object("hashtag", "hashtag:leak"),
    ],
}


def _run(tmp_path: Path, **params: Any) -> dict[str, list[dict[str, Any]]]:
    names = ANALYSIS.writes
    with open_engine("duckdb", allowed=[], scratch=tmp_path, threads=1) as engine:
        for name, rows in TABLES.items():
            engine.register(name, records.table(name).build(rows))
        engine.run(build(params), names, {"run_id": "r", "analysis_version": "co_action 1"})
        for name in ANALYSIS.writes:
            record = records.table(name)
            record.check(fitted(engine.fetch(name), record.schema))
        return {name: engine.fetch(name).to_pylist() for name in names}


def test_the_analysis_is_found_by_its_file() -> None:
    assert plugins("analyses")["co_action"] is ANALYSIS


def test_three_layers_by_hand(tmp_path: Path) -> None:
    found = _run(tmp_path, layers=THREE)
    edges = {row["layer"]: row for row in found["co_action"]}
    assert sorted(edges) == ["co_link", "co_repost"]
    repost = edges["co_repost"]
    assert (repost["account_a"], repost["account_b"], repost["weight"]) == ("x:a", "x:b", 2)
    assert (repost["lag_median_s"], repost["a_first_share"]) == (15.0, 0.5)
    link = edges["co_link"]
    assert (link["weight"], link["pair_count"], link["lag_median_s"]) == (2, 2, 25.0)
    assert link["a_first_share"] == 1.0
    totals = {row["layer"]: row["pair_count"] for row in found["co_action_total"]}
    assert totals == {"co_repost": 2, "co_link": 2, "co_hashtag": 1}


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = _run(tmp_path, layers=THREE)["co_action_left_out"]
    assert {(row["layer"], row["reason"]): row["action_count"] for row in rows} == {
        ("co_repost", "no_account"): 1,
        ("co_repost", "no_time"): 1,
        ("co_link", "no_account"): 1,
        ("co_link", "no_time"): 1,
    }


def test_each_pair_of_actions_is_evidence_with_its_place(tmp_path: Path) -> None:
    found = _run(tmp_path, layers=THREE)["co_action_evidence"]
    rows = sorted(
        (row["layer"], row["object_id"], row["post_id_a"], row["post_id_b"], row["lag_s"])
        for row in found
    )
    assert rows == [
        ("co_link", "url:1", "x:l1", "x:l2", 20.0),
        ("co_link", "url:2", "x:l3", "x:l4", 30.0),
        ("co_repost", "x:p1", "x:1", "x:2", 60.0),
        ("co_repost", "x:p2", "x:4", "x:3", -30.0),
    ]
    assert {row["source_item_id_b"] for row in found} == {FILE}
    assert {row["byte_start_b"] for row in found if row["layer"] == "co_link"} == {10}


def test_weights_are_named_and_each_has_its_rows(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        min_weight=1,
        weights=("distinct_objects", "co_pairs", "distinct_messages"),
        layers=("co_hashtag",),
        windows_s=(60.0, 10.0),
    )
    assert {(row["weight_kind"], row["window_s"], row["weight"]) for row in found["co_action"]} == {
        ("distinct_objects", 60.0, 1),
        ("co_pairs", 60.0, 1),
        ("distinct_messages", 60.0, 1),
    }


@pytest.mark.parametrize(
    "params",
    [
        {"layers": ("co_smile",)},
        {"weights": ("loudness",)},
        {"weights": ()},
        {"windows_s": ()},
        {"windows_s": (-1.0,)},
        {"windows_s": (float("nan"),)},
        {"min_weight": 0},
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        build(params)
