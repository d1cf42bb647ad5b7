"""What `coordinate` writes into its folder: tables, and graphs with the posts on the edges."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tamis import records
from tamis.analyses.coordination.layers import LAYERS
from tamis.analyses.coordination.significance.correction import PRINTED_LEAST
from tamis.engines import fitted
from tamis.reports.network_files import Edge, Field, Fields, write_gexf, write_graphml
from tamis.run.significance import tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.analyses.coordination.significance.tested import Outcome
    from tamis.engines import Engine

TABLES: Mapping[str, str] = {
    "co_action": "co_action",
    "co_action_evidence": "co_action_sourced",
    "co_action_total": "co_action_total",
    "co_action_left_out": "co_action_left_out",
}
TESTED = (
    *("co_action_significance", "co_action_significance_total"),
    *("cluster", "cluster_member"),
)
POSTS_AN_EDGE = 50
_PAIR = ("layer", "window_s", "account_a", "account_b")
_COUNTS = ("shared_count", "pair_count", "message_count_a", "message_count_b")
_SHARES = ("lag_median_s", "lag_low_s", "lag_high_s", "a_first_share", "cosine", "jaccard")
_CHANCES = ("expected", "p_value", "p_family", "p_seen", "p_seen_family", "q_value")
_FIELDS = (
    Field("layer", "string"),
    Field("window_s", "double"),
    Field("weight_kind", "string"),
    Field("account_a", "string"),
    *(Field(name, "integer") for name in _COUNTS),
    *(Field(name, "double") for name in _SHARES),
    *(Field(name, "double") for name in _CHANCES),
    Field("reading", "string"),
    Field("posts", "string"),
    Field("posts_shown_count", "integer"),
    Field("why", "string"),
)
_NODE_FIELDS = tuple(
    Field(name, "string") for name in ("cluster_id", "cluster_ids", "weaker_cluster_ids")
)
_ROWS = 20_000


def write_files(engine: Engine, output: Path, found: Outcome | None) -> None:
    """Write the tables as Parquet, the pairs as CSV, and both graphs.

    Without `found` nothing was tested; what an earlier run left of that is removed.
    """
    for name, source in TABLES.items():
        record = records.table(name)
        engine.register(name, fitted(engine.fetch(source), record.schema))
        engine.write(name, output / f"{name}.parquet", record.paging)
    for name in TESTED:
        (output / f"{name}.parquet").unlink(missing_ok=True)
    for name, table in ({} if found is None else tables_of(found)).items():
        engine.register(name, table)
        engine.write(name, output / f"{name}.parquet", records.table(name).paging)
    _write_csv(output, None if found is None else found.significance)
    nodes = _accounts(output, found)
    fields = Fields(() if found is None else _NODE_FIELDS, _FIELDS)
    for name, write in (("network.graphml", write_graphml), ("network.gexf", write_gexf)):
        with (output / name).open("w", encoding="utf-8", newline="\n") as file:
            write(file, nodes, _edges(output), fields)


def _write_csv(output: Path, tested: pa.Table | None) -> None:
    """The pairs as a spreadsheet, each with the sentence of its first shared object.

    Limits    p-values stand as 0.000001 at least
    """
    edges = pq.read_table(output / "co_action.parquet")
    first = pq.read_table(output / "co_action_evidence.parquet", columns=[*_PAIR, "why"])
    first = first.group_by([*_PAIR], use_threads=False).aggregate([("why", "first")])
    order = [*((name, "ascending") for name in records.table("co_action").paging)]
    if tested is not None:
        told = tested.select([*_PAIR, *_CHANCES, "reading"])
        for name in _CHANCES[1:]:
            place = told.column_names.index(name)
            told = told.set_column(
                place, name, pc.max_element_wise(told.column(name), PRINTED_LEAST)
            )
        edges = edges.join(told, [*_PAIR])
    edges = edges.join(first.rename_columns([*_PAIR, "why"]), [*_PAIR]).sort_by(order)
    for name in ("account_a", "account_b", "why"):
        place = edges.column_names.index(name)
        edges = edges.set_column(place, name, _inert(edges.column(name)))
    pa_csv.write_csv(edges, output / "edges.csv")


def _inert(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts with an apostrophe before those that a spreadsheet would run as a formula."""
    runs = pc.match_substring_regex(texts, r"^[=+@\t\r-]")
    number = pc.match_substring_regex(texts, r"^-\d+$")
    marked = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.and_not(runs, number), marked, texts)


def _accounts(output: Path, found: Outcome | None) -> dict[str, dict[str, Any]]:
    """Every account of a pair, with the clusters it is in: the largest, all, the weaker ones."""
    table = pq.read_table(output / "co_action.parquet", columns=["account_a", "account_b"])
    both = pa.chunked_array([*table.column(0).chunks, *table.column(1).chunks], pa.string())
    nodes: dict[str, dict[str, Any]] = {name: {} for name in sorted(both.unique().to_pylist())}
    if found is None:
        return nodes
    rows = {row["cluster_id"]: row for row in found.clusters.to_pylist()}
    mine: dict[str, list[str]] = {}
    for member in found.members.to_pylist():
        mine.setdefault(member["account_id"], []).append(member["cluster_id"])
    for account, ids in mine.items():
        ids.sort(key=lambda one: (-rows[one]["member_count"], one))
        first = [one for one in ids if rows[one]["grade"] == "first"]
        weaker = [one for one in ids if one not in first]
        nodes[account] = {
            "cluster_id": first[0] if first else None,
            "cluster_ids": " ".join(first) or None,
            "weaker_cluster_ids": " ".join(weaker) or None,
        }
    return nodes


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS):
            yield from batch.to_pylist()


def _edges(output: Path) -> Iterator[Edge]:
    """The pairs in the order of their file, which is that of their evidence and their tests."""
    proofs = groupby(_rows(output / "co_action_evidence.parquet"), _key)
    pair, held = next(proofs, (None, iter(())))
    tested = output / "co_action_significance.parquet"
    chances = _rows(tested) if tested.exists() else iter(())
    chance = next(chances, None)
    for row in _rows(output / "co_action.parquet"):
        here: list[dict[str, Any]] = []
        if pair == _key(row):
            here = list(held)
            pair, held = next(proofs, (None, iter(())))
        told: Mapping[str, Any] = {}
        if chance is not None and _key(chance) == _key(row):
            told, chance = chance, next(chances, None)
        yield _edge({**row, **_printed(told)}, here)


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _PAIR)


def _printed(told: Mapping[str, Any]) -> dict[str, Any]:
    """What an edge says of its test; no p-value below the least that is printed."""
    if not told:
        return {}
    chances = {name: max(PRINTED_LEAST, told[name]) for name in _CHANCES[1:]}
    return {"expected": told["expected"], **chances, "reading": told["reading"]}


def _edge(row: Mapping[str, Any], proof: list[dict[str, Any]]) -> Edge:
    shown = proof[:POSTS_AN_EDGE]
    posts = [
        {
            "object": one["object_id"],
            "post_a": one["post_id_a"],
            "at_a": one["acted_at_a"].isoformat(),
            "post_b": one["post_id_b"],
            "at_b": one["acted_at_b"].isoformat(),
            "lag_s": one["lag_s"],
        }
        for one in shown
    ]
    values = {field.name: row.get(field.name) for field in _FIELDS}
    values["posts"] = orjson.dumps(posts).decode() if posts else None
    values["posts_shown_count"] = len(shown)
    values["why"] = shown[0]["why"] if shown else None
    ends = (row["account_a"], row["account_b"])
    is_directed = row["layer"] in LAYERS and LAYERS[row["layer"]].is_directed
    if is_directed and row["a_first_share"] > 0.5:
        ends = ends[::-1]  # from who reposted to who was reposted
    return Edge(*ends, row["weight"], is_directed, values)
