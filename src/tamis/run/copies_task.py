"""What runs inside the cell for near copies: distinct texts in, their MinHash marks out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from tamis.analyses.leak.copies_near import SKETCH, sketches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

SKETCHES = "tamis.run.copies_task:sketch"


def sketch(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many texts were sketched; rows of `sketch` go to `out`.

    Input     `inputs[0]` is an Arrow stream (text_hash, words); an item names a row
    """
    table = pa.ipc.open_stream(inputs[0]).read_all()
    chosen = table.take([item["row"] for item in items])
    texts = list(zip(*(chosen.column(one).to_pylist() for one in chosen.column_names), strict=True))
    out.arrow("sketch", SKETCH).write(pa.RecordBatch.from_pylist(sketches(texts), SKETCH))
    return {"text_count": len(texts)}
