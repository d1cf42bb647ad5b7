"""Figures of a flow of posts from how many posts and reposts each account made in it.

Accounts with the same two numbers are one class, so that a million accounts are a few hundred
rows, and a draw of accounts with replacement is one multinomial draw over the classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

TOP = 50
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of accounts, most posts first: posts and reposts each, and how many accounts."""

    posts: Array
    reposts: Array
    accounts: Array

    @classmethod
    def of(cls, posts: Array, reposts: Array, accounts: Array) -> Classes:
        """The classes in their order."""
        order = np.lexsort((-reposts, -posts))
        return cls(posts[order], reposts[order], accounts[order])

    @property
    def account_count(self) -> int:
        """All accounts."""
        return int(self.accounts.sum())

    @property
    def post_count(self) -> int:
        """All posts."""
        return int((self.posts * self.accounts).sum())

    def figures(self) -> dict[str, float]:
        """R, F, U and C of the flow as it is."""
        repost, top, mean = (float(part[0]) for part in parts(self, self.accounts[None, :]))
        return {
            "repost_share": repost,
            "top50_share": top,
            "posts_per_account": mean,
            "ctm": coefficient(repost, top, mean),
        }

    def top_share(self, count: float) -> float:
        """The share of posts that the `count` accounts with most posts made."""
        taken = _taken(self.accounts[None, :], count)[0]
        return float((taken * self.posts).sum() / self.post_count)

    def gini(self) -> float:
        """The Gini coefficient of posts over the accounts of the flow: 0 equal, near 1 one account.

        Source    sum over accounts in rising order of (2i - n - 1) x_i / (n sum x), by classes
        """
        posts, accounts = self.posts[::-1].astype(float), self.accounts[::-1].astype(float)
        count, before = accounts.sum(), np.concatenate(([0.0], np.cumsum(accounts)[:-1]))
        # The ranks of a class are before+1 … before+a; their sum is a·before + a(a+1)/2.
        ranks = accounts * before + accounts * (accounts + 1) / 2
        weighted = (posts * (2 * ranks - accounts * (count + 1))).sum()
        return float(weighted / (count * (posts * accounts).sum()))


def coefficient(repost_share: Any, top_share: Any, mean: Any) -> Any:
    """C = R/10 + F + U, with R and F in percent and U in posts.

    Source    the coefficient of traffic manipulation as two public programs compute it, which
              name a paper of 2019 that we could not read
    """
    return 10.0 * repost_share + 100.0 * top_share + mean


def parts(classes: Classes, weights: Array) -> tuple[Array, Array, Array]:
    """R and F as shares and U, for each row of `weights` (accounts of each class)."""
    posts = weights @ classes.posts
    repost = (weights @ classes.reposts) / posts
    top = (_taken(weights, TOP) @ classes.posts) / posts
    return repost, top, posts / weights.sum(axis=1)


def _taken(weights: Array, count: float) -> Array:
    """How many accounts of each class are among the first `count`, row by row."""
    after = np.cumsum(weights, axis=1)
    return np.clip(count - (after - weights), 0, weights)


def interval(
    classes: Classes, draws: int, level: float, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Lower end, upper end and bias of C under resampling of accounts.

    Source    bias-corrected and accelerated bootstrap (Efron 1987) over accounts: the share of
              draws below the figure corrects the bias that copies of the busiest accounts bring
              into F, the jackknife over accounts its skewness
    Limits    it says how C would vary with other accounts of the same kind, not how it would with
              posts that were never collected; with few very busy accounts it is too narrow
    """
    bell = NormalDist()
    told = classes.figures()["ctm"]
    drawn = resampled(classes, draws, rng)
    below = ((drawn < told).sum() + 0.5 * (drawn == told).sum()) / draws
    shift = bell.inv_cdf(min(max(float(below), 0.5 / draws), 1 - 0.5 / draws))
    speed = _acceleration(classes)
    moved = [shift + bell.inv_cdf(edge) for edge in ((1 - level) / 2, (1 + level) / 2)]
    places = [bell.cdf(shift + one / max(1 - speed * one, 0.05)) for one in moved]
    low, high = np.quantile(drawn, places)
    return float(low), float(high), float(drawn.mean() - told)


def resampled(classes: Classes, draws: int, rng: np.random.Generator) -> Array:
    """C of so many collections of accounts drawn with replacement, as many as there are."""
    chances = classes.accounts / classes.accounts.sum()
    found = []
    step = max(1, _CELLS // max(1, len(chances)))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        weights = rng.multinomial(classes.account_count, chances, size=size)
        found.append(coefficient(*parts(classes, weights)))
    return np.concatenate(found)


def _acceleration(classes: Classes) -> float:
    """The skewness of C over leaving out one account, each class weighing as its accounts."""
    size = len(classes.accounts)
    found = np.empty(size)
    step = max(1, _CELLS // max(1, size))
    for start in range(0, size, step):
        rows = np.arange(start, min(start + step, size))
        weights = np.repeat(classes.accounts[None, :], len(rows), axis=0)
        weights[np.arange(len(rows)), rows] -= 1
        found[rows] = coefficient(*parts(classes, weights))
    share = classes.accounts / classes.accounts.sum()
    away = (share * found).sum() - found
    spread = (classes.accounts * away**2).sum()
    if spread <= 0:
        return 0.0
    return float((classes.accounts * away**3).sum() / (6 * spread**1.5))
