"""The search for a small edit of a body that was signed otherwise: a hit proves what was signed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.body_search import Mended, origin
from tamis.analyses.leak.repair.cuts import line_starts
from tamis.analyses.leak.repair.edit_moves import passes, sweep
from tamis.analyses.leak.repair.parts import quote, wrap_base64
from tamis.syntax.mail.mime import content, is_identity, leaves, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget
    from tamis.syntax.mail.mime import Part

_MAX_TEXTS = 8
_LONGEST_TEXT = 200_000
_NUMBER = re.compile(rb"[0-9]")
_MAX_RUN = 12


def find_edit(
    fields: Sequence[tuple[bytes, bytes]], body: bytes, aim: Aim, budget: Budget
) -> Mended | None:
    """The body that was signed, one small edit away from `body`; None if no such edit is found.

    Digits, lines, words and letters, in this order, in the texts of the body and in all of it;
    then inside texts in base64. Every trial hashes the rest of the body anew, so the budget bounds
    what can be tried on a long one.
    Limits    Two edits in two places are not found; nor is a long passage that was rewritten.
    """
    form = aim.canonical(body)
    if not form or not budget.work(2 * len(form)):
        return None
    parts = walk(form, fields, 0)
    texts = [
        (part.byte_start, min(part.byte_end, part.byte_start + _LONGEST_TEXT))
        for part in leaves(parts)
        if part.shown_type.startswith("text/") and part.transfer_encoding != "base64"
    ]
    coded = [part for part in leaves(parts) if part.transfer_encoding == "base64"]
    if coded and not texts:
        return _find_coded(fields, body, aim, budget)
    for moves in passes(form, [span for span in texts[:_MAX_TEXTS] if span[0] < span[1]]):
        hit = sweep(form, moves, aim, budget)
        if hit is not None:
            return _mended(body, form, hit, aim)
        if budget.left <= 0:
            return None
    return _find_coded(fields, body, aim, budget)


def _mended(body: bytes, form: bytes, hit: tuple[int, int, bytes], aim: Aim) -> Mended | None:
    """The edit of the canonical form, made where it stands in the body as it is."""
    place, end, text = hit
    start = origin(body, aim.body_form, place)
    stop = len(body) if end >= len(form) else origin(body, aim.body_form, end)
    return Mended(("small_edit_undone",), body[:start] + text + body[max(start, stop) :])


def _find_coded(
    fields: Sequence[tuple[bytes, bytes]], body: bytes, aim: Aim, budget: Budget
) -> Mended | None:
    """An edit inside a text or small file that stands in base64, written anew as it is wrapped."""
    for part in list(leaves(walk(body, fields, 0)))[:_MAX_TEXTS]:
        data, trouble = content(body, part)
        if trouble or is_identity(part) or part.transfer_encoding != "base64":
            continue
        if not part.shown_type.startswith("text/") or not data or len(data) > _LONGEST_TEXT:
            continue
        encode = _wrapping(body, part)
        head, tail = body[: part.byte_start], body[part.byte_end :]
        old = body[part.byte_start : part.byte_end]
        end = old[len(old.rstrip(b"\r\n")) :]
        for new in _decoded_moves(data):
            if not budget.work(len(body) + len(data)):
                return None
            whole = head + encode(new) + end + tail
            if aim.digest(whole, budget) == aim.body_hash:
                return Mended(("small_edit_undone",), whole)
    return None


def _wrapping(body: bytes, part: Part) -> Callable[[bytes], bytes]:
    if part.transfer_encoding == "quoted-printable":
        return lambda data: quote(data, 76)
    first = body[part.byte_start : part.byte_end].partition(b"\r\n")[0]
    width = len(first.strip())
    return lambda data: wrap_base64(data, max(width, 4))


def _decoded_moves(data: bytes) -> Iterator[bytes]:
    """Texts one small edit away: digits, runs of lines, words and letters taken out."""
    for place in (one.start() for one in _NUMBER.finditer(data)):
        yield data[:place] + data[place + 1 :]
        for digit in b"0123456789":
            yield data[:place] + bytes((digit,)) + data[place + 1 :]
            yield data[:place] + bytes((digit,)) + data[place:]
    starts = [*line_starts(data, 0, len(data)), len(data)]
    for rank, place in enumerate(starts[:-1]):
        for end in starts[rank + 1 : rank + 1 + _MAX_RUN]:
            yield data[:place] + data[end:]
    for moves in passes(data, [(0, len(data))]):
        for place, options in moves:
            for end, text in options:
                yield data[:place] + text + data[end:]
