"""The stage of text clusters: texts go into the cell, numbers come out and are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from tamis import records
from tamis.analyses.coordination.texts import tables
from tamis.analyses.coordination.texts.candidates import corpus, cosines
from tamis.analyses.coordination.texts.compare import COPYPASTA, REWORDING
from tamis.analyses.coordination.texts.forms import BANDS, Sketch
from tamis.analyses.coordination.texts.group import Clusters, copies, rewordings
from tamis.cell import read_arrow
from tamis.run.stages import Computed
from tamis.run.text_clusters_task import COMPARES, SKETCHES
from tamis.run.text_translations import TRANSLATION, embedded, jobs_of, most_shared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from tamis.analyses.coordination.texts.candidates import Corpus
    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

    Ints = npt.NDArray[np.int64]

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
        known = corpus(_numbers(drawn))
        drawn = drawn.append_column("text_hash", texts["text_hash"].take(drawn["text_row"]))
        members, left_out = _clustered(known, drawn, texts, stage.params, (writer.spool(), context))
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
        "not_compared_by_meaning_count": f"{left_out}",
    }
    context.progress.finish(f"{known.text_count:,} distinct texts")
    return Computed(counts, notes)


def _sketched(texts: pa.Table, spool: Path, context: RunContext) -> pa.Table:
    """Rows of SKETCH with `text_row`, in the order of the texts."""
    schema = tables.SKETCH
    parts = [schema.empty_table().append_column("text_row", pa.array([], pa.int64()))]
    rows = texts.select(["text"])
    with context.cell(spool, (_TASKS,)) as cell:
        for outcome in cell.run(jobs_of(rows, spool, SKETCHES, {"sketch": schema})):
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
    known: Corpus,
    drawn: pa.Table,
    texts: pa.Table,
    params: Mapping[str, Any],
    where: tuple[Path, RunContext],
) -> tuple[pa.Table, int]:
    """Rows of MEMBER, and how many texts were not looked at for translations.

    Copies as the cell confirms them, then rewordings of what stands for them, then translations
    of either.
    """
    found = copies(known, float(params["least_copy_cosine"]))
    told = _compared(drawn, found.lead, COPYPASTA, where)
    told = told.filter(pa.compute.equal(told["kind"], COPYPASTA))
    lead = np.arange(known.text_count)
    lead[told["text_row"].to_numpy()] = found.lead[told["text_row"].to_numpy()]
    roots = known.comparable[lead[known.comparable] == known.comparable]
    worded = rewordings(known, roots, float(params["least_cosine"]))
    rows = [
        _members(COPYPASTA, drawn, found, told),
        _members(REWORDING, drawn, worded, _compared(drawn, worded.lead, REWORDING, where)),
    ]
    left_out = len(known.comparable)
    if params["encoder"]:
        chosen = most_shared(drawn, texts, known.comparable, int(params["most_embedded"]))
        made = embedded(drawn, texts, chosen, where)
        same = made.leads(worded.lead[lead], lead, float(params["least_meaning"]))
        rows.append(
            _members(
                TRANSLATION,
                drawn,
                Clusters(same, cosines(known, np.stack((same, np.arange(len(same))), 1))),
                _compared(drawn, same, TRANSLATION, where),
                made.cosines(same),
            )
        )
        left_out -= len(made.rows)
    return pa.concat_tables(rows), left_out


def _compared(drawn: pa.Table, lead: Ints, name: str, where: tuple[Path, RunContext]) -> pa.Table:
    """Rows of PAIR: what the cell says of each text beside the one that stands for it."""
    spool, context = where
    followers = np.flatnonzero(lead != np.arange(len(lead)))
    pairs = pa.table(
        {
            "text_row": pa.array(followers, pa.int64()),
            "lead_form": drawn["form"].take(pa.array(lead[followers])),
            "form": drawn["form"].take(pa.array(followers)),
        }
    )
    (spool / name).mkdir()
    parts = [tables.PAIR.empty_table()]
    with context.cell(spool / name, (_TASKS,)) as cell:
        for outcome in cell.run(jobs_of(pairs, spool / name, COMPARES, {"pair": tables.PAIR})):
            if outcome.status == "done" and "pair" in outcome.files:
                parts.append(read_arrow(outcome.files["pair"], tables.PAIR))
            outcome.discard()
    told = pa.concat_tables(parts)
    # What the cell names must be what it was asked: its rows are as hostile as the texts.
    return told.filter(pa.array(np.isin(told["text_row"].to_numpy(), followers)))


def _members(
    kind: str,
    drawn: pa.Table,
    found: Clusters,
    told: pa.Table,
    meaning: pa.Array | None = None,
) -> pa.Table:
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

    count = len(every)
    # Word for word, one language differs from another everywhere.
    diff = said("diff", "[]") if meaning is None else pa.array(["[]"] * count, pa.string())
    return pa.table(
        {
            "kind": pa.array([kind] * count, pa.string()),
            "cluster_id": hashes.take(pa.array(found.lead[every])),
            "text_hash": hashes.take(pa.array(every)),
            "word_similarity": pa.array(found.similarity[every]),
            "letter_similarity": said("letter_similarity", 1.0),
            "meaning_similarity": pa.nulls(count, pa.float64())
            if meaning is None
            else meaning.take(pa.array(every)),
            "language_detected": drawn["language_detected"].take(pa.array(every)),
            "diff": diff,
        },
        schema=tables.MEMBER,
    )
