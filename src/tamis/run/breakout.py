"""The checklist of the breakout scale as a stage, and the level that a person signs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.spread.breakout import CRITERIA, SUBJECTS, Criterion, outcome
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.sayings import refresh, repeat, said
from tamis.run.stages import Computed
from tamis.syntax.selectors import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.case import Case, Writer
    from tamis.case.decisions import Decision
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_KIND, _TABLE = "breakout", "breakout_level"
_CHECKLIST = Query(
    "breakout_checklist",
    "SELECT * FROM breakout_row ORDER BY object_id, position",
)


def compute_breakout(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `breakout_row`."""
    context.progress.start(stage.name, unit="rows")
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    with writer.view() as view, view.engine("duckdb") as engine:
        subjects = engine.query(SUBJECTS, {"selectors": stage.params["selectors"]})
        rows = [
            {**_row(engine, one, place, stage.params), **stamp}
            for one in subjects.column("object_id").to_pylist()
            for place in range(len(CRITERIA))
        ]
    writer.replace("breakout_row", records.table("breakout_row").build(rows))
    context.progress.finish(f"{len(rows):,} criteria")
    return Computed({"breakout_row": len(rows)})


def _row(engine: Engine, object_id: str, place: int, limits: Mapping[str, Any]) -> dict[str, Any]:
    criterion = CRITERIA[place]
    row: dict[str, Any] = {
        "object_id": object_id,
        "position": place + 1,
        "criterion": criterion.name,
        "needed_for": criterion.needed_for,
    }
    measured = None
    if criterion.sql is not None:
        given = {"object_id": object_id, **limits}
        params = {name: value for name, value in given.items() if f"${name}" in criterion.sql}
        found = engine.query(Query("breakout_evidence", criterion.sql, params))
        measured = found.column("measured")[0].as_py()
        row |= {
            "measured_count": measured,
            "query_sql": criterion.sql,
            "query_params": json.dumps(params, sort_keys=True),
        }
    return {
        **row,
        "outcome": outcome(criterion, measured),
        "detail": _sentence(criterion, measured, limits),
    }


def _sentence(criterion: Criterion, measured: int | None, limits: Mapping[str, Any]) -> str:
    words = criterion.words if measured is not None else criterion.unmeasured or criterion.words
    told = words.format(**limits)
    told = f"{told[0].upper()}{told[1:]}"
    return f"{told}." if measured is None else f"{told}: {measured:,}."


def checklist(case: Case) -> list[dict[str, Any]]:
    """The rows of the checklist that the last run wrote."""
    with case.view() as view:
        return list(view.query(_CHECKLIST).to_pylist())


def sign(case: Case, object_id: str, level: int, note: str, author: str) -> str:
    """A remark on the table (empty when it is up to date), once the level is a decision.

    Input     `object_id`, or the hashtag, address or domain as people write it
    Errors    InputError for an object without a checklist, a level outside 1 to 6, or without
              note or name.
    """
    found = {row["object_id"]: row["run_id"] for row in checklist(case)}
    object_id = next((one for one in (object_id, *_ids(object_id)) if one in found), object_id)
    if object_id not in found:
        known = ", ".join(sorted(found)) or "none"
        raise InputError(
            f"no checklist for {object_id!r}; there are: {known}. Write what is to be looked at "
            "into `selectors` of case.toml and run `tamis run CASE --only spread`"
        )
    if not 1 <= level <= 6:
        raise InputError("the level is a number from 1 to 6")
    texts = said("--note", note), said("--by", author)
    case.decide(_KIND, [object_id, found[object_id]], str(level), *texts)
    return refresh(case, settle)


def _ids(name: str) -> Iterable[str]:
    """The ids of objects that a name as people write it can mean."""
    for form in spellings([name]):
        yield from (f"hashtag:{form.lstrip('#')}", f"url:{form}", f"domain:{form}")


def settle(writer: Writer, taken: Iterable[Decision]) -> None:
    """Bring `breakout_level` up to the decisions; equal rows change nothing."""
    repeat(writer, {_TABLE: levels(taken)})


def levels(taken: Iterable[Decision]) -> list[dict[str, Any]]:
    """The last level signed for each object."""
    rows: dict[str, dict[str, Any]] = {}
    words: Counter[str] = Counter()
    for one in taken:
        if one.kind != _KIND:
            continue
        object_id, run_id = one.subject_ids
        rows[object_id] = {
            "object_id": object_id,
            "level": int(one.value),
            "note": one.why,
            "author": one.author,
            "signed_at": datetime.fromisoformat(one.decided_at),
            "checklist_run_id": run_id,
            "change_count": words[object_id],
            "decision_number": one.decision_id,
        }
        words[object_id] += 1
    return [rows[name] for name in sorted(rows)]
