"""Rows of the corpus tables, written short, and analyses run over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.engines import open_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.registry import Analysis

RUN_AT = "2026-11-23T00:00:00+00:00"
START = datetime(2017, 1, 2, 9, 0, tzinfo=UTC)
Rows = list[dict[str, Any]]


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def message(item_id: str, sender: str, to: tuple[str, ...], day: float | None, **more: Any) -> Any:
    sent = None if day is None else at(day)
    row = {
        "item_id": item_id,
        "message_id": f"{item_id}@id",
        "reference_ids": [],
        "from_address": sender,
        "to_addresses": list(to),
        "cc_addresses": [],
        "bcc_addresses": [],
        "subject": f"subject {item_id}",
        "sent_at": sent,
        "sent_raw": None if sent is None else sent.isoformat(),
        "received_count": 0,
        "is_bulk": False,
        "body_text": f"text of {item_id}",
        "body_raw_bytes": 10,
        "line_ends": "lf",
    }
    return {**row, **more}


def item(item_id: str, kind: str = "leak", **more: Any) -> dict[str, Any]:
    row = {"item_id": item_id, "kind": kind, "size_bytes": 10, "status": "read", "reader": "eml"}
    return {**row, **more}


def place(item_id: str, box: str | None = "box", kind: str = "leak", **more: Any) -> dict[str, Any]:
    row = {
        "item_id": item_id,
        "root": f"/{kind}",
        "kind": kind,
        "path": f"{box}/{item_id}",
        "name": item_id,
        "position": 0,
        "depth": 0,
        "mailbox_id": box,
    }
    return {**row, **more}


def header(item_id: str, position: int, name: str, value: str) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "position": position,
        "name": name,
        "value": value,
        "byte_start": 0,
        "byte_end": 1,
    }


def part(item_id: str, position: int, **more: Any) -> dict[str, Any]:
    return {"item_id": item_id, "position": position, "byte_start": 0, "byte_end": 9, **more}


def run(analysis: Analysis, folder: Path, **tables: Rows) -> dict[str, Rows]:
    """The tables an analysis writes, each in its record's schema, sorted by its key."""
    more = tables.pop("params", None) or {}
    params = {**analysis.params, **dict(more), "run_id": "r1", "analysis_version": "a/1"}
    params["run_at"] = RUN_AT
    found: dict[str, Rows] = {}
    with open_engine("duckdb", allowed=[folder], scratch=folder, threads=1) as engine:
        for name in analysis.reads:
            record = records.table(name)
            engine.register(name, record.build(tables.get(name, ())), record.schema)
        engine.run(analysis.build(params), keep=analysis.writes, params=params)
        for name in analysis.writes:
            made = engine.fetch(name)
            record = records.table(name)
            rows: Rows = record.check(
                pa.Table.from_pylist(made.to_pylist(), schema=record.schema)
            ).to_pylist()
            keys = [tuple(row[key] for key in record.key) for row in rows]
            assert len(set(keys)) == len(keys), name
            found[name] = sorted(rows, key=lambda row: str([row[key] for key in record.key]))
    return found
