"""The leak stage: signature facts and verdicts of every message, computed in the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.cell import Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.leak_task import rebuilt, unchecked
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Outcome
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

# One descriptor an item and the keys: a socket message carries at most 253.
_BATCH_ITEMS = 128
_BATCH_BYTES = 16 << 20

# What a verdict needs to know of a key and its sources.
_KEY_COLUMNS = (
    *("key_name", "txt", "source", "source_label", "seen_from_at", "seen_to_at"),
    *("submitted_at", "is_private_published"),
)
_MESSAGES = Query(
    "messages_to_check",
    """
    SELECT
        message.item_id AS item_id,
        item.size_bytes AS size_bytes,
        coalesce(item.media_type LIKE 'application/vnd.tamis.outlook%', false) AS is_rebuilt
    FROM message JOIN item ON item.item_id = message.item_id
    WHERE item.kind IN ('leak', 'reference')
        OR item.item_id IN (SELECT item_id FROM place WHERE kind IN ('leak', 'reference'))
    ORDER BY message.item_id
    """,
)


def compute_signatures(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to the tables of the stage, and what held the parsers.

    A message whose check kills its worker gets no verdict by silence: it becomes `unverifiable`
    with the reason in its evidence.
    """
    spool = writer.spool()
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    names = stage.writes
    counts = dict.fromkeys(names, 0)
    with writer.view() as view:
        found = view.query(_MESSAGES)
        # Messages of Outlook stores have no bytes that a signature could cover.
        messages = found.filter(pc.invert(found["is_rebuilt"]))
        stored = found.filter(found["is_rebuilt"])["item_id"].to_pylist()
        context.progress.start(stage.name, total=found.num_rows, unit="messages")
        keys = [write_keys(view, spool), write_signers(view, spool)]
        told = stamp | {"known_sealers": list(view.settings.known_sealers)}
        gathered: dict[str, list[pa.Table]] = {name: [] for name in names}
        for name, table in _stamped([rebuilt(item_id) for item_id in stored], stamp).items():
            gathered[name].append(table)
        context.progress.advance(len(stored))
        with context.cell(spool, ("tamis.run.leak_task",)) as cell:
            for outcome in cell.run(_jobs(view, messages, keys, told)):
                context.progress.advance(len(outcome.job.items))
                for name, rows in _rows_of(outcome, stamp).items():
                    gathered[name].append(rows)
                outcome.discard()
            isolation = cell.isolation.sentence()
    for name in names:
        schema = records.table(name).schema
        table = pa.concat_tables(gathered[name]) if gathered[name] else schema.empty_table()
        counts[name] = table.num_rows
        writer.replace(name, table)
    context.progress.finish(f"{found.num_rows:,} messages checked")
    return Computed(counts, {"isolation": isolation})


def _rows_of(outcome: Outcome, stamp: Mapping[str, str]) -> dict[str, pa.Table]:
    if outcome.status == "done":
        return {
            name: read_arrow(path, records.table(name).schema)
            for name, path in outcome.files.items()
        }
    reason = outcome.reason or "the check failed without a reason"
    ids = [str(item["item_id"]) for item in outcome.job.items]
    return _stamped([unchecked(item_id, reason) for item_id in ids], stamp)


def _stamped(
    rows: list[dict[str, dict[str, Any]]], stamp: Mapping[str, str]
) -> dict[str, pa.Table]:
    """Rows of evidence and verdict made here, without a look at any bytes."""
    return {
        name: records.table(name).build([{**row[name], **stamp} for row in rows])
        for name in ("signature_evidence", "signature_verdict")
    }


def write_keys(view: CaseView, spool: Path) -> Path:
    """The file in `spool` that holds the case's keys as an Arrow stream of `dkim_key`."""
    path = spool / "dkim_key.arrow"
    # Schema metadata carries what is no column: the instant after which a source attests nothing.
    keys = view.table("dkim_key", _KEY_COLUMNS).replace_schema_metadata(
        {"leak_at": view.settings.leak_at}
    )
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, keys.schema) as stream:
        stream.write_table(keys)
    return path


def write_signers(view: CaseView, spool: Path) -> Path:
    """The file in `spool` that holds the certificates and OpenPGP keys from outside the dump."""
    path = spool / "signer_key.arrow"
    keys = view.table("signer_key")
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, keys.schema) as stream:
        stream.write_table(keys)
    return path


def _jobs(
    view: CaseView, messages: pa.Table, keys: list[Path], told: Mapping[str, Any]
) -> Iterator[Job]:
    items: list[dict[str, Any]] = []
    spans: list[Path | Span] = [*keys]
    size = 0
    ids = messages.column("item_id").to_pylist()
    sizes = messages.column("size_bytes").to_pylist()
    for item_id, size_bytes in zip(ids, sizes, strict=True):
        if items and (len(items) == _BATCH_ITEMS or size + size_bytes > _BATCH_BYTES):
            yield _job(items, spans, told)
            items, spans, size = [], [*keys], 0
        path, offset, length = view.locate_item(item_id)
        items.append({"item_id": item_id, "input": len(spans)})
        spans.append(Span(path, offset, length))
        size += size_bytes
    if items:
        yield _job(items, spans, told)


def _job(items: list[dict[str, Any]], spans: list[Path | Span], told: Mapping[str, Any]) -> Job:
    return Job(
        job_id=items[0]["item_id"],
        task="tamis.run.leak_task:check_messages",
        paths=tuple(spans),
        items=tuple(items),
        args=dict(told),
    )
