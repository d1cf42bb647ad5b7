"""Pairs of texts worth a comparison, and how much of their words they share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.texts.forms import WORD_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tamis.analyses.coordination.texts.forms import Sketch

    Ints = npt.NDArray[np.int64]

LEAST_LETTERS = 20
# A word of more texts than this says nothing of where a text comes from.
COMMON_SHARE = 0.05
COMMON_LEAST = 50
LEAST_RARE = 3
RAREST = 8
_TOGETHER = 3
_PARTS = 16
_CHUNK_PAIRS = 200_000
_CHUNK_TEXTS = 100_000
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All texts of one run as numbers, the rarity of their words, and which may be compared.

    weights     rarity of each word number: 1 + ln(texts / texts with it); as an array by number
    lengths     Euclidean length of each text's weights
    is_short    too few letters;  is_common: too few words that are not in many texts
    """

    sketch: Sketch
    counts: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]
    is_short: npt.NDArray[np.bool_]
    is_common: npt.NDArray[np.bool_]

    @property
    def text_count(self) -> int:
        """How many texts there are."""
        return len(self.sketch.letters)

    @property
    def common_count(self) -> float:
        """In more texts than this a word is common."""
        return max(COMMON_LEAST, COMMON_SHARE * self.text_count)


def corpus(sketch: Sketch) -> Corpus:
    """The texts with the rarity of their words among themselves.

    Limits    two words in a hundred thousand fall on one number and count as one
    """
    count = len(sketch.letters)
    counts = np.bincount(sketch.words, minlength=1 << WORD_BITS)
    weights = 1 + np.log(max(count, 1) / np.maximum(counts, 1))
    limit = max(COMMON_LEAST, COMMON_SHARE * count)
    squares = np.concatenate(([0.0], np.cumsum(weights[sketch.words] ** 2)))
    rare = np.concatenate(([0], np.cumsum(counts[sketch.words] <= limit)))
    lengths = np.sqrt(np.diff(squares[sketch.offsets]))
    is_short = sketch.letters < LEAST_LETTERS
    is_common = ~is_short & (np.diff(rare[sketch.offsets]) < LEAST_RARE)
    return Corpus(sketch, counts, weights, lengths, is_short, is_common)


def candidates(texts: Corpus) -> Ints:
    """Pairs of row numbers, the smaller first, sorted and each once: one row a pair.

    Two texts are candidates when a band of their marks agrees (copies), or three of the eight
    rarest words of each (rewordings). Within a bucket each text is held against the first and
    against its neighbour, so a bucket of any size stays linear.

    Limits    a pair that shares no bucket is not seen
    """
    open_ = np.flatnonzero(~texts.is_short & ~texts.is_common)
    found = np.empty(0, np.int64)
    for keys, rows in (*_bands(texts, open_), *_rare_keys(texts, open_)):
        new = _in_buckets(keys, rows, texts.text_count)
        found = _sorted_once(np.concatenate((found, new)))
    return np.stack(np.divmod(found, max(texts.text_count, 1)), axis=1)


def cosines(texts: Corpus, pairs: Ints) -> npt.NDArray[np.float64]:
    """The cosine of the weights of each pair's words, from 0 to 1.

    Source    Salton and Buckley 1988, with each word of a text once
    """
    found = np.empty(len(pairs))
    for start in range(0, len(pairs), _CHUNK_PAIRS):
        part = pairs[start : start + _CHUNK_PAIRS]
        left, owner = _words_of(texts, part[:, 0])
        right, _ = _words_of(texts, part[:, 1])
        at = np.minimum(np.searchsorted(right, left), max(len(right) - 1, 0))
        shared = right[at] == left if len(right) else np.zeros(len(left), bool)
        weights = texts.weights[left[shared] & ((1 << WORD_BITS) - 1)] ** 2
        dots = np.bincount(owner[shared], weights=weights, minlength=len(part))
        scale = texts.lengths[part[:, 0]] * texts.lengths[part[:, 1]]
        found[start : start + _CHUNK_PAIRS] = dots / np.where(scale == 0, 1, scale)
    return np.minimum(found, 1.0)


def _words_of(texts: Corpus, rows: Ints) -> tuple[Ints, Ints]:
    """The words of each of the rows, numbered by place, in ascending order; and those places."""
    at, owner = _spread(texts.sketch.offsets, rows)
    return (owner << WORD_BITS) | texts.sketch.words[at], owner


def _spread(offsets: Ints, rows: Ints) -> tuple[Ints, Ints]:
    starts = offsets[rows]
    sizes = offsets[rows + 1] - starts
    owner = np.repeat(np.arange(len(rows)), sizes)
    before = np.cumsum(sizes) - sizes
    return np.arange(len(owner)) - before[owner] + starts[owner], owner


def _bands(texts: Corpus, rows: Ints) -> Iterator[tuple[Ints, Ints]]:
    for band in range(texts.sketch.marks.shape[1]):
        yield texts.sketch.marks[rows, band], rows


def _rare_keys(texts: Corpus, rows: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Keys of every three of the rarest words of each text, in parts that fit in memory."""
    rarest = np.concatenate(
        [
            _rarest(texts, rows[start : start + _CHUNK_TEXTS])
            for start in range(0, len(rows), _CHUNK_TEXTS)
        ]
        or [np.empty((0, RAREST), np.int64)]
    )
    parts = _PARTS if len(rows) > _CHUNK_TEXTS else 1
    for part in range(parts):
        keys, owners = [], []
        for chosen in combinations(range(RAREST), _TOGETHER):
            words = np.sort(rarest[:, chosen], axis=1)
            whole = words[:, 0] >= 0
            key = np.zeros(len(words), np.uint64)
            for column in range(_TOGETHER):
                key = (key ^ words[:, column].astype(np.uint64)) * _MIX
                key ^= key >> np.uint64(31)
            mine = whole & (key % np.uint64(parts) == part)
            keys.append(key[mine].view(np.int64))
            owners.append(rows[mine])
        yield np.concatenate(keys), np.concatenate(owners)


def _rarest(texts: Corpus, rows: Ints) -> Ints:
    """The rarest words that each of the rows shares with any other text; -1 where it has fewer."""
    at, owner = _spread(texts.sketch.offsets, rows)
    words = texts.sketch.words[at].astype(np.int64)
    counts = texts.counts[words]
    useful = (counts > 1) & (counts <= texts.common_count)
    words, counts, owner = words[useful], counts[useful], owner[useful]
    order = np.lexsort((words, counts, owner))
    words, owner = words[order], owner[order]
    sizes = np.bincount(owner, minlength=len(rows))
    place = np.arange(len(owner)) - (np.cumsum(sizes) - sizes)[owner]
    first = place < RAREST
    found = np.full((len(rows), RAREST), -1, np.int64)
    found[owner[first], place[first]] = words[first]
    return found


def _in_buckets(keys: Ints, rows: Ints, count: int) -> Ints:
    """Pairs as smaller * count + larger: each row of a bucket with the first, and its neighbour."""
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    is_same = np.concatenate(([False], keys[1:] == keys[:-1]))[: len(keys)]
    first = np.maximum.accumulate(np.where(is_same, 0, np.arange(len(keys))))
    at = np.flatnonzero(is_same)
    pairs = np.concatenate((rows[first[at]] * count + rows[at], rows[at - 1] * count + rows[at]))
    apart: Ints = pairs[pairs // max(count, 1) != pairs % max(count, 1)]
    return apart


def _sorted_once(values: Ints) -> Ints:
    ordered: Ints = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]]
