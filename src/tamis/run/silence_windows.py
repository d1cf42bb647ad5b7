"""Stages of silence: the windows of a case, and the time that was left to answer before them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tamis import records
from tamis.analyses.response import answer_time, silence
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_silence_windows(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `silence_window`; a jurisdiction without rules is named in the notes."""
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="rules")
    with writer.view() as view:
        book = silence.rule_book(view.table("silence_rule").to_pylist())
    wanted = [str(code).upper() for code in stage.params["jurisdictions"]]
    days = [dt.date.fromisoformat(str(day)) for day in stage.params["polling_days"]]
    found = silence.case_windows(book, wanted, days)
    rows = [{**silence.window_row(one, day), **run} for one, day in found]
    writer.replace("silence_window", records.table("silence_window").build(rows))
    unknown = silence.without_rules(book, wanted, days)
    notes = {"jurisdictions_without_rules": ", ".join(unknown)} if unknown else {}
    told = f"; no rule is known of {', '.join(unknown)}" if unknown else ""
    context.progress.finish(f"{len(rows):,} windows{told}")
    return Computed({"silence_window": len(rows)}, notes)


def compute_answer_time(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `answer_time`."""
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
    }
    context.progress.start(stage.name, unit="rows")
    with writer.view() as view, view.engine("duckdb") as engine:
        engine.run(answer_time.steps(params), keep=("answer_time",), params=params)
        written = view.scratch() / "answer_time.parquet"
        count = engine.write("answer_time", written, records.table("answer_time").paging)
        writer.replace("answer_time", [written])
    context.progress.finish(f"{count:,} rows")
    return Computed({"answer_time": count})
