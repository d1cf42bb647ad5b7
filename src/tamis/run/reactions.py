"""The stage of bursts, influence and mobilisation: posts of objects in, three tables out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.analyses.spread import reactions
from tamis.plan import Partition
from tamis.run.stages import MEMORY_GIB, Computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.spread.mobilisation.follow import Sightings
    from tamis.case import Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compute_reactions(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `burst`, `influence` and `mobilisation`."""
    from tamis.analyses.spread.bursts.kernel import bursts  # noqa: PLC0415  # imports numba

    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="posts")
    counts: dict[str, int] = {}
    with writer.view() as view, view.engine("duckdb", MEMORY_GIB) as engine:
        engine.run(reactions.reaction_steps(), reactions.KEPT, {**stage.params, **run})
        events = engine.fetch("event").combine_chunks()
        engine.register("burst_row", bursts(events, stage.params, Partition()))
        engine.run((reactions.BURST_TABLE,), ("burst",), run)
        named = engine.fetch("named")
        order = np.lexsort((events["at_us"].to_numpy(), events["object_number"].to_numpy()))
        events = events.take(pa.array(order))
        rows = influence(engine, events, named, stage.params, context.jobs)
        calls = mobilisation(engine, events, named, stage.params)
        for name, told in (("influence", rows), ("mobilisation", calls)):
            engine.register(name, records.table(name).build({**row, **run} for row in told))
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(name, written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    return Computed(counts)


def influence(
    engine: Engine, events: pa.Table, named: pa.Table, params: Mapping[str, Any], jobs: int
) -> list[dict[str, Any]]:
    """Rows of `influence`: the objects with most posts, by platform, container and community."""
    from tamis.analyses.spread.hawkes.sets import (  # noqa: PLC0415  # imports numba
        Posts,
        influence_rows,
        nothing_to_study,
    )

    things = events["object_number"].to_numpy()
    if not len(things):
        return [nothing_to_study()]
    starts = np.searchsorted(things, np.arange(named.num_rows + 1))
    place = engine.fetch("place").sort_by("place_number").to_pylist()
    communities = engine.fetch("community_named").sort_by("community_number")
    unseen = engine.fetch("unseen")
    platforms = sorted({row["platform"] for row in place})
    by_platform = np.array([platforms.index(row["platform"]) for row in place])
    containers = tuple(row["container_id"] or row["platform"] for row in place)
    told = {
        "platform": (tuple(platforms), "place_number", by_platform),
        "container": (containers, "place_number", np.arange(len(place))),
    }
    if len(communities):
        names = tuple(communities["community_id"].to_pylist())
        told["community"] = (names, "community_number", np.arange(len(names)))
    sizes = np.diff(starts)
    rows: list[dict[str, Any]] = []
    for grouping, (names, column, group_of) in told.items():
        for thing in np.argsort(-sizes, kind="stable")[: params["sets"] // 2]:
            part = events.slice(starts[thing], sizes[thing])
            part = part.filter(pc.greater_equal(part[column], 0))
            own = pc.equal(unseen["object_number"], int(thing))
            own = unseen.filter(pc.and_(own, pc.greater_equal(unseen[column], 0)))
            groups = group_of[own[column].to_numpy()]
            outside = np.bincount(groups, own["unseen_count"].to_numpy(), len(names))
            posts = Posts(
                named["object_id"][int(thing)].as_py(),
                grouping,
                names,
                part["at_us"].to_numpy(),
                group_of[part[column].to_numpy()],
                part["precision_s"].to_numpy(),
                bool(np.any(part["is_sampled"].to_numpy(zero_copy_only=False))),
                outside.astype(np.float64),
            )
            rows += influence_rows(posts, params, jobs)
    return rows


def mobilisation(
    engine: Engine, events: pa.Table, named: pa.Table, params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows of `mobilisation`: one for each call and object that it names."""
    from tamis.analyses.spread.mobilisation.follow import (  # noqa: PLC0415  # imports numba
        Sightings,
        corrected,
    )

    things = events["object_number"].to_numpy()
    seen = Sightings(
        np.searchsorted(things, np.arange(named.num_rows + 1)),
        events["at_us"].to_numpy(),
        events["place_number"].to_numpy(),
        named["kind"].to_numpy(),
    )
    calls = engine.fetch("named_call").slice(0, params["most_calls"]).to_pylist()
    rows = [_row(call, seen, params) for call in calls]
    chances = corrected([row["p_value"] for row in rows])
    return [
        {**row, "q_value": q, "reading": _reading(row, q)}
        for row, q in zip(rows, chances, strict=True)
    ]


def _row(call: dict[str, Any], seen: Sightings, params: Mapping[str, Any]) -> dict[str, Any]:
    from tamis.analyses.spread.mobilisation.follow import followed  # noqa: PLC0415  # imports numba

    thing = call["object_number"]
    what = None
    if thing is not None:
        what = followed(seen, thing, (call["place_number"], call["at_us"]), params)
    same = ("post_id", "object_id", "language", "pattern_id", "platform", "container_id")
    rest = ("account_id", "repost_count", "source_item_id", "byte_start", "byte_end")
    return {
        **{name: call[name] for name in (*same, *rest)},
        "call_kind": call["kind"],
        "words_hit": call["words"],
        "words_before": call["before"],
        "words_after": call["after"],
        "called_at": _EPOCH + timedelta(microseconds=call["at_us"]),
        "before_count": what and what.before,
        "after_count": what and what.after,
        "first_lag_s": _lag(call, what.first_us if what else None),
        "burst_lag_s": _lag(call, what.burst_us if what else None),
        "p_shift": what and what.p_shift,
        "p_other": what and what.p_other,
        "p_value": what and what.p_value,
    }


def _lag(call: dict[str, Any], at_us: int | None) -> float | None:
    return None if at_us is None else (at_us - call["at_us"]) / 1e6


def _reading(row: dict[str, Any], q_value: float | None) -> str:
    if row["before_count"] is None:
        return "A call to act; it names no object that many posts of this collection carry."
    counts = (
        f"Elsewhere in this collection {row['before_count']:,} posts of it in the hour before and "
        f"{row['after_count']:,} in the hour after"
    )
    if q_value is None:
        return f"{counts}; too little to compare with."
    odd = "a rise beyond what" if q_value <= 0.05 else "a rise that"
    return (
        f"{counts}: {odd} chance explains. It does not show who "
        "planned, nor that one led to the other."
    )
