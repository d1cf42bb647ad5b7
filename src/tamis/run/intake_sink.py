"""Where readers put what they find, inside the cell: rows by column, children on a stack."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.errors import MemberError
from tamis.run.intake_cuts import Cuts
from tamis.run.intake_spool import FullError, Spool, digest
from tamis.run.intake_work import (
    Origin,
    Work,
    folder_of_name,
    microseconds,
    part_of_path,
    path_of_name,
    stand_in_id,
)
from tamis.sources.leak.magic import claimed_type as claimed_by_name
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

TABLES = ("item", "place", "message", "header", "part", "ledger", "document", "property")
_COLUMNS = {name: tuple(records.table(name).schema.names) for name in TABLES}
_SCHEMAS = {name: records.table(name).schema for name in TABLES}
_FLUSH_ROWS = 50_000
_FLUSH_BYTES = 48 << 20
# What one file may hold before the rest is counted and no longer listed.
MAX_LISTED = 500_000
# Text from formats that can hold what UTF-8 cannot.
_FREE_TEXT = {"document", "property"}
# Of these there are most: `item_id`, and nothing to be filled in.
_PLAIN = {"header", "part"}


@dataclass(slots=True)
class Collector:
    """All rows of one call of the task, written to Arrow files as they grow."""

    out: Any
    kind: str
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    spool: Spool = field(init=False)
    limit_bytes: int = 1 << 31
    is_alone: bool = True
    listed_count: int = 0
    gathered_bytes: int = 0
    mailboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    row_count: int = 0

    def __post_init__(self) -> None:
        """Open the spool of this call."""
        self.spool = Spool(self.out, self.limit_bytes, self.is_alone)

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        """Add one row, its values in column order."""
        self.rows.setdefault(table, []).append(row)
        self.row_count += 1

    def place(self, work: Work) -> None:
        """Add the row of `place` of an item."""
        start, end = work.span or (None, None)
        values = {
            "item_id": work.item_id,
            "parent_item_id": work.parent_item_id,
            "root": work.root,
            "kind": self.kind,
            "path": work.path,
            "name": work.name,
            "claimed_type": work.claimed_type,
            "position": work.position,
            "depth": work.depth,
            "mailbox_id": work.mailbox_id,
            "container_modified_at": work.modified_us,
            "byte_start": start,
            "byte_end": end,
            "transform": work.transform,
        }
        self.add("place", tuple(map(values.get, _COLUMNS["place"])))
        self.gathered_bytes += work.size_bytes

    def member(self, work: Work, sent_at: datetime | None) -> None:
        """Count a message in the mailbox it lies in."""
        if work.mailbox_id is None:
            return
        box = self.mailboxes.setdefault(
            work.mailbox_id,
            {"path": work.mailbox_path, "count": 0, "first": None, "last": None},
        )
        box["count"] += 1
        if sent_at is not None:
            stamp = sent_at.isoformat()
            box["first"] = min(box["first"] or stamp, stamp)
            box["last"] = max(box["last"] or stamp, stamp)

    def flush(self, *, is_last: bool = False) -> None:
        """Write the rows, once there are many, or all at the end."""
        is_due = self.row_count >= _FLUSH_ROWS or self.gathered_bytes >= _FLUSH_BYTES
        if not (is_last or is_due):
            return
        for table, rows in self.rows.items():
            if rows:
                schema = _SCHEMAS[table]
                columns = zip(*rows, strict=True)
                arrays = [
                    pa.array(column, kind.type)
                    for column, kind in zip(columns, schema, strict=True)
                ]
                batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
                self.out.arrow(table, schema).write(batch)
        self.rows.clear()
        self.row_count = self.gathered_bytes = 0


@dataclass(slots=True)
class Lost:
    """Entries that the sink did not take, which the reader that counts them cannot know."""

    turned_away: int = 0
    unlisted: int = 0
    cycles: int = 0

    def corrected(self, ledger: dict[str, Any]) -> dict[str, Any]:
        """The reader's counts, less what was lost, and a note that says so."""
        lost = self.turned_away + self.unlisted
        told: list[str] = [ledger["note"]] if ledger.get("note") else []
        if self.turned_away:
            told.append(f"{self.turned_away} entries were left because of the size of the rest")
        if self.unlisted:
            told.append(f"{self.unlisted} entries beyond the first {MAX_LISTED:,} are not listed")
        if self.cycles:
            told.append(f"{self.cycles} entries are a container that lies around them: not opened")
        return {
            **ledger,
            "emitted_count": ledger["emitted_count"] - lost,
            "failed_count": ledger["failed_count"] + lost,
            "note": storable("; ".join(told)) or None,
        }


class ItemSink:
    """The sink of one item: what its reader says is kept only if the reader ends well."""

    def __init__(self, collector: Collector, work: Work) -> None:
        """Take what the reader of `work` finds; spans of a deferred file are not read now."""
        self.collector = collector
        self.work = work
        self.item: dict[str, Any] = {}
        self.children: list[Work] = []
        self.cuts = Cuts(collector.out)
        self.sent_at: datetime | None = None
        self.is_message = False
        self._rows: list[tuple[str, tuple[Any, ...]]] = []
        self._ledgers: list[dict[str, Any]] = []
        self._lost = Lost()
        self._property_count = 0

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row to a table; the columns that say whose it is are filled in here."""
        if table in _PLAIN:
            rest = map(values.get, _COLUMNS[table][1:])
            self._rows.append((table, (self.work.item_id, *rest)))
            return
        if table == "item":
            self.item.update(values)
            return
        if table == "ledger":
            self._ledgers.append({"container_item_id": self.work.item_id, **values})
            return
        if table == "message":
            self.is_message = True
            self.sent_at = values["sent_at"]
            # As a number: Arrow takes datetime objects through a library that is slow to load.
            values = {**values, "sent_at": microseconds(self.sent_at)}
        elif table == "property":
            moment = microseconds(values.get("noted_at"))
            values = {"position": self._property_count, **values, "noted_at": moment}
            self._property_count += 1
        if table in _FREE_TEXT:
            values = {
                name: storable(value) if isinstance(value, str) else value
                for name, value in values.items()
            }
        given = {
            "item_id": self.work.item_id,
            "reader": self.item.get("reader"),
            **values,
        }
        self._rows.append((table, tuple(map(given.get, _COLUMNS[table]))))

    def child(
        self, name: str, *, content: bytes | Iterable[bytes] | None = None, **place: Any
    ) -> str:
        """Note one item inside; its id, or "" when it is read later by its span."""
        if not self._is_listed():
            return ""
        if content is None or (self.work.is_deferred and place.get("is_apart")):
            return self._span(name, place)
        try:
            kept = self.collector.spool.keep(content)
        except MemberError as problem:
            self._lost.turned_away += isinstance(problem, FullError)
            return self.absent(name, problem.status, str(problem), **place)
        origin = None
        if kept.blob is not None:
            blob, start, end = kept.blob
            origin = Origin(partial(self.collector.out.reopen, blob), start, end)
        return self._add(
            name,
            place,
            item_id=kept.item_id,
            data=kept.data,
            size_bytes=kept.size_bytes,
            origin=origin,
            is_held=kept.data is not None,
            damage=kept.damage or place.get("damage"),
        )

    def absent(self, name: str, status: str, reason: str, **place: Any) -> str:
        """List one entry without bytes; the id that stands for its place."""
        if not self._is_listed():
            return ""
        given = {**place, "position": self._position(place), "byte_start": None, "byte_end": None}
        path = f"{self.work.path}/{_below(name, given)}"
        return self._add(
            name,
            given,
            item_id=stand_in_id(self.work.root, path, given["position"]),
            data=b"",
            size_bytes=0,
            absent=(status, reason),
        )

    def _span(self, name: str, place: Mapping[str, Any]) -> str:
        start, end = place.get("byte_start"), place.get("byte_end")
        if place.get("is_apart"):
            start = end = 0
        if start is None or end is None:
            raise ValueError("a child needs its bytes, or a span of what its reader reads")
        work = self.work
        if work.is_deferred:
            reader = self.item["reader"] if place.get("is_apart") else None
            given = {**place, "byte_start": start, "byte_end": end, "member_of": reader}
            self.cuts.add(name, given, self._position(place))
            return ""
        item_id, data, origin = _part(work, start, end)
        return self._add(
            name,
            place,
            item_id=item_id,
            data=data,
            size_bytes=end - start,
            origin=origin,
            damage=place.get("damage"),
        )

    def _add(self, name: str, place: Mapping[str, Any], **found: Any) -> str:
        work = self.work
        item_id: str = found["item_id"]
        around = (*work.around, work.item_id)
        self._lost.cycles += item_id in around
        place = {**place, "position": self._position(place)}
        self.children.append(_child(work, name, place, around, found))
        return item_id

    def _position(self, place: Mapping[str, Any]) -> int:
        return int(place.get("position", len(self.children) + self.cuts.count))

    def _is_listed(self) -> bool:
        """Whether there is room for one more entry of the file around it."""
        if self.work.is_deferred:
            return True
        self.collector.listed_count += 1
        if self.collector.listed_count <= MAX_LISTED:
            return True
        self._lost.unlisted += 1
        return False

    def keep(self) -> None:
        """Hand the rows over to the collector, unless the same bytes gave them before."""
        for table, row in self._rows:
            self.collector.add(table, row)
        for values in self._ledgers:
            given = {"reader": self.item.get("reader"), **self._lost.corrected(values)}
            self.collector.add("ledger", tuple(map(given.get, _COLUMNS["ledger"])))

    def drop(self) -> None:
        """Forget the rows; children stay."""
        self._rows.clear()
        self._ledgers.clear()


def _part(work: Work, start: int, end: int) -> tuple[str, memoryview | None, Origin | None]:
    """Id of a span of an item, and its bytes or where they can be read again."""
    if work.data is not None:
        data = memoryview(work.data)[start:end]
        return hashlib.sha256(data).hexdigest(), data, None
    if work.origin is None:
        raise ValueError("a span of a file that cannot be opened again")
    origin = work.origin.part(start, end)
    with origin.open() as stream:
        return digest(stream, 0, end - start), None, origin


def _child(
    work: Work,
    name: str,
    place: Mapping[str, Any],
    around: tuple[str, ...],
    found: Mapping[str, Any],
) -> Work:
    """The work that one item inside `work` is."""
    start, end = place.get("byte_start"), place.get("byte_end")
    return Work(
        root=work.root,
        path=f"{work.path}/{_below(name, place)}",
        name=storable(name),
        parent_item_id=work.item_id,
        position=place["position"],
        depth=work.depth + 1,
        claimed_type=place.get("claimed_type") or claimed_by_name(name),
        mailbox_id=work.mailbox_id,
        mailbox_path=work.mailbox_path,
        is_member=bool(place.get("is_member")),
        span=None if start is None or end is None else (start, end),
        transform=place.get("transform"),
        around=around,
        folder=folder_of_name(name) if place.get("is_path") else None,
        modified_us=microseconds(place.get("container_modified_at")),
        **found,
    )


def _below(name: str, place: Mapping[str, Any]) -> str:
    return path_of_name(name) if place.get("is_path") else part_of_path(name)
