"""The stage of text clusters: texts go into the cell, numbers come out and are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from tamis import records
from tamis.analyses.coordination.texts import tables
from tamis.analyses.coordination.texts.candidates import corpus
from tamis.analyses.coordination.texts.compare import COPYPASTA, REWORDING
from tamis.analyses.coordination.texts.forms import BANDS, Sketch
from tamis.analyses.coordination.texts.group import Clusters, copies, rewordings
from tamis.cell import Cell, Job, read_arrow
from tamis.run.stages import Computed
from tamis.run.text_clusters_task import COMPARES, SKETCHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamis.analyses.coordination.texts.candidates import Corpus
    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_BATCH_TEXTS = 5_000
_TASKS = "tamis.run.text_clusters_task"


def compute_text_clusters(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `text_cluster` and `text_cluster_member`, and which texts were left out.

    Only numbers are grouped here: texts are read, sketched and compared in the cell. A text
    whose sketch or comparison kills its worker is in no cluster, and counted.
    """
    params = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="texts")
    with writer.view() as view, view.engine("duckdb") as engine:
        texts = engine.query(tables.TEXTS)
        drawn = _sketched(texts, writer.spool(), context)
        texts = texts.select(["text_hash"]).take(drawn["text_row"])
        known = corpus(_numbers(drawn))
        drawn = drawn.append_column("text_hash", texts["text_hash"])
        members = _clustered(known, drawn, stage.params, writer.spool(), context)
        engine.register("found_member", members, tables.MEMBER)
        engine.run(tables.table_steps(), keep=stage.writes, params=params)
        counts: dict[str, int] = {}
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(name, written, records.table(name).paging)
            writer.replace(name, [written])
    notes = {
        "distinct_text_count": f"{known.text_count}",
        "too_short_count": f"{int(known.is_short.sum())}",
        "stock_phrase_count": f"{int(known.is_common.sum())}",
    }
    context.progress.finish(f"{known.text_count:,} distinct texts")
    return Computed(counts, notes)


def _sketched(texts: pa.Table, spool: Path, context: RunContext) -> pa.Table:
    """Rows of SKETCH with `text_row`, in the order of the texts."""
    schema = tables.SKETCH
    parts = [schema.empty_table().append_column("text_row", pa.array([], pa.int64()))]
    rows = texts.select(["text"])
    with Cell(context.jobs, spool, preload=("pyarrow", _TASKS)) as cell:
        for outcome in cell.run(_jobs(rows, spool, SKETCHES, {"sketch": schema})):
            context.progress.advance(len(outcome.job.items))
            if outcome.status == "done" and "sketch" in outcome.files:
                part = read_arrow(outcome.files["sketch"], schema)
                at = [item["at"] for item in outcome.job.items]
                if part.num_rows == len(at):
                    parts.append(part.append_column("text_row", pa.array(at, pa.int64())))
            outcome.discard()
    return pa.concat_tables(parts).sort_by("text_row").combine_chunks()


def _numbers(drawn: pa.Table) -> Sketch:
    count = drawn.num_rows
    marks = np.empty((count, BANDS), np.int64, order="F")
    for band in range(BANDS):
        marks[:, band] = drawn[f"mark_{band}"].to_numpy()
    sizes = drawn["words"].combine_chunks().value_lengths().to_numpy(zero_copy_only=False)
    words = drawn["words"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    return Sketch(marks, words.astype(np.int32), offsets, drawn["letters"].to_numpy())


def _clustered(
    known: Corpus, drawn: pa.Table, params: Mapping[str, Any], spool: Path, context: RunContext
) -> pa.Table:
    """Rows of MEMBER: copies as the cell confirms them, then rewordings of what stands for them."""
    found = copies(known, float(params["least_copy_cosine"]))
    told = _compared(drawn, found, spool / COPYPASTA, context)
    told = told.filter(pa.compute.equal(told["kind"], COPYPASTA))
    lead = np.arange(known.text_count)
    lead[told["text_row"].to_numpy()] = found.lead[told["text_row"].to_numpy()]
    roots = known.comparable[lead[known.comparable] == known.comparable]
    worded = rewordings(known, roots, float(params["least_cosine"]))
    return pa.concat_tables(
        (
            _members(COPYPASTA, drawn, found, told),
            _members(
                REWORDING, drawn, worded, _compared(drawn, worded, spool / REWORDING, context)
            ),
        )
    )


def _compared(drawn: pa.Table, found: Clusters, spool: Path, context: RunContext) -> pa.Table:
    """Rows of PAIR: what the cell says of each text beside the one that stands for it."""
    followers = np.flatnonzero(found.lead != np.arange(len(found.lead)))
    pairs = pa.table(
        {
            "text_row": pa.array(followers, pa.int64()),
            "lead_form": drawn["form"].take(pa.array(found.lead[followers])),
            "form": drawn["form"].take(pa.array(followers)),
        }
    )
    spool.mkdir()
    parts = [tables.PAIR.empty_table()]
    with Cell(context.jobs, spool, preload=("pyarrow", _TASKS)) as cell:
        for outcome in cell.run(_jobs(pairs, spool, COMPARES, {"pair": tables.PAIR})):
            if outcome.status == "done" and "pair" in outcome.files:
                parts.append(read_arrow(outcome.files["pair"], tables.PAIR))
            outcome.discard()
    told = pa.concat_tables(parts)
    # What the cell names must be what it was asked: its rows are as hostile as the texts.
    return told.filter(pa.array(np.isin(told["text_row"].to_numpy(), followers)))


def _members(kind: str, drawn: pa.Table, found: Clusters, told: pa.Table) -> pa.Table:
    compared = told["text_row"].to_numpy()
    leads = np.unique(found.lead[compared])
    every = np.concatenate((leads, compared))
    hashes = drawn["text_hash"]

    def said(name: str, of_lead: Any) -> pa.Array:
        known = tables.MEMBER.field(name).type
        whole = pa.chunked_array(
            [pa.array([of_lead] * len(leads), known), *told[name].chunks], known
        )
        return whole.combine_chunks()

    return pa.table(
        {
            "kind": pa.array([kind] * len(every), pa.string()),
            "cluster_id": hashes.take(pa.array(found.lead[every])),
            "text_hash": hashes.take(pa.array(every)),
            "word_similarity": pa.array(found.similarity[every]),
            "letter_similarity": said("letter_similarity", 1.0),
            "language_detected": drawn["language_detected"].take(pa.array(every)),
            "diff": said("diff", "[]"),
        },
        schema=tables.MEMBER,
    )


def _jobs(
    rows: pa.Table, spool: Path, task: str, schemas: Mapping[str, pa.Schema]
) -> Iterator[Job]:
    (name,) = schemas
    for start in range(0, rows.num_rows, _BATCH_TEXTS):
        part = rows.slice(start, _BATCH_TEXTS)
        path = spool / f"{name}-{start}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, part.schema) as stream:
            stream.write_table(part)
        items = tuple({"row": row, "at": start + row} for row in range(part.num_rows))
        yield Job(path.stem, task, (path,), items, {}, schemas)
