"""Pairs of texts worth a comparison, and how much of their words they share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.texts.forms import WORD_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from tamis.analyses.coordination.texts.forms import Sketch

    Ints = npt.NDArray[np.int64]
    Reals = npt.NDArray[np.float64]

LEAST_LETTERS = 20
# A word of more texts than this says nothing of where a text comes from.
COMMON_SHARE = 0.05
COMMON_LEAST = 50
LEAST_RARE = 3
RAREST = 8
_HELD_PAIRS = 8_000_000
_CHUNK_TEXTS = 100_000


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
    def comparable(self) -> Ints:
        """The rows that may be compared."""
        return np.flatnonzero(~self.is_short & ~self.is_common)

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


def copy_candidates(texts: Corpus, rows: Ints) -> Ints:
    """Pairs of the rows given that may be copies: a band of their marks agrees.

    Output    row numbers, the smaller first, sorted and each pair once
    Limits    Within a bucket each text is held against the first and against its neighbour, so a
              bucket of any size stays linear; a pair that shares no bucket is not seen.
    """
    return _pairs(texts, _bands(texts, rows))


def wording_candidates(texts: Corpus, rows: Ints) -> Ints:
    """The same for rewordings: three of the eight rarest words of each agree, or a band does."""
    return _pairs(texts, chain(_bands(texts, rows), _rare_keys(texts, rows)))


def is_beyond_chance(texts: Corpus, pairs: Ints) -> npt.NDArray[np.bool_]:
    """Whether less than one pair of the whole collection would share such words by chance.

    The chance that two texts share a word that stands in n of N texts is taken as n / N, words as
    independent of one another: the sum of ln(N / n) over the shared words is held against
    ln(N * N / 2). So what counts as alike asks for more in a larger collection.

    Source    the expected number of chance hits (E-value) of Karlin and Altschul 1990
    Limits    words of stock phrases are not independent, and pass too often
    """
    count = max(texts.text_count, 1)
    surprise = np.log(count / np.maximum(texts.counts, 1))
    enough: npt.NDArray[np.bool_] = _shared(texts, pairs, surprise) >= np.log(count * count / 2)
    return enough


def cosines(texts: Corpus, pairs: Ints) -> npt.NDArray[np.float64]:
    """The cosine of the weights of each pair's words, from 0 to 1.

    Source    Salton and Buckley 1988, with each word of a text once
    """
    dots = _shared(texts, pairs, texts.weights**2)
    scale = texts.lengths[pairs[:, 0]] * texts.lengths[pairs[:, 1]]
    return np.minimum(dots / np.where(scale == 0, 1, scale), 1.0)


def _shared(texts: Corpus, pairs: Ints, weights: Reals) -> Reals:
    """The sum of the weights (by word number) of the words that both texts of each pair hold."""
    from tamis.analyses.coordination.texts.numbers import shared_weights  # noqa: PLC0415  numba

    return shared_weights(texts.sketch.words, texts.sketch.offsets, pairs, weights)


def _pairs(texts: Corpus, buckets: Iterable[Ints]) -> Ints:
    """The pairs of all buckets, each once; those held at a time are bounded."""
    held: list[Ints] = []
    for packed in buckets:
        held.append(_in_buckets(packed, texts.text_count))
        if sum(map(len, held)) > _HELD_PAIRS:
            held = [_sorted_once(np.concatenate(held))]
    found = _sorted_once(np.concatenate(held))
    return np.stack(np.divmod(found, max(texts.text_count, 1)), axis=1)


def _bands(texts: Corpus, rows: Ints) -> Iterator[Ints]:
    for band in range(texts.sketch.marks.shape[1]):
        yield _packed(texts.sketch.marks[rows, band], rows, texts.text_count)


def _rare_keys(texts: Corpus, rows: Ints) -> Iterator[Ints]:
    """Keys of every three of the rarest words of each text, in parts that fit in memory."""
    from tamis.analyses.coordination.texts.numbers import triple_keys  # noqa: PLC0415  numba

    rarest = np.concatenate(
        [
            _rarest(texts, rows[start : start + _CHUNK_TEXTS])
            for start in range(0, len(rows), _CHUNK_TEXTS)
        ]
        or [np.empty((0, RAREST), np.int64)]
    )
    rarest.sort(axis=1)
    parts = len(rows) // _CHUNK_TEXTS + 1
    for part in range(parts):
        keys, at = triple_keys(rarest, parts, part)
        yield _packed(keys, rows[at], texts.text_count)


def _packed(keys: Ints, rows: Ints, count: int) -> Ints:
    """Each key with its row in the low bits, sorted: a bucket is what shares the high bits.

    Limits    Where keys agree in the high bits alone, strangers are compared in vain.
    """
    bits = _row_bits(count)
    packed: Ints = (keys << bits) | rows
    packed.sort()
    return packed


def _row_bits(count: int) -> int:
    return max(count, 1).bit_length()


def _rarest(texts: Corpus, rows: Ints) -> Ints:
    """The rarest words that each of the rows shares with any other text; -1 where it has fewer."""
    offsets = texts.sketch.offsets
    sizes = offsets[rows + 1] - offsets[rows]
    owner = np.repeat(np.arange(len(rows)), sizes)
    before = np.cumsum(sizes) - sizes
    at = np.arange(len(owner)) - before[owner] + offsets[rows][owner]
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


def _in_buckets(packed: Ints, count: int) -> Ints:
    """Pairs as smaller * count + larger: each row of a bucket with the first, and its neighbour."""
    bits = _row_bits(count)
    keys, rows = packed >> bits, packed & ((1 << bits) - 1)
    at = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    # The bucket of a place begins where the run of places in `at` begins.
    starts = np.concatenate(([True], np.diff(at) != 1))[: len(at)]
    first = np.maximum.accumulate(np.where(starts, at - 1, 0))
    near = rows[at - 1] * count + rows[at]
    far = rows[first] * count + rows[at]
    pairs = np.concatenate((far[first != at - 1], near))
    apart: Ints = pairs[pairs // max(count, 1) != pairs % max(count, 1)]
    return apart


def _sorted_once(values: Ints) -> Ints:
    ordered: Ints = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]]
