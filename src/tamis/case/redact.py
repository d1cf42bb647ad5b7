"""Rows without what was forgotten: which are left out, and which keep their place but no name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import table_file
from tamis.case.layout import inside
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from tamis.case.manifest import TableFile
    from tamis.case.shelf import Shelf
    from tamis.case.view import CaseView
    from tamis.records import Table

GONE = "[forgotten]"
# Rows that stay, with the columns that are overwritten: the tree of places must hold together.
_KEPT = ("item", "place", "part", "ledger", "tombstone", "run", "finding")
_ITEM_COLUMNS = (
    *("item_id", "source_item_id", "source_item_id_a", "source_item_id_b", "subject_id"),
    *("reference_item_id", "item_a", "item_b", "quoted_item_id", "carrier_item_id"),
    *("content_item_id", "verified_carrier_id"),
)
_POST_COLUMNS = ("post_id", "post_id_a", "post_id_b")
_ACCOUNT_COLUMNS = ("account_id", "account_a", "account_b")


@dataclass(frozen=True, slots=True)
class Gone:
    """Everything that is to disappear: items, and what only they had told of."""

    items: frozenset[str]
    posts: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    cohorts: frozenset[str] = frozenset()

    def dropping(self, record: Table) -> Mapping[str, frozenset[str]]:
        """Columns of a table, each with the values whose rows are left out."""
        if record.name in _KEPT:
            return {"item_id": self.items} if record.name == "part" else {}
        found = {"mailbox_id": self.mailboxes} if record.name == "mailbox" else {}
        wanted = dict.fromkeys(_ITEM_COLUMNS, self.items) | {"cohort_id": self.cohorts}
        if record.stage != "intake" or record.name == "object":
            # A post or account that another file tells of too is not gone.
            wanted |= dict.fromkeys(_POST_COLUMNS, self.posts)
            wanted |= dict.fromkeys(_ACCOUNT_COLUMNS, self.accounts)
            wanted |= {"object_id": self.objects}
        names = set(record.schema.names)
        return found | {name: ids for name, ids in wanted.items() if name in names and ids}

    def renaming(self, record: Table) -> Mapping[str, tuple[str, ...]]:
        """Columns of a table that name an item, each with the columns overwritten beside it."""
        told: dict[str, dict[str, tuple[str, ...]]] = {
            "item": {"item_id": ("status", "reason")},
            "place": {"item_id": ("name", "path", "claimed_type")},
            "part": {"content_item_id": ("name",)},
            "ledger": {"container_item_id": ("note",)},
        }
        return told.get(record.name, {})


@dataclass(slots=True)
class Rewritten:
    """Old table files by path, with what stands instead (None: no row is left)."""

    files: dict[str, TableFile | None] = field(default_factory=dict)

    def apply(
        self, tables: Mapping[str, tuple[TableFile, ...]]
    ) -> dict[str, tuple[TableFile, ...]]:
        """The files of a generation, the rewritten ones in the place of the old ones."""
        return {
            name: tuple(new for one in files if (new := self.files.get(one.path, one)) is not None)
            for name, files in tables.items()
        }


def only_there(view: CaseView, items: Collection[str]) -> Gone:
    """What the case knows only from these items, and the cohorts that they are part of."""
    ids = list(items)
    found = {
        kind: frozenset(_only(view, name, table, column, ids))
        for kind, name, table, column in (
            ("posts", "gone_posts", "post", "post_id"),
            ("objects", "gone_objects", "post_object", "object_id"),
            ("accounts", "gone_accounts", "account", "account_id"),
        )
        if view.row_count(table)
    }
    place = view.table("place", ["item_id", "mailbox_id"])
    inside_them = pc.is_in(place.column("item_id"), pa.array(ids, pa.string()))
    lost = set(place.filter(inside_them).column("mailbox_id").to_pylist())
    kept = set(place.filter(pc.invert(inside_them)).column("mailbox_id").to_pylist())
    cohorts = view.table("cohort_member", ["item_id", "cohort_id"])
    # What a group shares was read in each member: the group goes, until the next run.
    touched = cohorts.filter(pc.is_in(cohorts.column("item_id"), pa.array(ids, pa.string())))
    found["cohorts"] = frozenset(touched.column("cohort_id").to_pylist())
    return Gone(frozenset(ids), **found, mailboxes=frozenset(lost - kept - {None}))


def _only(view: CaseView, name: str, table: str, column: str, ids: list[str]) -> list[str]:
    sql = (
        f"SELECT {column} FROM {table} WHERE list_contains($ids, source_item_id) "  # noqa: S608
        f"EXCEPT SELECT {column} FROM {table} WHERE NOT list_contains($ids, source_item_id)"
    )
    rows = view.query(Query(name, sql, {"ids": ids})).column(0).to_pylist()
    return [one for one in rows if one is not None]


def rewrite(root: Path, one: TableFile, gone: Gone, shelf: Shelf) -> TableFile | None:
    """What stands for a table file afterwards: itself, a new file, or nothing."""
    record = shelf.record
    path = inside(root, one.path)
    if not _is_concerned(path, record, gone):
        return one
    batches = (_cleared(record, batch, gone) for batch in table_file.stream(path, record))
    new = shelf.write_file(batches)
    if new.row_count:
        return new
    inside(root, new.path).unlink()
    return None


def _is_concerned(path: Path, record: Table, gone: Gone) -> bool:
    wanted = {**gone.dropping(record), **dict.fromkeys(gone.renaming(record), gone.items)}
    if record.name == "figure":
        values = table_file.read(path, record, ["value"]).column("value")
        return bool(pc.any(_mentions(values, gone.items)).as_py())
    if not wanted:
        return False
    rows = table_file.read(path, record, list(wanted))
    return any(
        pc.any(pc.is_in(rows.column(name), _array(ids))).as_py() for name, ids in wanted.items()
    )


def _cleared(record: Table, batch: pa.RecordBatch, gone: Gone) -> pa.Table:
    rows = pa.Table.from_batches([batch])
    for name, ids in gone.dropping(record).items():
        hit = pc.fill_null(pc.is_in(rows.column(name), _array(ids)), False)
        rows = rows.filter(pc.invert(hit))
    for name, columns in gone.renaming(record).items():
        hit = pc.fill_null(pc.is_in(rows.column(name), _array(gone.items)), False)
        for column in columns:
            rows = _overwritten(record, rows, column, hit)
    if record.name == "figure":
        rows = rows.filter(pc.invert(_mentions(rows.column("value"), gone.items)))
    return rows


def _overwritten(record: Table, rows: pa.Table, column: str, hit: pa.ChunkedArray) -> pa.Table:
    old = rows.column(column)
    if column == "path":
        # Folders around the item stay readable; only the last part names it.
        new = pc.replace_substring_regex(old, r"[^/]*$", GONE)
    elif (column, record.name) == ("status", "item"):
        new = pa.scalar("refused", pa.string())
    elif column == "reason":
        new = pa.scalar("forgotten on purpose, see table tombstone", pa.string())
    elif column == "claimed_type":
        new = pa.scalar(None, pa.string())
    else:
        new = pa.scalar(GONE, pa.string())
    index = rows.schema.get_field_index(column)
    return rows.set_column(index, rows.schema.field(index), pc.if_else(hit, new, old))


def _mentions(values: pa.ChunkedArray, items: Collection[str]) -> pa.ChunkedArray:
    found = pa.chunked_array([pa.array([False] * len(values))])
    for one in items:
        found = pc.or_(found, pc.match_substring(values, one))
    return found


def _array(ids: Collection[str]) -> pa.Array:
    return pa.array(sorted(ids), pa.string())


def retained(
    tables: Iterator[Mapping[str, tuple[TableFile, ...]]],
) -> dict[str, dict[str, TableFile]]:
    """Every table file of some generations, once each: table to path to file."""
    found: dict[str, dict[str, TableFile]] = {}
    for generation in tables:
        for name, files in generation.items():
            if name in records.tables():
                found.setdefault(name, {}).update({one.path: one for one in files})
    return found
