"""The stage of quotations: messages found in what others quote of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tamis import records
from tamis.analyses.leak import quotes
from tamis.analyses.leak.quotes import DISSECTED, FOUND, MARKED, SENTENCE
from tamis.cell import Job, Span, read_arrow
from tamis.plan import Query
from tamis.run.quotes_task import DISSECT, FIND, PAGES
from tamis.run.stages import Computed, written_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Cell
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_BATCH_ROWS = 500
_BATCH_SPANS = 128
_BATCH_BYTES = 16 << 20
_WINDOW_PAIRS = 4_000
_TEXT_CHARS = 400_000
_TEXTS = Query(
    "texts_to_find",
    """
    SELECT to_find.item_id AS item_id, to_find.quoted_item_id AS quoted_item_id,
        left(coalesce(qm.text, q.body_text), $text_chars) AS quoting_text,
        left(coalesce(pm.text, p.body_text), $text_chars) AS quoted_text
    FROM to_find JOIN message AS q ON q.item_id = to_find.item_id
        JOIN message AS p ON p.item_id = to_find.quoted_item_id
        LEFT JOIN marked AS qm ON qm.item_id = to_find.item_id
        LEFT JOIN marked AS pm ON pm.item_id = to_find.quoted_item_id
    WHERE to_find.place >= $low AND to_find.place < $high ORDER BY to_find.place
    """,
    {"text_chars": _TEXT_CHARS},
)
# Answers whose only text is a page: its blockquotes stand in the bytes alone.
_PAGES = Query(
    "answers_in_pages",
    """
    SELECT message.item_id AS item_id, item.size_bytes AS size_bytes
    FROM message JOIN item ON item.item_id = message.item_id AND item.reader = 'eml'
        JOIN (SELECT item_id, bool_or(media_type = 'text/html') AS has_page,
                bool_or(coalesce(media_type, 'text/plain') = 'text/plain') AS has_plain
            FROM part WHERE content_item_id IS NULL GROUP BY item_id) AS face
            ON face.item_id = message.item_id AND face.has_page AND NOT face.has_plain
    WHERE NOT message.is_bulk
        AND (message.in_reply_to IS NOT NULL OR len(message.reference_ids) > 0
            OR regexp_matches(message.subject, '^[^ ]{1,4} ?:'))
    ORDER BY message.item_id
    """,
)
_BODIES = Query(
    "bodies",
    """
    SELECT message.item_id AS item_id, coalesce(marked.text, message.body_text) AS text
    FROM message LEFT JOIN marked ON marked.item_id = message.item_id
    WHERE message.body_text <> ''
    """,
)
_COUNT = Query("pairs_to_find", "SELECT count(*) AS count FROM to_find")
_KEPT = (
    *("spoken", "answering", "quoting", "quotable", "at_home", "drafted"),
    *("shared", "candidate", "whole", "to_find"),
)


def compute_quotes(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `quote_match`, and what held the parsers.

    Bodies are taken apart in the cell; the engine finds which quotation may belong to which
    message; what is not plainly contained is aligned in the cell. A body that kills its worker
    quotes nothing and is quoted by nobody; the run's notes count them. A single message is quoted
    by no other, and is not taken apart.
    """
    with writer.view() as view:
        is_alone = view.row_count("message") < 2
    if is_alone:
        return written_empty(writer, stage, context)
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
    }
    context.progress.start(stage.name, unit="texts")
    with (
        writer.view() as view,
        view.engine("duckdb") as engine,
        context.cell(writer.spool(), ("tamis.run.quotes_task",)) as cell,
    ):
        told = _Told(cell, context)
        folder = view.scratch()
        told.run(engine, folder, _pages(view, engine), {"marked": MARKED})
        schemas = {"dissected": DISSECTED, "sentence": SENTENCE}
        engine.run([_BODIES], keep=("bodies",))
        told.run(engine, folder, _bodies(engine, writer.spool()), schemas)
        engine.run(quotes.candidate_steps(), keep=_KEPT, params=params)
        pairs = _pairs(engine, writer.spool())
        told.run(engine, folder, pairs, {"found_quote": FOUND})
        engine.run(quotes.match_steps(), keep=("quote_match",), params=params)
        written = folder / "quote_match.parquet"
        count = engine.write("quote_match", written, records.table("quote_match").paging)
        writer.replace("quote_match", [written])
    context.progress.finish(f"{count:,} quotations")
    return Computed({"quote_match": count}, told.notes)


class _Told:
    """The cell's rows as Parquet files that the engine reads, and what the run should note."""

    def __init__(self, cell: Cell, context: RunContext) -> None:
        self._cell = cell
        self._context = context
        self.notes = {"isolation": cell.isolation.sentence()}

    def run(
        self,
        engine: Engine,
        folder: Path,
        jobs: Iterable[Job],
        schemas: Mapping[str, pa.Schema],
    ) -> None:
        """Do the jobs, and make a table of each name known to the engine."""
        paths = {name: folder / f"{name}.parquet" for name in schemas}
        files = {name: pq.ParquetWriter(paths[name], schemas[name]) for name in schemas}
        failed: list[str] = []
        for outcome in self._cell.run(jobs):
            self._context.progress.advance(len(outcome.job.items))
            if outcome.status == "done":
                for name, path in outcome.files.items():
                    files[name].write_table(read_arrow(path, schemas[name]))
            else:
                failed += [f"{one['item_id']}: {outcome.reason}" for one in outcome.job.items]
            outcome.discard()
        for name, file in files.items():
            file.close()
            engine.register(name, [paths[name]], schemas[name])
        if failed:
            self.notes[f"failed_{next(iter(schemas))}"] = f"{len(failed)}: {min(failed)}"


def _pages(view: CaseView, engine: Engine) -> Iterator[Job]:
    items: list[dict[str, Any]] = []
    spans: list[Path | Span] = []
    size = 0
    for row in engine.query(_PAGES).to_pylist():
        if items and (len(items) == _BATCH_SPANS or size + row["size_bytes"] > _BATCH_BYTES):
            yield _page_job(items, spans)
            items, spans, size = [], [], 0
        items.append({"item_id": row["item_id"], "input": len(spans)})
        spans.append(Span(*view.locate_item(row["item_id"])))
        size += row["size_bytes"]
    if items:
        yield _page_job(items, spans)


def _page_job(items: list[dict[str, Any]], spans: list[Path | Span]) -> Job:
    return Job(items[0]["item_id"], PAGES, tuple(spans), tuple(items), {}, {"marked": MARKED})


def _bodies(engine: Engine, spool: Path) -> Iterator[Job]:
    tables = {"dissected": DISSECTED, "sentence": SENTENCE}
    reader = engine.batches("bodies")
    for number, batch in enumerate(reader):
        rows = pa.Table.from_batches([batch])
        yield from _jobs(rows, DISSECT, tables, spool / f"bodies-{number}")
    reader.close()


def _pairs(engine: Engine, spool: Path) -> Iterator[Job]:
    total = engine.query(_COUNT).column("count")[0].as_py()
    for low in range(0, total, _WINDOW_PAIRS):
        rows = engine.query(_TEXTS, {"low": low, "high": low + _WINDOW_PAIRS})
        yield from _jobs(rows, FIND, {"found_quote": FOUND}, spool / f"pairs-{low}")


def _jobs(rows: pa.Table, task: str, tables: Mapping[str, pa.Schema], stem: Path) -> Iterator[Job]:
    for start in range(0, rows.num_rows, _BATCH_ROWS):
        part = rows.slice(start, _BATCH_ROWS)
        path = stem.with_name(f"{stem.name}-{start}.arrow")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, part.schema) as stream:
            stream.write_table(part)
        ids = part.column("item_id").to_pylist()
        items = tuple({"row": row, "item_id": one} for row, one in enumerate(ids))
        yield Job(path.stem, task, (path,), items, {}, dict(tables))
