"""Where readers put what they find, inside the cell: rows by column, children on a stack."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from tamis import records
from tamis.sources.leak.magic import claimed_type as claimed_by_name
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = ("item", "place", "message", "header", "part", "ledger", "document", "property")
SPAN_SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("byte_start", pa.int64(), nullable=False),
        pa.field("byte_end", pa.int64(), nullable=False),
        pa.field("claimed_type", pa.string()),
        pa.field("is_member", pa.bool_(), nullable=False),
    ]
)
_COLUMNS = {name: tuple(records.table(name).schema.names) for name in TABLES}
_SCHEMAS = {name: records.table(name).schema for name in TABLES}
_FLUSH_ROWS = 50_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OWN_ID = {"ledger": "container_item_id"}
# Text from formats that can hold what UTF-8 cannot.
_FREE_TEXT = {"document", "property"}


@dataclass(frozen=True, slots=True)
class Work:
    """One item that is to be read: where it lies, and its bytes or its stream."""

    item_id: str
    root: str
    path: str
    name: str
    data: bytes | memoryview | None
    size_bytes: int
    parent_item_id: str | None = None
    position: int = 0
    depth: int = 0
    claimed_type: str | None = None
    mailbox_id: str | None = None
    mailbox_path: str = ""
    is_member: bool = False
    span: tuple[int, int] | None = None
    transform: str | None = None
    stream: BinaryIO | None = None


@dataclass(slots=True)
class Collector:
    """All rows of one call of the task, written to Arrow files as they grow."""

    out: Any
    kind: str
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    mailboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    row_count: int = 0

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
            "position": work.position,
            "depth": work.depth,
            "mailbox_id": work.mailbox_id,
            "byte_start": start,
            "byte_end": end,
            "transform": work.transform,
        }
        self.add("place", tuple(map(values.get, _COLUMNS["place"])))

    def blob(self, item_id: str, content: bytes) -> None:
        """Hand bytes over, once."""
        if item_id not in self.blobs:
            self.blobs.add(item_id)
            with self.out.blob(item_id) as file:
                file.write(content)

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
        if not is_last and self.row_count < _FLUSH_ROWS:
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
        self.row_count = 0


class ItemSink:
    """The sink of one item: what its reader says is kept only if the reader ends well."""

    def __init__(self, collector: Collector, work: Work, *, is_deferred: bool) -> None:
        """Take what the reader of `work` finds; deferred spans are noted and not read now."""
        self.collector = collector
        self.work = work
        self.is_deferred = is_deferred
        self.item: dict[str, Any] = {}
        self.children: list[Work] = []
        self.spans: list[dict[str, Any]] = []
        self.sent_at: datetime | None = None
        self.is_message = False
        self.blobs: list[tuple[str, bytes]] = []
        self._rows: list[tuple[str, tuple[Any, ...]]] = []
        self._property_count = 0

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row to a table; the columns that say whose it is are filled in here."""
        if table == "item":
            self.item.update(values)
            return
        if table == "message":
            self.is_message = True
            self.sent_at = values["sent_at"]
            # As a number: Arrow takes datetime objects through a library that is slow to load.
            values = {**values, "sent_at": _microseconds(self.sent_at)}
        elif table == "property":
            moment = _microseconds(values.get("noted_at"))
            values = {"position": self._property_count, **values, "noted_at": moment}
            self._property_count += 1
        if table in _FREE_TEXT:
            values = {
                name: storable(value) if isinstance(value, str) else value
                for name, value in values.items()
            }
        given = {
            _OWN_ID.get(table, "item_id"): self.work.item_id,
            "reader": self.item.get("reader"),
            **values,
        }
        self._rows.append((table, tuple(map(given.get, _COLUMNS[table]))))

    def child(self, name: str, *, content: bytes | None = None, **place: Any) -> str:
        """Note one item inside; its id, or "" when it is read later by its span."""
        work = self.work
        start, end = place.get("byte_start"), place.get("byte_end")
        is_member = bool(place.get("is_member"))
        position = int(place.get("position", len(self.children) + len(self.spans)))
        claimed = place.get("claimed_type")
        if content is None and self.is_deferred:
            self.spans.append(
                {
                    "name": name,
                    "position": position,
                    "byte_start": start,
                    "byte_end": end,
                    "claimed_type": claimed,
                    "is_member": is_member,
                }
            )
            return ""
        data: bytes | memoryview
        if content is None:
            if work.data is None or start is None or end is None:
                raise ValueError("a child needs its bytes, or a span of what is held in memory")
            data = memoryview(work.data)[start:end]
        else:
            data = content
        item_id = hashlib.sha256(data).hexdigest()
        if content is not None:
            self.blobs.append((item_id, content))
        self.children.append(
            replace(
                work,
                item_id=item_id,
                path=f"{work.path}/{part_of_path(name)}",
                name=storable(name),
                data=data,
                stream=None,
                size_bytes=len(data),
                parent_item_id=work.item_id,
                position=position,
                depth=work.depth + 1,
                claimed_type=claimed or claimed_by_name(name),
                is_member=is_member,
                span=None if start is None or end is None else (start, end),
                transform=place.get("transform"),
            )
        )
        return item_id

    def keep(self) -> None:
        """Hand the rows over to the collector, unless the same bytes gave them before."""
        for table, row in self._rows:
            self.collector.add(table, row)

    def drop(self) -> None:
        """Forget the rows; children stay."""
        self._rows.clear()


def _microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def part_of_path(name: str) -> str:
    """A name as one part of a path: it can neither climb nor branch."""
    kept = storable(name).replace("/", "_").replace("\0", "_")
    return "_" if kept in {"", ".", ".."} else kept


def mailbox_of(item_id: str, path: str) -> str:
    """The id of the mailbox that is one container file."""
    return hashlib.sha256(f"{item_id}\0{path}".encode()).hexdigest()
