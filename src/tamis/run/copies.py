"""The stage of copies: messages of the dump beside the other copies of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.analyses.leak import copies
from tamis.analyses.leak.copies_match import match_steps
from tamis.analyses.leak.copies_near import SKETCH, TEXTS, near_steps
from tamis.cell import Job, read_arrow
from tamis.run.copies_task import SKETCHES
from tamis.run.pair_compare import compare_pairs
from tamis.run.stages import Computed, written_empty

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.case import Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_BATCH_TEXTS = 2_000
_KEPT = ("printed", "graded")


def compute_copies(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `copy_pair`, and what held the parsers.

    Fields are compared by the engine; texts are sketched, and those that differ compared, in the
    cell, as are HTML pages and files. A pair whose comparison kills its worker is `not_compared`.
    A single message has no copies, and is not looked at.
    """
    with writer.view() as view:
        is_alone = view.row_count("message") < 2
    if is_alone:
        return written_empty(writer, stage, context)
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
        "run_at": context.started_at,
    }
    context.progress.start(stage.name, unit="pairs")
    with writer.view() as view, view.engine("duckdb") as engine:
        engine.run(copies.grade_steps(), keep=_KEPT, params=params)
        _sketch(writer, engine, context, params)
        engine.run(near_steps(), keep=("near",), params=params)
        engine.run(copies.twin_steps(), keep=("brought", "chosen"), params=params)
        pair_count, notes = compare_pairs(writer, view, engine, context)
        engine.run(match_steps(), keep=("copy_pair",), params=params)
        written = view.scratch() / "copy_pair.parquet"
        count = engine.write("copy_pair", written, records.table("copy_pair").paging)
        writer.replace("copy_pair", [written])
    context.progress.finish(f"{pair_count:,} pairs compared in the cell")
    return Computed({"copy_pair": count}, notes)


def _sketch(writer: Writer, engine: Engine, context: RunContext, params: Mapping[str, Any]) -> None:
    """The table `sketch`: the marks of every distinct text of some length.

    A text whose sketch kills its worker has none, and so no near copies.
    """
    texts = engine.query(TEXTS, params)
    found = [SKETCH.empty_table()]
    if texts.num_rows:
        spool = writer.spool()
        with context.cell(spool, ("tamis.run.copies_task",)) as cell:
            for outcome in cell.run(_jobs(texts, spool)):
                if outcome.status == "done" and "sketch" in outcome.files:
                    found.append(read_arrow(outcome.files["sketch"], SKETCH))
                outcome.discard()
    engine.register("sketch", pa.concat_tables(found), SKETCH)


def _jobs(texts: pa.Table, spool: Path) -> Iterator[Job]:
    for start in range(0, texts.num_rows, _BATCH_TEXTS):
        rows = texts.slice(start, _BATCH_TEXTS)
        path = spool / f"sketch-{start}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, rows.schema) as stream:
            stream.write_table(rows)
        items = tuple({"row": row} for row in range(rows.num_rows))
        yield Job(path.stem, SKETCHES, (path,), items, {}, {"sketch": SKETCH})
