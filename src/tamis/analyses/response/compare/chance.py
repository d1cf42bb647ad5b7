"""How much two incidents would share by chance: exact, given the activity of the accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Stratum:
    """Accounts of one class: how many there are, how many are marked, how many are drawn."""

    account_count: int
    marked_count: int
    drawn_count: int

    def with_(self, other: Stratum) -> Stratum:
        """Both classes as one."""
        return Stratum(
            self.account_count + other.account_count,
            self.marked_count + other.marked_count,
            self.drawn_count + other.drawn_count,
        )


@dataclass(frozen=True, slots=True)
class Chance:
    """What chance would give, and how often it gives at least what was observed."""

    expected: float
    p_value: float


def stratified(observed: int, strata: Iterable[Stratum]) -> Chance:
    """The chance that so many drawn accounts are marked, drawing within each class at random.

    Input     the number observed, and the classes
    Output    the expected number, and P(at least `observed`); exact, by convolution of the
              hypergeometric distributions of the classes
    Source    the exact conditional test of several 2x2 tables (Mantel and Haenszel, 1959; Fisher)
    """
    import numpy as np  # noqa: PLC0415  # a heavy import

    total = np.ones(1)
    expected = 0.0
    for one in strata:
        if one.account_count and one.drawn_count and one.marked_count:
            expected += one.drawn_count * one.marked_count / one.account_count
            total = np.convolve(total, _marked(one))
    return Chance(expected, float(min(1.0, total[observed:].sum())))


def merged(strata: Sequence[Stratum], least: int) -> list[Stratum]:
    """Neighbouring classes, joined from the last down until each has `least` accounts not drawn.

    The last class holds the most active accounts, which are few and often all drawn: alone, it
    would explain anything.
    """
    joined: list[Stratum] = []
    open_one = Stratum(0, 0, 0)
    for one in reversed(strata):
        open_one = open_one.with_(one)
        if open_one.account_count - open_one.drawn_count >= least:
            joined.append(open_one)
            open_one = Stratum(0, 0, 0)
    if open_one.account_count:
        joined.append(open_one.with_(joined.pop()) if joined else open_one)
    return joined


def _marked(one: Stratum) -> NDArray[np.float64]:
    """The distribution of marked accounts among the drawn ones of a class."""
    return hypergeometric(one.account_count, one.marked_count, one.drawn_count)


def hypergeometric(population: int, marked: int, drawn: int) -> NDArray[np.float64]:
    """The probabilities of 0, 1, … marked ones among `drawn` of a population.

    Output    float64 of length min(marked, drawn) + 1, of sum 1; from the ratios of neighbours, so
              that no factorial is needed
    """
    import numpy as np  # noqa: PLC0415  # a heavy import

    least, most = max(0, marked + drawn - population), min(marked, drawn)
    k = np.arange(least, most, dtype=np.float64)
    up = (marked - k) * (drawn - k)
    down = (k + 1) * (population - marked - drawn + k + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log(up) - np.log(down))))
    chances = np.exp(logs - logs.max())
    told = np.zeros(most + 1)
    told[least:] = chances / chances.sum()
    return told


def from_population(population: int, count_a: int, count_b: int, shared: int) -> Chance:
    """The chance that two random draws from one population share so many accounts.

    Input     `population` accounts, of which one incident drew `count_a`, the other `count_b`
    Errors    ValueError for a population smaller than what was seen in it
    Limits    who writes about politics is no random draw; the population that counts is the one
              from which both incidents could have drawn
    """
    seen = count_a + count_b - shared
    if population < seen:
        raise ValueError(f"{population} accounts are fewer than the {seen} that were seen")
    law = hypergeometric(population, count_a, count_b)
    return Chance(count_a * count_b / population, float(min(1.0, law[shared:].sum())))


def explaining_population(count_a: int, count_b: int, shared: int) -> int | None:
    """The population in which chance alone would give the shared accounts; None where none are.

    Source    Lincoln (1930) and Petersen (1896): count_a x count_b / shared
    """
    return round(count_a * count_b / shared) if shared else None
