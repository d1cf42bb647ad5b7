"""Recall and false matches of decoys, on the half that the least number was not chosen on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from decoys import LEAST_PAIRS, LEAST_RECALL, Measured, measure, notes, world
from tamis.analyses.leak.decoys import Sketches
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


@pytest.mark.parametrize("seed", [8, 9])
def test_short_notes_of_ordinary_phrases_are_no_false_matches(seed: int) -> None:
    found = measure(notes(seed), slice(75, None), 82)
    assert found.false_count == 0
    assert min(found.recall[name] for name in ("converted", "re-wrapped", "pasted")) == 1.0
    # Half of their runs are in the background; noise leaves few of the rest.
    assert min(found.recall.values()) >= 0.75


def _words(first: int, count: int) -> list[str]:
    return [f"w{number}" for number in range(first, first + count)]


def _found(text: list[str], *decoys: list[str]) -> dict[int, int]:
    sketches = Sketches(KEY, [sorted(shingles(" ".join(one), KEY)) for one in decoys])
    return {one.rank: one.shared_count for one in sketches.shared_with(" ".join(text))}


def test_four_scattered_runs_are_a_match_and_seven_in_a_row_are_none() -> None:
    decoy = _words(0, 80)
    pieces = [decoy[at : at + 5] + _words(1000 + at, 3) for at in (0, 20, 40, 60)]
    scattered = [word for piece in pieces for word in piece]
    assert _found(scattered, decoy) == {0: 4}
    assert _found(scattered[:24], decoy) == {}
    assert _found(_words(1000, 9) + decoy[10:21] + _words(2000, 9), decoy) == {}
    # The same run again and again is one run.
    assert _found(pieces[0] * 9, decoy) == {}


def test_a_phrase_that_two_decoys_share_needs_more_runs_than_one_of_its_own() -> None:
    phrase = _words(0, 13)  # nine runs
    one, other = _words(100, 20) + phrase, _words(200, 20) + phrase
    assert _found(phrase, one, other) == {}
    assert _found(phrase, one) == {0: 9}
    # The same decoy shown twice is one decoy.
    assert _found(phrase, one, one) == {0: 9, 1: 9}
    assert _found(_words(119, 1) + phrase, one, other) == {0: 10}


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
