"""Pairs of messages compared in the cell: their texts, pages and files, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.leak.pair_fields import COMPARED
from tamis.cell import Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.pair_task import TASK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Outcome
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext

# Two inputs a pair and the texts: a job has at most 200 inputs.
_BATCH_PAIRS = 96
_BATCH_BYTES = 32 << 20
_TEXT_CHARS = 500_000

# Texts leave the engine for so many pairs at a time.
_WINDOW_PAIRS = 4_000
_ASKED = Query(
    "asked",
    """
    SELECT item_id, original_id, is_text, needs_faces,
        row_number() OVER (ORDER BY item_id, original_id) - 1 AS place
    FROM chosen WHERE needs_bytes
    """,
)
_PAIRS = Query(
    "pairs_to_compare",
    "SELECT item_id, original_id, is_text, needs_faces FROM asked ORDER BY place",
)
_TEXTS = Query(
    "texts_to_compare",
    """
    SELECT asked.item_id AS item_id, asked.original_id AS original_id,
        CASE WHEN asked.is_text THEN left(coalesce(b.body_text, ''), $text_chars) ELSE '' END
            AS original_text,
        CASE WHEN asked.is_text THEN left(coalesce(a.body_text, ''), $text_chars) ELSE '' END
            AS leaked_text
    FROM asked JOIN message AS a ON a.item_id = asked.item_id
        JOIN message AS b ON b.item_id = asked.original_id
    WHERE asked.place >= $low AND asked.place < $high ORDER BY asked.place
    """,
    {"text_chars": _TEXT_CHARS},
)


def compare_pairs(
    writer: Writer, view: CaseView, engine: Engine, context: RunContext
) -> tuple[int, dict[str, str]]:
    """How many pairs of `chosen` the cell compared, into the table `compared`; and what held it.

    Input     the engine's table chosen: item_id, original_id, is_text (compare the decoded
              texts), needs_faces (compare the pages and files of the bytes), needs_bytes (either)
    """
    engine.run([_ASKED], keep=("asked",))
    pairs = engine.query(_PAIRS).to_pylist()
    if not pairs:
        engine.register("compared", COMPARED.empty_table(), COMPARED)
        return 0, {}
    spool = writer.spool()
    found: list[pa.Table] = []
    with context.cell(spool, ("tamis.run.pair_task",)) as cell:
        for outcome in cell.run(_all_jobs(view, engine, pairs, spool)):
            context.progress.advance(len(outcome.job.items))
            found.append(_rows_of(outcome))
            outcome.discard()
        isolation = cell.isolation.sentence()
    engine.register("compared", pa.concat_tables(found), COMPARED)
    return len(pairs), {"isolation": isolation}


def _rows_of(outcome: Outcome) -> pa.Table:
    asked = {(one["item_id"], one["original_id"]) for one in outcome.job.items}
    reason = outcome.reason or "the comparison failed without a reason"
    if outcome.status == "done" and "compared" in outcome.files:
        table = read_arrow(outcome.files["compared"], COMPARED)
        keys = zip(*(table.column(name).to_pylist() for name in COMPARED.names[:2]), strict=True)
        if table.num_rows == len(asked) and set(keys) == asked:
            return table
        reason = "the comparison spoke of other messages than it was asked about"
    lost = {"more_differing": [], "more_uncounted": [], "is_cut": False, "trouble": reason}
    rows = [{"item_id": one, "original_id": other, **lost} for one, other in sorted(asked)]
    return pa.Table.from_pylist(rows, COMPARED)


def _all_jobs(
    view: CaseView, engine: Engine, pairs: Sequence[Mapping[str, Any]], spool: Path
) -> Iterator[Job]:
    for low in range(0, len(pairs), _WINDOW_PAIRS):
        window = pairs[low : low + _WINDOW_PAIRS]
        texts = engine.query(_TEXTS, {"low": low, "high": low + len(window)})
        yield from _jobs(view, window, texts, spool)


def _jobs(
    view: CaseView, pairs: Sequence[Mapping[str, Any]], texts: pa.Table, spool: Path
) -> Iterator[Job]:
    start = size = 0
    for rank, pair in enumerate(pairs):
        spans = _spans(view, pair)
        more = sum(span.length for span in spans)
        if rank > start and (rank - start == _BATCH_PAIRS or size + more > _BATCH_BYTES):
            yield _job(view, pairs[start:rank], texts.slice(start, rank - start), spool)
            start, size = rank, 0
        size += more
    yield _job(view, pairs[start:], texts.slice(start), spool)


def _job(view: CaseView, pairs: Sequence[Mapping[str, Any]], texts: pa.Table, spool: Path) -> Job:
    path = spool / f"{pairs[0]['item_id']}-{pairs[0]['original_id']}.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, texts.schema) as stream:
        stream.write_table(texts)
    inputs: list[Path | Span] = [path]
    items = []
    for row, pair in enumerate(pairs):
        spans = _spans(view, pair)
        items.append(
            {
                "item_id": pair["item_id"],
                "original_id": pair["original_id"],
                "is_text": pair["is_text"],
                "row": row,
                "original": len(inputs) if spans else None,
                "leaked": len(inputs) + 1 if spans else None,
            }
        )
        inputs += spans
    return Job(path.stem, TASK, tuple(inputs), tuple(items), {}, {"compared": COMPARED})


def _spans(view: CaseView, pair: Mapping[str, Any]) -> list[Span]:
    """Where the bytes of a pair lie: the original, then the leak; none for rebuilt messages."""
    if not pair["needs_faces"]:
        return []
    return [Span(*view.locate_item(pair[name])) for name in ("original_id", "item_id")]
