"""Could chance explain the pairs of `coordinate`: the test, its summary, and its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.coordination.significance import tables
from tamis.run.significance import tested_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from tamis.analyses.coordination.significance.tested import Outcome
    from tamis.engines import Engine

_SHOWN = 12
_FIRST, _SECOND = "first", "second"
_WORDS = {
    _FIRST: "clusters whose pairs no null model explains",
    _SECOND: "weaker clusters, explained by nothing but a source that only they would follow",
}


def tested_network(
    engine: Engine, actions: Mapping[str, pa.Table], origins: pa.Table | None, run_id: str
) -> Outcome:
    """What the null models say of the pairs that the engine holds.

    Input     origins: the posts of the files themselves (schema.ACTIONS, the object is the post)
    """
    record = records.table("account")
    engine.register("account", record.schema.empty_table(), record.schema)
    kept = engine.query(tables.KEPT)
    used = {
        layer: actions[layer].select(["object_id", "account_id", "acted_at"])
        for layer in sorted(kept.column("layer").unique().to_pylist())
    }
    run = {"run_id": run_id, "analysis_version": f"significance {tables.VERSION}"}
    return tested_pairs(engine, kept, used, _sources(used, origins), run)


def _sources(used: Mapping[str, pa.Table], origins: pa.Table | None) -> dict[str, pa.Table]:
    """Who published what is reposted or replied to, where its post stands in the files."""
    if origins is None:
        return {}
    first = origins.sort_by([("acted_at", "ascending"), ("account_id", "ascending")])
    known = first.group_by("object_id", use_threads=False).aggregate(
        [("account_id", "first"), ("acted_at", "first")]
    )
    known = known.select(["object_id", "account_id_first", "acted_at_first"])
    told = known.rename_columns(["object_id", "publisher_id", "published_at"])
    return {layer: told for layer in ("co_repost", "co_reply") if layer in used}


def summed_up(found: Outcome | None) -> dict[str, Any] | None:
    """What the summary says: the tests of each layer and window, and every cluster."""
    if found is None:
        return None
    names = (
        *("cluster_id", "grade", "layer", "window_s", "layers", "platforms", "member_count"),
        *("edge_count", "object_count", "evidence_count", "stability", "p_value", "detail"),
    )
    told = ("layer", "window_s", "pair_count", "test_count", "unexplained_count", "weaker_count")
    placebo = ("placebo_factor", "placebo_pair_count", "placebo_smallest")
    return {
        "tests": found.totals.select([*told, *placebo]).to_pylist(),
        "clusters": found.clusters.select(names).to_pylist(),
    }


def chance_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """What the tests say, for a person."""
    held = summary["significance"]
    if held is None:
        yield "not tested against chance (--no-significance)"
        return
    for row in held["tests"]:
        if row["placebo_factor"] is None:
            continue
        yield (
            f"{row['layer']}, {row['window_s']:g} s: {row['unexplained_count']:,} of "
            f"{row['pair_count']:,} pairs are not explained by any null model (5 %, over "
            f"{row['test_count']:,} possible pairs), {row['weaker_count']:,} more by nothing but "
            f"a source that only the two would follow (weaker); placebo with shifted times: "
            f"factor {row['placebo_factor']:.2f}"
        )
    first = [one for one in held["clusters"] if one["grade"] == _FIRST]
    second = [one for one in held["clusters"] if one["grade"] == _SECOND]
    yield from _clusters(first, _FIRST)
    if second:
        yield from _clusters(second, _SECOND)


def _clusters(rows: list[dict[str, Any]], grade: str) -> Iterator[str]:
    known = [row for row in rows if row["platforms"] is not None]
    across = sum(len(row["platforms"]) > 1 for row in known)
    told = f", {across:,} over several platforms" if known else ""
    words = _WORDS[grade]
    if len(rows) == 1:
        words = words.replace("clusters", "cluster", 1).replace("only they", "only its accounts")
    yield f"{len(rows):,} {words} (each layer and window counted){told}"
    largest = sorted(rows, key=lambda row: (-row["member_count"], row["cluster_id"]))
    for row in largest[:_SHOWN]:
        where = f" ({' + '.join(row['layers'])})" if row["layer"] == "merged" else ""
        on = f" on {', '.join(row['platforms'])}" if row["platforms"] else ""
        yield (
            f"  {row['layer']}{where}, {row['window_s']:g} s: {row['member_count']:,} accounts"
            f"{on}, {row['edge_count']:,} pairs, {row['object_count']:,} objects, "
            f"{row['evidence_count']:,} rows of evidence, stability {row['stability']:.2f} "
            f"[{row['cluster_id'][:8]}]"
        )
    if len(rows) > _SHOWN:
        yield f"  and {len(rows) - _SHOWN:,} more, none of them larger (cluster.parquet)"
