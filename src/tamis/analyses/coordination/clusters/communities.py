"""Dense, connected groups in a graph of pairs: the same for the same pairs, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, fetch_soon, inlined

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

RESOLUTION = 0.25
_MOST_SWEEPS = 100
_LEAST_GAIN = 1e-9
_AHEAD = 8


class Graph(NamedTuple):
    """Neighbours of each node with weights, and how many accounts a node stands for."""

    starts: Array
    neighbours: Array
    weights: Array
    sizes: Array


def communities(
    pairs: Array, weights: Array | None = None, resolution: float = RESOLUTION
) -> Array:
    """The community of each pair's two ends, as an array of the pairs' shape.

    Maximises sum over communities of (weight inside - resolution n (n - 1) / 2) by moving one
    node at a time in order of its code, cutting communities that are not connected, and moving
    whole communities, until nothing improves. A community found is therefore connected, and no
    part of it could leave for a gain: inside, links are denser than the resolution.

    Input     pairs: two codes a row, each pair once; weights: 1 without them
    Source    constant Potts model (Traag and others 2011), whose bound has no resolution limit;
              local moving and aggregation as in Blondel and others 2008, with communities cut
              into connected ones as Traag and others 2019 demand
    Limits    accounts belong to one community each; what joins two groups is put in one of them
    """
    if not len(pairs):
        return np.zeros((0, 2), np.int64)
    nodes, ends = np.unique(pairs, return_inverse=True)
    ends = ends.reshape(-1, 2)
    strength = np.ones(len(pairs)) if weights is None else np.asarray(weights, np.float64)
    graph = _graph(ends, strength, np.ones(len(nodes), np.float64))
    return np.asarray(_settled(graph, resolution)[ends])


def modular_communities(ends: Array, weights: Array, count: int) -> Array:
    """The community of each of `count` nodes, numbered from 0 by the first node in each.

    As `communities`, with the modularity in the place of a fixed density: a community has more
    weight inside than its nodes' weights would give it by chance. That is the same sum once a
    node's size is its weight and the resolution is 1 / (2 x the weight of all pairs). A node
    with one neighbour joins that neighbour's community, where it always gains most.

    Input     ends: two codes below `count` a row, each pair once, no pair with itself
    Source    modularity (Newman and Girvan 2004)
    Limits    modularity cannot see communities of less weight than about the root of the whole
              (Fortunato and Barthelemy 2007), and finds some in a graph of chance too
    """
    if not len(ends):
        return np.arange(count)
    strength = np.asarray(weights, np.float64)
    sizes = np.bincount(ends.ravel(), np.repeat(strength, 2), minlength=count)
    graph = _graph(ends, strength, sizes)
    hosts = _hosts(graph)
    kept = np.flatnonzero(hosts == np.arange(count))
    place = np.full(count, -1, np.int64)
    place[kept] = np.arange(len(kept))
    inside = (place[ends] >= 0).all(axis=1)
    whole = np.bincount(place[hosts], sizes, minlength=len(kept))
    core = _graph(place[ends[inside]], strength[inside], whole)
    labels = _settled(core, 1.0 / (2.0 * float(strength.sum())))[place[hosts]]
    _, first, named = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[named])


def _hosts(graph: Graph) -> Array:
    """For each node the one that stands for it: a leaf is folded into its only neighbour."""
    count = len(graph.sizes)
    hosts = np.arange(count)
    degrees = np.diff(graph.starts)
    leaves = np.flatnonzero(degrees == 1)
    near = graph.neighbours[graph.starts[leaves]]
    # Of two leaves that have only each other, the first stands for both.
    is_folded = (degrees[near] > 1) | (near < leaves)
    hosts[leaves[is_folded]] = near[is_folded]
    return hosts


def _settled(graph: Graph, resolution: float) -> Array:
    """The label of each node once neither nodes nor communities gain by moving."""
    labels = np.arange(len(graph.sizes))
    while True:
        # Every step gains, so this ends; it ends only where neither nodes nor communities move.
        moved = _connected(graph, _moved(graph, resolution, labels))
        labels = _aggregated(graph, resolution, moved)
        if labels.max() == moved.max():
            return labels


def _aggregated(graph: Graph, resolution: float, labels: Array) -> Array:
    """The labels after moving whole communities, and communities of those, until none gains."""
    count = int(labels.max()) + 1
    while True:
        whole = _merged(graph, labels, count)
        joined = _connected(whole, _moved(whole, resolution, np.arange(count)))
        fewer = int(joined.max()) + 1
        labels = joined[labels]
        if fewer == count:
            return labels
        count = fewer


def members_of(pairs: Array, labels: Array, least: int = 3) -> list[Array]:
    """The members of each community with at least `least`, sorted; the largest first."""
    both = np.unique(np.column_stack([labels.ravel(), pairs.ravel()]), axis=0)
    starts = np.flatnonzero(np.append(True, np.diff(both[:, 0]) != 0))
    groups = [group for group in np.split(both[:, 1], starts[1:]) if len(group) >= least]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def _graph(ends: Array, weights: Array, sizes: Array) -> Graph:
    loops = ends[:, 0] == ends[:, 1]
    one, other = ends[~loops].T
    source, target = np.concatenate([one, other]), np.concatenate([other, one])
    both = np.concatenate([weights[~loops], weights[~loops]])
    # Rows by column, and these by row again: then every row's columns ascend.
    starts, rows, sorted_weights = _by_first(target, source, both, len(sizes))
    columns = np.repeat(np.arange(len(sizes), dtype=np.int32), np.diff(starts))
    return Graph(*_by_first(rows, columns, sorted_weights, len(sizes)), sizes)


@compiled
def _by_first(
    first: Array, second: Array, weights: Array, count: int
) -> tuple[Array, Array, Array]:
    """Where the pairs of each first end begin, and their second ends and weights, in order."""
    starts = np.zeros(count + 1, np.int64)
    for row in range(len(first)):
        starts[first[row] + 1] += 1
    for node in range(count):
        starts[node + 1] += starts[node]
    cursor = starts[:-1].copy()
    ends = np.empty(len(first), np.int32)
    held = np.empty(len(first), np.float64)
    for row in range(len(first)):
        place = cursor[first[row]]
        ends[place] = second[row]
        held[place] = weights[row]
        cursor[first[row]] = place + 1
    return starts, ends, held


def _merged(graph: Graph, labels: Array, count: int) -> Graph:
    starts, members, _ = _by_first(labels, np.arange(len(labels)), np.zeros(len(labels)), count)
    ends, weights = _upward(graph, labels, starts, members)
    return _graph(ends, weights, np.bincount(labels, graph.sizes, minlength=count))


@compiled
def _upward(graph: Graph, labels: Array, starts: Array, members: Array) -> tuple[Array, Array]:
    """The pairs of labels that are joined, the smaller first, with the weight between them."""
    count = len(starts) - 1
    near = np.zeros(count, np.float64)
    is_near = np.zeros(count, np.bool_)
    touched = np.empty(count, np.int64)
    ends = np.empty((1024, 2), np.int64)
    weights = np.empty(1024, np.float64)
    found = 0
    for label in range(count):
        height = 0
        for at in range(starts[label], starts[label + 1]):
            node = members[at]
            for place in range(graph.starts[node], graph.starts[node + 1]):
                other = labels[graph.neighbours[place]]
                if other > label:
                    if not is_near[other]:
                        is_near[other] = True
                        touched[height] = other
                        height += 1
                    near[other] += graph.weights[place]
        touched[:height].sort()
        while found + height > len(ends):
            ends = np.concatenate((ends, np.empty_like(ends)))
            weights = np.concatenate((weights, np.empty_like(weights)))
        for at in range(height):
            other = touched[at]
            ends[found, 0] = label
            ends[found, 1] = other
            weights[found] = near[other]
            near[other] = 0.0
            is_near[other] = False
            found += 1
    return ends[:found].copy(), weights[:found].copy()


@compiled
def _moved(graph: Graph, resolution: float, given: Array) -> Array:
    """The label of each node after moving nodes, one at a time, until no move gains.

    A node may also leave for a label that nobody has.
    """
    count = len(graph.sizes)
    labels = given.astype(np.int32)
    totals = np.zeros(count + 1, np.float64)
    for node in range(count):
        totals[labels[node]] += graph.sizes[node]
    near = np.zeros(count, np.float64)
    most = 0
    for node in range(count):
        most = max(most, graph.starts[node + 1] - graph.starts[node])
    touched = np.empty(most, np.int32)
    for _ in range(_MOST_SWEEPS):
        is_done = True
        for node in range(count):
            here, size = np.int64(labels[node]), graph.sizes[node]
            best = _best(graph, resolution, node, labels, (totals, near, touched))
            if best != here:
                totals[here] -= size
                totals[best] += size
                labels[node] = best
                is_done = False
        if is_done:
            break
    return labels.astype(np.int64)


@inlined
def _best(
    graph: Graph, resolution: float, node: int, labels: Array, sums: tuple[Array, Array, Array]
) -> int:
    """The label that gains most for the node; its own where none gains, the first of equals.

    The labels of neighbours lie far apart, so they are fetched ahead, and read once.
    """
    totals, near, touched = sums
    begin, end = graph.starts[node], graph.starts[node + 1]
    here, size = np.int64(labels[node]), graph.sizes[node]
    height = 0
    for place in range(begin, end):
        # The place may lie beyond this node's: then it is the next node's, or a hint for nothing.
        soon = min(place + _AHEAD, len(graph.neighbours) - 1)
        fetch_soon(labels, np.int64(graph.neighbours[soon]))
        label = labels[graph.neighbours[place]]
        touched[height] = label
        height += near[label] == 0.0
        near[label] += graph.weights[place]
    best, best_gain = here, near[here] - resolution * size * (totals[here] - size)
    for at in range(height):
        label = np.int64(touched[at])
        gain = near[label] - resolution * size * totals[label]
        if label != here and gain > best_gain + _LEAST_GAIN:
            best, best_gain = label, gain
    for at in range(height):
        near[touched[at]] = 0.0
    return int(best) if best_gain >= -_LEAST_GAIN else _empty(totals)


@inlined
def _empty(totals: Array) -> int:
    """The first label that no node has; there is one, as a node that leaves was not alone."""
    for label in range(len(totals)):
        if totals[label] == 0.0:
            return label
    return len(totals) - 1


@compiled
def _connected(graph: Graph, labels: Array) -> Array:
    """New labels from 0 up, one for each connected piece of each community."""
    count = len(labels)
    out = np.full(count, -1, np.int64)
    stack = np.empty(count, np.int64)
    found = 0
    for first in range(count):
        if out[first] >= 0:
            continue
        out[first] = found
        stack[0] = first
        height = 1
        while height:
            height -= 1
            node = stack[height]
            for place in range(graph.starts[node], graph.starts[node + 1]):
                near = graph.neighbours[place]
                if out[near] < 0 and labels[near] == labels[node]:
                    out[near] = found
                    stack[height] = near
                    height += 1
        found += 1
    return out


def core_numbers(pairs: Array, members: Array) -> Array:
    """For each member, the largest k such that it lies in a part where all have k partners."""
    inside = np.isin(pairs, members).all(axis=1)
    ends = np.searchsorted(members, pairs[inside])
    degrees = np.bincount(ends.ravel(), minlength=len(members))
    cores = np.zeros(len(members), np.int64)
    left = np.ones(len(members), np.bool_)
    level = 0
    while left.any():
        level = max(level, int(degrees[left].min()))
        weak = left & (degrees <= level)
        while weak.any():
            cores[weak] = level
            left &= ~weak
            gone = weak[ends].any(axis=1)
            degrees = degrees - np.bincount(ends[gone].ravel(), minlength=len(members))
            ends = ends[~gone]
            weak = left & (degrees <= level)
    return cores


def stability(members: Array, others: list[list[Array]]) -> float:
    """How much of a group comes back under other windows or thresholds: mean best Jaccard."""
    if not others:
        return 1.0
    best = []
    for groups in others:
        shares = [
            len(np.intersect1d(members, group)) / len(np.union1d(members, group))
            for group in groups
        ]
        best.append(max(shares, default=0.0))
    return float(np.mean(best))
