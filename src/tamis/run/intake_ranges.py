"""A large file of posts read in ranges: where it is cut, what is done, and how the parts add up."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.errors import CellError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tamis.cell import Job, Outcome
    from tamis.run.intake_book import Book
    from tamis.run.intake_store import Taken

# The ranges of a file are the same however many workers there are, so that its rows are as well.
RANGE_BYTES = 128 << 20
COUNTS = (
    *("row_count", "used_count", "rejected_count", "skipped_count", "post_count"),
    "action_count",
)
_COUNTED = re.compile(r"(\D*?)(\d[\d,]*)(?: of (\d[\d,]*))?( .*)")


@dataclass(slots=True)
class RangedFile:
    """A file on its way through the cell in ranges, which are taken in one after the other."""

    taken: Taken
    media_type: str | None
    settings: str
    starts: tuple[int, ...] = ()
    shared: Mapping[str, Any] = field(default_factory=dict)
    waiting: dict[int, Outcome] = field(default_factory=dict)
    following: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every range has been taken in."""
        return self.following == len(self.starts)

    def span(self, rank: int) -> tuple[int, int]:
        """First byte of a range, and one past its last."""
        ends = (*self.starts[1:], self.taken.size_bytes)
        return self.starts[rank], ends[rank]

    def cut(self, told: Any, before: Sequence[Mapping[str, Any]]) -> None:
        """Take over where the cell would cut the file, and which ranges were read `before`.

        Errors    CellError when those are no places in order inside the file; InputError when
                  a part of it was read with other options.
        """
        starts, shared = told.get("starts"), told.get("shared")
        if not isinstance(starts, list) or not isinstance(shared, dict):
            raise CellError("it did not say where the file can be cut")
        bounds = [*starts, self.taken.size_bytes]
        is_order = all(
            type(one) is int and one < other for one, other in itertools.pairwise(bounds)
        )
        if len(starts) < 2 or not is_order or starts[0] < 0:
            raise CellError("the places where it can be cut are not in order inside it")
        self.starts, self.shared = tuple(starts), shared
        for row in sorted(before, key=lambda one: int(one["byte_start"])):
            is_next = self.following < len(starts)
            is_next = is_next and self.span(self.following) == (row["byte_start"], row["byte_end"])
            if row["settings"] != self.settings or not is_next:
                raise InputError(
                    f"{self.taken.entry.path}: a part of it was read before, with another reader "
                    "or other options; repeat those, or `tamis forget` its item first: "
                    f"{self.taken.item_id}"
                )
            self.add(row)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count the next range as done."""
        self.following += 1
        self.counts.update({name: row[name] for name in COUNTS})
        if row["note"]:
            self.notes.append(row["note"])

    def row(self, reader: str) -> dict[str, Any]:
        """The file's row of `intake_count`: the sums over its ranges."""
        note = summed(self.notes)
        told = {name: self.counts[name] for name in COUNTS}
        return {"source_item_id": self.taken.item_id, "reader": reader, "note": note, **told}


def settings_of(reader: str, options: Mapping[str, Any]) -> str:
    """A short hash of what decides the rows of a range besides its bytes."""
    told = {name: value for name, value in options.items() if name != "today"}
    text = json.dumps([reader, told], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def summed(notes: Sequence[str]) -> str | None:
    """The remarks on all ranges as one: where only a number differs, it is added up."""
    sums: dict[tuple[str, str, bool], list[int]] = {}
    for note in notes:
        for part in note.split("; "):
            found = _COUNTED.fullmatch(part)
            if found is None:
                sums[part, "", False] = []
            else:
                before, *given, after = found.groups()
                counts = [int(one.replace(",", "")) for one in given if one]
                known = sums.get((before, after, len(counts) > 1), [0] * len(counts))
                sums[before, after, len(counts) > 1] = [
                    one + more for one, more in zip(known, counts, strict=True)
                ]
    told = (f"{a}{' of '.join(map(str, counts))}{b}" for (a, b, _), counts in sums.items())
    return "; ".join(told) or None


def rejected_from(path: Path, position: int) -> pa.Table:
    """Rows of `rejected` of a range, their ranks counted on from the ranges before it."""
    from tamis.cell import read_arrow  # noqa: PLC0415  the cell is not needed to count

    schema = records.table("rejected").schema
    found = read_arrow(path, schema)
    place = schema.get_field_index("position")
    return found.set_column(place, schema.field(place), pc.add(found["position"], position))


def lost(book: Book, file: RangedFile, job: Job, reason: str) -> dict[str, Any]:
    """The counts of a range that its parser did not survive: one rejected row stands for it."""
    start, end = file.span(job.items[0]["rank"])
    told = f"bytes {start:,} to {end:,} of the file could not be read: {reason}"
    file.failures.append(told)
    book.row(
        "rejected",
        {
            "source_item_id": file.taken.item_id,
            "byte_start": start,
            "position": file.counts["row_count"],
            "reason": told,
            "sample": "",
        },
    )
    return {**dict.fromkeys(COUNTS, 0), "row_count": 1, "rejected_count": 1, "note": None}
