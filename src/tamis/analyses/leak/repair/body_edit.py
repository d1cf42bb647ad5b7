"""The search for a small edit of a body that was signed otherwise: a hit proves what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.body_search import Mended, origin
from tamis.analyses.leak.repair.edit_moves import passes, sweep
from tamis.analyses.leak.repair.parts import wrap_base64
from tamis.analyses.leak.repair.quoted_edit import Quoted, quoted_texts
from tamis.syntax.mail.mime import content, leaves, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget
    from tamis.analyses.leak.repair.edit_moves import Move
    from tamis.syntax.mail.mime import Part

_MAX_TEXTS = 8
_TOLD = frozenset({b"subject", b"from", b"to", b"cc"})
_LONGEST_TEXT = 200_000
# Marks, digits, lines, sentences, words and letters: what was put in moves the breaks after it.
_QUOTED_PASSES = 6


def find_edit(
    fields: Sequence[tuple[bytes, bytes]], body: bytes, aim: Aim, budget: Budget
) -> Mended | None:
    """The body that was signed, one small edit away from `body`; None if no such edit is found.

    Digits, lines, words and letters, in this order, in the texts of the body, those in base64
    included. Every trial hashes the rest of the body anew, so the budget bounds what can be tried
    on a long one.
    Limits    Two edits in two places are not found; nor is a long passage that was rewritten.
    """
    form = aim.canonical(body)
    if not form or not budget.work(2 * len(form)):
        return None
    parts = list(leaves(walk(form, fields, 0)))
    texts = [
        (part.byte_start, min(part.byte_end, part.byte_start + _LONGEST_TEXT))
        for part in parts
        if part.shown_type.startswith("text/") and part.transfer_encoding != "base64"
    ]
    texts = [span for span in texts[:_MAX_TEXTS] if span[0] < span[1]]
    coded: list[_Coded | Quoted] = [*_coded(form, parts, aim), *quoted_texts(form, parts, aim)]
    told = b" ".join(value for name, value in fields if name.lower() in _TOLD)
    kinds = [passes(form, texts, told), *(_passes_of(one) for one in coded)]
    for together in zip(*kinds, strict=True):
        hit = sweep(form, together[0], aim, budget)
        if hit is not None:
            return _mended(body, form, hit, aim)
        for one, moves in zip(coded, together[1:], strict=True):
            new = one.sweep(form, moves, aim, budget)
            if new is not None:
                return _rewritten(fields, body, one, new)
        if budget.left <= 0:
            return None
    return None


def _passes_of(one: _Coded | Quoted) -> Iterator[Iterator[Move]]:
    """The moves over what a coded text holds.

    Of a text in quoted-printable the letters are left to the search over the bytes as they stand:
    one letter for another breaks no line anew.
    """
    kinds = passes(one.data, [(0, len(one.data))])
    if isinstance(one, _Coded):
        return kinds
    return (moves if rank < _QUOTED_PASSES else iter(()) for rank, moves in enumerate(kinds))


def _mended(body: bytes, form: bytes, hit: tuple[int, int, bytes], aim: Aim) -> Mended | None:
    """The edit of the canonical form, made where it stands in the body as it is."""
    place, end, text = hit
    start = origin(body, aim.body_form, place)
    stop = len(body) if end >= len(form) else origin(body, aim.body_form, end)
    return Mended(("small_edit_undone",), body[:start] + text + body[max(start, stop) :])


@dataclass(frozen=True, slots=True)
class _Coded:
    """A text in base64 as it stands in the canonical form, and what it holds."""

    start: int
    end: int
    width: int
    data: bytes

    def write(self, data: bytes) -> bytes:
        """Another text in the same form."""
        return wrap_base64(data, self.width)

    def sweep(self, form: bytes, moves: Iterator[Move], aim: Aim, budget: Budget) -> bytes | None:
        """The decoded text that the first fitting move gives; lines before it are hashed once."""
        per = self.width // 4 * 3
        rest = form[self.end :]
        state, done = aim.new(), 0
        for place, options in moves:
            line = place // per
            start = self.start + line * (self.width + 2)
            state.update(form[done:start])
            done = start
            before = self.data[line * per : place]
            for end, text in options:
                tail, after = self._tail(place, end, len(text), rest, form)
                coded = wrap_base64(before + text + tail, self.width)
                if not budget.take(3 * len(coded) + len(after)):
                    return None
                trial = state.copy()
                trial.update(coded + after)
                if trial.digest() == aim.body_hash:
                    return self.data[:place] + text + self.data[end:]
        return None

    def _tail(
        self, place: int, end: int, size: int, rest: bytes, form: bytes
    ) -> tuple[bytes, bytes]:
        """What is coded anew behind an edit, and what is left: its line where lengths agree."""
        per = self.width // 4 * 3
        stop = -(-end // per) * per
        if size != end - place or stop >= len(self.data):
            return self.data[end:], rest
        return self.data[end:stop], form[self.start + stop // per * (self.width + 2) - 2 :]


def _coded(form: bytes, parts: Sequence[Part], aim: Aim) -> list[_Coded]:
    """The texts in base64 that are wrapped as programs wrap, so that they can be written anew."""
    found: list[_Coded] = []
    if aim.facts.body_length_signed is not None:
        return found
    for part in parts:
        if part.transfer_encoding != "base64" or not part.shown_type.startswith("text/"):
            continue
        data, trouble = content(form, part)
        old = form[part.byte_start : part.byte_end].rstrip(b"\r\n")
        width = len(old.partition(b"\r\n")[0])
        width = 76 if b"\r\n" not in old else width
        if trouble or not data or len(data) > _LONGEST_TEXT or width % 4 or not width:
            continue
        if wrap_base64(data, width) == old:
            found.append(_Coded(part.byte_start, part.byte_start + len(old), width, data))
    return found[:_MAX_TEXTS]


def _rewritten(
    fields: Sequence[tuple[bytes, bytes]], body: bytes, one: _Coded | Quoted, new: bytes
) -> Mended | None:
    """The body with one coded text written anew."""
    encoding = "base64" if isinstance(one, _Coded) else "quoted-printable"
    for part in leaves(walk(body, fields, 0)):
        old = body[part.byte_start : part.byte_end]
        if part.transfer_encoding == encoding and content(body, part)[0].rstrip(
            b"\r\n"
        ) == one.data.rstrip(b"\r\n"):
            end = old[len(old.rstrip(b"\r\n")) :]
            coded = one.write(new).rstrip(b"\r\n")
            body = body[: part.byte_start] + coded + end + body[part.byte_end :]
            return Mended(("small_edit_undone",), body)
    return None
