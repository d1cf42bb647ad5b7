"""The stage of the null models: kept pairs and the actions behind them in, clusters out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis import records
from tamis.analyses.coordination.case_actions import case_actions
from tamis.analyses.coordination.significance import tables
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tamis.analyses.coordination.significance.tested import Outcome
    from tamis.case import Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_significance(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `co_action_significance` and its total, `cluster` and `cluster_member`.

    It runs on the embedded engine whichever engine the run has: only kept pairs are tested, and
    their accounts must be seen as a whole.
    """
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="pairs")
    counts: dict[str, int] = {}
    with writer.view() as view, view.engine("duckdb") as engine:
        kept = engine.query(tables.KEPT)
        layers = tuple(sorted(kept.column("layer").unique().to_pylist()))
        actions, sources = _actions(engine, layers)
        found = tested_pairs(engine, kept, actions, sources, run)
        for name in stage.writes:
            engine.register(f"{name}_found", getattr(found, _FIELD[name]))
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(f"{name}_found", written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(f"{kept.num_rows:,} pairs")
    return Computed(counts, notes_of(found))


_FIELD = {
    "co_action_significance": "significance",
    "co_action_significance_total": "totals",
    "cluster": "clusters",
    "cluster_member": "members",
}


def tables_of(found: Outcome) -> dict[str, pa.Table]:
    """What was found, by the name of its table."""
    return {name: getattr(found, field) for name, field in _FIELD.items()}


def tested_pairs(
    engine: Engine,
    kept: pa.Table,
    actions: Mapping[str, pa.Table],
    sources: Mapping[str, pa.Table],
    run: Mapping[str, str],
) -> Outcome:
    """What the null models say of the kept pairs of the network that the engine holds.

    Input     actions and sources by layer, as in `encoded`; tables co_action_total,
              co_action_left_out and account of the engine
    """
    from tamis.analyses.coordination.significance.encoded import (  # noqa: PLC0415  # imports numba
        encoded,
    )
    from tamis.analyses.coordination.significance.tested import (  # noqa: PLC0415  # imports numba
        Kept,
        judged_layers,
    )

    rest = (engine.query(query) for query in (tables.LEFT_OUT, tables.LOOKS, tables.CREATED))
    return judged_layers(encoded(actions, sources), Kept(kept, *rest), run)


def _actions(
    engine: Engine, layers: tuple[str, ...]
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """The actions of the layers, and what is known of the objects' publishers."""
    if not layers:
        return {}, {}
    steps = (*case_actions((*layers, tables.UNTESTED)), *tables.source_steps(layers))
    sources = [step.name for step in tables.source_steps(layers)]
    engine.run(steps, (*sources, *(f"{layer}_action" for layer in layers)))
    return (
        {layer: engine.query(tables.actions_of(layer)) for layer in layers},
        {name.removesuffix("_source"): engine.fetch(name) for name in sources},
    )


def notes_of(found: Outcome) -> dict[str, str]:
    """What the `run` row says of the placebo, by layer and window."""
    rows = found.totals.to_pylist()
    factors = {
        f"{row['layer']} {row['window_s']:g}s": round(row["placebo_factor"], 3)
        for row in rows
        if row["placebo_factor"] is not None
    }
    return {
        "placebo_factor": f"{factors}",
        "unexplained_pair_count": f"{sum(row['unexplained_count'] for row in rows)}",
        "weaker_pair_count": f"{sum(row['weaker_count'] for row in rows)}",
    }
