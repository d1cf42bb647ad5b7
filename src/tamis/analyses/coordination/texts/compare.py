"""How one text differs from another: a similarity, a kind, and the changed words side by side."""

from __future__ import annotations

import json

from rapidfuzz.distance import Levenshtein

COPYPASTA = "copypasta"
REWORDING = "rewording"
# The rule of the published tool for a copy, which the decision page 0040 checks.
COPY_LEAST = 0.7
MOST_CHANGES = 20
MOST_LETTERS = 80


def compare(first: str, second: str) -> tuple[float, str, str]:
    """Similarity of two forms, copypasta or rewording, and the aligned diff.

    Output    the diff is a JSON list of [words of the first, words of the second]: each changed
              stretch, at most 20 of them, each side cut to 80 characters; [] for equal forms
    Source    Levenshtein 1966; 1 - distance / the longer length
    Limits    A text with a long addition at either end counts as a copy when it holds the other
              whole; who wrote first, and whether anybody copied, is not said.
    """
    similarity = float(Levenshtein.normalized_similarity(first, second))
    short, long = sorted((first, second), key=len)
    is_copy = similarity >= COPY_LEAST or (bool(short) and f" {short} " in f" {long} ")
    return (
        similarity,
        COPYPASTA if is_copy else REWORDING,
        json.dumps(aligned(first, second), ensure_ascii=False),
    )


def aligned(first: str, second: str) -> list[list[str]]:
    """The changed stretches of words, as `compare` writes them."""
    one, two = first.split(" "), second.split(" ")
    changes = []
    for code in Levenshtein.opcodes(one, two):
        if code.tag != "equal":
            changes.append(
                [
                    " ".join(one[code.src_start : code.src_end])[:MOST_LETTERS],
                    " ".join(two[code.dest_start : code.dest_end])[:MOST_LETTERS],
                ]
            )
            if len(changes) == MOST_CHANGES:
                break
    return changes
