"""Were a post's first minutes unlike its author's other posts; is an account first again and again?

Counts of reposts vary more than chance: some posts go far. So the test is not that of Poisson
numbers but of overdispersed ones, of which Poisson is the limit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.significance.tails import poisson_binomial_tail
from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

_LEAST_DISPERSION = 1e-6
_MOST_DISPERSION = 1e6
_MOST_STEPS = 2_000_000


@compiled
def share_tail(total: int, others: int, dispersion: float, least: int) -> float:
    """The chance that one of 1 + `others` posts alike drew `least` or more of `total` reposts.

    Output    where dispersion is 0, of a binomial number: each repost falls on any post alike;
              else of a beta-binomial one. 1 where `least` is not above the mean
    Source    posts alike have negative binomial counts of one mean and size k = 1 / dispersion;
              given their sum, one of them is beta-binomial with k and k x others (the conditional
              test that needs no estimate of the mean; Przyborowski and Wilenski 1940 for Poisson)
    """
    if least <= 0 or total <= 0 or least * (others + 1) <= total:
        return 1.0
    if least > total:
        return 0.0
    if others == 0:
        return 1.0
    rest = float(total - least)
    choose = math.lgamma(total + 1.0) - math.lgamma(least + 1.0) - math.lgamma(rest + 1.0)
    if dispersion < _LEAST_DISPERSION:
        share = 1.0 / (others + 1.0)
        log = choose + least * math.log(share) + rest * math.log1p(-share)
        mine, theirs = 0.0, 0.0
    else:
        mine = 1.0 / dispersion
        theirs = mine * others
        log = choose + _log_beta(least + mine, rest + theirs) - _log_beta(mine, theirs)
    term = math.exp(log)
    tail = 0.0
    for number in range(least, min(total, least + _MOST_STEPS) + 1):
        tail += term
        if number == total or term < tail * 1e-17:
            break
        term *= (total - number) / (number + 1.0)
        if dispersion < _LEAST_DISPERSION:
            term /= others
        else:
            term *= (number + mine) / (total - number - 1.0 + theirs)
    return min(1.0, tail)


@compiled
def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)


@compiled
def pooled_dispersions(posts: Array, sums: Array, squares: Array, least: int) -> Array:
    """For each author, how much more than Poisson numbers the counts of other authors' posts vary.

    Input     for each author: number of posts, sum of their counts, sum of squares; authors with
              `least` posts or fewer are left out
    Output    variance = mean + dispersion x mean squared, by moments over all authors but the one;
              authors with large counts do not outweigh the others
    """
    above = np.zeros(len(posts), np.float64)
    below = np.zeros(len(posts), np.float64)
    for author in range(len(posts)):
        if posts[author] <= max(least, 1):
            continue
        n = float(posts[author])
        mean = sums[author] / n
        variance = max(0.0, (squares[author] - n * mean * mean) / (n - 1.0))
        weight = (n - 1.0) / ((1.0 + mean) * (1.0 + mean))
        above[author] = weight * (variance - mean)
        below[author] = weight * (mean * mean - variance / n)
    out = np.zeros(len(posts), np.float64)
    upper, lower = above.sum(), below.sum()
    for author in range(len(posts)):
        over, under = upper - above[author], lower - below[author]
        if over > 0.0:
            out[author] = over / under if under > 0.0 else _MOST_DISPERSION
    return out


@compiled
def post_chances(
    author: Array, count: Array, told: tuple[Array, Array, Array], pooled: Array
) -> tuple[Array, Array, Array]:
    """For each post: its p-value, the mean of its author's other posts, and the dispersion used.

    Input     the author's place in `told` (numbers of posts, sums of counts, sums of squares) and
              the post's own count
    Output    the dispersion is the larger of that of the author's other posts and that of other
              authors
    """
    posts, sums, squares = told
    chance = np.ones(len(count), np.float64)
    mean = np.zeros(len(count), np.float64)
    used = np.zeros(len(count), np.float64)
    for place in range(len(count)):
        who = author[place]
        mine = float(count[place])
        others = posts[who] - 1
        rest = sums[who] - mine
        average = rest / others if others > 0 else 0.0
        dispersion = pooled[who]
        if others > 1 and average > 0.0:
            spread = squares[who] - mine * mine - others * average * average
            own = (max(0.0, spread / (others - 1.0)) - average) / (average * average)
            dispersion = max(dispersion, own)
        mean[place] = average
        used[place] = dispersion
        chance[place] = share_tail(int(sums[who]), int(others), dispersion, int(count[place]))
    return chance, mean, used


@compiled
def account_chances(start: Array, share: Array, hits: Array, least: int) -> tuple[Array, Array]:
    """For each account the expected number of times it is among the first, and its p-value.

    Input     from `start` on, for each post that the account carried, the share of its carriers
              that counted as first; `hits`: how often the account did. Below `least` hits no
              p-value is computed: it is 1.
    Source    if the order in which a post's carriers came were chance, each of n is among the
              first k with probability k/n; over posts a Poisson binomial number
    """
    expected = np.zeros(len(hits), np.float64)
    chance = np.ones(len(hits), np.float64)
    room = np.zeros(max(1, hits.max() if len(hits) else 1) + 1, np.float64)
    for who in range(len(hits)):
        mine = share[start[who] : start[who + 1]]
        expected[who] = mine.sum()
        if hits[who] >= least:
            chance[who] = poisson_binomial_tail(mine, hits[who], room)
    return expected, chance
