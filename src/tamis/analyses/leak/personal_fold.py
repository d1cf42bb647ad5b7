"""A text as the recognisers read it: one kind of space, dash and quote, nothing invisible."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tamis.analyses.leak.personal_found import Found

_SPACES = "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63"
_ONE_FOR_ONE = str.maketrans(
    {
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    }
)
# Soft hyphens, zero widths and direction marks; of a line break the marks of quotation behind it.
_DROPPED = re.compile(
    "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069]"
    r"|\r(?=\n)|(?<=\n)(?:[ \t]{0,3}>){1,20}[ \t]?"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text, and where its pieces stood before something was dropped."""

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def unfolded(self, one: Found) -> Found:
        """A find with its place in the text as it was."""
        start = one.start + self._shift(one.start)
        return replace(one, start=start, end=one.end + self._shift(one.end - 1))

    def _shift(self, at: int) -> int:
        return self.shifts[bisect_right(self.starts, at) - 1]


def fold(text: str) -> Folded:
    """The text with one kind of space, dash and quote, and without what a reader does not see.

    Limits    Letters that look alike (Cyrillic for Latin) are not folded: no value of a
              recogniser but an address of mail could be written with them.
    """
    pieces, starts, shifts, at, length = [], [0], [0], 0, 0
    for match in _DROPPED.finditer(text):
        pieces.append(text[at : match.start()])
        length += match.start() - at
        at = match.end()
        starts.append(length)
        shifts.append(at - length)
    plain = "".join([*pieces, text[at:]]) if pieces else text
    return Folded(plain.translate(_ONE_FOR_ONE), tuple(starts), tuple(shifts))
