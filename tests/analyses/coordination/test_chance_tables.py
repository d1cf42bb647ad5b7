"""What the stages of chance and habits read of a case, by hand; the queries on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tamis import records
from tamis.analyses.coordination import acts
from tamis.analyses.coordination.case_actions import case_actions
from tamis.analyses.coordination.significance import tables
from tamis.engines import open_engine
from tamis.engines.portable import translated
from tamis.engines.seam import bound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamis.engines import Engine
    from tamis.plan import Query

START = datetime(2017, 5, 5, 18, 0, tzinfo=UTC)
PLACE = {"source_item_id": "f" * 64, "byte_start": 0, "byte_end": 1}
RUN = {"run_id": "r", "analysis_version": "co_action 2"}


def _at(second: int | None) -> datetime | None:
    return None if second is None else START + timedelta(seconds=second)


def _action(name: str, kind: str, account: str, target: str, second: int, **more: Any) -> Any:
    told = {"action_id": name, "type": kind, "account_id": account, "post_id": f"x:{name}"}
    seen = {"target_post_id": target, "acted_at": _at(second), "grade": "native"}
    return {**told, **seen, "sampling": "full", **PLACE, **more}


def _post(name: str, account: str | None, second: int | None, text_hash: str | None) -> Any:
    told = {"post_id": name, "version": 1, "is_latest": True, "platform": "x", "native_id": name}
    seen = {"account_id": account, "posted_at": _at(second), "text_hash": text_hash}
    return {**told, **seen, "sampling": "full", **PLACE}


TABLES = {
    "post": [
        _post("x:o1", "x:z", 0, "h1"),
        _post("x:o2", "x:y", None, "h2"),
        _post("x:1", "x:a", 10, "h1"),
        _post("x:5", "x:a", 50, "h3"),
        _post("x:6", "x:a", 60, None),
        _post("x:7", None, 70, "h4"),
    ],
    "action": [
        _action("1", "repost", "x:a", "x:o1", 10),
        _action("2", "repost", "x:b", "x:o1", 11),
        _action("3", "forward", "x:a", "x:gone", 30, target_account_id="x:far", origin_at=_at(2)),
        _action("4", "repost", "x:b", "x:nobody", 40),
        _action("5", "reply", "x:a", "x:o2", 50),
        _action("6", "quote", "x:a", "x:o1", 60),
        _action("8", "reply", "x:b", "x:missing", 80, target_account_id="x:w"),
    ],
    "account": [
        {
            "account_id": "x:a",
            "platform": "x",
            "native_id": "a",
            "scope": "global",
            "created_at": _at(second),
            **PLACE,
            "byte_start": place,
        }
        for place, second in enumerate((-50, -90, None))
    ],
    "co_action_left_out": [
        {"layer": "co_link", "window_s": 60.0, "reason": "too_many_pairs", "object_id": "o",
         "action_count": 9, "pair_count": 36, **RUN},
        {"layer": "co_link", "reason": "no_time", "action_count": 1, **RUN},
    ],
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_engine("duckdb", allowed=[], scratch=tmp_path, threads=1) as opened:
        for name in (*tables.READS, *acts.READS):
            opened.register(name, records.table(name).build(TABLES.get(name, [])))
        yield opened


def test_publishers_and_publications_are_those_of_the_originals(engine: Engine) -> None:
    layers = ("co_reply", "co_repost")
    steps = (*case_actions((*layers, tables.UNTESTED)), *tables.source_steps(layers))
    engine.run(steps, ("co_repost_source", "co_reply_source", "co_repost_action"))
    found = {
        layer: {
            row["object_id"]: (row["publisher_id"], row["published_at"])
            for row in engine.fetch(f"{layer}_source").to_pylist()
        }
        for layer in layers
    }
    assert found["co_repost"] == {
        "x:o1": ("x:z", _at(0)),
        "x:gone": ("x:far", _at(2)),
        "x:nobody": (None, None),
    }
    assert found["co_reply"] == {"x:o2": ("x:y", None), "x:missing": ("x:w", None)}
    actions = engine.query(tables.actions_of("co_repost"))
    assert actions.column_names == ["object_id", "account_id", "acted_at"]
    assert actions.num_rows == 4
    assert tables.source_steps(("co_link", "co_text")) == ()


def test_what_was_left_out_and_when_accounts_were_made(engine: Engine) -> None:
    left_out = engine.query(tables.LEFT_OUT).to_pylist()
    assert left_out == [{"layer": "co_link", "window_s": 60.0, "object_id": "o"}]
    created = engine.query(tables.CREATED).to_pylist()
    assert created == [{"account_id": "x:a", "created_at": _at(-90)}]


def test_every_act_counts_once_with_its_kind(engine: Engine) -> None:
    """A repost is no post of its own, and what it repeats is no content of the account."""
    engine.run(case_actions(("fast_repost",)), ("first_post", "repost"))
    rows = engine.query(acts.ACTS).to_pylist()
    assert sorted((r["account_id"], r["kind"], r["content"] or "-") for r in rows) == [
        ("x:a", "quote", "-"),
        ("x:a", "reply", "h3"),
        ("x:a", "repost", "-"),
        ("x:a", "repost", "-"),
        ("x:b", "repost", "-"),
        ("x:b", "repost", "-"),
        ("x:z", "post", "h1"),
    ]
    assert {row["kind"] for row in rows} <= acts.LETTERS.keys()


@pytest.mark.parametrize(
    "query",
    [
        *(tables.KEPT, tables.LEFT_OUT, tables.LOOKS, tables.CREATED, acts.ACTS),
        *tables.source_steps(("co_repost", "co_reply")),
        tables.actions_of("co_link"),
    ],
    ids=lambda query: str(query.name),
)
def test_the_queries_keep_to_what_both_engines_know(query: Query) -> None:
    assert query.portable
    known = {*tables.READS, "first_post", "repost", "fast_repost_candidate"}
    known |= {"co_reply_candidate", "co_link_action"}
    assert "SELECT" in translated(query, bound(query, {}), known)
