"""Accounts that brought objects into a new scope first, more often than their share explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.spread.crossings.precedence import at_least

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamis.analyses.spread.crossings.precedence import Introduced

    Ints = NDArray[np.int64]

LEAST_CROSSINGS = 3


class Bridges(NamedTuple):
    """One row per account and scope into which it brought objects, one object a post.

    `object_count`: of its posts there one object each that had been elsewhere before; `expected`
    of them it would have brought first if the introducers of an object raced, each as fast as it
    posts in all;
    `test_count`: accounts and scopes that could have had a row.
    """

    account: Ints
    scope: Ints
    crossing_count: Ints
    object_count: Ints
    expected: NDArray[np.float64]
    p_value: NDArray[np.float64]
    test_count: int


def _one_a_post(rows: Ints, accounts: Ints, posts: Ints, of: tuple[Ints, Ints]) -> Ints:
    """Of the rows of one account and post (a post is in one scope) that of the widest race."""
    group, objects = of
    width = np.bincount(group, minlength=1)[group[rows]] if len(rows) else rows
    order = np.lexsort((objects[rows], -width, posts[rows], accounts[rows]))
    ranked = rows[order]
    is_new = (np.diff(accounts[ranked]) != 0) | (np.diff(posts[ranked]) != 0)
    return np.sort(ranked[np.append(True, is_new)[: len(ranked)]])


def bridges(told: Introduced, lasting: NDArray[np.bool_], activity: Ints) -> Bridges:
    """Accounts with `LEAST_CROSSINGS` or more crossings into one scope, and what chance gives.

    Input     lasting: by account, whether it is one account for longer than a thread; activity:
              by account, its posts that carry anything
    Of the objects that one post brings, a link and its domain for instance, the one with most
    introducers counts: together they are one deed.

    Source    of independent Poisson processes the first event is one's with its share of the
              rates; the count over objects is a sum of unequal coins
    Limits    An account that is first is quick, or read by nobody who is quicker in the
              collection; it need not have been seen by those who came after it.
    """
    order = np.lexsort((np.arange(len(told.object)), told.scope, told.object))
    objects, scopes, accounts = told.object[order], told.scope[order], told.account[order]
    edge = np.append(True, (np.diff(objects) != 0) | (np.diff(scopes) != 0))[: len(order)]
    group = np.cumsum(edge) - 1
    # The scope where an object begins is entered by nobody: rows are by object, then by time.
    begins = np.append(True, np.diff(told.object) != 0)[: len(order)]
    origin = np.zeros(int(told.object.max(initial=-1)) + 1, np.int64)
    origin[told.object[begins]] = told.scope[begins]
    counts = (scopes != origin[objects]) & (accounts >= 0)
    counts[counts] = lasting[accounts[counts]]
    rows = _one_a_post(np.flatnonzero(counts), accounts, told.post[order], (group, objects))
    size = int(told.scope.max(initial=-1)) + 1
    keys = accounts[rows] * max(size, 1) + scopes[rows]
    names, place = np.unique(keys, return_inverse=True)
    rates = np.where(accounts >= 0, activity[accounts], 1).astype(np.float64)
    shares = rates / np.bincount(group, rates)[group] if len(group) else rates
    chances, is_first = shares[rows], edge[rows]
    crossings = np.bincount(place, is_first, minlength=len(names)).astype(np.int64)
    chosen = np.flatnonzero(crossings >= LEAST_CROSSINGS)
    by_name = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[by_name], np.arange(len(names) + 1))
    p_values = [
        at_least(chances[by_name[ends[at] : ends[at + 1]]], int(crossings[at])) for at in chosen
    ]
    return Bridges(
        names[chosen] // max(size, 1),
        names[chosen] % max(size, 1),
        crossings[chosen],
        np.diff(ends)[chosen],
        np.bincount(place, chances, minlength=len(names))[chosen].astype(np.float64),
        np.asarray(p_values, np.float64),
        int((np.diff(ends) >= LEAST_CROSSINGS).sum()),
    )
