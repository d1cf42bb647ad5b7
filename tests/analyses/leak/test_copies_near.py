"""Near copies by MinHash against all pairs compared one by one."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

from tamis.analyses.leak.copies import PARAMS
from tamis.analyses.leak.copies_near import SHINGLE_WORDS, sketches

VOCABULARY = [f"word{number}" for number in range(400)]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1)}


def family(dice: random.Random, number: int) -> dict[str, str]:
    """One text and five versions of it, each with more words changed."""
    words = [dice.choice(VOCABULARY) for _ in range(120)]
    texts = {}
    for changed in (0, 1, 2, 5, 15, 60):
        version = list(words)
        for at in dice.sample(range(len(words)), changed):
            version[at] = dice.choice(VOCABULARY)
        texts[f"{number}-{changed}"] = " ".join(version)
    return texts


def test_pairs_that_share_bands_are_those_that_share_shingles() -> None:
    dice = random.Random(3)
    texts: dict[str, str] = {}
    for number in range(25):
        texts |= family(dice, number)
    marks: dict[tuple[object, object], list[str]] = {}
    for row in sketches(list(texts.items())):
        marks.setdefault((row["band"], row["mark"]), []).append(str(row["text_hash"]))
    shared = Counter(pair for names in marks.values() for pair in combinations(sorted(names), 2))
    found = {pair for pair, count in shared.items() if count >= PARAMS["near_bands"]}
    sets = {name: shingles(text) for name, text in texts.items()}
    alike = {
        pair: len(sets[pair[0]] & sets[pair[1]]) / len(sets[pair[0]] | sets[pair[1]])
        for pair in combinations(sorted(texts), 2)
    }
    near = {pair for pair, share in alike.items() if share >= 0.8}
    assert len(near) > 40
    assert len(near & found) >= 0.98 * len(near)
    assert not {pair for pair in found if alike[pair] < 0.2}
    assert sketches([]) == []
