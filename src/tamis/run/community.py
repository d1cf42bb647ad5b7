"""The stage that finds the communities of accounts from before the incident."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from tamis import records
from tamis.analyses.spread import community
from tamis.run.stages import MEMORY_GIB, Computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.case import CaseView, Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage


def compute_communities(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `community` and `community_member`."""
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="accounts")
    counts: dict[str, int] = {}
    with writer.view() as view, view.engine("duckdb", MEMORY_GIB) as engine:
        when = moment_of(view, engine)
        found = communities_of(engine, when, int(stage.params["least_accounts"]), run)
        for name, table in found.items():
            engine.register(f"{name}_found", table)
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(f"{name}_found", written, records.table(name).paging)
            writer.replace(name, [written])
    until = when.until_at.isoformat() if when.until_at else "no moment is known"
    context.progress.finish(f"{counts['community']:,} communities")
    return Computed(counts, {"until_at": until, "until_basis": when.basis})


def communities_of(
    engine: Engine, when: community.Moment, least: int, run: Mapping[str, str]
) -> dict[str, pa.Table]:
    """The tables `community` and `community_member` of the posts that the engine holds."""
    engine.run(community.TIES, ("repost_tie",), {"until_at": when.until_at})
    graph = community.from_ties(engine.fetch("repost_tie"), when, least, run)
    tied = engine.query(community.TIED)["platform"].to_pylist()
    engine.run(community.PLACES, ("at_home",), {"tied_platforms": tied})
    homes = community.from_places(engine.fetch("at_home"), engine.query(community.NAMES), run)
    found = {
        "community": pa.concat_tables([graph.groups, homes.groups]),
        "community_member": pa.concat_tables([graph.members, homes.members]),
    }
    return {name: records.table(name).check(table) for name, table in found.items()}


def moment_of(view: CaseView, engine: Engine) -> community.Moment:
    """When the incident begins: the case's own word, else the earliest post of what it is about."""
    settings = view.settings
    if settings.leak_at:
        return community.moment(datetime.fromisoformat(settings.leak_at), {})
    wanted = sorted({one.casefold().removeprefix("#") for one in settings.selectors})
    rows = engine.query(community.MOMENTS, {"selectors": wanted or [""]}).to_pylist()
    return community.moment(None, {row["basis"]: row["low_at"] for row in rows})
