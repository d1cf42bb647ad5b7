"""The reference stage: every leaked message beside the originals of its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.analyses.leak import reference
from tamis.analyses.leak.reference_match import COMPARED, match_steps
from tamis.cell import Cell, Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.reference_task import TASK
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Outcome
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

# Two inputs a pair and the texts: a job has at most 200 inputs.
_BATCH_PAIRS = 96
_BATCH_BYTES = 32 << 20
_TEXT_CHARS = 500_000

_PAIRS = Query(
    "pairs_to_compare",
    """
    SELECT item_id, original_id, is_text, needs_faces
    FROM chosen WHERE needs_bytes ORDER BY item_id, original_id
    """,
)
_TEXTS = Query(
    "texts_to_compare",
    """
    SELECT chosen.item_id AS item_id, chosen.original_id AS original_id,
        CASE WHEN chosen.is_text THEN left(coalesce(b.body_text, ''), $text_chars) ELSE '' END
            AS original_text,
        CASE WHEN chosen.is_text THEN left(coalesce(a.body_text, ''), $text_chars) ELSE '' END
            AS leaked_text
    FROM chosen JOIN message AS a ON a.item_id = chosen.item_id
        JOIN message AS b ON b.item_id = chosen.original_id
    WHERE chosen.needs_bytes ORDER BY chosen.item_id, chosen.original_id
    """,
    {"text_chars": _TEXT_CHARS},
)


def compute_reference(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `reference_match` and `reference_coverage`, and what held the parsers.

    Fields are compared by the engine; texts that differ, and HTML pages, in the cell. A pair
    whose comparison kills its worker is `not_compared`, with the reason.
    """
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
        "run_at": context.started_at,
    }
    counts: dict[str, int] = {}
    notes: dict[str, str] = {}
    context.progress.start(stage.name, unit="pairs")
    with writer.view() as view, view.engine("duckdb") as engine:
        steps = reference.pair_steps(params)
        engine.run(steps, keep=[step.name for step in steps], params=params)
        pairs = engine.query(_PAIRS).to_pylist()
        compared = COMPARED.empty_table()
        if pairs:
            texts = engine.query(_TEXTS)
            compared, notes["isolation"] = _compare(writer, view, pairs, texts, context)
        engine.register("compared", compared, COMPARED)
        engine.run(match_steps(), keep=("reference_match",), params=params)
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(name, written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(f"{len(pairs):,} pairs compared in the cell")
    return Computed(counts, notes)


def _compare(
    writer: Writer,
    view: CaseView,
    pairs: Sequence[Mapping[str, Any]],
    texts: pa.Table,
    context: RunContext,
) -> tuple[pa.Table, str]:
    """What the cell says of each pair, and what held it."""
    spool = writer.spool()
    found: list[pa.Table] = []
    with Cell(context.jobs, spool, preload=("pyarrow", "tamis.run.reference_task")) as cell:
        for outcome in cell.run(_jobs(view, pairs, texts, spool)):
            context.progress.advance(len(outcome.job.items))
            found.append(_rows_of(outcome))
            outcome.discard()
        isolation = cell.isolation.sentence()
    return pa.concat_tables(found), isolation


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
