"""The search for the listed damage that keeps a body from being the one that was signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.cuts import encoded_cuts, find_cut
from tamis.analyses.leak.repair.parts import PART_STEPS
from tamis.analyses.leak.repair.whole_body import BLANK_STEPS, LINE_STEPS, TEXT_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget

_MAX_BASES = 60
# What one step costs: its passes over the body and what it needs besides.
_WHOLE_COST = (3, 2_000)
_PART_COST = (12, 60_000)
_CODED_COST = 8
# Of the steps about blanks, those that a relaxed signature can see.
_SEEN_BY_RELAXED = frozenset(
    {"leading_blanks_removed", "no_break_spaces_made_blanks", "space_stuffing_removed",
     "space_stuffing_restored"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mended:
    """A body that has the signed hash, and the steps that led to it."""

    steps: tuple[str, ...]
    body: bytes


def find_body(
    fields: Sequence[tuple[bytes, bytes]], body: bytes, aim: Aim, budget: Budget
) -> Mended | None:
    """The body that was signed, by listed damage alone, cheapest first; None if none does it.

    Steps are tried alone, then in pairs; after each, text added at an edge is taken out. What is
    tried is bounded by the budget, so that a large or hostile body ends in time.
    """
    search = _Search(fields, aim, budget)
    return next(filter(None, search.attempts(Mended((), body))), None)


class _Search:
    """One search: what is looked for, what was seen, and the work that is left."""

    def __init__(self, fields: Sequence[tuple[bytes, bytes]], aim: Aim, budget: Budget) -> None:
        self.fields = fields
        self.aim = aim
        self.budget = budget
        self.seen: set[bytes] = set()
        self.cut_from: set[bytes] = set()
        blanks = [
            step for step in BLANK_STEPS if aim.body_form == "simple" or step[0] in _SEEN_BY_RELAXED
        ]
        self.whole = (*LINE_STEPS, *blanks, *TEXT_STEPS)

    def attempts(self, first: Mended) -> Iterator[Mended | None]:
        """What each trial gave, in the order of the trials, until the budget is used up."""
        yield self.test(first)
        yield self.cut(first)
        singles: list[Mended] = []
        for one in self.spread(first):
            yield self.test(one)
            singles.append(one)
        yield self.cut_coded(first)
        yield from map(self.cut, singles)
        for one in singles[:_MAX_BASES]:
            for other in self.spread(one):
                yield self.test(other)
                yield self.cut(other)
            yield self.cut_coded(one)
            if self.budget.left <= 0:
                return

    def test(self, one: Mended) -> Mended | None:
        """`one` itself where it is what was signed."""
        digest = self.aim.digest(one.body, self.budget)
        self.seen.add(digest)
        return one if digest == self.aim.body_hash else None

    def spread(self, base: Mended) -> Iterator[Mended]:
        """Every body that one more step makes of `base` and that was not seen before."""
        rank = self._rank(base)
        size = len(base.body)
        for name, step in self.whole[rank:]:
            if not self.budget.work(_WHOLE_COST[0] * size + _WHOLE_COST[1]):
                return
            new = step(base.body)
            if new != base.body:
                yield from self._fresh(Mended((*base.steps, name), new))
        for name, part_step in PART_STEPS:
            if name in base.steps:
                continue
            if not self.budget.work(_PART_COST[0] * size + _PART_COST[1]):
                return
            made = part_step(self.fields, base.body)
            if made is not None and made != base.body:
                yield from self._fresh(Mended((*base.steps, name), made))

    def _rank(self, base: Mended) -> int:
        """Steps over the whole body are combined in their order, each once."""
        names = [name for name, _ in self.whole]
        last = [names.index(step) + 1 for step in base.steps if step in names]
        return max(last, default=0)

    def _fresh(self, one: Mended) -> Iterator[Mended]:
        digest = self.aim.digest(one.body, self.budget)
        if digest not in self.seen:
            self.seen.add(digest)
            yield one

    def cut(self, base: Mended) -> Mended | None:
        """`base` without one stretch that was added, where that is what was signed."""
        if self.budget.left <= 0:
            return None
        form = self.aim.canonical(base.body)
        found = find_cut(form, self.fields, self.aim, self.budget)
        if found is not None:
            start, end = (
                origin(base.body, self.aim.body_form, place) for place in (found.start, found.end)
            )
            end = len(base.body) if found.end == len(form) else end
            one = Mended((*base.steps, found.step), base.body[:start] + base.body[end:])
            if self.test(one) is not None:
                return one
        return None

    def cut_coded(self, base: Mended) -> Mended | None:
        """`base` without one stretch of a page or of a text that stands encoded."""
        for name, whole in encoded_cuts(self.fields, base.body):
            if not self.budget.work(_CODED_COST * len(base.body)):
                return None
            one = Mended((*base.steps, name), whole)
            if self.test(one) is not None:
                return one
        return None


def origin(body: bytes, form: str, place: int) -> int:
    """Where in `body` stands what the canonical form has at `place`."""
    if form == "simple":
        return min(place, len(body))
    line_start = canonical = 0
    while line_start < len(body):
        end = body.find(b"\r\n", line_start)
        end = len(body) if end < 0 else end
        line = body[line_start:end]
        size = len(_relaxed_line(line))
        if place < canonical + size + 2 or end == len(body):
            return line_start + _column(line, place - canonical)
        canonical += size + 2
        line_start = end + 2
    return len(body)


def _relaxed_line(line: bytes) -> bytes:
    line = line.replace(b"\t", b" ")
    while b"  " in line:
        line = line.replace(b"  ", b" ")
    return line[:-1] if line.endswith(b" ") else line


def _column(line: bytes, column: int) -> int:
    """The first byte of a line that stands for a column of its relaxed form."""
    seen = 0
    is_blank = False
    for place, byte in enumerate(line):
        is_next = byte in (32, 9)
        if not (is_next and is_blank):
            if seen == column:
                return place
            seen += 1
        is_blank = is_next
    return len(line)
