"""Containers too large for one job: cut into spans first, the spans read in jobs of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.cell import read_arrow
from tamis.errors import CellError
from tamis.run.intake_cuts import SPAN_SCHEMA
from tamis.run.intake_store import Taken, failed
from tamis.run.intake_work import (
    folder_of_name,
    mailbox_of,
    part_of_path,
    path_of_name,
    stand_in_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.cell import Outcome
    from tamis.run.intake_book import Book

JOB_SPANS = 1_000
_JOB_MEMBERS = 500
_JOB_BYTES = 32 << 20


def read_spans(outcome: Outcome, size: int) -> pa.Table:
    """The spans a container was cut into, each inside it and named once.

    Errors    CellError when one is not
    """
    if "span" not in outcome.files:
        return SPAN_SCHEMA.empty_table()
    spans = read_arrow(outcome.files["span"], SPAN_SCHEMA)
    start, end = spans["byte_start"], spans["byte_end"]
    for low, high in ((pa.scalar(0), start), (start, end), (end, pa.scalar(size))):
        if not pc.all(pc.less_equal(low, high), min_count=0).as_py():
            raise CellError("a span lies outside its container")
    if pc.count_distinct(spans["position"]).as_py() != spans.num_rows:
        raise CellError("two spans have the same rank")
    return spans


def is_apart(spans: pa.Table) -> bool:
    """Whether the entries are made by the container's reader, each from its position."""
    return bool(spans["member_of"].null_count < spans.num_rows)


def lost_in(tables: Mapping[str, pa.Table]) -> int:
    """How many entries of a container came back as places without bytes."""
    names = ("item_id", "status", "size_bytes")
    columns = (tables["item"][name].to_pylist() for name in names)
    lost = {
        one for one, status, size in zip(*columns, strict=True) if status == "failed" and not size
    }
    columns = (tables["place"][name].to_pylist() for name in ("item_id", "depth"))
    return sum(one in lost and depth == 1 for one, depth in zip(*columns, strict=True))


def corrected(ledger: pa.Table, lost_count: int) -> pa.Table:
    """The counts of a container, less the entries that its reader could not know to be lost."""
    rows = ledger.to_pylist()
    for row in rows:
        row["emitted_count"] -= lost_count
        row["failed_count"] += lost_count
    return records.table("ledger").build(rows)


def around_of(container: Taken, spans: pa.Table) -> dict[str, Any]:
    """What all items of a container have in common; more than one member make it a mailbox."""
    entry = container.entry
    box, shown = entry.mailbox_id, entry.mailbox_path
    if (pc.sum(spans["is_member"].cast(pa.int64())).as_py() or 0) > 1:
        box, shown = mailbox_of(container.item_id, entry.path), _inside(container)
    return {
        "input": 0,
        "depth": 1,
        "parent_item_id": container.item_id,
        "mailbox_id": box,
        "mailbox_path": shown,
        "holder_path": entry.path,
    }


def items_of(
    container: Taken, spans: pa.Table, around: Mapping[str, Any]
) -> tuple[dict[str, Any], ...]:
    """The items of one job that reads spans of a container."""
    path, inside = container.entry.path, _inside(container)
    items = []
    for one in spans.to_pylist():
        item = {**one, **around, "path": f"{path}/{part_of_path(one['name'])}"}
        if one["is_path"]:
            folder = folder_of_name(one["name"])
            item["folder"] = folder
            item["path"] = f"{path}/{path_of_name(one['name'])}"
            item["mailbox_id"] = mailbox_of(container.item_id, f"{path}/{folder}")
            item["mailbox_path"] = f"{inside}/{folder}".rstrip("/")
        items.append(item)
    return tuple(items)


def _inside(container: Taken) -> str:
    return f"{container.entry.mailbox_path}/{part_of_path(container.entry.name)}"


def pieces(spans: pa.Table) -> Iterator[pa.Table]:
    """The spans in runs of moderate size, each for one job."""
    lengths = pc.if_else(
        pc.is_valid(spans["member_of"]),
        _JOB_BYTES // _JOB_MEMBERS,
        pc.subtract(spans["byte_end"], spans["byte_start"]),
    )
    start = size = 0
    for at, length in enumerate(lengths.to_pylist()):
        if at > start and (at - start >= JOB_SPANS or size + length > _JOB_BYTES):
            yield spans.slice(start, at - start)
            start, size = at, 0
        size += length
    if spans.num_rows:
        yield spans.slice(start)


def fail_span(
    book: Book, container: Taken, kind: str, item: Mapping[str, Any], reason: str
) -> None:
    """Account for one span that was lost to the parser, by its bytes and its place."""
    start, end = item["byte_start"], item["byte_end"]
    if item["member_of"]:
        item_id = stand_in_id(container.entry.root, item["path"], item["position"])
        told = f"{reason}; the id stands for the place, not for content"
        book.item(failed(item_id, kind, 0, told))
        start = end = None
    else:
        item_id = _hash_span(container.path, start, end)
        book.item(failed(item_id, kind, end - start, reason))
    row = {
        "item_id": item_id,
        "parent_item_id": container.item_id,
        "root": container.entry.root,
        "kind": kind,
        **{name: item[name] for name in ("path", "name", "position", "depth", "mailbox_id")},
        "claimed_type": item.get("claimed_type"),
        "byte_start": start,
        "byte_end": end,
    }
    book.row("place", row)
    book.report.why("failed", reason, item["path"])


def _hash_span(path: Path, start: int, end: int) -> str:
    told = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left and (chunk := file.read(min(left, 1 << 20))):
            told.update(chunk)
            left -= len(chunk)
    return told.hexdigest()
