"""Text that a list or gateway added at the edge of a text or between parts, taken out again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.parts import quote, quote_early, wrap_base64
from tamis.syntax.mail.mime import content, is_identity, leaves, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget
    from tamis.syntax.mail.mime import Part

EDGE_LINES = 60
_EDGE_BYTES = 6_000
_MAX_PLACES = 40
_MAX_PARTS = 24
_BODY_TAG = re.compile(rb"<body\b[^<>]{0,2000}>", re.IGNORECASE)
_BODY_END = re.compile(rb"</body\b|</html\b", re.IGNORECASE)
_CLOSER = re.compile(
    rb"</(?:div|p|table|center|font|span|h[1-6])>|<(?:br|hr)\b[^<>]{0,300}>", re.IGNORECASE
)
_OPENER = re.compile(rb"<(?:div|p|table|center|font|span|br|hr|img)\b", re.IGNORECASE)
_IMAGE = re.compile(rb"<img\b[^<>]{1,2000}>", re.IGNORECASE)
_DELIMITER = re.compile(rb"(?m)^--[^\r\n]{1,200}\r\n")


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the canonical form whose removal gives back the signed body."""

    start: int
    end: int
    step: str


def find_cut(form: bytes, fields: Sequence[tuple[bytes, bytes]], aim: Aim, budget: Budget
             ) -> Cut | None:  # fmt: skip
    """One run of lines at the end, at an edge of a text part, or one run of parts; None if none.

    Input     `form` is the whole canonical body; what stands after l= is never looked at.
    """
    if not form or not budget.work(len(form)):
        return None
    found = _cut_tail(form, aim, budget)
    if found is not None:
        return found
    tree = walk(form, fields, 0)
    spans = [(part.byte_start, part.byte_end) for part in leaves(tree) if _is_open_text(part)]
    for start, end in spans[:_MAX_PARTS]:
        found = _cut_edges(form, (start, end), aim, budget)
        if found is not None:
            return found
    return _cut_parts(form, aim, budget)


def _is_open_text(part: Part) -> bool:
    is_open = is_identity(part) or part.transfer_encoding == "quoted-printable"
    return is_open and part.shown_type.startswith("text/")


def line_starts(data: bytes, start: int, end: int) -> list[int]:
    """Where lines begin inside a stretch that begins with one."""
    found = [start]
    position = data.find(b"\n", start, end) + 1
    while 0 < position < end:
        found.append(position)
        position = data.find(b"\n", position, end) + 1
    return found


def _cut_tail(form: bytes, aim: Aim, budget: Budget) -> Cut | None:
    """The last lines, for a body that ends where its text does."""
    if aim.facts.body_length_signed is not None:
        return None
    first = max(0, len(form) - 200 * EDGE_LINES)
    starts = line_starts(form, form.find(b"\n", first) + 1 if first else 0, len(form))
    state, done, seen = aim.new(), 0, -1
    for start in starts[-EDGE_LINES:]:
        end = start
        while end >= 4 and form[end - 4 : end] == b"\r\n\r\n":
            end -= 2
        if end == seen or end <= 2:
            continue
        seen = end
        if not budget.take(end - done):
            return None
        state.update(form[done:end])
        done = end
        if state.digest() == aim.body_hash:
            return Cut(end, len(form), "text_at_end_removed")
    return None


def tail_of(form: bytes, start: int, length: int | None, size: int) -> bytes:
    """What follows from `start` on, so that with `size` bytes before it l= is not exceeded."""
    return form[start:] if length is None else form[start : start + max(0, length - size)]


def _cut_edges(form: bytes, span: tuple[int, int], aim: Aim, budget: Budget) -> Cut | None:
    start, end = span
    ends = [end, *(end + 2 for _ in range(form.startswith(b"\r\n", end)))]
    starts = line_starts(form, start, end)
    tops = [starts[0]]
    for rank, place in enumerate(starts[:EDGE_LINES]):
        if _BODY_TAG.search(form, place, starts[rank + 1] if rank + 1 < len(starts) else end):
            tops += starts[rank + 1 : rank + 2]
    bottoms = starts[-EDGE_LINES:]
    feet = [place for place in bottoms[-12:] if _BODY_END.search(form, place, place + 40)]
    pairs = [(top, stop) for top in tops for stop in starts if top < stop][: 2 * EDGE_LINES]
    pairs += [(place, stop) for place in bottoms for stop in (*ends, *feet) if place < stop]
    return _try_pairs(form, pairs, aim, budget, "text_at_edge_removed")


def _try_pairs(
    form: bytes, pairs: list[tuple[int, int]], aim: Aim, budget: Budget, step: str
) -> Cut | None:
    state, done = aim.new(), 0
    for start, stop in sorted(set(pairs)):
        if not budget.take(len(form) - stop + start - done):
            return None
        state.update(form[done:start])
        done = start
        trial = state.copy()
        trial.update(tail_of(form, stop, aim.facts.body_length_signed, start))
        if trial.digest() == aim.body_hash:
            return Cut(start, stop, step)
    return None


def _cut_parts(form: bytes, aim: Aim, budget: Budget) -> Cut | None:
    """A run of whole parts between two delimiters of the same kind."""
    places: dict[bytes, list[int]] = {}
    for line in _DELIMITER.finditer(form):
        mark = line[0].rstrip()
        places.setdefault(mark, []).append(line.start())
        if mark.endswith(b"--"):
            places.setdefault(mark[:-2], []).append(line.start())
    pairs = [
        (one, other)
        for found in places.values()
        if 2 <= len(found) <= _MAX_PARTS
        for rank, one in enumerate(found)
        for other in found[rank + 1 :]
    ]
    return _try_pairs(form, pairs, aim, budget, "parts_removed")


def encoded_cuts(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> Iterator[tuple[str, bytes]]:
    """Bodies without one stretch at the edge of a text: the step, and the body.

    Texts in base64 and quoted-printable are cut as decoded and written anew; pages of HTML are
    cut at elements too, and lose images one by one.
    """
    for part in list(leaves(walk(body, fields, 0)))[:_MAX_PARTS]:
        is_page = part.shown_type == "text/html"
        if not part.shown_type.startswith("text/") or (is_identity(part) and not is_page):
            continue
        data, trouble = content(body, part)
        if trouble:
            continue
        old = body[part.byte_start : part.byte_end]
        end = old[len(old.rstrip(b"\r\n")) :]
        for step, start, stop in _places(data, is_page=is_page):
            new = data[:start] + data[stop:]
            for written in _written(part, new):
                changed = written if is_identity(part) else written.rstrip(b"\r\n") + end
                whole = body[: part.byte_start] + changed + body[part.byte_end :]
                yield step, whole


def _written(part: Part, data: bytes) -> list[bytes]:
    if is_identity(part):
        return [data]
    if part.transfer_encoding == "base64":
        return [wrap_base64(data, 76)]
    return [quote(data, 76), quote_early(data), quote(data, 76, is_whole=True)]


def _places(data: bytes, *, is_page: bool) -> Iterator[tuple[str, int, int]]:
    """Where a text may have been added to: step, start and end."""
    if is_page:
        yield from _page_places(data)
        return
    starts = line_starts(data, 0, len(data))
    if not len(starts):
        return
    for start in starts[-_MAX_PLACES:]:
        yield "text_at_end_removed", start, len(data)
    for stop in starts[1:_MAX_PLACES]:
        yield "text_on_top_removed", 0, stop


def _page_places(data: bytes) -> Iterator[tuple[str, int, int]]:
    found = _BODY_TAG.search(data)
    for top in (0, *([found.end()] if found else [])):
        closers = _CLOSER.finditer(data, top, top + _EDGE_BYTES)
        for closer in islice(closers, _MAX_PLACES):
            for stop in _with_line_end(data, closer.end()):
                yield "text_on_top_removed", top, stop
    ends = _BODY_END.finditer(data, max(0, len(data) - _EDGE_BYTES))
    for foot in (*(end.start() for end in islice(ends, 2)), len(data)):
        openers = list(_OPENER.finditer(data, max(0, foot - _EDGE_BYTES), foot))
        for opener in openers[-_MAX_PLACES:]:
            yield "text_at_end_removed", opener.start(), foot
            if data[opener.start() - 2 : opener.start()] == b"\r\n":
                yield "text_at_end_removed", opener.start() - 2, foot
    for image in islice(_IMAGE.finditer(data), _MAX_PLACES):
        for stop in _with_line_end(data, image.end()):
            yield "image_removed", image.start(), stop


def _with_line_end(data: bytes, place: int) -> list[int]:
    """A place, and the place after the line end that follows it."""
    return [place, place + 2] if data.startswith(b"\r\n", place) else [place]
