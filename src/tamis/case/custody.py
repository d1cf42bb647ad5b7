"""The custody chain: one JSON line an event, each with the hash of the line before it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.case.layout import canonical, digest
from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

START = "0" * 64
_KEYS = {"seq", "at", "event", "facts", "prev", "hash"}


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many lines, the hash of the last, and the length in bytes."""

    count: int
    hash: str
    size_bytes: int = 0

    def __str__(self) -> str:
        """The form that people copy: count:hash."""
        return f"{self.count}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is to become a line of custody."""

    name: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of custody as read; `seq` counts from 1."""

    seq: int
    at: str
    event: str
    facts: Mapping[str, Any]
    prev: str
    hash: str


def extend(head: Head, events: Iterable[Event]) -> tuple[bytes, Head]:
    """The lines that follow `head`, ready to be appended, and the head after them."""
    lines: list[bytes] = []
    count, last = head.count, head.hash
    for event in events:
        count += 1
        body = {
            "seq": count,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "event": event.name,
            "facts": dict(event.facts),
            "prev": last,
        }
        # What is hashed is what a reader will parse: surrogates are escaped before hashing.
        body = json.loads(canonical(body))
        last = digest(canonical(body))
        lines.append(canonical({**body, "hash": last}) + b"\n")
    data = b"".join(lines)
    return data, Head(count, last, head.size_bytes + len(data))


def parse(raw: bytes, place: str) -> Line:
    """One line, once it is in canonical form and agrees with its own hash.

    Errors    CaseBrokenError naming `place` (file and line).
    """
    try:
        value = json.loads(raw)
    except ValueError:
        raise CaseBrokenError(f"{place}: expected one JSON object, found {raw[:60]!r}") from None
    if not isinstance(value, dict) or set(value) != _KEYS or canonical(value) != raw:
        raise CaseBrokenError(f"{place}: the line is not in the form that tamis writes")
    stated = value.pop("hash")
    found = digest(canonical(value))
    if stated != found:
        raise CaseBrokenError(f"{place}: expected hash {stated}, the line gives {found}")
    return Line(**value, hash=stated)


def read(path: Path) -> Iterator[Line]:
    """Every line of a custody file in order, the chain checked on the way.

    Errors    CaseBrokenError at the first line that does not follow from the one before.
    """
    count, last = 0, START
    with path.open("rb") as stream:
        for raw in stream:
            place = f"{path} line {count + 1}"
            if not raw.endswith(b"\n"):
                raise CaseBrokenError(f"{place}: the line is torn: it has no line end")
            line = parse(raw[:-1], place)
            if line.seq != count + 1 or line.prev != last:
                raise CaseBrokenError(
                    f"{place}: expected line {count + 1} after {last}, "
                    f"found line {line.seq} after {line.prev}"
                )
            count, last = line.seq, line.hash
            yield line


def verify(path: Path) -> Head:
    """The head that the whole file really has.

    Errors    CaseBrokenError at the first break.
    """
    count, last = 0, START
    for line in read(path):
        count, last = line.seq, line.hash
    return Head(count, last, path.stat().st_size)
