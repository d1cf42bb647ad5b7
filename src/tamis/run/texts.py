"""Stages over the words of the corpus: texts go into the cell in batches, rows come out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.cell import Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.stages import Computed
from tamis.sources.leak.documents.text import NO_PROSE
from tamis.syntax.language import LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Cell
    from tamis.progress import Progress
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

TASKS = "tamis.run.text_tasks"
_BATCH_ROWS = 400
_BATCH_CHARACTERS = 4_000_000
_BATCH_BEGINNINGS = 2_000
_BATCH_SPANS = 128
_BATCH_BYTES = 16 << 20
TEXT_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("is_message", pa.bool_(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("text", pa.string()),
        pa.field("sender", pa.string()),
        pa.field("receivers", pa.list_(pa.string())),
        pa.field("mailbox_ids", pa.list_(pa.string())),
    ]
)
_KNOWN = Query(
    "items_with_words",
    """
    SELECT item.item_id AS item_id, min(place.name) AS name,
           list_sort(list_distinct(list(place.mailbox_id)
               FILTER (WHERE place.mailbox_id IS NOT NULL))) AS mailbox_ids,
           min(place.parent_item_id) AS parent_item_id
    FROM item LEFT JOIN place ON place.item_id = item.item_id
    WHERE item.kind IN ('leak', 'reference')
    GROUP BY item.item_id
    """,
)
_MESSAGES = Query(
    "messages_with_bytes",
    """
    SELECT message.item_id AS item_id, item.size_bytes AS size_bytes,
           message.from_address AS from_address, message.from_name AS from_name,
           message.subject AS subject, message.is_bulk AS is_bulk,
           epoch_us(message.sent_at) AS sent_us
    FROM message JOIN item ON item.item_id = message.item_id
    WHERE item.kind IN ('leak', 'reference')
    ORDER BY message.item_id
    """,
)
_TOLD_APART = Query(
    "documents_without_language",
    """
    SELECT document.item_id AS item_id
    FROM document
    LEFT JOIN item ON item.item_id = document.item_id
    LEFT JOIN message ON message.item_id = document.item_id
    WHERE list_contains($no_prose, item.media_type) OR message.item_id IS NOT NULL
    """,
)
_MESSAGE = (
    *("item_id", "subject", "body_text", "from_address"),
    *("to_addresses", "cc_addresses", "bcc_addresses"),
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the corpus: the task, what it is told, and the only table it writes.

    `more` are files that every job is given behind its texts.
    """

    task: str
    table: str
    args: Mapping[str, Any]
    more: tuple[Path, ...] = ()
    module: str = TASKS
    tables: Mapping[str, pa.Schema] = field(default_factory=dict)


def compute_exposures(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `exposure`: each secret that stands readable, masked, and whom to warn.

    Source and Limits    as `analyses.leak.exposure.find`
    """
    return over_texts(writer, stage, context, Pass("find_exposures", "exposure", {}))


def compute_document_kinds(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `document_kind`: the labels of each item and the words that earned them.

    Source and Limits    as `analyses.leak.document_kind.label`
    """
    return over_texts(writer, stage, context, Pass("label_documents", "document_kind", {}))


def compute_phishing(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `phishing`: messages with reasons to look at them, read from their bytes.

    Source and Limits    as `analyses.leak.phishing.judge`
    """
    with writer.view() as view:
        args = {"own_domains": list(view.settings.own_domains)}
        jobs = _byte_jobs(
            view, Pass("judge_phishing", "phishing", {**args, **_stamp(stage, context)})
        )
        context.progress.start(stage.name, total=view.row_count("message"), unit="messages")
        return _gather(writer, stage, context, jobs)


def compute_languages(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `text_language`: the language of every body and every document with words.

    Source and Limits    as `syntax.language.detect`
    """
    with writer.view() as view:
        total = view.row_count("message") + view.row_count("document")
        context.progress.start(stage.name, total=total, unit="texts")
        told = Pass("tell_languages", "text_language", _stamp(stage, context))
        return _gather(writer, stage, context, _language_jobs(view, writer.spool(), told))


def _language_jobs(view: CaseView, spool: Path, one: Pass) -> Iterator[Job]:
    """Jobs over the beginnings of texts, which are all that decides; no row is touched here."""
    params = {"no_prose": list(NO_PROSE)}
    left_out = view.query(_TOLD_APART, params)["item_id"].combine_chunks()
    for table, column in (("message", "body_text"), ("document", "text")):
        for number, batch in enumerate(view.batches(table, ("item_id", column))):
            rows = pa.Table.from_batches([batch]).rename_columns(["item_id", "text"])
            rows = rows.filter(pc.is_valid(rows["text"]))
            if table == "document":
                rows = rows.filter(pc.invert(pc.is_in(rows["item_id"], left_out)))
            rows = rows.set_column(1, "text", pc.utf8_slice_codeunits(rows["text"], 0, LOOKED_AT))
            for start in range(0, rows.num_rows, _BATCH_BEGINNINGS):
                path = spool / f"{table}-{number}-{start}.arrow"
                yield _job(path, rows.slice(start, _BATCH_BEGINNINGS), one)


def over_texts(writer: Writer, stage: Stage, context: RunContext, one: Pass) -> Computed:
    """The rows that one pass over all texts writes to its table."""
    with writer.view() as view:
        total = view.row_count("message") + view.row_count("document")
        context.progress.start(stage.name, total=total, unit="texts")
        told = replace(one, args={**one.args, **_stamp(stage, context)})
        return _gather(writer, stage, context, text_jobs(view, writer.spool(), told))


def _stamp(stage: Stage, context: RunContext) -> dict[str, str]:
    return {"run_id": context.run_id, "analysis_version": stage.analysis_version}


def _gather(writer: Writer, stage: Stage, context: RunContext, jobs: Iterable[Job]) -> Computed:
    (table,) = stage.writes
    with context.cell(writer.spool(), (TASKS,)) as cell:
        rows, counts, failed = gathered(cell, jobs, table, context.progress)
    writer.replace(table, rows)
    notes = {name: f"{count}" for name, count in sorted(counts.items())}
    context.progress.finish(f"{rows.num_rows:,} rows of {table}")
    return Computed({table: rows.num_rows}, notes | failed)


def gathered(
    cell: Cell, jobs: Iterable[Job], table: str, progress: Progress
) -> tuple[pa.Table, Counter[str], dict[str, str]]:
    """The rows of `table` that tasks found, in its order, and the sums of what they counted.

    The third are notes for the run: how many items a task failed on, and the first of them.
    """
    schema = records.table(table).schema
    parts: list[pa.Table] = []
    counts: Counter[str] = Counter()
    failed: list[str] = []
    for outcome in cell.run(jobs):
        progress.advance(len(outcome.job.items))
        if outcome.status == "done":
            parts += [read_arrow(path, schema) for path in outcome.files.values()]
            counts.update(outcome.result)
        else:
            failed += [f"{one['item_id']}: {outcome.reason}" for one in outcome.job.items]
        outcome.discard()
    rows = pa.concat_tables(parts) if parts else schema.empty_table()
    rows = rows.sort_by([(name, "ascending") for name in records.table(table).paging])
    notes = {}
    if failed:
        notes["failed_count"] = f"{len(failed)}"
        notes["failed_first"] = "; ".join(sorted(failed)[:5])
    return rows, counts, notes


def text_jobs(
    view: CaseView, spool: Path, one: Pass, most_characters: int = _BATCH_CHARACTERS
) -> Iterator[Job]:
    """Jobs over every message and document of the dump, its words and the people around it."""
    rows: list[dict[str, Any]] = []
    size = 0
    for number, row in enumerate(_texts(view)):
        rows.append(row)
        size += len(row["text"] or "")
        if len(rows) == _BATCH_ROWS or size > most_characters:
            yield text_job(spool / f"texts-{number}.arrow", rows, one)
            rows, size = [], 0
    if rows:
        yield text_job(spool / "texts-last.arrow", rows, one)


def text_job(path: Path, rows: list[dict[str, Any]], one: Pass) -> Job:
    """One job over texts, which are written to `path`."""
    return _job(path, pa.Table.from_pylist(rows, TEXT_SCHEMA), one)


def _job(path: Path, rows: pa.Table, one: Pass) -> Job:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, rows.schema) as stream:
        stream.write_table(rows)
    ids = rows["item_id"].to_pylist()
    items = tuple({"row": at, "item_id": item_id} for at, item_id in enumerate(ids))
    task = f"{one.module}:{one.task}"
    return Job(items[0]["item_id"], task, (path, *one.more), items, dict(one.args), one.tables)


def _texts(view: CaseView) -> Iterator[dict[str, Any]]:
    """Each message and document of the dump with its words and the people around it."""
    known = {row["item_id"]: row for row in view.query(_KNOWN).to_pylist()}
    people: dict[str, tuple[str | None, list[str]]] = defaultdict(lambda: (None, []))
    for batch in view.batches("message", _MESSAGE):
        for row in batch.to_pylist():
            given = [*row["to_addresses"], *row["cc_addresses"], *row["bcc_addresses"]]
            receivers = [address for address in given if address]
            people[row["item_id"]] = (row["from_address"], receivers)
            if row["item_id"] in known:
                place = known[row["item_id"]]
                words = {"subject": row["subject"], "text": row["body_text"], "is_message": True}
                yield _row(place, people[row["item_id"]], words)
    for batch in view.batches("document", ("item_id", "text")):
        for row in batch.to_pylist():
            if row["item_id"] in known:
                place = known[row["item_id"]]
                around = people.get(place["parent_item_id"], (None, []))
                words = {"subject": None, "text": row["text"], "is_message": False}
                yield _row(place, around, words)


def _row(
    place: Mapping[str, Any], people: tuple[str | None, list[str]], words: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "item_id": place["item_id"],
        "name": place["name"],
        "mailbox_ids": place["mailbox_ids"] or [],
        "sender": people[0],
        "receivers": people[1],
        **words,
    }


def _byte_jobs(view: CaseView, one: Pass) -> Iterator[Job]:
    items: list[dict[str, Any]] = []
    spans: list[Path | Span] = []
    size = 0
    for row in view.query(_MESSAGES).to_pylist():
        if items and (len(items) == _BATCH_SPANS or size + row["size_bytes"] > _BATCH_BYTES):
            yield _byte_job(items, spans, one)
            items, spans, size = [], [], 0
        path, offset, length = view.locate_item(row["item_id"])
        items.append({**row, "input": len(spans)})
        spans.append(Span(path, offset, length))
        size += row["size_bytes"]
    if items:
        yield _byte_job(items, spans, one)


def _byte_job(items: list[dict[str, Any]], spans: list[Path | Span], one: Pass) -> Job:
    return Job(
        items[0]["item_id"], f"{TASKS}:{one.task}", tuple(spans), tuple(items), dict(one.args)
    )
