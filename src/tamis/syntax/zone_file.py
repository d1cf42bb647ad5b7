"""Zone files, and what dig prints, which is written the same way: the TXT records in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORD_BYTES = 65_535
# After so many parentheses left open, what they took is not looked through again.
_MAX_REPAIRS = 20
_CLASSES = {"IN", "CH", "HS", "CS", "ANY"}
_TTL = re.compile(r"[0-9][0-9SMHDW]{0,30}\Z", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class ZoneText:
    """One TXT record: its absolute name without the last dot, its strings joined, its line."""

    name: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ZoneTrouble:
    """One entry that could not be read, and why."""

    reason: str
    sample: str
    line: int


@dataclass(slots=True)
class _Word:
    """One item of an entry: its characters with escapes resolved; `is_first` begins a line."""

    text: str
    is_quoted: bool
    is_first: bool
    is_escaped: bool


@dataclass(slots=True)
class _Entry:
    line: int
    words: list[_Word] = field(default_factory=list)
    trouble: str | None = None


def read_zone(text: str) -> Iterator[ZoneText | ZoneTrouble]:
    """Every TXT record of a zone file in order, and every entry that should be one and cannot.

    Source    RFC 1035 section 5.1; RFC 2308 section 4 for $TTL. $INCLUDE is not followed and
              $GENERATE not carried out: both are named as troubles.
    Limits    A name that is relative while no $ORIGIN stands before it is a trouble: the zone's
              own name is in the server's settings, not in the file.
    """
    origin: str | None = None
    owner: str | None = None
    for entry in _entries(text):
        words = entry.words
        if entry.trouble is not None:
            yield _trouble(entry, entry.trouble)
            continue
        first = words[0]
        if first.text.startswith("$") and not first.is_quoted:
            command = first.text.upper()
            if command == "$ORIGIN":
                # What follows an origin that cannot be read belongs nowhere.
                origin = owner = None
                origin = _absolute(words[1].text, None) if len(words) == 2 else None
                if origin is None:
                    yield _trouble(entry, "$ORIGIN without an absolute name")
            elif command != "$TTL":
                yield _trouble(entry, f"{first.text[:20]} is not carried out")
            continue
        if first.is_first:
            # An escaped dot would make two names look like one.
            owner = None if first.is_escaped else _owner(first.text, origin)
            words = words[1:]
        yield from _read_record(entry, words, owner)


def _read_record(
    entry: _Entry, words: list[_Word], owner: str | None
) -> Iterator[ZoneText | ZoneTrouble]:
    """The record of an entry if it is of type TXT."""
    # Class and time to live stand in either order, and may be absent.
    rest = list(dropwhile(_is_no_type, words))
    if not rest or rest[0].is_quoted or rest[0].text.upper() != "TXT":
        return
    strings = rest[1:]
    if owner is None:
        yield _trouble(entry, "the name is escaped, or relative and no $ORIGIN says to what")
    elif not strings:
        yield _trouble(entry, "a TXT record without a string")
    else:
        joined = "".join(word.text for word in strings)
        if len(joined) > MAX_RECORD_BYTES:
            yield _trouble(entry, "a TXT record longer than a record can be")
        else:
            yield ZoneText(owner, joined, entry.line)


def _is_no_type(word: _Word) -> bool:
    plain = word.text.upper()
    return not word.is_quoted and (plain in _CLASSES or _TTL.match(plain) is not None)


def _owner(text: str, origin: str | None) -> str | None:
    if text == "@":
        return origin
    return _absolute(text, origin)


def _absolute(text: str, origin: str | None) -> str | None:
    """The name without its last dot; None when it is relative to nothing."""
    if text.endswith("."):
        return text[:-1]
    if origin is None:
        return None
    return f"{text}.{origin}" if origin else text


def _trouble(entry: _Entry, reason: str) -> ZoneTrouble:
    return ZoneTrouble(reason, " ".join(word.text for word in entry.words)[:200], entry.line)


def _entries(text: str) -> Iterator[_Entry]:
    """The entries of the file: lines, joined where parentheses or quotes stand open."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = repairs = 0
    while number < len(lines):
        entry = _Entry(number + 1)
        depth, size, start = 0, 0, number
        while True:
            depth = _scan(lines[number], entry, depth, is_first=number == start)
            size += len(lines[number])
            number += 1
            if depth <= 0 or entry.trouble is not None or number >= len(lines):
                break
            if size > 2 * MAX_RECORD_BYTES:
                entry.trouble = "a parenthesis stays open for longer than any record"
        if depth > 0 and entry.trouble is None:
            entry.trouble = "a parenthesis is never closed"
        if entry.trouble is not None and depth > 0 and repairs < _MAX_REPAIRS:
            # The entry took lines that may hold others: only its first line is lost.
            number, repairs = start + 1, repairs + 1
        if entry.words or entry.trouble is not None:
            yield entry


def _scan(line: str, entry: _Entry, depth: int, *, is_first: bool) -> int:
    """The depth of parentheses after a line, whose words go into `entry`."""
    place = 0
    while place < len(line):
        mark = line[place]
        if mark == ";":
            break
        if mark in " \t":
            place += 1
        elif mark == "(":
            depth, place = depth + 1, place + 1
        elif mark == ")":
            depth, place = depth - 1, place + 1
            if depth < 0:
                entry.trouble = "a parenthesis is closed that was not opened"
                break
        else:
            is_owner = is_first and place == 0
            start = place
            text, place, is_closed = _word(line, place)
            is_escaped = "\\" in line[start:place]
            entry.words.append(_Word(text, mark == '"', is_owner, is_escaped))
            if not is_closed:
                entry.trouble = "a quotation mark is never closed"
                break
    return depth


def _word(line: str, place: int) -> tuple[str, int, bool]:
    """One word from `place` on, where it ends, and whether its quotation mark is closed."""
    is_quoted = line[place] == '"'
    place += is_quoted
    found: list[str] = []
    while place < len(line):
        mark = line[place]
        if mark == "\\":
            number = _DIGITS.match(line, place + 1)
            if number and int(number[0]) < 256:
                found.append(chr(int(number[0])))
                place += 4
            else:
                found.append(line[place + 1 : place + 2])
                place += 2
            continue
        if mark == '"' if is_quoted else mark in ' \t();"':
            return "".join(found), place + is_quoted, True
        found.append(mark)
        place += 1
    return "".join(found), place, not is_quoted
