"""The reference stage: every leaked message beside the originals of its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from tamis import records
from tamis.analyses.leak import reference
from tamis.analyses.leak.reference_match import match_steps
from tamis.run.pair_compare import compare_pairs
from tamis.run.stages import Computed, written_empty

if TYPE_CHECKING:
    from tamis.case import CaseView, Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_reference(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `reference_match` and `reference_coverage`, and what held the parsers.

    Where no original was added both are empty, and nothing is looked at. Fields are compared by
    the engine; texts that differ, and HTML pages, in the cell. A pair whose comparison kills its
    worker is `not_compared`, with the reason.
    """
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
        "run_at": context.started_at,
    }
    counts: dict[str, int] = {}
    with writer.view() as view:
        has_originals = _has_originals(view)
    if not has_originals:
        return written_empty(writer, stage, context)
    context.progress.start(stage.name, unit="pairs")
    with writer.view() as view, view.engine("duckdb") as engine:
        steps = reference.pair_steps(params)
        engine.run(steps, keep=[step.name for step in steps], params=params)
        pair_count, notes = compare_pairs(writer, view, engine, context)
        engine.run(match_steps(params["own_domains"]), keep=("reference_match",), params=params)
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(name, written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(f"{pair_count:,} pairs compared in the cell")
    return Computed(counts, notes)


def _has_originals(view: CaseView) -> bool:
    return any(
        pc.any(pc.equal(view.table(name, ["kind"])["kind"], "reference")).as_py()
        for name in ("item", "place")
    )
