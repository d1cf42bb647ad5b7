"""What a stage is, in which order stages go, and what makes a result up to date."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tamis import records, registry
from tamis.analyses.coordination import acts
from tamis.analyses.coordination.significance import tables as significance
from tamis.analyses.coordination.texts import tables as text_clusters
from tamis.analyses.leak import copies, decoys, known, quotes, reference
from tamis.analyses.leak.repair import search as repair_search
from tamis.analyses.response import answer_time, silence
from tamis.analyses.response.swing import gauge
from tamis.analyses.spread import breakout, bridge, claim_check, community, reactions
from tamis.analyses.spread.crossings import tables as crossings
from tamis.errors import PlanError
from tamis.findings.combined import COMBINED_VERSION
from tamis.findings.verdict_rules import RULE_VERSION
from tamis.plan import Query
from tamis.syntax.selectors import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from tamis.case import CaseView, Writer
    from tamis.case.settings import Settings
    from tamis.registry import Analysis
    from tamis.run.analyse import RunContext


# What a stage's engine may hold before it spills: the rest of 8 GB is for Arrow and the kernels.
MEMORY_GIB = 4.0
QUESTIONS = ("leak", "spread", "coordination", "response")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run: what it reads and writes, and the version that decides its numbers.

    `analysis` is None for the stages that `run` computes itself, in the cell or as an index.
    `settings` names the settings of the case that decide the result too.
    """

    name: str
    question: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    version: int
    params: Mapping[str, Any] = field(default_factory=dict)
    analysis: Analysis | None = None
    settings: tuple[str, ...] = ()

    @property
    def analysis_version(self) -> str:
        """Name and version as result rows carry them."""
        return f"{self.name}/{self.version}"

    def settled(self, settings: Settings) -> Stage:
        """The stage with the case's settings in the place of its parameters of the same name.

        Selectors come in the spellings under which posts carry them.
        """
        told = settings.to_json()
        params = {name: told.get(name, value) for name, value in self.params.items()}
        if "selectors" in params:
            params["selectors"] = spellings(params["selectors"])
        return replace(self, params=params)

    def engine(self, wanted: str) -> str:
        """The engine that computes the stage: the wanted one where every query is portable."""
        steps = () if self.analysis is None else self.analysis.build(self.params)
        queries = [step for step in steps if isinstance(step, Query)]
        return wanted if queries and all(query.portable for query in queries) else "duckdb"

    def digest(self, view: CaseView, engine: str) -> str:
        """SHA-256 of all that decides the result: input files, version, parameters, engine."""
        told = {
            "stage": self.name,
            "version": self.version,
            "params": dict(self.params),
            "engine": engine,
            "inputs": {name: view.table_hashes(name) for name in self.reads},
        }
        if self.settings:
            told["settings"] = {name: getattr(view.settings, name) for name in self.settings}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Computed:
    """What a stage wrote: rows by table, and what the `run` row should say besides."""

    counts: Mapping[str, int]
    notes: Mapping[str, str] = field(default_factory=dict)


def written_empty(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """What a stage wrote that had nothing to compute from: its tables, empty."""
    context.progress.start(stage.name, unit="rows")
    for name in stage.writes:
        writer.replace(name, records.table(name).schema.empty_table())
    context.progress.finish(", ".join(f"0 {name}" for name in stage.writes))
    return Computed(dict.fromkeys(stage.writes, 0))


def stages(questions: Iterable[str]) -> tuple[Stage, ...]:
    """The stages of the given questions, each after those whose tables it reads.

    Errors    PlanError when two stages write one table or wait for each other.
    """
    wanted = set(questions)
    declared = [
        _leak_stage(),
        _REPAIRS,
        _DECOYS,
        *(_told(module) for module in _MODULES),
        _VERDICTS,
        *_TEXT_STAGES,
        *map(_from_analysis, registry.plugins("analyses").values()),
    ]
    chosen = [stage for stage in declared if stage.question in wanted]
    return tuple(_in_order(chosen))


def stages_for(table: str) -> tuple[Stage, ...]:
    """The stages that the rows of one table need, and no other, in their order."""
    declared = stages(QUESTIONS)
    wanted = {table}
    for stage in reversed(declared):
        if wanted.intersection(stage.writes):
            wanted.update(stage.reads)
    return tuple(stage for stage in declared if wanted.intersection(stage.writes))


def _told(module: ModuleType) -> Stage:
    """The stage that a module of an analysis describes and `run` computes."""
    return Stage(
        name=module.NAME,
        question=module.NAME.partition(".")[0],
        reads=module.READS,
        writes=module.WRITES,
        version=module.VERSION,
        params=module.PARAMS,
        settings=getattr(module, "SETTINGS", ()),
    )


# Modules of analyses that `run` computes itself; their order follows from what they read.
_MODULES = (
    reference,
    copies,
    quotes,
    text_clusters,
    significance,
    acts,
    bridge,
    crossings,
    community,
    claim_check,
    breakout,
    reactions,
    silence,
    answer_time,
    gauge,
)


_REPAIRS = Stage(
    name="leak.repairs",
    question="leak",
    # A message is named by the hash of its bytes, so its tables stand for them.
    reads=("message", "item", "signature", "signature_evidence", "dkim_key"),
    writes=("repair",),
    version=repair_search.VERSION,
)
_DECOYS = Stage(
    name=decoys.NAME,
    question="leak",
    reads=decoys.READS,
    writes=decoys.WRITES,
    version=decoys.VERSION,
    settings=("leak_at",),
)
_VERDICTS = Stage(
    name="leak.verdicts",
    question="leak",
    reads=known.READS,
    writes=("verdict", "evidence"),
    version=COMBINED_VERSION,
)


# Stages over the words of the corpus; their order follows from what they read.
_TEXT_STAGES = (
    Stage(
        name="leak.language",
        question="leak",
        reads=("message", "document", "item"),
        writes=("text_language",),
        version=1,
    ),
    Stage(
        name="leak.document_kind",
        question="leak",
        reads=("message", "document", "item"),
        writes=("document_kind",),
        version=2,
    ),
    Stage(
        name="leak.exposure",
        question="leak",
        reads=("message", "document", "item", "place"),
        writes=("exposure",),
        version=2,
    ),
    Stage(
        name="leak.personal_data",
        question="leak",
        reads=("message", "document", "item", "place"),
        writes=("personal_data",),
        version=2,
        settings=("own_domains", "public_figures", "jurisdictions"),
    ),
    Stage(
        name="leak.names",
        question="leak",
        reads=("message", "document", "item", "place"),
        writes=("personal_name", "name_search"),
        version=1,
        settings=("name_models",),
    ),
    Stage(
        name="leak.phishing",
        question="leak",
        # A message is named by the hash of its bytes, so its table stands for them.
        reads=("message", "item"),
        writes=("phishing",),
        version=1,
        settings=("own_domains",),
    ),
    Stage(
        name="leak.search",
        question="leak",
        reads=(
            *("message", "document", "item", "place", "verdict", "document_kind"),
            "text_language",
        ),
        writes=(),
        version=2,
    ),
)


def _leak_stage() -> Stage:
    checks = registry.plugins("checks")
    return Stage(
        name="leak.signatures",
        question="leak",
        # A message is named by the hash of its bytes, so these tables decide the result.
        reads=("message", "dkim_key", "signer_key"),
        writes=(
            *("signature", "arc_chain", "signature_verdict", "signature_evidence"),
            "display_hash",
        ),
        version=sum(check.version for check in checks.values()),
        params={
            "checks": {name: check.version for name, check in checks.items()},
            "rules": RULE_VERSION,
        },
        settings=("leak_at", "known_sealers"),
    )


def _from_analysis(analysis: Analysis) -> Stage:
    return Stage(
        name=f"{analysis.question}.{analysis.name}",
        question=analysis.question,
        reads=analysis.reads,
        writes=analysis.writes,
        version=analysis.version,
        params=analysis.params,
        analysis=analysis,
    )


def _in_order(chosen: list[Stage]) -> list[Stage]:
    writer: dict[str, str] = {}
    for stage in chosen:
        for table in stage.writes:
            if table in writer:
                raise PlanError(f"{stage.name} and {writer[table]} both write {table}")
            writer[table] = stage.name
    ordered: list[Stage] = []
    waiting = list(chosen)
    while waiting:
        done = {stage.name for stage in ordered}
        ready = [
            s for s in waiting if all(writer.get(t, s.name) in done | {s.name} for t in s.reads)
        ]
        if not ready:
            raise PlanError(f"stages wait for each other: {[stage.name for stage in waiting]}")
        ordered += ready
        waiting = [stage for stage in waiting if stage not in ready]
    return ordered
