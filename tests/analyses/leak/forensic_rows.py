"""Messages as bytes, read into the tables that header forensics reads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.leak import forensics
from tamis.engines import open_engine
from tamis.sources.leak import message as reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

STAMP = {"run_id": "r", "analysis_version": "a/1"}


def tables(posted: Iterable[tuple[bytes, bool]]) -> dict[str, pa.Table]:
    """The tables of messages given as bytes and whether their own bytes are verified."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in forensics.ANALYSIS.reads}
    for raw, is_verified in posted:
        item_id = hashlib.sha256(raw).hexdigest()
        read = reader.read(raw)
        rows["message"].append({**read.message, "item_id": item_id})
        rows["header"] += [{**one, "item_id": item_id} for one in read.fields]
        rows["part"] += [{**one, "item_id": item_id} for one in read.parts]
        rows["message_class"].append(
            {"item_id": item_id, "traffic": "bulk" if read.message["is_bulk"] else "person",
             "reasons": [], "is_by_headers": read.message["is_bulk"], **STAMP})  # fmt: skip
        rows["signature_verdict"].append(
            verdict(item_id, "verified" if is_verified else "unverifiable")
        )
    return {name: records.table(name).build(found) for name, found in rows.items()}


def verdict(item_id: str, word: str) -> dict[str, Any]:
    return {
        "item_id": item_id, "verdict": word, "roll_up": "unknown", "rule_id": "r",
        "rule_version": 1, "evidence_ids": [], "claims": [], "does_not_claim": [],
        "granted": [], **STAMP,
    }  # fmt: skip


def judge(
    folder: Path, found: Mapping[str, pa.Table], keep: tuple[str, ...] = (), **params: Any
) -> dict[str, pa.Table]:
    """What the analysis writes, and the steps named in `keep`."""
    told = {**forensics.PARAMS, **params, **STAMP}
    names = (*forensics.ANALYSIS.writes, *keep)
    with open_engine("duckdb", allowed=[folder], scratch=folder, threads=2) as engine:
        for name in forensics.ANALYSIS.reads:
            engine.register(name, found[name], records.table(name).schema)
        engine.run(forensics.build(told), keep=names, params=told)
        out = {name: engine.fetch(name) for name in names}
    for name in forensics.ANALYSIS.writes:
        record = records.table(name)
        out[name] = record.check(out[name].cast(record.schema))
    return out
