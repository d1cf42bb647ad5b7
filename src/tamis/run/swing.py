"""The stage of the swing gauge: the polls of a case in, the swing needed for a tie out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis import records
from tamis.analyses.response.swing.gauge import gauge, left_out
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_swing(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `swing`; none without polls on a vote of the case, which the notes say."""
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="rows")
    with writer.view() as view:
        polls = view.table("poll").to_pylist()
    rows = [{**row, **run} for row in gauge(polls, stage.params)]
    writer.replace("swing", records.table("swing").build(rows))
    told = left_out(polls, stage.params)
    context.progress.finish(f"{len(rows):,} rows{f'; {told}' if told else ''}")
    return Computed({"swing": len(rows)}, {"polls_left_out": told} if told else {})
