"""The stage that joins posts to the items of the corpus that they name or repeat."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tamis import records
from tamis.analyses.spread import bridge
from tamis.analyses.spread.bridge import CORPUS_ITEMS, DIGEST, WANTED_DIGESTS
from tamis.errors import TamisError
from tamis.run.stages import Computed, written_empty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_MAKERS = {"file_md5": "md5", "file_sha1": "sha1"}


def compute_bridge(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `post_item`."""
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
    }
    context.progress.start(stage.name, unit="items")
    with writer.view() as view, view.engine("duckdb") as engine:
        if not engine.query(CORPUS_ITEMS).num_rows:
            # Without a dump nothing can be joined; millions of texts need not be taken apart.
            return written_empty(writer, stage, context)
        folder = view.scratch()
        notes = _digests(view, engine, folder / "item_digest.parquet")
        engine.run(bridge.bridge_steps(), keep=("post_item",), params=params)
        written = folder / "post_item.parquet"
        count = engine.write("post_item", written, records.table("post_item").paging)
        writer.replace("post_item", [written])
    context.progress.finish(f"{count:,} joined")
    return Computed({"post_item": count}, notes)


def _digests(view: CaseView, engine: Engine, path: Path) -> dict[str, str]:
    """Notes on the table `item_digest`, which the engine has afterwards."""
    wanted: list[str] = engine.query(WANTED_DIGESTS).column("kind").to_pylist()
    rows: list[dict[str, Any]] = []
    lost = 0
    for item_id in engine.query(CORPUS_ITEMS).column("item_id").to_pylist() if wanted else ():
        try:
            rows += _of(view, item_id, wanted)
        except (TamisError, OSError):
            lost += 1
    pq.write_table(pa.Table.from_pylist(rows, DIGEST), path)
    engine.register("item_digest", [path], DIGEST)
    return {"items_without_bytes": str(lost)} if lost else {}


def _of(view: CaseView, item_id: str, kinds: Sequence[str]) -> list[dict[str, Any]]:
    made = {kind: hashlib.new(_MAKERS[kind], usedforsecurity=False) for kind in kinds}
    with view.open_item(item_id) as stream:
        while chunk := stream.read(1 << 20):
            for one in made.values():
                one.update(chunk)
    return [
        {"item_id": item_id, "kind": kind, "digest": one.hexdigest()} for kind, one in made.items()
    ]
