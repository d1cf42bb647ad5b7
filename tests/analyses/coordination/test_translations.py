"""Average linkage over groups of vectors, against the slow version that looks at all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from tamis.analyses.coordination.texts.translations import translations

LEAST = 0.55


def unit(rows: object) -> np.ndarray:
    vectors = np.asarray(rows, np.float64)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def slow(vectors: np.ndarray, groups: np.ndarray, least: float) -> set[frozenset[int]]:
    sets = [[name] for name in np.unique(groups).tolist()]
    while True:
        best, pair = least, None
        for one in range(len(sets)):
            for two in range(one + 1, len(sets)):
                left, right = np.isin(groups, sets[one]), np.isin(groups, sets[two])
                value = float((vectors[left].astype(float) @ vectors[right].astype(float).T).mean())
                if value >= best and (pair is None or value > best):
                    best, pair = value, (one, two)
        if pair is None:
            return {frozenset(names) for names in sets}
        sets[pair[0]] += sets.pop(pair[1])


def found(vectors: np.ndarray, groups: np.ndarray, least: float) -> set[frozenset[int]]:
    names, lead = translations(vectors, groups, least)
    return {frozenset(names[lead == one].tolist()) for one in np.unique(lead)}


@pytest.mark.parametrize("seed", range(20))
def test_the_slow_and_obvious_way_finds_the_same(seed: int) -> None:
    dice = np.random.default_rng(seed)
    centres = dice.normal(size=(6, 16))
    groups = dice.integers(0, 25, 60) * 3
    vectors = unit(centres[groups % 6] + dice.normal(scale=0.9, size=(60, 16)))
    told = found(vectors, groups, LEAST)
    assert told == slow(vectors, groups, LEAST)
    assert any(len(names) > 1 for names in told)


def test_a_chain_of_likenesses_does_not_join_its_ends() -> None:
    angles = np.linspace(0, np.pi, 13)
    chain = unit(np.stack((np.cos(angles), np.sin(angles)), 1))
    told = found(chain, np.arange(13), 0.8)
    assert max(map(len, told)) < 7


def test_the_group_with_most_texts_stands_for_the_set() -> None:
    vectors = unit([[1, 0], [1, 0.1], [1, 0.2], [0, 1]])
    names, lead = translations(vectors, np.array([7, 3, 3, 9]), LEAST)
    assert names.tolist() == [3, 7, 9]
    assert lead.tolist() == [3, 3, 9]


@pytest.mark.parametrize("count", [0, 1])
def test_few_or_no_texts(count: int) -> None:
    names, lead = translations(np.ones((count, 4), np.float32) / 2, np.arange(count), LEAST)
    assert names.tolist() == lead.tolist() == list(range(count))
