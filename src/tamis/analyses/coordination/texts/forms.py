"""The form in which post texts are compared, and its marks and words as numbers."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tamis.syntax.minhash import marks_of_hashes
from tamis.syntax.text import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

BANDS = 32
ROWS = 3
SHINGLE = 5
# A word counts by its beginning, so that endings do not part a text from its rewording.
WORD_LETTERS = 5
WORD_BITS = 22
MAX_RAW = 8_000
MAX_CHARACTERS = 2_000
# A character of a script without spaces says about as much as two letters.
_DENSE = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF))
_REPOST = re.compile(r"(?:rt @\w{1,30}:? ){1,9}")
_MENTION = re.compile(r"(?<![\w@/.])@[\w.]{1,64}(?:@[\w.-]{1,253})?")
_OTHER, _WORD, _DENSE_WORD = 0, 1, 2
_LINE, _SPACE = 10, 32
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SPREAD = tuple(
    np.uint64(value)
    for value in (
        *(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9),
        *(0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63),
    )
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of each text besides its form: row i is text i.

    marks     one column a band
    words     distinct word numbers, ascending within a text; text i is
              `words[offsets[i]:offsets[i + 1]]`
    letters   letters and digits, those of scripts without spaces twice
    """

    marks: npt.NDArray[np.int64]
    words: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    letters: npt.NDArray[np.int64]


def forms(texts: Sequence[str]) -> list[str]:
    """Each text as it is compared: words in lower case, one space between them.

    Missing   "" when nothing is left
    Limits    `syntax.text.normalise`, and then without the marks of a repost, mentions,
              punctuation, signs and emoji; the word of a hashtag stays, its sign does not. Of a
              longer text the first 2,000 characters.
    """
    if not texts:
        return []
    points = _points("\n".join(map(_plain, texts)))
    is_line = points == _LINE
    is_word = (_kinds()[points] != _OTHER) & ~is_line
    points = np.where(is_word | is_line, points, np.uint32(_SPACE))
    after_word = np.concatenate(([False], is_word[:-1]))
    points = points[is_word | is_line | after_word]
    before_line = np.concatenate((points[1:] == _LINE, [True]))
    points = points[~((points == _SPACE) & before_line)]
    text: str = points.astype("<u4").tobytes().decode("utf-32-le")
    return text.split("\n")


def sketch(compared: Sequence[str]) -> Sketch:
    """Marks and words of forms.

    Source    Broder 1997 for the marks, over every five characters
    """
    count = len(compared)
    points = _points("\n".join(compared))
    kinds = np.where(points == _LINE, np.uint8(_OTHER), _kinds()[points])
    # A line feed belongs to the text that it ends.
    line = np.cumsum(points == _LINE, dtype=np.int64) - (points == _LINE)
    words, offsets = _words(points, kinds, line, count)
    letters = np.bincount(line, weights=kinds, minlength=count)[:count].astype(np.int64)
    return Sketch(_marks(points, line, count), words, offsets, letters)


def _plain(text: str) -> str:
    plain = normalise(text[:MAX_RAW])[:MAX_CHARACTERS]
    if "@" not in plain:
        return plain
    if plain.startswith("rt @"):
        plain = _REPOST.sub("", plain, count=1)
    return _MENTION.sub(" ", plain)


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """What each code point is: nothing of a word, of a word, of a word without spaces."""
    kinds = np.fromiter(
        (unicodedata.category(chr(point))[0] in "LMN" for point in range(sys.maxunicode + 1)),
        np.uint8,
        sys.maxunicode + 1,
    )
    for low, high in _DENSE:
        kinds[low : high + 1] *= _DENSE_WORD
    return kinds


def _words(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    line: npt.NDArray[np.int64],
    count: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Beginnings of words; of scripts without spaces each two neighbours."""
    is_word, is_dense = kinds != _OTHER, kinds == _DENSE_WORD
    # A word goes on where the kind stays the same; two neighbours of a dense script are one.
    joined = is_word[:-1] & (kinds[:-1] == kinds[1:])
    starts = is_word & (is_dense | np.concatenate(([True], ~joined)))
    at = np.flatnonzero(starts)
    padded = np.concatenate((points.astype(np.uint64), np.zeros(WORD_LETTERS, np.uint64)))
    goes_on = np.concatenate((joined, np.zeros(WORD_LETTERS, bool)))
    hashes = (padded[at] + np.uint64(1)) * _SPREAD[0]
    inside = np.ones(len(at), bool)
    for step in range(1, WORD_LETTERS):
        inside &= goes_on[at + step - 1] & ((step == 1) | ~is_dense[at])
        hashes += np.where(inside, (padded[at + step] + np.uint64(1)) * _SPREAD[step], np.uint64(0))
    numbers = _mixed(hashes) >> np.uint64(64 - WORD_BITS)
    keys = np.sort((line[at].astype(np.uint64) << np.uint64(WORD_BITS)) | numbers)
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)]]
    owners = (keys >> np.uint64(WORD_BITS)).astype(np.int64)
    words = (keys & np.uint64((1 << WORD_BITS) - 1)).astype(np.int32)
    return words, _offsets(owners, count)


def _marks(
    points: npt.NDArray[np.uint32], line: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.int64]:
    if len(points) < SHINGLE:
        return np.zeros((count, BANDS), np.int64)
    wide = points.astype(np.uint64)
    last = len(points) - SHINGLE + 1
    hashes = np.zeros(last, np.uint64)
    for step in range(SHINGLE):
        hashes += (wide[step : last + step] + np.uint64(1)) * _SPREAD[step]
    whole = (line[:last] == line[SHINGLE - 1 :]) & (points[SHINGLE - 1 :] != _LINE)
    return marks_of_hashes(_mixed(hashes[whole]), _offsets(line[:last][whole], count), BANDS, ROWS)


def _mixed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    once = (hashes ^ (hashes >> np.uint64(33))) * _MIX
    return once ^ (once >> np.uint64(33))


def _offsets(owners: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count)[:count])))
