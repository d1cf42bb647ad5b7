"""What an intake has gathered: rows on their way to the case, mailboxes, custody, commits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.run.intake_known import KnownItems
from tamis.run.intake_report import IntakeReport
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.case import Writer
    from tamis.progress import Progress
    from tamis.run.intake_walk import Entry

_COMMIT_FILES = 5_000
_COMMIT_BYTES = 512 << 20
_GATHER_BYTES = 16 << 20


class Book:
    """The state of one `add`; what it commits is always whole files with all that is in them."""

    def __init__(self, writer: Writer, progress: Progress) -> None:
        """Read what the case holds already: items, places of files, mailboxes."""
        self.writer = writer
        self.progress = progress
        self.report = IntakeReport()
        # Containers of which some jobs are still out: nothing is committed meanwhile.
        self.open_containers = 0
        self._gathered: dict[str, list[pa.Table]] = {}
        self._gathered_bytes = 0
        self._files_since = self._bytes_since = 0
        self._added: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        self._keys: dict[str, set[bytes]] = {}
        self._boxes_changed = self._has_part = False
        # Bytes and rows of files that are still being read, as told to who watches.
        self._ahead: dict[str, tuple[int, int]] = {}
        # Files of posts in the order in which they were named.
        self.arrived: list[str] = []
        with writer.view() as view:
            self.report.generation = view.generation
            self.known = KnownItems(view.table("item", ["item_id"])["item_id"].to_pylist())
            self.places = _places(
                view.table("place", ["item_id", "parent_item_id", "root", "path"])
            )
            self.boxes = {row["mailbox_id"]: row for row in view.table("mailbox").to_pylist()}

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows; many small tables become few large ones."""
        if rows.num_rows:
            self._gathered.setdefault(table, []).append(rows)
            self._gathered_bytes += rows.nbytes
            self.report.rows[table] += rows.num_rows
        if self._gathered_bytes > _GATHER_BYTES:
            self.flush()

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row."""
        self.append(table, records.table(table).build([values]))

    def flush(self) -> None:
        """Hand what was gathered to the writer."""
        for table, parts in self._gathered.items():
            self.writer.append(table, pa.concat_tables(parts))
        self._gathered.clear()
        self._gathered_bytes = 0

    def item(self, values: Mapping[str, Any]) -> None:
        """Add the row of an item, unless it has one."""
        if values["item_id"] not in self.known:
            self.known.add(values["item_id"])
            self.row("item", values)
            self.report.item_statuses[values["status"]] += 1

    def place(self, entry: Entry, item_id: str, kind: str, mailbox_id: str | None = None) -> None:
        """Add the place of a file."""
        self.row(
            "place",
            {
                "item_id": item_id,
                "root": entry.root,
                "kind": kind,
                "path": entry.path,
                "name": entry.name,
                "position": 0,
                "depth": 0,
                "mailbox_id": mailbox_id,
            },
        )

    def new_keys(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows whose key neither the case nor this intake has had."""
        key = records.table(table).key
        if table not in self._keys:
            with self.writer.view() as view:
                self._keys[table] = set(_keys(view.table(table, list(key)), key))
        return _fresh(rows, key, self._keys[table])

    def trouble(self, entry: Entry, kind: str, trouble: tuple[str, str]) -> None:
        """Account for something without bytes."""
        status, reason = trouble[0], storable(trouble[1])
        item_id = entry.stand_in_id
        self.item(
            {
                "item_id": item_id,
                "kind": kind,
                "size_bytes": 0,
                "status": status,
                "reason": f"{reason}; the id stands for the place, not for content",
            }
        )
        self.place(entry, item_id, kind)
        self.report.file("not readable", status, reason, entry.path)
        self.done(entry, kind, item_id, 0)

    def part(self, size: int) -> None:
        """Note that so many bytes of a file are done, which may be committed before the rest."""
        self._has_part = True
        self._bytes_since += size
        self.progress.advance(size)

    def ahead(self, item_id: str, size: int, rows: int) -> None:
        """Show how far into a file its reader is; `done` counts the file, `settle` its rows."""
        bytes_before, rows_before = self._ahead.get(item_id, (0, 0))
        size, rows = max(size, bytes_before), max(rows, rows_before)
        self._ahead[item_id] = (size, rows)
        self.progress.also(rows - rows_before, "rows")
        self.progress.advance(size - bytes_before)

    def settle(self, item_id: str, rows: int) -> None:
        """Show how many rows a file had in the end, whatever was shown before."""
        size, shown = self._ahead.get(item_id, (0, 0))
        self._ahead[item_id] = (size, rows)
        self.progress.also(rows - shown, "rows")

    def done(self, entry: Entry, kind: str, item_id: str, size: int, counted: int = 0) -> None:
        """Note one file for custody, with everything it holds; `counted` bytes were parts."""
        self._added.setdefault((entry.root, kind), []).append((entry.path, item_id, size))
        self.report.byte_count += size
        self._files_since += 1
        self._bytes_since += size - counted
        shown, _ = self._ahead.pop(item_id, (0, 0))
        self.progress.advance(max(size, 1) - counted - shown)

    def mailboxes(self, found: Mapping[str, Mapping[str, Any]]) -> None:
        """Add messages to the counts and spans of mailboxes."""
        for box_id, new in found.items():
            self._boxes_changed = True
            self.boxes[box_id] = _merged(self.boxes.get(box_id), box_id, new)

    def commit(self, *, is_last: bool = False) -> None:
        """Commit when enough has come together, or at the end; never half a container.

        Of a file of posts that is read in ranges, those that are done are committed.
        """
        is_due = self._files_since >= _COMMIT_FILES or self._bytes_since >= _COMMIT_BYTES
        if self.open_containers or not (is_due or is_last):
            return
        if self._added or self._has_part:
            self.flush()
            if self._boxes_changed:
                rows = [self.boxes[box_id] for box_id in sorted(self.boxes)]
                self.writer.replace("mailbox", records.table("mailbox").build(rows))
            for (root, kind), files in sorted(self._added.items()):
                _note(self.writer, root, kind, files)
            self.report.generation = self.writer.commit()
        self._added.clear()
        self._boxes_changed = self._has_part = False
        self._files_since = self._bytes_since = 0


def _note(writer: Writer, root: str, kind: str, files: Sequence[tuple[str, str, int]]) -> None:
    """One line of custody for the files of one root: their listing by its hash."""
    listing = "".join(f"{item_id} {size} {path}\n" for path, item_id, size in sorted(files))
    writer.note(
        "added",
        root=root,
        kind=kind,
        file_count=len(files),
        byte_count=sum(size for _, _, size in files),
        listing_sha256=hashlib.sha256(listing.encode()).hexdigest(),
    )


def _places(table: pa.Table) -> dict[str, set[str]]:
    """Item ids of files by their absolute place, whichever folder around them was named."""
    files = table.filter(pc.is_null(table["parent_item_id"]))
    found: dict[str, set[str]] = {}
    columns = (files[name].to_pylist() for name in ("root", "path", "item_id"))
    for root, path, item_id in zip(*columns, strict=True):
        found.setdefault(f"{root.rstrip('/')}/{path}", set()).add(item_id)
    return found


def _merged(box: Mapping[str, Any] | None, box_id: str, new: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `mailbox` with more messages in it."""
    before = box or {"message_count": 0, "first_at": None, "last_at": None}
    firsts = [one for one in (before["first_at"], new["first"]) if one is not None]
    lasts = [one for one in (before["last_at"], new["last"]) if one is not None]
    return {
        "mailbox_id": box_id,
        "path": new["path"] if box is None else box["path"],
        "holder": None if box is None else box["holder"],
        "message_count": before["message_count"] + new["count"],
        "first_at": min(firsts, default=None),
        "last_at": max(lasts, default=None),
    }


def _fresh(rows: pa.Table, key: tuple[str, ...], seen: set[bytes]) -> pa.Table:
    """The rows whose key is not in `seen`, each key once; `seen` gets them."""
    fresh = []
    for position, value in enumerate(_keys(rows, key)):
        if value not in seen:
            seen.add(value)
            fresh.append(position)
    return rows.take(pa.array(fresh, pa.int64()))


def _keys(table: pa.Table, key: tuple[str, ...]) -> list[bytes]:
    """Digests of the keys: sixteen bytes each, however long the texts are."""
    if len(key) == 1:
        blake = hashlib.blake2b
        return [
            blake(one.encode("utf-8", "backslashreplace"), digest_size=16).digest()
            for one in table[key[0]].to_pylist()
        ]
    columns = [table[name].to_pylist() for name in key]
    return [
        hashlib.blake2b(repr(values).encode("utf-8", "backslashreplace"), digest_size=16).digest()
        for values in zip(*columns, strict=True)
    ]
