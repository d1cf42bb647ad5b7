"""The tasks of the cell that look at files, and that read posts and what surrounds an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from tamis import records, registry
from tamis.registry import Glimpse, Source
from tamis.run.intake_leak import best, ends
from tamis.run.intake_stream import bare_name, packing, unpack
from tamis.sources.leak.magic import media_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOK = "tamis.run.intake_tasks:look"
READ = "tamis.run.intake_tasks:read"
_HEAD_BYTES = 1 << 16


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
            bare = _unpacked(stream, raw)
        except OSError as problem:
            told.append({"trouble": f"it could not be read ({problem.strerror or problem})"})
            continue
        found: dict[str, Any] = {"media_type": media_type(head, tail)}
        for group, readers in groups.items():
            found[group] = best(readers, raw if group == "leak" else bare)
        told.append(found)
    return told


def readers_of(group: str, kind: str | None) -> Mapping[str, Any]:
    """The readers of a group; of those for the surroundings only the ones of one kind."""
    found = registry.plugins(group)
    if group != "context" or kind is None:
        return found
    return {name: reader for name, reader in found.items() if reader.kind == kind}


def _unpacked(stream: BinaryIO, raw: Glimpse) -> Glimpse:
    if packing(raw.head) is None:
        return raw
    content, _ = unpack(stream)
    return Glimpse(bare_name(raw.name), content.read(_HEAD_BYTES), raw.size_bytes)


def read(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,
) -> dict[str, Any]:
    """How many rows each table got from the one file given, and what is damaged in it."""
    (item,) = items
    reader = registry.plugins(args["group"])[item["reader"]]
    stream, unpacked = unpack(inputs[item["input"]])
    source = Source(
        item["item_id"],
        bare_name(item["name"]),
        item["size_bytes"],
        item["path"],
        args["options"],
    )
    counts: dict[str, int] = {}
    for batches in reader.read(stream, source):
        for table, batch in batches.items():
            out.arrow(table, records.table(table).schema).write(batch)
            counts[table] = counts.get(table, 0) + batch.num_rows
    return {"counts": counts, "damage": unpacked.damage if unpacked else None}
