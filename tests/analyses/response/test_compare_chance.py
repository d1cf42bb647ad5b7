"""The chance of sharing, against counting every draw and against closed forms."""

from __future__ import annotations

from itertools import combinations, product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.response.compare.chance import (
    Stratum,
    explaining_population,
    from_population,
    hypergeometric,
    merged,
    stratified,
)

SMALL = st.integers(1, 6).flatmap(
    lambda n: st.builds(Stratum, st.just(n), st.integers(0, n), st.integers(0, n))
)


def every_draw(strata: list[Stratum]) -> list[int]:
    """How many marked ones each possible drawing has: all subsets of all classes."""
    by_class = [
        [
            sum(one < stratum.marked_count for one in drawn)
            for drawn in combinations(range(stratum.account_count), stratum.drawn_count)
        ]
        for stratum in strata
    ]
    return [sum(choice) for choice in product(*by_class)]


@given(st.lists(SMALL, min_size=1, max_size=3), st.integers(0, 8))
@settings(max_examples=60)
def test_the_tail_is_that_of_counting_every_draw(strata: list[Stratum], observed: int) -> None:
    draws = every_draw(strata)
    found = stratified(observed, strata)
    assert found.expected == pytest.approx(sum(draws) / len(draws))
    assert found.p_value == pytest.approx(sum(one >= observed for one in draws) / len(draws))


@given(st.integers(1, 200), st.data())
def test_hypergeometric_probabilities_are_ratios_of_binomials(n: int, data: st.DataObject) -> None:
    marked, drawn = data.draw(st.integers(0, n)), data.draw(st.integers(0, n))
    told = hypergeometric(n, marked, drawn)
    exact = [
        comb(marked, k) * comb(n - marked, drawn - k) / comb(n, drawn)
        for k in range(min(marked, drawn) + 1)
    ]
    assert told == pytest.approx(exact, rel=1e-9, abs=1e-300)


def test_many_accounts_of_a_large_population() -> None:
    chance = from_population(330_000_000, 100_000, 100_000, 20_000)
    assert chance.expected == pytest.approx(30.303, rel=1e-3)
    assert chance.p_value == 0
    assert from_population(330_000_000, 100_000, 100_000, 30).p_value == pytest.approx(0.547, 0.01)


def test_a_population_smaller_than_what_was_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than the 18"):
        from_population(17, 10, 10, 2)


def test_the_explaining_population_gives_what_was_found() -> None:
    population = explaining_population(1_000, 1_000, 200)
    assert population == 5_000
    assert from_population(5_000, 1_000, 1_000, 200).expected == 200
    assert explaining_population(10, 10, 0) is None


@given(st.lists(SMALL, max_size=8), st.integers(1, 8))
def test_joined_classes_lose_nobody(strata: list[Stratum], least: int) -> None:
    joined = merged(strata, least)
    for name in ("account_count", "marked_count", "drawn_count"):
        assert sum(getattr(s, name) for s in joined) == sum(getattr(s, name) for s in strata)
    others = [one.account_count - one.drawn_count for one in joined]
    assert all(one >= least for one in others) or len(joined) == 1


def test_a_class_of_drawn_accounts_alone_explains_nothing() -> None:
    busy, others = Stratum(12, 12, 12), Stratum(200, 20, 0)
    assert stratified(12, [busy, others]).p_value == 1
    assert stratified(12, merged([others, busy], 50)).p_value < 1e-6
