"""What a worker says it found in leaked files is checked against the bytes before it counts."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import TRANSFORMS, transform
from tamis.cell import read_arrow
from tamis.errors import TamisError
from tamis.run.intake_sink import TABLES
from tamis.run.intake_work import part_of_path, path_of_name, stand_in_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.cell import Outcome

_ID = re.compile(r"[0-9a-f]{64}")
_STATUSES = {"read", "partly", "failed", "refused"}
_KEYED = {
    "message": ("item_id",),
    "header": ("item_id", "position"),
    "part": ("item_id", "position"),
    "document": ("item_id",),
    "property": ("item_id", "position"),
}
_MAX_BOXES = 100_000
_WINDOW_BYTES = 1 << 18


class LieError(TamisError):
    """A worker's result that its input does not bear out."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file: where an item known to this batch can be read."""

    path: Path
    start: int
    end: int

    def part(self, start: int, end: int) -> Span:
        """A part of it.

        Errors    LieError when it lies outside
        """
        if not 0 <= start <= end <= self.end - self.start:
            raise LieError("a span lies outside its container")
        return Span(self.path, self.start + start, self.start + end)


class _Bytes:
    """Reads spans: the file stays open, and what lies behind a span is often wanted next."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._descriptor = -1
        self._at = 0
        self._window = memoryview(b"")

    def read(self, span: Span) -> memoryview:
        """The bytes of a span."""
        if span.path != self._path:
            self.close()
            self._descriptor = os.open(span.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            self._path = span.path
        if span.start < self._at or span.end > self._at + len(self._window):
            length = max(span.end - span.start, _WINDOW_BYTES)
            self._window = memoryview(os.pread(self._descriptor, length, span.start))
            self._at = span.start
        return self._window[span.start - self._at : span.end - self._at]

    def close(self) -> None:
        """Give the file back."""
        if self._path is not None:
            os.close(self._descriptor)
        self._path = None
        self._at, self._window = 0, memoryview(b"")


@dataclass(slots=True)
class Holder:
    """An item that may have children: where its bytes are, and the paths it has here."""

    span: Span
    paths: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """The checked result of one job."""

    tables: Mapping[str, pa.Table]
    blobs: Mapping[str, Path]
    mailboxes: Mapping[str, Mapping[str, Any]]


def check(
    outcome: Outcome,
    tops: Mapping[str, Holder],
    root: str,
    kind: str,
) -> Batch:
    """The result of a job, once it agrees with the bytes it was made from.

    Input     `tops` are the items handed to the worker, or the container whose spans were
    Errors    LieError naming the first thing that disagrees
    """
    tables = {
        name: read_arrow(outcome.files[name], records.table(name).schema)
        for name in TABLES
        if name in outcome.files
    }
    blobs = _named(outcome, tables)
    if any(not _ID.fullmatch(name) for name in blobs):
        raise LieError("a file it wrote is not named by a hash")
    for name in TABLES:
        tables.setdefault(name, records.table(name).build([]))
    places = _Places(tops, blobs, root, kind)
    with closing(places.bytes):
        placed = places.check(tables["place"])
    _check_items(tables["item"], placed, kind, places.stand_ins)
    _check_details(tables, set(tables["item"]["item_id"].to_pylist()), placed)
    return Batch(tables, blobs, _mailboxes(outcome.result))


def _named(outcome: Outcome, tables: Mapping[str, Any]) -> dict[str, Path]:
    """The files of bytes by hash: by their own names, or by those the worker found out later."""
    given = outcome.result.get("names") if isinstance(outcome.result, dict) else None
    later = given if isinstance(given, dict) else {}
    blobs: dict[str, Path] = {}
    for name, path in outcome.files.items():
        if name in tables or name == "span":
            continue
        if name.startswith("spool-"):
            # A spool file that is not named was given up: an entry that did not come out.
            if name in later:
                blobs[str(later[name])] = path
        else:
            blobs[name] = path
    return blobs


class _Places:
    """The rows of `place`, in order: each names a parent that came before, and proves its bytes."""

    def __init__(
        self, tops: Mapping[str, Holder], blobs: Mapping[str, Path], root: str, kind: str
    ) -> None:
        self.tops = tops
        self.holders = {item_id: Holder(top.span, dict(top.paths)) for item_id, top in tops.items()}
        self.blobs = blobs
        self.root = root
        self.kind = kind
        self.bytes = _Bytes()
        self.stand_ins: set[str] = set()

    def check(self, table: pa.Table) -> set[str]:
        """The item ids that have a place."""
        if set(table["kind"].to_pylist()) - {self.kind}:
            raise LieError("a place is of another kind than the files handed over")
        names = (
            *("item_id", "parent_item_id", "root", "path", "name", "depth"),
            *("byte_start", "byte_end", "transform", "position"),
        )
        columns = (table[name].to_pylist() for name in names)
        for item_id, parent, root, path, name, depth, start, end, decoding, position in zip(
            *columns, strict=True
        ):
            if root != self.root:
                raise LieError("a place names another root")
            if parent is None:
                if item_id not in self.tops or path not in self.tops[item_id].paths:
                    raise LieError("a place names a file that was not handed over")
                continue
            self._below(parent, path, name, depth)
            if start is None and item_id == stand_in_id(root, path, position):
                self.stand_ins.add(item_id)
                span = Span(Path(os.devnull), 0, 0)
            else:
                span = self._bytes(item_id, parent, (start, end), decoding)
            holder = self.holders.setdefault(item_id, Holder(span))
            holder.paths[path] = depth
        unplaced = set(self.blobs) - self.holders.keys()
        if unplaced:
            raise LieError("a file it wrote has no place")
        return set(self.holders)

    def _below(self, parent: str, path: str, name: str, depth: int) -> None:
        if parent not in self.holders:
            raise LieError("a place names a container that is not there")
        above = self.holders[parent].paths
        for made in (part_of_path, path_of_name):
            last = made(name)
            if path.endswith(f"/{last}") and above.get(path[: -len(last) - 1]) == depth - 1:
                return
        raise LieError("a place lies outside its container, or has a path of another name")

    def _bytes(
        self, item_id: str, parent: str, span: tuple[int | None, int | None], decoding: str | None
    ) -> Span:
        start, end = span
        if start is not None and end is not None:
            found = self.holders[parent].span.part(start, end)
            data = self.bytes.read(found)
            if decoding is not None:
                if decoding not in TRANSFORMS or item_id not in self.blobs:
                    raise LieError("a decoded item has no bytes of its own")
                data = memoryview(transform(decoding, bytes(data)))
            if hashlib.sha256(data).hexdigest() != item_id:
                raise LieError("a span does not have the hash it should have")
            if decoding is None:
                return found
        elif start is not None or end is not None or item_id not in self.blobs:
            raise LieError("an item has neither bytes of its own nor a span")
        path = self.blobs[item_id]
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != item_id:
                raise LieError("a file it wrote does not have the hash it is named by")
        return Span(path, 0, path.stat().st_size)


def _check_items(table: pa.Table, placed: set[str], kind: str, stand_ins: set[str]) -> None:
    ids = table["item_id"].to_pylist()
    if len(set(ids)) != len(ids) or not placed.issuperset(ids):
        raise LieError("an item is named twice, or has no place")
    if not _STATUSES.issuperset(table["status"].to_pylist()):
        raise LieError("an item has a status that does not exist")
    columns = zip(ids, table["status"].to_pylist(), strict=True)
    if any(one in stand_ins and status in {"read", "partly"} for one, status in columns):
        raise LieError("an item without bytes is said to be read")
    if set(table["kind"].to_pylist()) - {kind}:
        raise LieError("an item is of another kind than the files handed over")


def _check_details(tables: Mapping[str, pa.Table], items: set[str], placed: set[str]) -> None:
    for name, key in _KEYED.items():
        table = tables[name]
        if not items.issuperset(pc.unique(table["item_id"]).to_pylist()):
            raise LieError(f"a row of {name} belongs to no item")
        if table.group_by(list(key), use_threads=False).aggregate([]).num_rows != table.num_rows:
            raise LieError(f"a row of {name} is there twice")
    ledger = tables["ledger"]["container_item_id"].to_pylist()
    if len(set(ledger)) != len(ledger) or not items.issuperset(ledger):
        raise LieError("a ledger belongs to no container")
    contents = tables["part"]["content_item_id"].drop_null().to_pylist()
    if not placed.issuperset(contents):
        raise LieError("a part names content that is not there")


def _mailboxes(result: Any) -> dict[str, dict[str, Any]]:
    given = result.get("mailboxes") if isinstance(result, dict) else None
    if not isinstance(given, dict) or len(given) > _MAX_BOXES:
        raise LieError("the list of mailboxes is missing or too long")
    boxes = {}
    for box_id, box in given.items():
        try:
            boxes[str(box_id)] = {
                "path": str(box["path"]),
                "count": int(box["count"]),
                "first": _moment(box["first"]),
                "last": _moment(box["last"]),
            }
        except (KeyError, TypeError, ValueError) as problem:
            raise LieError(f"a mailbox is described wrongly ({problem})") from None
        if not _ID.fullmatch(str(box_id)):
            raise LieError("a mailbox has no id")
    return boxes


def _moment(stated: Any) -> datetime | None:
    found = None if stated is None else datetime.fromisoformat(stated)
    if found is not None and found.tzinfo is None:
        raise ValueError("a time without an offset")
    return found


def only(tables: Mapping[str, pa.Table], fresh: Iterable[str]) -> dict[str, pa.Table]:
    """The tables with the rows about items that are new; places stay as they are."""
    wanted = pa.array(sorted(fresh), pa.string())
    kept = {}
    for name, table in tables.items():
        column = "container_item_id" if name == "ledger" else "item_id"
        kept[name] = table if name == "place" else table.filter(pc.is_in(table[column], wanted))
    return kept
