"""Clusters in which every text is like the one that stands for it: chains do not drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.texts.candidates import (
    copy_candidates,
    cosines,
    is_beyond_chance,
    wording_candidates,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from tamis.analyses.coordination.texts.candidates import Corpus

    Ints = npt.NDArray[np.int64]

ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Clusters:
    """Row by row: the text that stands for each text (itself if alone), and how like they are."""

    lead: Ints
    similarity: npt.NDArray[np.float64]


def copies(texts: Corpus, least: float) -> Clusters:
    """Clusters of texts that may be copies, their words alike by at least `least`.

    Whoever has most neighbours stands for them first (ties: the first row). Then clusters that
    touch are held against each other: a text goes over to the larger one when it is like the
    text that stands for that, so a chain in which each link is alike cannot drift away.

    Source    star clustering (Aslam, Pelekhov and Rus 2004), with rounds of merging added
    Limits    a text belongs to one cluster at most
    """
    pairs = copy_candidates(texts, texts.comparable)
    return _clusters(texts, pairs[cosines(texts, pairs) >= least], least)


def rewordings(texts: Corpus, rows: Ints, least: float) -> Clusters:
    """The same among the rows given, by shared words that chance does not explain.

    Input     rows that stand for their copies, so that a flood of copies weighs as one text
    """
    pairs = wording_candidates(texts, rows)
    pairs = pairs[cosines(texts, pairs) >= least]
    return _clusters(texts, pairs[is_beyond_chance(texts, pairs)], least)


def _clusters(texts: Corpus, edges: Ints, least: float) -> Clusters:
    lead = _stars(edges, texts.text_count)
    for _ in range(ROUNDS):
        moved = _merged(texts, edges, lead, least)
        if np.array_equal(moved, lead):
            break
        lead = moved
    rows = np.arange(texts.text_count)
    return Clusters(lead, np.where(lead == rows, 1.0, cosines(texts, np.stack((lead, rows), 1))))


def _stars(edges: Ints, count: int) -> Ints:
    """The lead of each row: by number of neighbours, each free row takes its free neighbours."""
    both = np.concatenate((edges, edges[:, ::-1]))
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(count + 1))
    degrees = np.diff(starts)
    lead = np.arange(count)
    taken = np.zeros(count, bool)
    joined = np.flatnonzero(degrees)
    for row in joined[np.lexsort((joined, -degrees[joined]))].tolist():
        if taken[row]:
            continue
        near = both[starts[row] : starts[row + 1], 1]
        near = near[~taken[near]]
        taken[row] = True
        taken[near] = True
        lead[near] = row
    return lead


def _merged(texts: Corpus, edges: Ints, lead: Ints, least: float) -> Ints:
    """Leads after texts went over to the largest touching cluster whose lead they are like."""
    sizes = np.bincount(lead, minlength=len(lead))
    one, two = lead[edges[:, 0]], lead[edges[:, 1]]
    touch = np.stack((one, two), 1)[one != two]
    if not len(touch):
        return lead
    # Larger first; of two of one size the first row stays.
    swap = (sizes[touch[:, 1]] > sizes[touch[:, 0]]) | (
        (sizes[touch[:, 1]] == sizes[touch[:, 0]]) & (touch[:, 1] < touch[:, 0])
    )
    touch[swap] = touch[swap][:, ::-1]
    order = np.lexsort((touch[:, 0], -sizes[touch[:, 0]], touch[:, 1]))
    touch = touch[order]
    target = np.full(len(lead), -1)
    smaller, first = np.unique(touch[:, 1], return_index=True)
    target[smaller] = touch[first, 0]
    # Who takes in this round is not taken in it.
    target[target[np.maximum(target, 0)] >= 0] = -1
    rows = np.flatnonzero(target[lead] >= 0)
    goes = cosines(texts, np.stack((target[lead[rows]], rows), 1)) >= least
    moved = lead.copy()
    moved[rows[goes]] = target[lead[rows[goes]]]
    # A lead that went while some of its texts stayed: the first of them stands for the rest.
    return _settled(texts, moved, least)


def _settled(texts: Corpus, lead: Ints, least: float) -> Ints:
    """Leads where each lead leads itself; texts unlike the new one are alone again."""
    orphans = np.flatnonzero(lead[lead] != lead)
    if not len(orphans):
        return lead
    old, first = np.unique(lead[orphans], return_index=True)
    new = np.arange(len(lead))
    new[old] = orphans[first]
    heirs = new[lead[orphans]]
    stays = cosines(texts, np.stack((heirs, orphans), 1)) >= least
    settled = lead.copy()
    settled[orphans] = np.where(stays, heirs, orphans)
    return settled
