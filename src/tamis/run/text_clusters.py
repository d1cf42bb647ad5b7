"""The stage of text clusters: texts go into the cell, numbers come out and are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis import records
from tamis.analyses.coordination.texts import tables
from tamis.analyses.coordination.texts.candidates import corpus
from tamis.analyses.coordination.texts.forms import BANDS, Sketch
from tamis.analyses.coordination.texts.group import Clusters, cluster
from tamis.cell import Cell, Job, read_arrow
from tamis.run.stages import Computed
from tamis.run.text_clusters_task import COMPARES, SKETCHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

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
        found = cluster(known, float(stage.params["least_cosine"]))
        members = _members(texts, drawn, found, writer.spool(), context)
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


def _members(
    texts: pa.Table, drawn: pa.Table, found: Clusters, spool: Path, context: RunContext
) -> pa.Table:
    """Rows of MEMBER: what the cell says of each text beside the one that stands for it."""
    rows = np.arange(texts.num_rows)
    followers = np.flatnonzero(found.lead != rows)
    pairs = pa.table(
        {
            "text_row": pa.array(followers, pa.int64()),
            "lead_form": drawn["form"].take(pa.array(found.lead[followers])),
            "form": drawn["form"].take(pa.array(followers)),
        }
    )
    parts = [tables.PAIR.empty_table()]
    with Cell(context.jobs, spool, preload=("pyarrow", _TASKS)) as cell:
        for outcome in cell.run(_jobs(pairs, spool, COMPARES, {"pair": tables.PAIR})):
            if outcome.status == "done" and "pair" in outcome.files:
                parts.append(read_arrow(outcome.files["pair"], tables.PAIR))
            outcome.discard()
    told = pa.concat_tables(parts)
    compared = told["text_row"].to_numpy()
    # What the cell names must be what it was asked: its rows are as hostile as the texts.
    told = told.filter(pa.array(np.isin(compared, followers)))
    compared = told["text_row"].to_numpy()
    leads = np.unique(found.lead[compared])
    hashes, languages = texts["text_hash"], drawn["language_detected"]
    every = np.concatenate((leads, compared))

    def said(name: str, of_lead: Any) -> pa.Array:
        kind = tables.MEMBER.field(name).type
        whole = pa.chunked_array([pa.array([of_lead] * len(leads), kind), *told[name].chunks], kind)
        return whole.combine_chunks()

    return pa.table(
        {
            "cluster_id": hashes.take(pa.array(found.lead[every])),
            "text_hash": hashes.take(pa.array(every)),
            "kind": said("kind", "representative"),
            "word_similarity": pa.array(found.similarity[every]),
            "letter_similarity": said("letter_similarity", 1.0),
            "language_detected": languages.take(pa.array(every)),
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
