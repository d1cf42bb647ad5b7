"""Small edits of a text in quoted-printable whose soft line breaks a program set anew."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.parts import quote
from tamis.syntax.mail.mime import content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget
    from tamis.analyses.leak.repair.edit_moves import Move
    from tamis.syntax.mail.mime import Part

_LONGEST_TEXT = 200_000
_MAX_TEXTS = 8
_WIDTHS = (76, 75, 72)
# What one trial costs beside the hash: the breaks of a line set anew.
_COST = 3_000
_SPECIAL = re.compile(rb"[^\t -<>-~]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text in quoted-printable as it stands in the canonical form, and what it holds.

    `lines` are the beginnings of its lines in `data`, `places` those of the same lines in the
    form; the last of each is the end.
    """

    end: int
    width: int
    data: bytes
    lines: tuple[int, ...]
    places: tuple[int, ...]

    def write(self, data: bytes) -> bytes:
        """Another text in the same form."""
        return quote(data, self.width)

    def sweep(self, form: bytes, moves: Iterator[Move], aim: Aim, budget: Budget) -> bytes | None:
        """The decoded text that the first fitting move gives.

        Only the line of the move is written anew: other lines keep their breaks.
        """
        state, done = aim.new(), 0
        for place, options in moves:
            line = bisect_right(self.lines, place, hi=len(self.lines) - 1) - 1
            start = self.places[line]
            state.update(form[done:start])
            done = start
            before = self.data[self.lines[line] : place]
            for end, text in options:
                last = self._line_end(max(end, place))
                new = before + text + self.data[end : self.lines[last]]
                coded = quote_line_by_line(new, self.width)
                rest = form[self.places[last] :]
                if not budget.take(_COST + 2 * len(coded) + len(rest)):
                    return None
                trial = state.copy()
                trial.update(coded + rest)
                if trial.digest() == aim.body_hash:
                    return self.data[:place] + text + self.data[end:]
        return None

    def _line_end(self, place: int) -> int:
        """The number of the first line that begins at or after `place`, but for its own begin."""
        return min(bisect_right(self.lines, place), len(self.lines) - 1)


def quote_line_by_line(data: bytes, width: int) -> bytes:
    """As `parts.quote`, for few lines that are written many times each time otherwise."""
    return b"\r\n".join([_line(line, width) for line in data.split(b"\r\n")])


def _line(line: bytes, width: int) -> bytes:
    whole = _SPECIAL.sub(lambda one: b"=%02X" % one[0][0], line)
    if whole.endswith((b" ", b"\t")):
        whole = whole[:-1] + b"=%02X" % whole[-1]
    if len(whole) <= width:
        return whole
    out: list[bytes] = []
    at = 0
    while len(whole) - at > width:
        cut = at + width - 1
        if whole[cut - 1] == 0x3D:
            cut -= 1
        elif whole[cut - 2] == 0x3D:
            cut -= 2
        out.append(whole[at:cut] + b"=")
        at = cut
    return b"\r\n".join([*out, whole[at:]])


def quoted_texts(form: bytes, parts: Sequence[Part], aim: Aim) -> list[Quoted]:
    """The texts in quoted-printable with soft breaks that can be written anew as they stand."""
    found: list[Quoted] = []
    if aim.facts.body_length_signed is not None:
        return found
    for part in parts:
        old = form[part.byte_start : part.byte_end].rstrip(b"\r\n")
        is_text = part.shown_type.startswith("text/")
        if part.transfer_encoding != "quoted-printable" or not is_text or b"=\r\n" not in old:
            continue
        data, trouble = content(form, part)
        data = data.rstrip(b"\r\n")
        if trouble or not data or len(data) > _LONGEST_TEXT:
            continue
        for width in _WIDTHS:
            coded = [_line(line, width) for line in data.split(b"\r\n")]
            if b"\r\n".join(coded) == old:
                found.append(_quoted(part.byte_start, width, data, coded))
                break
    return found[:_MAX_TEXTS]


def _quoted(start: int, width: int, data: bytes, coded: Sequence[bytes]) -> Quoted:
    lines, places = [0], [start]
    for line, new in zip(data.split(b"\r\n"), coded, strict=True):
        lines.append(lines[-1] + len(line) + 2)
        places.append(places[-1] + len(new) + 2)
    lines[-1] -= 2
    places[-1] -= 2
    return Quoted(places[-1], width, data, tuple(lines), tuple(places))
