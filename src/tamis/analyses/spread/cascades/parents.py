"""Whom somebody had a post from: named by the platform, inferred from who talks to whom, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

DIRECT, VIA, RELATED = 0, 1, 2
NOBODY = -1


@compiled
def named(own: Array, via: Array, target: Array, things: int) -> tuple[Array, Array]:
    """For each carrying post, the carrying post that it names, or NOBODY; and the basis.

    Input     numbers of posts: its own (-1 where no other post names it), the intermediate one
              and the one it carries; `things` is how many numbers there are
    """
    holder = np.full(things, NOBODY, np.int64)
    for node in range(len(own)):
        if own[node] >= 0:
            holder[own[node]] = node
    up = np.full(len(own), NOBODY, np.int64)
    basis = np.full(len(own), DIRECT, np.int8)
    for node in range(len(own)):
        if via[node] >= 0 and holder[via[node]] not in (NOBODY, node):
            up[node] = holder[via[node]]
            basis[node] = VIA
        elif holder[target[node]] != node:
            up[node] = holder[target[node]]
    return up, basis


@compiled
def infer(
    order: Array,
    thing: Array,
    account: Array,
    at: Array,
    ties: tuple[Array, Array, Array],
    found: tuple[Array, Array],
) -> None:
    """Nothing; parents and bases that were only direct become the latest earlier carrier known.

    Input     `order`: places of the carrying posts by thing, then time; those without a time (at
              < 0) are never asked and never asked for. `ties`: for each account the start of its
              partners, the partners, and since when it is tied to each (mention, reply, quote)
    Output    into `found`: of the accounts that carried the same post in an earlier instant and
              to which this one had a tie by then, the one that carried it last
    Source    the time-inferred diffusion of Goel et al. 2016 and Vosoughi, Roy and Aral 2018,
              with spoken ties in the place of follows, which no export holds
    """
    start, partner, since = ties
    parent, basis = found
    accounts = len(start) - 1
    seen_thing = np.full(accounts, -1, np.int64)
    seen_place = np.zeros(accounts, np.int64)
    begin = 0
    for place in range(len(order)):
        node = order[place]
        if at[node] < 0:
            continue
        # Those of one instant have no order: they are entered once the instant is over.
        while begin < place and not (
            thing[order[begin]] == thing[node] and at[order[begin]] == at[node]
        ):
            earlier = order[begin]
            if at[earlier] >= 0 and account[earlier] >= 0:
                seen_thing[account[earlier]] = thing[earlier]
                seen_place[account[earlier]] = begin
            begin += 1
        who = account[node]
        if who < 0 or basis[node] != DIRECT:
            continue
        best = -1
        for tie in range(start[who], start[who + 1]):
            other = partner[tie]
            is_before = seen_thing[other] == thing[node] and other != who
            if is_before and since[tie] <= at[node] and seen_place[other] > best:
                best = seen_place[other]
        if best >= 0:
            parent[node] = order[best]
            basis[node] = RELATED
