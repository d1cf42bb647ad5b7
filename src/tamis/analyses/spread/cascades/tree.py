"""Size, depth, breadth and structural virality of many trees at once, in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

ROOT = -1


@compiled
def without_cycles(parent: Array) -> Array:
    """A copy of `parent` in which the node that closes a cycle is a root."""
    out = parent.copy()
    state = np.zeros(len(out), np.int8)
    for start in range(len(out)):
        node = start
        while node != ROOT and state[node] == 0:
            state[node] = 1
            up = out[node]
            if up != ROOT and state[up] == 1:
                out[node] = ROOT
                break
            node = up
        node = start
        while node != ROOT and state[node] == 1:
            state[node] = 2
            node = out[node]
    return out


@compiled
def from_the_leaves(parent: Array) -> Array:
    """The nodes in an order in which every node comes before its parent."""
    count = len(parent)
    waiting = np.zeros(count, np.int64)
    for node in range(count):
        if parent[node] != ROOT:
            waiting[parent[node]] += 1
    order = np.empty(count, np.int64)
    filled = 0
    for node in range(count):
        if waiting[node] == 0:
            order[filled] = node
            filled += 1
    done = 0
    while done < filled:
        up = parent[order[done]]
        if up != ROOT:
            waiting[up] -= 1
            if waiting[up] == 0:
                order[filled] = up
                filled += 1
        done += 1
    return order


@compiled
def shapes(parent: Array) -> tuple[Array, Array, Array, Array, Array]:
    """For each node: its root, and of the tree below it size, depth, breadth and virality.

    Input     the place of each node's parent, ROOT (-1) for a root; no cycles
    Output    root for every node; size (nodes), depth (edges from the root to the farthest node),
              breadth (most nodes at one depth) and virality for roots, 0 for other nodes
    Source    structural virality: the mean distance of two different nodes (Goel, Anderson,
              Hofman and Watts 2016), which is twice the Wiener index over n (n - 1); an edge
              with s nodes below it lies on the paths of s (n - s) pairs (Wiener 1947)
    """
    count = len(parent)
    order = from_the_leaves(parent)
    size = np.ones(count, np.int64)
    for node in order:
        if parent[node] != ROOT:
            size[parent[node]] += size[node]
    root = np.arange(count)
    level = np.zeros(count, np.int64)
    depth = np.zeros(count, np.int64)
    wiener = np.zeros(count, np.float64)
    for place in range(count - 1, -1, -1):
        node = order[place]
        up = parent[node]
        if up == ROOT:
            continue
        top = root[up]
        root[node] = top
        level[node] = level[up] + 1
        depth[top] = max(depth[top], level[node])
        wiener[top] += float(size[node]) * float(size[top] - size[node])
    breadth = _breadths(root, level, depth)
    virality = np.zeros(count, np.float64)
    for node in range(count):
        if parent[node] == ROOT:
            n = float(size[node])
            if n > 1:
                virality[node] = 2.0 * wiener[node] / (n * (n - 1.0))
        else:
            size[node] = 0
    return root, size, depth, breadth, virality


@compiled
def _breadths(root: Array, level: Array, depth: Array) -> Array:
    """The most nodes at one depth, for each root."""
    count = len(root)
    start = np.zeros(count + 1, np.int64)
    for node in range(count):
        start[node + 1] = start[node] + (depth[node] + 1 if root[node] == node else 0)
    filled = np.zeros(start[count], np.int64)
    breadth = np.zeros(count, np.int64)
    for node in range(count):
        top = root[node]
        place = start[top] + level[node]
        filled[place] += 1
        breadth[top] = max(breadth[top], filled[place])
    return breadth
