"""All layers and windows together: what the nulls say of each kept pair, and the clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.analyses.coordination.clusters.rows import (
    ALPHA,
    FIRST,
    SECOND,
    Names,
    Network,
    cluster_rows,
)
from tamis.analyses.coordination.significance.columns import Asked, placebo, significance
from tamis.analyses.coordination.significance.correction import family_wise, possible_pairs
from tamis.analyses.coordination.significance.encoded import (
    Texts,
    pairs_of,
    platform_mark,
    without,
)
from tamis.analyses.coordination.significance.layer import layer_of
from tamis.analyses.coordination.significance.readings import readings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.coordination.significance.correction import Inflation
    from tamis.analyses.coordination.significance.encoded import Encoded

MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Kept:
    """What the network holds.

    `pairs`: layer, window_s, account_a, account_b (once each), evidence_count; `left_out`: layer,
    window_s, object_id of objects that were left out; `looks`: layer, window_s, min_weight,
    account_count of every layer and window looked at; `created`: account_id, created_at.
    """

    pairs: pa.Table
    left_out: pa.Table
    looks: pa.Table
    created: pa.Table


class Outcome(NamedTuple):
    """The tables co_action_significance, its total, cluster and cluster_member."""

    significance: pa.Table
    totals: pa.Table
    clusters: pa.Table
    members: pa.Table


def judged_layers(known: Encoded, kept: Kept, run: Mapping[str, str]) -> Outcome:
    """What the null models say of every kept pair, and the clusters of those none explains.

    Input     run: `run_id` and `analysis_version`
    Output    a row of significance for each kept pair; a total for each layer and window looked
              at; clusters of the first grade, and of the second where they differ from those
    Limits    a layer and window counts as a look, and raises what is corrected over, whether it
              kept a pair or not
    """
    looks = kept.looks.sort_by([("layer", "ascending"), ("window_s", "ascending")]).to_pylist()
    parts: list[pa.Table] = []
    totals: list[dict[str, Any]] = []
    networks: dict[str, list[Network]] = {FIRST: [], SECOND: []}
    for look in looks:
        pairs = _at(kept.pairs, look)
        if not pairs.num_rows:
            tests = possible_pairs(look["account_count"]) * len(looks)
            totals.append({**_named(look), **_NO_PAIR, "test_count": tests, **run})
            continue
        found = _look(known, kept, look, len(looks))
        for grade, column in ((FIRST, "p_family"), (SECOND, "p_seen_family")):
            chances = found.table.column(column).to_numpy()
            shown = pairs.column("evidence_count").to_numpy()
            networks[grade].append(
                Network(
                    look["layer"],
                    look["window_s"],
                    found.layer,
                    found.pairs,
                    chances,
                    grade,
                    shown,
                )
            )
        parts.append(_rows(pairs, found, run))
        totals.append({**_named(look), **_total(found), **run})
    names = _names(known, kept.created)
    clusters, members = _clusters(networks, names, run)
    record = records.table("co_action_significance")
    return Outcome(
        pa.concat_tables([record.schema.empty_table(), *parts]),
        records.table("co_action_significance_total").build(totals),
        records.table("cluster").build(clusters),
        records.table("cluster_member").build(members),
    )


class _Found(NamedTuple):
    layer: Any
    pairs: Any
    table: pa.Table
    placebo: Inflation
    tests: int


_NO_PAIR = {"pair_count": 0, "unexplained_count": 0, "weaker_count": 0}


def _named(look: Mapping[str, Any]) -> dict[str, Any]:
    return {"layer": look["layer"], "window_s": look["window_s"]}


def _at(table: pa.Table, look: Mapping[str, Any]) -> pa.Table:
    """The rows of one layer and window."""
    return table.filter(
        pc.and_(
            pc.equal(table.column("layer"), look["layer"]),
            pc.equal(table.column("window_s"), look["window_s"]),
        )
    )


def _look(known: Encoded, kept: Kept, look: Mapping[str, Any], looks: int) -> _Found:
    name, window = look["layer"], round(look["window_s"] * MICROSECONDS)
    left_out = _at(kept.left_out, look).column("object_id").combine_chunks()
    actions = without(known.actions[name], known.objects[name], left_out)
    pairs = pairs_of(known.accounts, _at(kept.pairs, look))
    moved = placebo(actions, window, look["min_weight"])
    layer = layer_of(actions)
    table = significance(layer, window, pairs, Asked(looks, moved))
    tests = possible_pairs(layer.active_count) * looks
    seen = family_wise(table.column("p_seen").to_numpy(), tests)
    return _Found(layer, pairs, table.append_column("p_seen_family", [seen]), moved, tests)


def _rows(pairs: pa.Table, found: _Found, run: Mapping[str, str]) -> pa.Table:
    schema = records.table("co_action_significance").schema
    count = pairs.num_rows
    columns = {
        **{name: pairs.column(name) for name in ("layer", "window_s", "account_a", "account_b")},
        **{name: found.table.column(name) for name in found.table.column_names},
        "reading": readings(found.table, found.tests),
        **{name: pa.repeat(text, count) for name, text in run.items()},
    }
    return pa.Table.from_arrays(
        [columns[field.name].cast(field.type) for field in schema], schema=schema
    )


def _total(found: _Found) -> dict[str, Any]:
    family, seen = (
        found.table.column(name).to_numpy() <= ALPHA for name in ("p_family", "p_seen_family")
    )
    return {
        "pair_count": len(found.pairs),
        "test_count": found.tests,
        "unexplained_count": int(family.sum()),
        "weaker_count": int((seen & ~family).sum()),
        "placebo_factor": found.placebo.factor,
        "placebo_pair_count": found.placebo.placebo_count,
        "placebo_smallest": found.placebo.smallest,
    }


def _names(known: Encoded, created: pa.Table) -> Names:
    places = pc.index_in(created.column("account_id"), known.accounts)
    times = created.column("created_at").cast(pa.int64())
    return Names(
        Texts(known.accounts),
        {layer: Texts(objects) for layer, objects in known.objects.items()},
        {
            place: time
            for place, time in zip(places.to_pylist(), times.to_pylist(), strict=True)
            if place is not None and time is not None
        },
        platform_mark(known.accounts),
    )


def _clusters(
    networks: Mapping[str, list[Network]], names: Names, run: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Clusters of both grades; of the second only those that the first has not."""
    clusters, members = cluster_rows(networks[FIRST], names, run)
    known = {(row["layer"], row["window_s"], group) for row, group in _groups(clusters, members)}
    weaker, others = cluster_rows(networks[SECOND], names, run)
    new = [
        row["cluster_id"]
        for row, group in _groups(weaker, others)
        if (row["layer"], row["window_s"], group) not in known
    ]
    clusters += [row for row in weaker if row["cluster_id"] in new]
    members += [row for row in others if row["cluster_id"] in new]
    return clusters, members


def _groups(
    clusters: list[dict[str, Any]], members: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], frozenset[str]]]:
    held: dict[str, set[str]] = {}
    for member in members:
        held.setdefault(member["cluster_id"], set()).add(member["account_id"])
    return [(row, frozenset(held[row["cluster_id"]])) for row in clusters]
