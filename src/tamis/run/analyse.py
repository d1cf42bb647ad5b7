"""`tamis run`: the stages of a case, each committed as it ends."""

from __future__ import annotations

import json
import platform
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING

from tamis import __version__, records
from tamis.analyses.coordination import acts
from tamis.analyses.coordination.significance import tables as significance
from tamis.analyses.coordination.texts import tables as text_clusters
from tamis.analyses.leak import copies, decoys, quotes, reference
from tamis.analyses.response import answer_time, silence
from tamis.analyses.response.swing import gauge
from tamis.analyses.spread import breakout, bridge, claim_check, community, reactions
from tamis.analyses.spread.crossings import tables as crossings
from tamis.case.index_folder import STAGE as SEARCH_STAGE
from tamis.cell import Cell, Workplace
from tamis.run.automation import compute_automation
from tamis.run.breakout import compute_breakout
from tamis.run.bridge import compute_bridge
from tamis.run.claims import compute_claims
from tamis.run.community import compute_communities
from tamis.run.copies import compute_copies
from tamis.run.crossings import compute_crossings
from tamis.run.decoys import compute_decoys
from tamis.run.index import build_index
from tamis.run.leak import compute_signatures
from tamis.run.names import compute_names
from tamis.run.personal import compute_personal_data
from tamis.run.quotes import compute_quotes
from tamis.run.reactions import compute_reactions
from tamis.run.reference import compute_reference
from tamis.run.repairs import compute_repairs
from tamis.run.significance import compute_significance
from tamis.run.silence_windows import compute_answer_time, compute_silence_windows
from tamis.run.stages import MEMORY_GIB, Computed, Stage, stages
from tamis.run.swing import compute_swing
from tamis.run.text_clusters import compute_text_clusters
from tamis.run.texts import (
    compute_document_kinds,
    compute_exposures,
    compute_languages,
    compute_phishing,
)
from tamis.run.verdicts import compute_verdicts
from tamis.run.warm import warm_nursery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import Case, Writer
    from tamis.cell import Nursery
    from tamis.progress import Progress

_OWN: Mapping[str, Callable[[Writer, Stage, RunContext], Computed]] = MappingProxyType(
    {
        "leak.signatures": compute_signatures,
        "leak.language": compute_languages,
        "leak.repairs": compute_repairs,
        "leak.verdicts": compute_verdicts,
        "leak.document_kind": compute_document_kinds,
        "leak.exposure": compute_exposures,
        "leak.personal_data": compute_personal_data,
        "leak.names": compute_names,
        "leak.phishing": compute_phishing,
        SEARCH_STAGE: build_index,
        reference.NAME: compute_reference,
        copies.NAME: compute_copies,
        decoys.NAME: compute_decoys,
        quotes.NAME: compute_quotes,
        text_clusters.NAME: compute_text_clusters,
        significance.NAME: compute_significance,
        acts.NAME: compute_automation,
        bridge.NAME: compute_bridge,
        community.NAME: compute_communities,
        silence.NAME: compute_silence_windows,
        answer_time.NAME: compute_answer_time,
        gauge.NAME: compute_swing,
        claim_check.NAME: compute_claims,
        crossings.NAME: compute_crossings,
        breakout.NAME: compute_breakout,
        reactions.NAME: compute_reactions,
    }
)
_LIBRARIES = ("duckdb", "pyarrow", "numpy", "numba", "cryptography", "sqlglot", "publicsuffixlist")


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run: its id, its engine, how many workers it may use, and when it began.

    `nursery` is the server that the cells of all its stages share; without it each has its own.

    What is dated later than the run is a false date; nothing else may ask for the time.
    """

    run_id: str
    engine: str
    jobs: int
    progress: Progress
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    nursery: Nursery | None = None

    def cell(self, spool: Path, preload: tuple[str, ...], readable: tuple[Path, ...] = ()) -> Cell:
        """A cell for one stage; workers are started when it is entered and end with it."""
        told = ("pyarrow", *preload)
        return Cell(
            self.jobs, spool, Workplace(readable=readable, preload=told), nursery=self.nursery
        )


def analyse(
    case: Case,
    *,
    only: Sequence[str],
    engine: str = "duckdb",
    jobs: int = 2,
    progress: Progress,
) -> Iterator[str]:
    """One line for each stage as it ends: computed, or still true because nothing it reads changed.

    Every stage is a generation of its own: a run that is killed keeps the stages that ended, and
    running again goes on with the rest.

    Errors    CaseLockedError while another process writes; TamisError of the stage that failed.
    """
    with warm_nursery() as nursery, case.writer() as writer:
        context = RunContext(secrets.token_hex(8), engine, jobs, progress, nursery=nursery)
        for stage in stages(only):
            yield run_stage(writer, stage, context)
    yield f"custody head {case.head().hash} ({case.head().count} entries)"


def run_stage(writer: Writer, stage: Stage, context: RunContext) -> str:
    """One line on a stage that was computed and committed, or is up to date."""
    with writer.view() as view:
        stage = stage.settled(view.settings)
        engine = stage.engine(context.engine)
        digest = stage.digest(view, engine)
        known = view.stages.get(stage.name)
        is_there = stage.name != SEARCH_STAGE or view.index() is not None
        if known is not None and known.inputs_sha256 == digest and is_there:
            return f"{stage.name}: up to date (run {known.run_id})"
    started = datetime.now(UTC)
    done = _compute(writer, stage, replace(context, engine=engine))
    summary = ", ".join(f"{count:,} rows of {table}" for table, count in done.counts.items())
    summary = summary or ", ".join(f"{name} {value}" for name, value in done.notes.items())
    row = {
        "run_id": context.run_id,
        "stage": stage.name,
        "started_at": started,
        "ended_at": datetime.now(UTC),
        "engine": engine,
        "versions": json.dumps(versions(), sort_keys=True),
        "settings": json.dumps({**stage.params, **done.notes}, sort_keys=True, default=str),
        "inputs_sha256": digest,
        "row_count": sum(done.counts.values()),
        "summary": summary,
    }
    writer.append("run", records.table("run").build([row]))
    writer.mark(stage.name, digest, context.run_id)
    writer.note("run", stage=stage.name, run_id=context.run_id, inputs_sha256=digest)
    writer.commit()
    where = f" (on {engine})" if engine != context.engine else ""
    return f"{stage.name}: {summary}{where}"


def _compute(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    if stage.analysis is None:
        return _OWN[stage.name](writer, stage, context)
    context.progress.start(stage.name, unit="rows")
    counts: dict[str, int] = {}
    params = {
        **stage.params,
        "run_id": context.run_id,
        "analysis_version": stage.analysis_version,
        "run_at": context.started_at,
    }
    with writer.view() as view, view.engine(context.engine, MEMORY_GIB) as engine:
        engine.run(stage.analysis.build(params), keep=stage.writes, params=params)
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(name, written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    return Computed(counts)


def versions() -> dict[str, str]:
    """The versions that decide numbers: tamis, Python, and the libraries that compute."""
    return {
        "tamis": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }
