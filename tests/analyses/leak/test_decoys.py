"""Recall and false matches of decoys, on the half that the least number was not chosen on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from decoys import LEAST_PAIRS, LEAST_RECALL, Measured, measure, world
from tamis.analyses.leak.decoys import LEAST_SHARED, Sketches
from tamis.syntax.sketch import packed, shingles, sketch_digest, unpacked, words_of

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture(scope="module")
def told() -> Measured:
    return measure(world(8), slice(75, None), 82)


def test_changed_decoys_are_recognised(told: Measured) -> None:
    assert min(told.recall.values()) >= LEAST_RECALL, told.recall


def test_other_texts_are_not(told: Measured) -> None:
    assert told.pair_count >= LEAST_PAIRS
    assert told.false_count == 0


def test_the_least_number_was_chosen_on_the_other_half() -> None:
    assert measure(world(8), slice(0, 75), 81).most_false < LEAST_SHARED


@given(st.text(), st.text(alphabet="ab ", max_size=80))
def test_matching_is_that_of_a_slow_comparison_of_words(one: str, other: str) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        every = words_of(text)
        return {tuple(every[at : at + 5]) for at in range(len(every) - 4)}

    for left, right in ((one, other), (other, f"x {other} y"), (other, other)):
        sketches = Sketches(KEY, [sorted(shingles(right, KEY)), sorted(shingles(one, KEY))])
        found = {hit.rank: hit.shared_count for hit in sketches.shared_with(left, least=1)}
        assert found.get(0, 0) == len(runs(left) & runs(right))
        assert found.get(1, 0) == len(runs(left) & runs(one))


def test_without_the_key_a_sketch_tells_nothing_and_other_keys_share_nothing() -> None:
    text = "one two three four five six seven eight nine ten"
    assert len(shingles(text, KEY)) == 6
    assert not shingles(text, KEY) & shingles(text, OTHER)
    data = packed(shingles(text, KEY))
    assert sketch_digest(KEY, data) != sketch_digest(OTHER, data)


def test_case_accents_marks_and_hidden_characters_do_not_count() -> None:
    assert words_of("L\u2019\u00c9T\u00c9 de la\u00a0\ufb01n, se\u00adra") == [
        *("l", "ete", "de", "la", "fin", "sera")
    ]


@given(st.sets(st.integers(0, 2**64 - 1)))
def test_packed_hashes_come_back_and_nothing_else_is_read(hashes: set[int]) -> None:
    data = packed(hashes)
    assert unpacked(data) == tuple(sorted(hashes))
    assert unpacked(data + b"x") is None
    if hashes:
        assert unpacked(data + data) is None


def test_golden_hashes_of_a_sentence_stay_what_they_are() -> None:
    found = sorted(shingles("The quick brown fox jumps over", KEY))
    assert [f"{one:016x}" for one in found] == GOLDEN


GOLDEN = ["291c82da8522649c", "d755c00c1344fefd"]
