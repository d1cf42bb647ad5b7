"""Forgetting an item: its bytes and text go from everything the case keeps; a tombstone stays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.case import erase, journal, lease, pin, redact, tombstone
from tamis.case.custody import Event
from tamis.case.journal import Change
from tamis.case.layout import BLOBS, ERASE, REPORTS, blob_path, digest
from tamis.case.lock import commit_lock
from tamis.case.shelf import Shelf
from tamis.case.writer import Writer
from tamis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tamis.case.locate import Location, Locator
    from tamis.case.manifest import Manifest
    from tamis.case.pin import Pin
    from tamis.case.view import CaseView


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, and what remains that the case cannot remove.

    `packed` are items that still hold it in a form nobody can cut it out of; `outside` are
    files that were added by reference; `waiting` are processes still reading an older
    generation; `reports` were made before and may quote it.
    """

    item_ids: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """The result in plain sentences, what remains included."""
        if not self.item_ids:
            return ("nothing to do: the item was forgotten before",)
        told = [f"forgotten: item {self.item_ids[0]}"]
        if others := len(self.item_ids) - 1:
            told.append(f"with {others} items that only occurred inside it")
        told += [f"overwritten with zeros inside item {one}" for one in self.redacted]
        told += [f"NOT removed, it lies outside the case: {one}" for one in self.outside]
        told += [
            f"NOT removed: item {one} still holds it in packed form; forget that item as well"
            for one in self.packed
        ]
        told += [
            f"{one} still reads an older generation; its files go when it ends and the case is "
            "next written to"
            for one in self.waiting
        ]
        told += [
            f"report {one} was made before: its page is no longer in the case; copies may quote it"
            for one in self.reports
        ]
        return tuple(told)


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Where the forgotten bytes stand in the case, and where they cannot be reached."""

    own: tuple[str, ...]
    spans: tuple[tuple[str, str, int, int], ...]
    outside: tuple[str, ...]
    packed: tuple[str, ...]


def forget(root: Path, item_id: str, why: str, author: str = "") -> Forgotten:
    """What was forgotten: the item, what only occurred inside it, and all text taken from them.

    Own blobs are removed; spans of a container are overwritten with zeros in place; rows go
    from every table file that the case keeps, also for pinned reports. The tombstone keeps hash,
    reason and time, and custody the same.

    Errors    InputError for an item that the case does not know, or without a reason;
              CaseLockedError while another process writes.
    """
    if not why.strip():
        raise InputError("say why the item is to be forgotten: the reason is kept in custody")
    with Writer(root) as writer:
        with writer.view() as view:
            locator = view.locator()
            if item_id in locator.forgotten:
                return Forgotten()
            if not locator.knows(item_id):
                raise InputError(f"{root}: no item {item_id} is in this case; see `tamis show`")
            items = _with_repairs(view, _with_children(view, item_id, locator.forgotten))
            found = _find_bytes(locator, items)
            gone = redact.only_there(view, items)
            hashes = _redacted_hashes(root, found)
        rows = _tombstones(items, found, hashes, why)
        facts = {
            "item_id": item_id,
            "why": why,
            "author": author,
            "tombstones": [tombstone.facts(row) for row in rows],
        }
        return _Work(root, gone, rows, facts).commit(found)


def _with_children(view: CaseView, item_id: str, before: Collection[str]) -> tuple[str, ...]:
    """The item, and every item all of whose places lie inside it or what was forgotten before."""
    parents: dict[str, set[str | None]] = defaultdict(set)
    inside: dict[str, set[str]] = defaultdict(set)
    columns = view.table("place", ["item_id", "parent_item_id"]).to_pydict()
    for child, parent in zip(columns["item_id"], columns["parent_item_id"], strict=True):
        parents[child].add(parent)
        if parent is not None:
            inside[parent].add(child)
    chosen = {item_id: None}
    waiting = [item_id]
    gone = set(before)
    while waiting:
        for child in sorted(inside[waiting.pop()]):
            if child not in chosen and parents[child] <= chosen.keys() | gone:
                chosen[child] = None
                waiting.append(child)
    return tuple(chosen)


def _with_repairs(view: CaseView, items: tuple[str, ...]) -> tuple[str, ...]:
    """The items, and their repaired bytes where these are no item and no other's repair."""
    columns = view.table("repair", ["item_id", "repaired_item_id"]).to_pydict()
    makers: dict[str, set[str]] = defaultdict(set)
    for maker, made in zip(columns["item_id"], columns["repaired_item_id"], strict=True):
        if made is not None:
            makers[made].add(maker)
    known = set(view.table("item", ["item_id"])["item_id"].to_pylist())
    chosen = set(items)
    more = [made for made, of in makers.items() if of <= chosen and made not in known | chosen]
    return (*items, *sorted(more))


def _find_bytes(locator: Locator, items: tuple[str, ...]) -> _Bytes:
    own: list[str] = []
    outside: set[str] = set()
    packed: set[str] = set()
    spans: set[tuple[str, str, int, int]] = set()
    for item_id in items:
        if locator.is_outside(item_id):
            outside.add(str(locator.file(item_id)))
        elif locator.file(item_id) is not None:
            own.append(item_id)
        packed.update(parent for parent in locator.packed_in(item_id) if parent not in items)
        for found in locator.spans(item_id):
            _sort_span(locator, item_id, found, (spans, outside, packed))
    kept = tuple(sorted(one for one in spans if one[1] not in items))
    return _Bytes(tuple(own), kept, tuple(sorted(outside)), tuple(sorted(packed)))


def _sort_span(
    locator: Locator,
    item_id: str,
    found: tuple[str, Location, str | None],
    into: tuple[set[tuple[str, str, int, int]], set[str], set[str]],
) -> None:
    spans, outside, packed = into
    holder, location, coarse = found
    if locator.is_outside(holder):
        outside.add(str(location.path))
    elif coarse is not None and locator.file(coarse) is None:
        # The span is an encoded container that exists nowhere else: zeros would take it whole.
        packed.add(coarse)
    else:
        spans.add((item_id, holder, location.byte_start, location.byte_end))


def _redacted_hashes(root: Path, found: _Bytes) -> dict[str, str]:
    cuts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for _, holder, start, end in found.spans:
        cuts[holder].append((start, end))
    return {
        holder: erase.redacted_sha256(blob_path(root, holder), spans)
        for holder, spans in cuts.items()
    }


def _tombstones(
    items: tuple[str, ...], found: _Bytes, hashes: dict[str, str], why: str
) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {
            "item_id": item_id,
            "redacted_item_id": holder,
            "redacted_sha256": hashes[holder],
            "byte_start": start,
            "byte_end": end,
        }
        for item_id, holder, start, end in found.spans
    ]
    placed = {row["item_id"] for row in rows}
    rows += [{"item_id": item_id} for item_id in items if item_id not in placed]
    return [{**row, "why": why, "forgotten_at": now} for row in rows]


@dataclass(frozen=True, slots=True)
class _Work:
    """One forgetting on its way through tables, pins and the commit."""

    root: Path
    gone: redact.Gone
    tombstones: list[dict[str, Any]]
    facts: dict[str, Any]

    def commit(self, found: _Bytes) -> Forgotten:
        """The result, after the commit and the destruction that follows from it."""
        with commit_lock(self.root):
            before = journal.settle(self.root)
            pins = pin.pinned(self.root, before)
            rewritten = self._rewrite(before, pins)
            held = lease.leased(self.root)
            # Pages whose commit never came too: each may quote the item.
            found_pages = sorted((self.root / REPORTS).glob("*.html"))
            pages = [str(path.relative_to(self.root)) for path in found_pages]
            erasure = self._erasure(found, rewritten, held, pages)
            journal.commit(self.root, lambda now: self._change(now, pins, rewritten, erasure))
            erase.carry_out(self.root)
            waiting = lease.holders(self.root) if held & rewritten.files.keys() else ()
        lease.collect(self.root)
        return Forgotten(
            item_ids=(self.facts["item_id"], *sorted(self.gone.items - {self.facts["item_id"]})),
            redacted=tuple(sorted({holder for _, holder, _, _ in found.spans})),
            outside=found.outside,
            packed=found.packed,
            waiting=waiting,
            reports=tuple(sorted(pins)),
        )

    def _rewrite(self, before: Manifest, pins: dict[str, Pin]) -> redact.Rewritten:
        generations = [before.tables, *(one.manifest.tables for one in pins.values())]
        rewritten = redact.Rewritten()
        for name, files in redact.retained(iter(generations)).items():
            shelf = Shelf(self.root, records.table(name), before.generation + 1)
            for one in files.values():
                new = redact.rewrite(self.root, one, self.gone, shelf)
                if new is not one:
                    rewritten.files[one.path] = new
            shelf.sync()
        return rewritten

    def _erasure(
        self, found: _Bytes, rewritten: redact.Rewritten, held: set[str], pages: list[str]
    ) -> erase.Erasure:
        blobs = [f"{BLOBS}/{one[:2]}/{one}" for one in found.own]
        spans = {
            erase.Zeros(f"{BLOBS}/{holder[:2]}/{holder}", start, end)
            for _, holder, start, end in found.spans
        }
        # What a living reader holds goes later, by the collection that follows its end.
        tables = sorted(rewritten.files.keys() - held)
        return erase.Erasure(
            (*blobs, *tables, *pages), tuple(sorted(spans, key=lambda one: one.path))
        )

    def _change(
        self,
        now: Manifest,
        pins: dict[str, Pin],
        rewritten: redact.Rewritten,
        erasure: erase.Erasure,
    ) -> Change:
        tables = rewritten.apply(now.tables)
        record = records.table("tombstone")
        shelf = Shelf(self.root, record, now.generation + 1)
        shelf.add(record.build(self.tombstones))
        shelf.flush()
        shelf.sync()
        tables["tombstone"] = (*tables.get("tombstone", ()), *shelf.files)
        files = {ERASE: erasure.render()}
        stated = {}
        for report, one in pins.items():
            cleared = replace(one.manifest, tables=rewritten.apply(one.manifest.tables))
            data = replace(one, manifest=cleared).render()
            files[f"{REPORTS}/{report}.json"] = data.decode()
            stated[report] = digest(data)
        after = replace(now, tables=tables, pins=stated)
        return Change(after, [Event("forget", self.facts)], files)
