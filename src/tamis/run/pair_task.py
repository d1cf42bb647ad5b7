"""What runs inside the cell where copies are compared: pairs of messages in, differences out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from tamis.analyses.leak.pair_fields import COMPARED
from tamis.analyses.leak.reference_text import Changes, Faces, changes, faces
from tamis.analyses.leak.text_kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

TASK = "tamis.run.pair_task:compare"


def compare(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many pairs were compared; a row of `compared` for each goes to `out`.

    Input     `inputs[0]` is an Arrow stream with the decoded texts of the pairs (original_text,
              leaked_text), at the row an item names; an item whose bytes are to be compared too
              names the inputs that hold them.
    """
    del args
    texts = pa.ipc.open_stream(inputs[0]).read_all()
    rows = []
    for item in items:
        original, leaked = (
            texts.column(name)[item["row"]].as_py() for name in ("original_text", "leaked_text")
        )
        seen = Faces()
        if item["original"] is not None:
            seen = faces(inputs[item["original"]].read(), inputs[item["leaked"]].read())
        told = changes(original, leaked) if item["is_text"] else None
        row = _row(item, seen, told)
        row["text_kinds"] = kinds(original, leaked) if item["is_text"] else []
        row["face_kinds"] = kinds(*seen.shown) if seen.shown is not None else []
        rows.append(row)
    out.arrow("compared", COMPARED).write(pa.RecordBatch.from_pylist(rows, COMPARED))
    return {"pair_count": len(rows)}


def _row(item: Mapping[str, Any], seen: Faces, told: Changes | None) -> dict[str, Any]:
    more = changes(*seen.shown) if seen.shown is not None else None
    pieces = [one.text for one in (told, more) if one is not None]
    return {
        "item_id": item["item_id"],
        "original_id": item["original_id"],
        "more_differing": seen.differing,
        "more_uncounted": seen.uncounted,
        "similarity": told.similarity if told else more.similarity if more else None,
        "text_changes": "\n".join(pieces) or None,
        "is_cut": any(one.is_cut for one in (told, more) if one is not None),
        "file_kinds": None if item["original"] is None else list(seen.file_kinds),
        "is_same_files": None if item["original"] is None else seen.is_same_files,
        "trouble": None,
    }
