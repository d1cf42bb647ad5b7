"""The earlier states that a PDF still holds: each saving may only append, and leaves its mark.

Every state ends with `startxref`, the place of its cross-reference section, and `%%EOF`. From
the last one a chain of sections leads back to the first. The bytes up to the end of a state are
the document as it was then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from tamis.sources.leak.documents import pdf_xref

_END = re.compile(rb"startxref[\0\t\n\f\r ]{1,32}(\d{1,12})[\0\t\n\f\r ]{1,32}%%EOF(?:\r\n|\n|\r)?")
_TYPE = re.compile(rb"/Type[\0\t\n\f\r ]{0,8}/([A-Za-z0-9.]{1,40})")
_OBJECT = re.compile(
    rb"[\0\t\n\f\r ]{0,16}(\d{1,10})[\0\t\n\f\r ]{1,8}\d{1,5}[\0\t\n\f\r ]{1,8}obj"
)
_MAX_ENDS = 10_000
_MAX_SECTIONS = 5_000
_PEEK = 2_048
_HEAD = 1_024


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the file: its bytes are the first `byte_end`, of which the last part is new.

    `changed`, `added` and `removed` are object numbers against the state before; in the first
    state everything is added. `kinds` gives the type that an object states, where it is in clear.
    """

    byte_start: int
    byte_end: int
    changed: tuple[int, ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]
    kinds: dict[int, str]


@dataclass(slots=True)
class Survey:
    """What the structure of a PDF says about how it came to be."""

    revisions: list[Revision] = field(default_factory=list)
    unlinked_ends: list[int] = field(default_factory=list)
    is_linearized: bool = False
    bytes_before: int = 0
    bytes_after: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    end: re.Match[bytes]
    sections: list[pdf_xref.Section] = field(default_factory=list)


def survey(data: bytes) -> Survey:
    """The revisions of a PDF, oldest first, found from its bytes alone.

    Source    ISO 32000-1 §7.5.4 to §7.5.8 (file structure), §7.5.6 (incremental updates), annex F
              (linearized files, whose first part ends with a mark that is no revision).
    Limits    What a tool rewrote from scratch has no earlier states, and says nothing about
              them. A mark that the chain does not reach is counted apart: it may be a state
              that was cut off from the chain, or a PDF inside the PDF.
    """
    found = Survey(bytes_before=max(data[:_HEAD].find(b"%PDF-"), 0))
    head = data[: found.bytes_before + _HEAD]
    found.is_linearized = b"/Linearized" in head
    ends: list[re.Match[bytes]] = []
    for match in _END.finditer(data):
        if len(ends) == _MAX_ENDS:
            found.notes.append(f"more than {_MAX_ENDS:,} end marks: the others are not looked at")
            break
        ends.append(match)
    if not ends:
        found.notes.append("it has no end mark (startxref, %%EOF): cut off, or damaged")
        return found
    found.bytes_after = len(data) - ends[-1].end()
    states = _states(data, ends, found)
    _join(states)
    _compare(data, states, found)
    used = {state.end.start() for state in states}
    first_end = states[-1].end.end()
    found.unlinked_ends = [
        one.end()
        for one in ends
        # The mark after the first part of a linearized file.
        if one.start() not in used and not (found.is_linearized and one.end() < first_end)
    ]
    return found


def _states(data: bytes, ends: list[re.Match[bytes]], found: Survey) -> list[_State]:
    """The states from the newest to the oldest, by following the chain from the last mark."""
    by_place: dict[int, list[re.Match[bytes]]] = defaultdict(list)
    for one in ends:
        by_place[int(one[1])].append(one)
    states = [_State(ends[-1])]
    reader = pdf_xref.Reader(data, found.bytes_before)
    seen: set[int] = set()
    at: int | None = int(ends[-1][1])
    while at is not None:
        if at in seen:
            found.notes.append("its cross-reference sections point at each other in a circle")
            break
        if len(seen) >= _MAX_SECTIONS:
            found.notes.append(f"more than {_MAX_SECTIONS:,} cross-reference sections")
            break
        seen.add(at)
        section = reader.section(at)
        if section is None:
            found.notes.append(f"no cross-reference section stands at byte {at:,}, as is stated")
            break
        newest = states[-1].end
        # An end lies behind the section that it names, and before that of the later state.
        behind = [
            one for one in by_place[at] if section.place < one.start() and one.end() < newest.end()
        ]
        if behind and len(seen) > 1:
            states.append(_State(behind[-1]))
        states[-1].sections.append(section)
        at = section.previous
    found.notes.extend(reader.notes)
    return states


def _join(states: list[_State]) -> None:
    """Take a state into the one before it where it lists objects again and adds no bytes of any.

    Word writes such a second section into every file, for readers of two generations.
    """
    for rank in range(len(states) - 2, -1, -1):
        older, newer = states[rank + 1], states[rank]
        places = [place for one in newer.sections for place in one.written.values()]
        begun = any(place is not None and place >= older.end.end() for place in places)
        freed = any(one.freed - _listed(older) for one in newer.sections)
        if not begun and places and not freed:
            older.sections[:0] = newer.sections
            older.end = newer.end
            del states[rank]


def _listed(state: _State) -> set[int]:
    return {number for one in state.sections for number in one.freed}


def _compare(data: bytes, states: list[_State], found: Survey) -> None:
    known: dict[int, int | None] = {}
    start = 0
    for state in reversed(states):
        told: dict[int, int | None] = {}
        removed: set[int] = set()
        for section in reversed(state.sections):
            told.update(section.written)
            removed |= section.freed & known.keys()
            removed -= section.written.keys()
        changed = [n for n, place in told.items() if n in known and _moved(known[n], place)]
        added = [n for n in told if n not in known]
        found.revisions.append(
            Revision(
                start,
                state.end.end(),
                tuple(sorted(changed)),
                tuple(sorted(added)),
                tuple(sorted(removed)),
                _kinds(data, told, changed + added if known else []),
            )
        )
        known.update(told)
        for number in removed:
            del known[number]
        start = state.end.end()


def _moved(before: int | None, now: int | None) -> bool:
    # Inside object streams the place says nothing: listed again means written again.
    return now is None or before != now


def _kinds(data: bytes, told: dict[int, int | None], numbers: list[int]) -> dict[int, str]:
    kinds = {}
    for number in numbers[:_MAX_ENDS]:
        place = told[number]
        if place is None:
            continue
        seen = data[place : place + _PEEK].partition(b"endobj")[0].partition(b"stream")[0]
        match = _OBJECT.match(seen)
        stated = _TYPE.search(seen) if match and int(match[1]) == number else None
        if stated:
            kinds[number] = stated[1].decode("ascii")
    return kinds


def listed(numbers: tuple[int, ...], kinds: dict[int, str], most: int = 200) -> str:
    """Object numbers for people: with the type where one is known, runs drawn together."""
    pieces: list[str] = []
    rank = 0
    while rank < len(numbers) and len(pieces) < most:
        first = last = numbers[rank]
        rank += 1
        while rank < len(numbers) and numbers[rank] == last + 1 and first not in kinds:
            if numbers[rank] in kinds:
                break
            last = numbers[rank]
            rank += 1
        if first in kinds:
            pieces.append(f"{first} ({kinds[first]})")
        else:
            pieces.append(str(first) if first == last else f"{first}-{last}")
    more = len(numbers) - rank
    return ", ".join(pieces) + (f" and {more:,} more" if more else "")
