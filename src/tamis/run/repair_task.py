"""What runs inside the cell for the repair stage: messages in, rows and repaired bytes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.dkim import KeyRing
from tamis.analyses.leak.repair.rows import row_of
from tamis.analyses.leak.repair.search import repair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

TASK = "tamis.run.repair_task:repair_messages"


def repair_messages(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many messages were tried; rows of `repair`, and a blob for each repaired message.

    Input     `inputs[0]` is an Arrow stream of `dkim_key`; `inputs[item["input"]]` holds the
              bytes of the message `item["item_id"]`; `args["edit_work"]` is the work allowed for
              small edits, `args["stamp"]` the columns that name the run.
    """
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    keys = KeyRing(pa.ipc.open_stream(inputs[0]).read_all().to_pylist())
    kept: set[str] = set()
    for item in items:
        found = repair(inputs[item["input"]].read(), keys, edit_work=args["edit_work"])
        if found is None:
            continue
        row = row_of(item["item_id"], found)
        out.row("repair", {**row, **args["stamp"]})
        repaired_id = row["repaired_item_id"]
        if found.raw is not None and repaired_id not in kept:
            kept.add(repaired_id)
            with out.blob(repaired_id) as file:
                file.write(found.raw)
    return {"message_count": len(items)}


def unrepaired(item_id: str, reason: str) -> dict[str, Any]:
    """The row of a message whose search did not end.

    Limits    Says that nothing is known; the reason is in the sentence.
    """
    return {
        "item_id": item_id,
        "outcome": "not_repaired",
        "basis": "signature",
        "signature_position": 0,
        "steps": [],
        "steps_detail": f"Not repaired; the search did not end: {reason}.",
        "tried_count": 0,
        "repaired_claims": [],
        "repaired_does_not_claim": [],
    }
