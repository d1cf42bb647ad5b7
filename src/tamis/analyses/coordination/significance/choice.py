"""Whether two accounts chose improbably rare objects in common, whenever they used them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.significance.tails import poisson_tail
from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

_CLASSES = 12


def choice_chances(layer: Layer, pairs: Array) -> Array:
    """For each pair of accounts, the chance to share so many objects so rare.

    With k objects used by an account, d accounts that used an object, and M uses in all, an
    account uses an object with chance min(1, k d / M), independently (the sparse form of the
    bipartite configuration model). Objects are ranked by d in doubling classes; for each class c
    the common objects up to c are compared with a Poisson tail of mean sum (k_u d / M)(k_v d / M),
    and the smallest of the tails is multiplied by the number of classes.

    Input     pairs: two codes a row
    Output    one p-value per pair, an upper bound by the multiplication
    Source    Saracco and others (BiCM), Neal and others 2021 (SDSM); we take the sparse limit and
              a Poisson tail (Le Cam), which is larger than that of the sum of unequal coins
    Limits    fails under homophily: people of one interest, language or place share rare things
              without any agreement. It is printed beside the others and decides nothing.
    """
    owners = np.repeat(np.arange(layer.account_count), np.diff(layer.account_starts))
    things = layer.by_account_objects
    fresh = np.ones(len(things), np.bool_)
    fresh[1:] = (things[1:] != things[:-1]) | (owners[1:] != owners[:-1])
    chosen, owners = things[fresh], owners[fresh]
    degrees = np.bincount(chosen, minlength=len(layer.object_starts) - 1)
    reach = np.bincount(owners, minlength=layer.account_count)
    classes = np.minimum(np.log2(np.maximum(degrees, 1)).astype(np.int64), _CLASSES - 1)
    squares = np.bincount(classes, degrees.astype(np.float64) ** 2, minlength=_CLASSES)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(reach)])
    rare = np.cumsum(squares) / max(1, len(chosen)) ** 2
    return _chances(starts, chosen, classes, rare, pairs)


@compiled
def _chances(starts: Array, chosen: Array, classes: Array, rare: Array, pairs: Array) -> Array:
    out = np.empty(len(pairs), np.float64)
    shared = np.empty(len(rare), np.int64)
    for number in range(len(pairs)):
        one, other = pairs[number, 0], pairs[number, 1]
        if starts[one + 1] - starts[one] > starts[other + 1] - starts[other]:
            one, other = other, one
        shared[:] = 0
        theirs = chosen[starts[other] : starts[other + 1]]
        at = 0
        for place in range(starts[one], starts[one + 1]):
            at += np.searchsorted(theirs[at:], chosen[place], "left")
            if at < len(theirs) and theirs[at] == chosen[place]:
                shared[classes[chosen[place]]] += 1
        best = 1.0
        held = 0
        scale = float(starts[one + 1] - starts[one]) * float(len(theirs))
        for step in range(len(rare)):
            held += shared[step]
            if shared[step]:
                best = min(best, poisson_tail(scale * rare[step], held))
        out[number] = min(1.0, best * len(rare))
    return out
