"""The tasks of the cell that look at files, and that read posts and what surrounds an incident."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow.compute as pc

from tamis import records, registry
from tamis.registry import Glimpse, Source
from tamis.run.intake_leak import best, ends
from tamis.run.intake_stream import bare_name, needs_room, packing, unpack
from tamis.sources.leak.magic import media_type
from tamis.sources.posts.advice import advise, is_description

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

LOOK = "tamis.run.intake_tasks:look"
READ = "tamis.run.intake_tasks:read"
CUT = "tamis.run.intake_tasks:cut"
_HEAD_BYTES = 1 << 16
_SURE_FROM = 50  # what some reader takes surely needs no advice


def look(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,  # noqa: ARG001 (the task's signature)
) -> list[dict[str, Any]]:
    """For each item and each asked group of readers the best reader and its score."""
    groups = {group: readers_of(group, args.get("kind")) for group in args["groups"]}
    told: list[dict[str, Any]] = []
    for item in items:
        stream = inputs[item["input"]]
        try:
            head, tail = ends(stream, item["size_bytes"])
            raw = Glimpse(item["name"], head, item["size_bytes"], tail)
            if needs_room(head) and not args["is_wide"] and groups.keys() - {"leak"}:
                told.append({"needs_room": True})
                continue
            bare = _unpacked(stream, raw, is_wide=args["is_wide"])
        except OSError as problem:
            told.append({"trouble": f"it could not be read ({problem.strerror or problem})"})
            continue
        found: dict[str, Any] = {"media_type": media_type(head, tail)}
        found["is_packed"] = packing(head) is not None
        no_posts = is_description(bare)
        for group, readers in groups.items():
            shown = raw if group == "leak" else bare
            found[group] = ("", 0) if group == "posts" and no_posts else best(readers, shown)
        if all(found[group][1] < _SURE_FROM for group in groups):
            found["advice"] = advise(bare)
        told.append(found)
    return told


def readers_of(group: str, kind: str | None) -> Mapping[str, Any]:
    """The readers of a group; of those for the surroundings only the ones of one kind."""
    found = registry.plugins(group)
    if group != "context" or kind is None:
        return found
    return {name: reader for name, reader in found.items() if reader.kind == kind}


def _unpacked(stream: BinaryIO, raw: Glimpse, *, is_wide: bool) -> Glimpse:
    if packing(raw.head) is None:
        return raw
    content, _ = unpack(stream, is_wide=is_wide)
    return Glimpse(bare_name(raw.name), content.read(_HEAD_BYTES), raw.size_bytes)


def read(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,
) -> dict[str, Any]:
    """How many rows each table got from the one file given, and what is damaged in it.

    An item with `begin` is a range of a file: its stream is that range, and the bytes that its
    rows name are counted on from there.
    """
    (item,) = items
    reader = registry.plugins(args["group"])[item["reader"]]
    begin = item.get("begin")
    stream = inputs[item["input"]]
    unpacked = None
    if begin is None:
        stream, unpacked = unpack(stream, is_wide=args["is_wide"])
    counts: dict[str, int] = {}
    gc.disable()  # rows form no cycles; to look for some takes a tenth of the time
    try:
        for batches in reader.read(stream, _source(item, args, args.get("shared"))):
            for table, batch in batches.items():
                moved = _moved(batch, begin) if begin else batch
                out.arrow(table, records.table(table).schema).write(moved)
                counts[table] = counts.get(table, 0) + batch.num_rows
            out.mark(str(counts.get("post", 0)))  # for whoever shows how far it has come
    finally:
        gc.enable()
    return {"counts": counts, "damage": unpacked.damage if unpacked else None}


def cut(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,  # noqa: ARG001 (the task's signature)
) -> dict[str, Any] | None:
    """Where the one file given can be cut, and what its ranges must be told; None for nowhere."""
    (item,) = items
    reader = registry.plugins(args["group"])[item["reader"]]
    stream = inputs[item["input"]]
    is_packed = packing(stream.read(8)) is not None
    stream.seek(0)
    if is_packed or reader.ranges is None:
        return None
    found = reader.ranges(stream, _source(item, args, None), args["every"])
    if found is None or len(found.starts) < 2:
        return None
    return {"starts": list(found.starts), "shared": dict(found.shared)}


def _source(
    item: Mapping[str, Any], args: Mapping[str, Any], shared: Mapping[str, Any] | None
) -> Source:
    return Source(
        item["item_id"],
        bare_name(item["name"]),
        item["size_bytes"],
        item["path"],
        args["options"],
        shared,
    )


def _moved(batch: pa.RecordBatch, begin: int) -> pa.RecordBatch:
    """The batch with its bytes counted from the start of the file."""
    for column in ("byte_start", "byte_end"):
        place = batch.schema.get_field_index(column)
        if place >= 0:
            field = batch.schema.field(place)
            batch = batch.set_column(place, field, pc.add(batch.column(place), begin))
    return batch
