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
from tamis.engines import fitted
from tamis.reports.network_files import Edge, Field, write_gexf, write_graphml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.engines import Engine

TABLES: Mapping[str, str] = {
    "co_action": "co_action",
    "co_action_evidence": "co_action_sourced",
    "co_action_total": "co_action_total",
    "co_action_left_out": "co_action_left_out",
}
POSTS_AN_EDGE = 50
_PAIR = ("layer", "window_s", "account_a", "account_b")
_COUNTS = ("shared_count", "pair_count", "message_count_a", "message_count_b")
_SHARES = ("lag_median_s", "lag_low_s", "lag_high_s", "a_first_share", "cosine", "jaccard")
_FIELDS = (
    Field("layer", "string"),
    Field("window_s", "double"),
    Field("weight_kind", "string"),
    Field("account_a", "string"),
    *(Field(name, "integer") for name in _COUNTS),
    *(Field(name, "double") for name in _SHARES),
    Field("posts", "string"),
    Field("posts_shown_count", "integer"),
    Field("why", "string"),
)
_ROWS = 20_000


def write_files(engine: Engine, output: Path) -> None:
    """Write the tables as Parquet, the pairs as CSV, and both graphs."""
    for name, source in TABLES.items():
        record = records.table(name)
        engine.register(name, fitted(engine.fetch(source), record.schema))
        engine.write(name, output / f"{name}.parquet", record.paging)
    _write_csv(output)
    nodes = _accounts(output)
    for name, write in (("network.graphml", write_graphml), ("network.gexf", write_gexf)):
        with (output / name).open("w", encoding="utf-8", newline="\n") as file:
            write(file, nodes, _edges(output), _FIELDS)


def _write_csv(output: Path) -> None:
    """The pairs as a spreadsheet, each with the sentence of its first shared object."""
    edges = pq.read_table(output / "co_action.parquet")
    first = pq.read_table(output / "co_action_evidence.parquet", columns=[*_PAIR, "why"])
    first = first.group_by([*_PAIR], use_threads=False).aggregate([("why", "first")])
    order = [*((name, "ascending") for name in records.table("co_action").paging)]
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


def _accounts(output: Path) -> list[str]:
    table = pq.read_table(output / "co_action.parquet", columns=["account_a", "account_b"])
    both = pa.chunked_array([*table.column(0).chunks, *table.column(1).chunks], pa.string())
    return sorted(both.unique().to_pylist())


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS):
            yield from batch.to_pylist()


def _edges(output: Path) -> Iterator[Edge]:
    """The pairs in the order of their file, which is that of their evidence."""

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in _PAIR)

    proofs = groupby(_rows(output / "co_action_evidence.parquet"), key)
    pair, held = next(proofs, (None, iter(())))
    for row in _rows(output / "co_action.parquet"):
        here: list[dict[str, Any]] = []
        if pair == key(row):
            here = list(held)
            pair, held = next(proofs, (None, iter(())))
        yield _edge(row, here)


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
