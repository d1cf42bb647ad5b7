"""What each account used at all, so that a pair can be told from two busy accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.sorting import Sorted
    from tamis.analyses.coordination.walk.text import Array


class Profile(NamedTuple):
    """The TF-IDF vectors of accounts over objects.

    `loads` is the entry of account and object at the place of each action; `squares` the squared
    length of each account's vector, `objects` how many objects it used.

    Source    TF is the number of actions; IDF is ln((1 + N) / (1 + n)) + 1 for an object that n
              of N accounts used, as in scikit-learn, which the published networks were made with
    """

    loads: Array
    squares: Array
    objects: Array


def profile_of(actions: Sorted, counts: Array) -> Profile:
    """The profile of accounts; `counts` are the actions of each account, single ones included."""
    single = counts - np.bincount(actions.accounts, minlength=len(counts))
    alone = np.log((1 + len(counts)) / 2) + 1
    squares = single * alone**2
    objects = single.astype(np.int64)
    return Profile(_loads(actions, squares, objects), squares, objects)


@compiled
def _loads(actions: Sorted, squares: Array, objects: Array) -> Array:
    """The loads; adds what the actions hold to `squares` and `objects`."""
    accounts = actions.accounts
    held = np.zeros(len(squares), np.int32)
    loads = np.empty(len(accounts), np.float64)
    begin = 0
    while begin < len(accounts):
        end = begin
        users = 0
        while end < len(accounts) and actions.objects[end] == actions.objects[begin]:
            users += held[accounts[end]] == 0
            held[accounts[end]] += 1
            end += 1
        rarity = np.log((1 + len(squares)) / (1 + users)) + 1
        for place in range(begin, end):
            loads[place] = held[accounts[place]] * rarity
        for place in range(begin, end):
            account = accounts[place]
            if held[account]:
                held[account] = 0
                objects[account] += 1
                squares[account] += loads[place] ** 2
        begin = end
    return loads
