"""The stage of the habits that programs often have: all actions of a case in, indicators out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.analyses.coordination import acts
from tamis.analyses.coordination.automation import LEAST_ACTIONS, automation_rows
from tamis.analyses.coordination.case_actions import case_actions
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_automation(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `automation`."""
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="accounts")
    with writer.view() as view, view.engine("duckdb") as engine:
        # The layer brings `first_post` and `repost`: one row for each, from the first file.
        engine.run(case_actions(("fast_repost",)), ("first_post", "repost"))
        rows = indicators(engine.query(acts.ACTS), run)
        engine.register("automation_found", records.table("automation").build(rows))
        written = view.scratch() / "automation.parquet"
        count = engine.write("automation_found", written, records.table("automation").paging)
        writer.replace("automation", [written])
    context.progress.finish(f"{count:,} indicators")
    return Computed({"automation": count})


def indicators(table: pa.Table, run: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of `automation` for actions with account_id, acted_at, kind and content."""
    counts = pc.value_counts(table.column("account_id").combine_chunks())
    busy = counts.field("values").filter(pc.greater_equal(counts.field("counts"), LEAST_ACTIONS))
    table = table.filter(pc.is_in(table.column("account_id"), busy)).sort_by(
        [(name, "ascending") for name in ("account_id", "acted_at", "kind", "content")]
    )
    if not table.num_rows:
        return []
    accounts = table.column("account_id").combine_chunks().dictionary_encode()
    contents = table.column("content").combine_chunks().dictionary_encode()
    kinds = pc.index_in(table.column("kind"), pa.array(list(acts.LETTERS)))
    columns = {
        "accounts": accounts.indices.to_numpy(),
        "times": table.column("acted_at").cast(pa.int64()).to_numpy(),
        "contents": pc.fill_null(contents.indices, -1).to_numpy(zero_copy_only=False),
        "kinds": kinds.to_numpy().astype(np.int64),
    }
    names = accounts.dictionary.to_pylist()
    return automation_rows(columns, names, list(acts.LETTERS.values()), run)
