"""The repair stage: what keeps signatures from holding, searched for in the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.cell import Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.leak import write_keys
from tamis.run.repair_task import TASK, unrepaired
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Outcome
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

# Work for small edits, in bytes hashed: what all messages share, and the bounds for one.
_EDIT_WORK_ALL = 40_000_000_000
_EDIT_WORK_MOST = 1_500_000_000
_EDIT_WORK_LEAST = 40_000_000
# A job must end within the cell's limit even if every message uses up its work.
_JOB_WORK = 12_000_000_000
_OTHER_WORK = 150_000_000
_BATCH_ITEMS = 96
_BATCH_BYTES = 16 << 20

_TO_REPAIR = Query(
    "messages_to_repair",
    """
    WITH signed AS (
        SELECT item_id,
            bool_or(coalesce(header_verifies AND body_matches
                AND alignment IN ('exact', 'organisational'), false)) AS holds,
            bool_or(body_matches IS NOT NULL
                AND (coalesce(NOT header_verifies, false) OR NOT body_matches)) AS is_open,
            bool_or(coalesce(header_verifies IS NOT NULL
                AND NOT (header_verifies AND body_matches), false)) AS has_key
        FROM signature WHERE kind = 'dkim' GROUP BY item_id
    ), defective AS (
        SELECT DISTINCT subject_id AS item_id FROM signature_evidence
        WHERE check_name = 'dkim' AND ref LIKE '%"defect"%'
    )
    SELECT signed.item_id AS item_id, item.size_bytes AS size_bytes, signed.has_key AS has_key
    FROM signed JOIN item ON item.item_id = signed.item_id
        JOIN message ON message.item_id = signed.item_id
    WHERE (signed.is_open AND NOT signed.holds)
        OR signed.item_id IN (SELECT item_id FROM defective)
    ORDER BY signed.item_id
    """,
)


def compute_repairs(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `repair`, and the repaired bytes as blobs of the case.

    The work for small edits is shared out by the number of messages that a known key signed, so
    that a large dump ends in time; how much each got stands in the run's settings.

    Source and Limits    as `analyses.leak.repair.search.repair`
    """
    spool = writer.spool()
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    rows: list[pa.Table] = []
    with writer.view() as view:
        found = view.query(_TO_REPAIR).to_pylist()
        edit_work = _share(sum(one["has_key"] for one in found))
        context.progress.start(stage.name, total=len(found), unit="messages")
        args = {"stamp": stamp, "edit_work": edit_work}
        keys = write_keys(view, spool)
        with context.cell(spool, ("tamis.run.repair_task",)) as cell:
            for outcome in cell.run(_jobs(view, found, keys, args)):
                context.progress.advance(len(outcome.job.items))
                rows += _taken(writer, outcome, stamp)
                outcome.discard()
            isolation = cell.isolation.sentence()
    schema = records.table("repair").schema
    table = pa.concat_tables(rows) if rows else schema.empty_table()
    writer.replace("repair", table)
    context.progress.finish(f"{len(found):,} messages tried")
    notes = {"isolation": isolation, "edit_work": str(edit_work)}
    return Computed({"repair": table.num_rows}, notes)


def _share(count: int) -> int:
    """The work for small edits that each of so many messages gets."""
    return min(_EDIT_WORK_MOST, max(_EDIT_WORK_LEAST, _EDIT_WORK_ALL // max(1, count)))


def _taken(writer: Writer, outcome: Outcome, stamp: Mapping[str, str]) -> list[pa.Table]:
    """The rows of one job; its repaired bytes become blobs, once their hash is checked."""
    record = records.table("repair")
    if outcome.status != "done":
        reason = outcome.reason or "it failed without a reason"
        ids = [str(item["item_id"]) for item in outcome.job.items]
        return [record.build([{**unrepaired(item_id, reason), **stamp} for item_id in ids])]
    if "repair" not in outcome.files:
        return []
    table = read_arrow(outcome.files["repair"], record.schema)
    wanted = set(table["repaired_item_id"].to_pylist()) - {None}
    for name, path in outcome.files.items():
        if name in wanted:
            writer.adopt(path, name)
    return [table]


def _jobs(
    view: CaseView, found: list[dict[str, Any]], keys: Path, args: Mapping[str, Any]
) -> Iterator[Job]:
    most = max(1, min(_BATCH_ITEMS, _JOB_WORK // (int(args["edit_work"]) + _OTHER_WORK)))
    items: list[dict[str, Any]] = []
    spans: list[Path | Span] = [keys]
    size = 0
    for one in found:
        if items and (len(items) == most or size + one["size_bytes"] > _BATCH_BYTES):
            yield Job(items[0]["item_id"], TASK, tuple(spans), tuple(items), dict(args))
            items, spans, size = [], [keys], 0
        items.append({"item_id": one["item_id"], "input": len(spans)})
        spans.append(Span(*view.locate_item(one["item_id"])))
        size += one["size_bytes"]
    if items:
        yield Job(items[0]["item_id"], TASK, tuple(spans), tuple(items), dict(args))
