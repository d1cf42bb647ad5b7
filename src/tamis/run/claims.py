"""The stage that holds published claims against the collection, each with its own query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.spread.claim_check import (
    INVENTED_FILES,
    REGIMES,
    SEARCHED,
    Outcome,
    collection_of,
    conflicts,
    judge,
    order_names,
)
from tamis.analyses.spread.claim_queries import answer_query
from tamis.plan import Query
from tamis.run.stages import Computed, written_empty
from tamis.syntax.text import hashtag
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.analyses.spread.claim_check import Collection
    from tamis.case import Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_OBJECT = Query(
    "claim_object",
    """
    SELECT object_id AS found, min(canonical) AS canonical, min(display) AS display FROM object
    WHERE kind = $kind AND (list_contains($forms, lower(canonical))
        OR list_contains($forms, lower(display))) GROUP BY object_id ORDER BY object_id
    """,
)
_ACCOUNT = Query(
    "claim_account",
    """
    SELECT DISTINCT account_id AS found FROM account
    WHERE list_contains($exact, account_id) OR list_contains($forms, lower(handle))
    UNION SELECT DISTINCT account_id FROM post WHERE list_contains($exact, account_id)
    ORDER BY found
    """,
)
_POST = Query(
    "claim_post",
    """
    SELECT DISTINCT post_id AS found FROM post
    WHERE list_contains($exact, post_id) OR list_contains($exact, native_id) ORDER BY found
    """,
)
_SELECTED = Query(
    "claim_post_objects",
    """
    SELECT DISTINCT object.object_id AS object_id, object.canonical AS canonical,
        object.display AS display FROM post_object
        JOIN object ON object.object_id = post_object.object_id
    WHERE list_contains($subjects, post_object.post_id) ORDER BY object_id, display
    """,
)


class _NotTestableError(Exception):
    """Why a claim cannot be asked of this collection."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.outcome = Outcome("not_testable", reason, words)


def compute_claims(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `claim_check`."""
    with writer.view() as view:
        claims = [row for batch in view.batches("claim") for row in batch.to_pylist()]
    if not claims:
        return written_empty(writer, stage, context)
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, total=len(claims), unit="claims")
    with writer.view() as view, view.engine("duckdb") as engine:
        marked = engine.query(INVENTED_FILES).column("source_item_id").to_pylist()
        regimes = engine.query(REGIMES).to_pylist()
        collection = collection_of(stage.params, marked, regimes)
        against = conflicts(claims)
        rows = []
        for claim in claims:
            outcome, query = _checked(claim, collection, engine)
            key = (claim["source_item_id"], claim["claim_id"])
            rows.append({**_row(claim, outcome, query, against.get(key, [])), **stamp})
            context.progress.advance(1)
    writer.replace("claim_check", records.table("claim_check").build(rows))
    counts = {
        outcome: sum(row["outcome"] == outcome for row in rows)
        for outcome in ("confirmed", "contradicted", "not_testable")
    }
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    context.progress.finish(told)
    return Computed({"claim_check": len(rows)}, {"claims": told})


def _checked(
    claim: Mapping[str, Any], collection: Collection, engine: Engine
) -> tuple[Outcome, Query | None]:
    query: Query | None = None
    try:
        _must_be_askable(claim, collection)
        subjects, selected = _subjects(claim, collection, engine)
        query = answer_query(claim, subjects, _names(claim, engine))
        rows = engine.query(query).to_pylist()
        platform = claim["platform"]
        if claim["subject_kind"] == "post":
            platform = subjects[0].partition(":")[0]
        completeness = collection.completeness(platform, _searched(selected, engine))
        return judge(claim, rows, completeness), query
    except _NotTestableError as problem:
        return problem.outcome, query


def _must_be_askable(claim: Mapping[str, Any], collection: Collection) -> None:
    """Nothing, when the claim is about this world, says what to count, and its time is covered."""
    if why := collection.world(claim["incident"]):
        raise _NotTestableError(*why)
    if claim["measure"] is None:
        raise _NotTestableError("in_words", "it has no columns that say what to count")
    rows = collection.of(claim["platform"])
    if not rows:
        raise _NotTestableError("not_held", f"the collection has no posts of {claim['platform']}")
    firsts = [row["first_at"] for row in rows if row["first_at"] is not None]
    lasts = [row["last_at"] for row in rows if row["last_at"] is not None]
    begin, end = claim["from_at"], claim["to_at"]
    is_outside = not firsts or (begin and begin > max(lasts)) or (end and end < min(firsts))
    if is_outside and (begin or end):
        raise _NotTestableError("outside_time", "the collection holds no posts of that time")


def _subjects(
    claim: Mapping[str, Any], collection: Collection, engine: Engine
) -> tuple[list[str], list[str]]:
    """The ids of what the claim is about, and the objects of it that were searched for."""
    kind, subject = claim["subject_kind"], claim["subject"] or ""
    if kind == "collection":
        return [], []
    if kind == "account":
        return _account(subject, engine), []
    if kind == "post":
        found = engine.query(_POST, {"exact": [subject]}).column("found").to_pylist()
        _must_be_one(found, f"the post {subject}")
        carried = engine.query(_SELECTED, {"subjects": found}).to_pylist()
        return found, _asked(carried, collection)
    forms = forms_of(kind, subject)
    rows = engine.query(_OBJECT, {"kind": kind, "forms": forms}).to_pylist()
    if not rows:
        raise _NotTestableError("not_held", f"the collection holds no {kind} {subject}")
    ids = [row["found"] for row in rows]
    told = [{**row, "object_id": row["found"], "said": subject} for row in rows]
    return ids, _asked(told, collection)


def forms_of(kind: str, subject: str) -> list[str]:
    """The canonical and shown forms, in lower case, that a subject of that kind can mean."""
    said = subject.strip()
    bare = said.removeprefix(f"{kind}:")
    forms = [bare, bare.lstrip("#\uff03")]
    if kind == "hashtag":
        forms.append(hashtag(bare))
    found = link(bare) if kind in {"url", "domain"} else None
    if found is not None:
        forms.append(found.canonical if kind == "url" else found.domain or bare)
    return list(dict.fromkeys(one for form in forms for one in (form, form.lower())))


def _asked(rows: Sequence[Mapping[str, Any]], collection: Collection) -> list[str]:
    """The objects among these of which one form was searched for."""
    names = ("canonical", "display", "said")
    return list(
        dict.fromkeys(
            row["object_id"]
            for row in rows
            if collection.is_selector(row[name] for name in names if row.get(name))
        )
    )


def _searched(objects: list[str], engine: Engine) -> dict[str, bool] | None:
    if not objects:
        return None
    rows = engine.query(SEARCHED, {"subjects": objects}).to_pylist()
    return {row["platform"]: row["is_searched"] for row in rows}


def _account(name: str, engine: Engine) -> list[str]:
    given = {"exact": [name], "forms": [name.lstrip("@").lower()]}
    found: list[str] = engine.query(_ACCOUNT, given).column("found").to_pylist()
    _must_be_one(found, f"the account {name}")
    return found


def _must_be_one(found: Sequence[str], what: str) -> None:
    if not found:
        raise _NotTestableError("not_held", f"the collection does not hold {what}")
    if len(found) > 1:
        told = f"{what} may be any of {', '.join(found[:3])}"
        raise _NotTestableError("ambiguous", told)


def _names(claim: Mapping[str, Any], engine: Engine) -> list[list[str]]:
    """What `of_what` names, each with its ids; a name in a mention has no id but the handle."""
    measure = claim["measure"]
    if measure == "platform_order":
        return [[name] for name in order_names(claim["of_what"])]
    if measure == "account_order":
        return [_account(name, engine) for name in order_names(claim["of_what"])]
    if claim["kind"] == "rank":
        name = claim["of_what"].lstrip("@").lower()
        ids = _account(claim["of_what"], engine)
        return [[*ids, f"{ids[0].partition(':')[0]}:@{name}"]]
    return []


def _row(
    claim: Mapping[str, Any], outcome: Outcome, query: Query | None, others: list[str]
) -> dict[str, Any]:
    said = {
        "confirmed": "Confirmed by this collection",
        "contradicted": "Contradicted by this collection",
        "not_testable": "Not testable with this collection",
    }[outcome.outcome]
    against = f" Claims that say otherwise: {', '.join(others)}." if others else ""
    return {
        "source_item_id": claim["source_item_id"],
        "claim_id": claim["claim_id"],
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "measured": outcome.measured,
        "measured_text": outcome.measured_text,
        "query_sql": None if query is None else query.sql,
        "query_params": None if query is None else json.dumps(dict(query.params), sort_keys=True),
        "conflict_ids": others,
        "detail": f"{said}: {outcome.words}.{against}",
    }
