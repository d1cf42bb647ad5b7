"""Which accounts belonged together before the incident: who reposts whom, or who posts where."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

NAME = "spread.community"
VERSION = 1
READS = ("action", "post", "post_item", "post_object", "object", "container")
WRITES = ("community", "community_member")
SETTINGS = ("leak_at", "selectors")
PARAMS: Mapping[str, Any] = MappingProxyType({"least_accounts": 10})

# What the case is about: posts that name or repeat the dump, else what was searched for.
MOMENTS = Query(
    "incident_moments",
    """
    SELECT 'corpus' AS basis, min(post.posted_low_at) AS low_at
    FROM post JOIN post_item ON post_item.post_id = post.post_id
    WHERE post_item.grade = 'strong'
    UNION ALL
    SELECT 'selector' AS basis, min(post.posted_low_at) AS low_at
    FROM post JOIN post_object ON post_object.post_id = post.post_id
        JOIN object ON object.object_id = post_object.object_id
    WHERE list_contains($selectors, lower(object.canonical))
        OR list_contains($selectors, lower(object.display))
    """,
)
# Many accounts repost one post; each counts it once, however many files tell of it.
_REPOST = """
    SELECT DISTINCT account_id, target_post_id, target_account_id FROM action
    WHERE type IN ('repost', 'forward') AND account_id IS NOT NULL
        AND COALESCE(target_post_id, target_account_id) IS NOT NULL
        AND (CAST($until_at AS TIMESTAMPTZ) IS NULL
            OR COALESCE(acted_high_at, acted_at) < CAST($until_at AS TIMESTAMPTZ))
"""
_AUTHOR = """
    SELECT post_id, min(account_id) AS account_id FROM post
    WHERE account_id IS NOT NULL AND post_id IN (
        SELECT target_post_id FROM repost_before WHERE target_post_id IS NOT NULL)
    GROUP BY post_id
"""
_TIE = """
    SELECT repost.account_id AS account_id,
        COALESCE(author.account_id, repost.target_account_id) AS author_id,
        count(DISTINCT COALESCE(repost.target_post_id, repost.target_account_id)) AS tie_count
    FROM repost_before AS repost LEFT JOIN author ON author.post_id = repost.target_post_id
    WHERE COALESCE(author.account_id, repost.target_account_id) <> repost.account_id
    GROUP BY ALL
"""
TIES = (
    Query("repost_before", _REPOST),
    Query("author", _AUTHOR),
    Query("repost_tie", _TIE),
)
TIED = Query(
    "tied_platforms", "SELECT DISTINCT split_part(account_id, ':', 1) AS platform FROM repost_tie"
)
# A guild stands for its channels; a container without a parent for itself.
_TOP = """
    SELECT inner_one.container_id AS container_id,
        COALESCE(outer_one.parent_id, inner_one.parent_id, inner_one.container_id) AS top_id
    FROM (SELECT container_id, min(parent_id) AS parent_id FROM container GROUP BY ALL) AS inner_one
        LEFT JOIN (SELECT container_id, min(parent_id) AS parent_id FROM container GROUP BY ALL)
        AS outer_one ON outer_one.container_id = inner_one.parent_id
"""
_PLACED = """
    SELECT post.account_id AS account_id, post.platform AS platform,
        COALESCE(top.top_id, post.container_id) AS community_id,
        count(DISTINCT post.post_id) AS post_count
    FROM post LEFT JOIN container_top AS top ON top.container_id = post.container_id
    WHERE post.account_id IS NOT NULL AND post.container_id IS NOT NULL
        AND NOT list_contains($tied_platforms, post.platform)
    GROUP BY ALL
"""
_AT_HOME = """
    SELECT account_id, platform, community_id, post_count,
        post_count / sum(post_count) OVER (PARTITION BY account_id) AS inside_share
    FROM placed QUALIFY row_number() OVER (
        PARTITION BY account_id ORDER BY post_count DESC, community_id) = 1
"""
PLACES = (
    Query("container_top", _TOP),
    Query("placed", _PLACED),
    Query("at_home", _AT_HOME),
)
NAMES = Query(
    "container_names", "SELECT container_id, min(name) AS name FROM container GROUP BY container_id"
)


class Moment(NamedTuple):
    """Until when reposts count, and what says so; None where nothing does."""

    until_at: datetime | None
    basis: str


class Communities(NamedTuple):
    """The tables community and community_member, as far as one basis gives them."""

    groups: pa.Table
    members: pa.Table


def moment(leak_at: datetime | None, found: Mapping[str, datetime | None]) -> Moment:
    """When the incident begins, as far as settings or posts say.

    Input     found: the earliest post by basis, as `MOMENTS` gives it
    """
    if leak_at is not None:
        return Moment(leak_at, "leak_at")
    for basis in ("corpus", "selector"):
        if (earliest := found.get(basis)) is not None:
            return Moment(earliest, basis)
    return Moment(None, "none")


def from_ties(
    ties: pa.Table, when: Moment, least_accounts: int, run: Mapping[str, str]
) -> Communities:
    """Communities of the graph of reposts, a platform with a platform's accounts only.

    Input     ties: account_id, author_id, tie_count; each pair in this direction once
    Output    community and community_member, basis repost_graph
    Missing   no row for an account in a community of fewer than `least_accounts`
    Source    modularity over who reposts whom (Conover and others 2011, "Political polarization
              on Twitter"), with our own local moving; see `modular_communities`
    Limits    who is reposted is agreed with more often than not, but not always; accounts that
              reposted nothing before the moment, and were not reposted, are in no community
    """
    from tamis.analyses.coordination.clusters.communities import (  # noqa: PLC0415  # imports numba
        modular_communities,
    )

    names, ends, weights = _graph(ties)
    labels = modular_communities(ends, weights, len(names))
    chosen = _large(labels, names, least_accounts)
    inside = labels[ends[:, 0]] == labels[ends[:, 1]]
    degree = np.bincount(ends.ravel(), np.repeat(weights, 2), minlength=len(names))
    within = np.bincount(ends[inside].ravel(), np.repeat(weights[inside], 2), minlength=len(names))
    kept = np.flatnonzero(chosen.numbers[labels] >= 0)
    places = chosen.numbers[labels[kept]]
    members = {
        "account_id": names.take(pa.array(kept)),
        "community_id": chosen.ids.take(pa.array(places)),
        "tie_count": pa.array(degree[kept].astype(np.int64)),
        "inside_share": pa.array(within[kept] / degree[kept]),
    }
    total, count = float(degree.sum()), len(chosen.ids)
    strength = np.bincount(places, degree[kept], minlength=count)
    groups = {
        "community_id": chosen.ids,
        "platform": chosen.platforms,
        "account_count": pa.array(np.bincount(places, minlength=count)),
        "centre_account_id": names.take(
            pa.array(_centres(names, ties, labels, chosen.numbers, count))
        ),
        "inside_share": pa.array(np.bincount(places, within[kept], minlength=count) / strength),
        "expected_share": pa.array(strength / max(total, 1.0)),
    }
    told = {"until_at": when.until_at, "until_basis": when.basis, "basis": "repost_graph", **run}
    return Communities(_built("community", groups, told), _built("community_member", members, told))


def from_places(homes: pa.Table, names: pa.Table, run: Mapping[str, str]) -> Communities:
    """Communities of platforms without reposts: the container in which an account posts most.

    Input     homes: account_id, platform, community_id, post_count, inside_share; names:
              container_id, name
    Output    community and community_member, basis container
    Limits    all of the collection counts, after the incident too: a board or channel is where
              it is, whatever is said there; an anonymous account lives no longer than its thread
    """
    counted = homes.group_by(["community_id", "platform"], use_threads=False).aggregate(
        [([], "count_all")]
    )
    ids = counted.column("community_id").combine_chunks()
    known = pc.index_in(ids, names.column("container_id").combine_chunks())
    groups = {
        "community_id": ids,
        "platform": counted.column("platform"),
        "name": names.column("name").combine_chunks().take(known),
        "account_count": counted.column("count_all"),
    }
    members = {
        "account_id": homes.column("account_id"),
        "community_id": homes.column("community_id"),
        "tie_count": homes.column("post_count"),
        "inside_share": homes.column("inside_share"),
    }
    told = {"until_basis": "none", "basis": "container", **run}
    return Communities(_built("community", groups, told), _built("community_member", members, told))


class _Chosen(NamedTuple):
    """The communities that are large enough: by label a number or -1; by number id, platform."""

    numbers: NDArray[np.int64]
    ids: pa.Array
    platforms: pa.Array


def _graph(ties: pa.Table) -> tuple[pa.Array, NDArray[np.int64], NDArray[np.float64]]:
    """The accounts in order, pairs of their codes without direction, and ties of each pair."""
    both = pa.concat_arrays(
        [ties.column(name).combine_chunks() for name in ("account_id", "author_id")]
    )
    names = pc.unique(both).sort()
    codes = pc.index_in(both, names).to_numpy().astype(np.int64).reshape(2, -1)
    count = max(len(names), 1)
    keys = codes.min(axis=0) * count + codes.max(axis=0)
    pairs, place = np.unique(keys, return_inverse=True)
    told = ties.column("tie_count").to_numpy()
    weights = np.bincount(place, told, minlength=len(pairs)).astype(np.float64)
    return names, np.column_stack([pairs // count, pairs % count]), weights


def _large(labels: NDArray[np.int64], names: pa.Array, least: int) -> _Chosen:
    """Communities by platform and size; of equal ones the first has the smaller account."""
    sizes = np.bincount(labels)
    _, first = np.unique(labels, return_index=True)
    large = np.flatnonzero(sizes >= least)
    platforms = [names[int(first[label])].as_py().partition(":")[0] for label in large]
    order = sorted(
        range(len(large)), key=lambda at: (platforms[at], -sizes[large[at]], first[large[at]])
    )
    numbers = np.full(len(sizes), -1, np.int64)
    ids, seen = [], dict.fromkeys(platforms, 0)
    for number, at in enumerate(order):
        numbers[large[at]] = number
        seen[platforms[at]] += 1
        ids.append(f"{platforms[at]}:community-{seen[platforms[at]]}")
    return _Chosen(
        numbers, pa.array(ids, pa.string()), pa.array([platforms[at] for at in order], pa.string())
    )


def _centres(
    names: pa.Array,
    ties: pa.Table,
    labels: NDArray[np.int64],
    numbers: NDArray[np.int64],
    count: int,
) -> NDArray[np.int64]:
    """Of each community the account that most accounts inside reposted; the first of equals."""
    by, of = (
        pc.index_in(ties.column(name).combine_chunks(), names).to_numpy().astype(np.int64)
        for name in ("account_id", "author_id")
    )
    inside = labels[by] == labels[of]
    received = np.bincount(of[inside], minlength=len(names))
    order = np.lexsort((np.arange(len(names)), -received, numbers[labels]))
    placed = numbers[labels][order]
    return order[np.searchsorted(placed, np.arange(count))]


def _built(name: str, columns: Mapping[str, Any], told: Mapping[str, Any]) -> pa.Table:
    """A table of the case from columns and values that all rows share; the rest is NULL."""
    count = len(next(iter(columns.values())))
    schema = records.table(name).schema
    arrays = []
    for field in schema:
        if field.name in columns:
            arrays.append(columns[field.name].cast(field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(told.get(field.name), field.type), count))
    return pa.Table.from_arrays(arrays, schema=schema)
