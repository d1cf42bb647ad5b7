"""Small collections for the figures of traffic, and the tables that come of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.engines import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tamis.registry import Analysis

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
PLACE = {"source_item_id": "f1", "byte_start": 0, "byte_end": 9}
Rows = list[dict[str, Any]]


def post(number: int, account: str | None, second: float = 0, **more: Any) -> dict[str, Any]:
    """One post of the platform x."""
    at = START + timedelta(seconds=second)
    row = {
        "post_id": f"x:{number}",
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": str(number),
        "account_id": account,
        "posted_at": at,
        "posted_low_at": at,
        "posted_high_at": at,
        "clock": "platform",
        "precision_s": 1.0,
        "sampling": "query",
        **PLACE,
    }
    return {**row, **more}


def repost(number: int, account: str, target: int, second: float = 0) -> dict[str, Any]:
    """The action by which a post repeats another."""
    at = START + timedelta(seconds=second)
    return {
        "action_id": f"r{number}",
        "type": "repost",
        "account_id": account,
        "post_id": f"x:{number}",
        "target_post_id": f"x:{target}",
        "acted_at": at,
        "acted_low_at": at,
        "acted_high_at": at,
        "grade": "native",
        "sampling": "query",
        **PLACE,
    }


def tables_of(analysis: Analysis, folder: Path, **tables: Iterable[dict[str, Any]]) -> Any:
    """Every table that the analysis writes, as lists of rows, checked against its record."""
    params = {**analysis.params, "run_id": "r1", "analysis_version": f"{analysis.name}/1"}
    made: dict[str, Rows] = {}
    with open_engine("duckdb", allowed=[folder], scratch=folder, threads=1) as engine:
        for table in analysis.reads:
            record = records.table(table)
            engine.register(table, record.build(tables.get(table, ())), record.schema)
        engine.run(analysis.build(params), keep=analysis.writes, params=params)
        for name in analysis.writes:
            found = engine.fetch(name).to_pylist()
            made[name] = records.table(name).build(found).to_pylist()
            keys = [tuple(row[key] for key in records.table(name).key) for row in made[name]]
            assert len(keys) == len(set(keys)), name
    return made
