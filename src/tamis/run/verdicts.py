"""The verdict stage: all facts about each message, the rule that decides, and the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.analyses.leak.known import FACTS, MOST_READ, known_steps
from tamis.findings.combined import Combined, combine
from tamis.findings.combined_facts import KINDS, Known
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.case import Writer
    from tamis.findings import Evidence
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_LISTS = frozenset({"copies", "quotes", "attachments", "seals", "decoys"})


def compute_verdicts(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `verdict` and `evidence`.

    A message with no fact beside its own signatures keeps what they earn it, without a look at it
    one by one.

    Source and Limits    as `findings.combined`
    """
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    verdict, evidence = records.table("verdict"), records.table("evidence")
    counts: dict[str, int] = {}
    with writer.view() as view, view.engine("duckdb") as engine:
        context.progress.start(stage.name, total=view.row_count("signature_verdict"), unit="")
        engine.run(known_steps(), keep=("known",), params={"most_read": MOST_READ})
        verdicts: list[pa.Table] = []
        facts: list[pa.Table] = [view.table("signature_evidence")]
        for batch in engine.batches("known"):
            rows = batch.to_pylist()
            done = [(row, combine(own_of(row), known_of(row))) for row in rows]
            verdicts.append(verdict.build([{**one.verdict, **stamp} for _, one in done]))
            facts.append(evidence.build(list(_evidence(done, stamp))))
            context.progress.advance(len(rows))
        for table, parts in ((verdict, verdicts), (evidence, facts)):
            rows_of = pa.concat_tables(parts) if parts else table.schema.empty_table()
            order = [(name, "ascending") for name in table.paging]
            counts[table.name] = rows_of.num_rows
            writer.replace(table.name, rows_of.sort_by(order))
    context.progress.finish(f"{counts['verdict']:,} verdicts")
    return Computed(counts)


def own_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `verdict` in a row of `known`: what the message's own bytes earn it."""
    return {column.name: row[column.name] for column in records.table("verdict").columns}


def known_of(row: Mapping[str, Any]) -> Known:
    """What a row of `known` says beside the message's own bytes."""
    facts: dict[str, Any] = {
        name: tuple(row[name] or ()) if name in _LISTS else row[name] for name in FACTS
    }
    twin = facts["twin"]
    if twin is not None and not (twin["verified_id"] or twin["other_holder_id"]):
        facts["twin"] = None
    return Known(row["item_id"], row["is_rebuilt"], **facts)


def _evidence(
    done: list[tuple[Mapping[str, Any], Combined]], stamp: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for row, one in done:
        seen: set[str] = set()
        for evidence_id, name, fact in one.evidence:
            if evidence_id not in seen:
                seen.add(evidence_id)
                yield {**_evidence_row(row["item_id"], evidence_id, name, fact), **stamp}


def _evidence_row(item_id: str, evidence_id: str, name: str, fact: Evidence) -> dict[str, Any]:
    return {
        "evidence_id": evidence_id,
        "subject_kind": "item",
        "subject_id": item_id,
        "check_name": name,
        "check_version": KINDS[name].version,
        "outcome": str(fact.outcome),
        "detail": fact.detail,
        "ref": fact.ref.to_json(),
        "false_alarm_rate": None,
    }
