"""The loops over word numbers of texts, as machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Reals = npt.NDArray[np.float64]

_MIX = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(31)


@compiled
def shared_weights(
    words: npt.NDArray[np.int32], offsets: Ints, pairs: Ints, weights: Reals
) -> Reals:
    """For each pair of rows the sum of the weights of the words that both hold.

    Input     text i is `words[offsets[i]:offsets[i + 1]]`, ascending; weights by word number
    """
    found = np.zeros(len(pairs))
    for place in range(len(pairs)):
        one, two = offsets[pairs[place, 0]], offsets[pairs[place, 1]]
        one_end, two_end = offsets[pairs[place, 0] + 1], offsets[pairs[place, 1] + 1]
        while one < one_end and two < two_end:
            if words[one] == words[two]:
                found[place] += weights[words[one]]
                one += 1
                two += 1
            elif words[one] < words[two]:
                one += 1
            else:
                two += 1
    return found


@compiled
def triple_keys(words: Ints, parts: int, part: int) -> tuple[Ints, Ints]:
    """A key for every three words of each row, and the row: those keys that fall to one part.

    Input     words ascending within a row; below 0 is none
    Output    equal threes have equal keys, in whichever part of all `parts`
    """
    count, width = words.shape
    keys = np.empty(1024, np.int64)
    rows = np.empty(1024, np.int64)
    size = 0
    for row in range(count):
        for a in range(width - 2):
            if words[row, a] < 0:
                continue
            for b in range(a + 1, width - 1):
                for c in range(b + 1, width):
                    key = _mixed(
                        _mixed(_mixed(np.uint64(0), words[row, a]), words[row, b]), words[row, c]
                    )
                    if key % np.uint64(parts) != np.uint64(part):
                        continue
                    if size == len(keys):
                        keys = np.concatenate((keys, np.empty(size, np.int64)))
                        rows = np.concatenate((rows, np.empty(size, np.int64)))
                    keys[size] = np.int64(key)
                    rows[size] = row
                    size += 1
    return keys[:size], rows[:size]


@compiled
def _mixed(key: np.uint64, word: np.int64) -> np.uint64:
    key = (key ^ np.uint64(word)) * _MIX
    return key ^ (key >> _SHIFT)
