"""Published claims beside the collection, and the checklist of the breakout scale."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tamis.reports.desk import note, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.named import Listing, listing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tamis.reports.desk import Desk

CLAIMS = Figure(
    "claims_checked",
    "Published claims held against the collection",
    "SELECT count(*) AS claims FROM claim_check",
)
LEDGER = Figure(
    "claims_held",
    "Published claims in the case",
    "SELECT count(*) AS claims FROM claim",
)
STATED = Figure(
    "claims_stated",
    "Claims on which people set a status",
    "SELECT count(*) AS claims FROM claim_word",
)
# Two statements that disagree, once; those said in an office on both sides first.
_PAIRS = """
    SELECT one.source_item_id AS source_item_id, one.position AS position,
        one.claim_id AS claim_id, other.claim_id AS other_id, one.speaker AS speaker,
        one.speaker_role AS speaker_role, one.authority AS authority,
        one.is_official AS is_official, one.reported_by AS reported_by,
        coalesce(one.said_at, one.reported_at) AS said_at, one.statement AS statement,
        one.subject AS subject, one.measure AS measure, one.value_text AS value_text,
        other.speaker AS other_speaker, other.speaker_role AS other_speaker_role,
        other.authority AS other_authority, other.is_official AS other_is_official,
        other.reported_by AS other_reported_by,
        coalesce(other.said_at, other.reported_at) AS other_said_at,
        other.statement AS other_statement, other.subject AS other_subject,
        other.measure AS other_measure, other.value_text AS other_value_text,
        one.is_official AND other.is_official AS is_both_official
    FROM (
        SELECT source_item_id, claim_id, unnest(conflict_ids) AS other_id FROM claim_check
    ) AS told
        JOIN claim AS one ON one.claim_id = told.claim_id
            AND one.source_item_id = told.source_item_id
        JOIN claim AS other ON other.claim_id = told.other_id
            AND other.source_item_id = told.source_item_id
    WHERE one.position < other.position
"""
OPPOSED = Figure(
    "claims_opposed",
    "Pairs of statements of one file that disagree",
    f"SELECT count(*) AS pairs FROM ({_PAIRS}) AS pairs",
)
CRITERIA = Figure(
    "breakout_criteria",
    "Criteria of the breakout scale that were looked at",
    "SELECT count(*) AS criteria FROM breakout_row",
)
SIGNED = Figure(
    "breakout_signed",
    "Levels of the breakout scale that people signed",
    """
    SELECT object_id, level, author, note, signed_at FROM breakout_level ORDER BY object_id
    """,
    keeps=Keeps.DIGEST,
)


def checked(limit: int) -> Figure:
    """Each claim with what the collection says of it, those that could be tested first."""
    return Figure(
        "claim_check_list",
        "Published claims, and what this collection says of each",
        """
        SELECT told.claim_id AS claim_id, told.outcome AS outcome, told.detail AS detail,
            told.query_sql AS query_sql, told.query_params AS query_params,
            told.measured AS measured, claim.statement AS statement, claim.measure AS measure,
            claim.subject AS subject, claim.value_text AS value_text,
            claim.reported_by AS reported_by, claim.source_address AS source_address
        FROM claim_check AS told JOIN claim ON claim.claim_id = told.claim_id
            AND claim.source_item_id = told.source_item_id
        ORDER BY told.outcome = 'not_testable', told.source_item_id, claim.position
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def opposed(limit: int) -> Figure:
    """Statements that disagree, side by side."""
    return Figure(
        "claims_opposed_list",
        "Statements that disagree, side by side",
        f"""
        SELECT * FROM ({_PAIRS}) AS pairs
        ORDER BY coalesce(is_both_official, false) DESC, source_item_id, position, other_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def stated(limit: int) -> Figure:
    """The status that people set, with what it rests on."""
    return Figure(
        "claims_stated_list",
        "What people say of the claims, and on which evidence",
        """
        SELECT word.claim_id AS claim_id, word.status AS status, word.note AS note,
            word.author AS author, word.said_at AS said_at, claim.statement AS statement,
            claim.measure AS measure, claim.subject AS subject, claim.value_text AS value_text,
            array_to_string(word.evidence_ids, ' ') AS evidence_ids
        FROM claim_word AS word JOIN claim ON claim.claim_id = word.claim_id
            AND claim.source_item_id = word.source_item_id
        ORDER BY claim.source_item_id, claim.position LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def criteria(limit: int) -> Figure:
    """The checklist, object by object."""
    return Figure(
        "breakout_list",
        "Criteria of the breakout scale, with the evidence of this collection",
        """
        SELECT object_id, criterion, needed_for, outcome, detail FROM breakout_row
        ORDER BY object_id, position LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on claims and the checklist; nothing where there are neither."""
    has_claims, has_criteria = value_of(desk.ask(LEDGER)), value_of(desk.ask(CRITERIA))
    if not has_claims and not has_criteria:
        return None
    is_checked = has_claims and value_of(desk.ask(CLAIMS))
    return tag(
        "section",
        tag("h2", "What was said of it"),
        tag("p", desk.number(LEDGER), " published claims are in the case.") if has_claims else None,
        _claims(desk) if is_checked else None,
        _opposed(desk) if is_checked else None,
        _stated(desk) if has_claims else None,
        _breakout(desk) if has_criteria else None,
        id="claims",
    )


def _claims(desk: Desk) -> Markup:
    listed = checked(5 * desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            tag("span", desk.edition.text(row["claim_id"], 40), class_="fixed"),
            join(
                desk.edition.text(_said(row), 400),
                tag("span", desk.edition.text(row["reported_by"] or "", 120), class_="meta"),
            ),
            row["outcome"].replace("_", " "),
            join(desk.edition.remark(row["detail"], 600), _again(desk, row, rank)),
        )
        for rank, row in enumerate(desk.ask(listed).rows)
    ]
    heads = (("Claim", "word"), ("Said", "wide"), ("Outcome", "word"), ("Because", "wide"))
    return join(
        note(
            "Outcomes are of this collection, never of the world. Claims that disagree stand "
            "beside each other; none is right by being counted.",
            kind="limit",
        ),
        table(heads, rows, caption=join(listed.label, desk.mark(listed))),
        desk.showing(listed, CLAIMS, "claim_check"),
    )


def _opposed(desk: Desk) -> Markup | None:
    if not value_of(desk.ask(OPPOSED)):
        return None
    listed = opposed(2 * desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            _statement(desk, row, ""),
            _statement(desk, row, "other_"),
            "both in office" if row["is_both_official"] else "",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("One says", "wide"), ("Another says", "wide"), ("Standing", "word"))
    told = Listing("Statements that disagree", heads, listed, OPPOSED, "claim_check")
    return listing(desk, told, rows)


def _statement(desk: Desk, row: Mapping[str, Any], side: str) -> Markup:
    said = {name: row[side + name] for name in ("statement", "measure", "subject", "value_text")}
    who = [row[f"{side}speaker"] or row[f"{side}reported_by"] or "a person not named"]
    who += [row[f"{side}speaker_role"]] if row[f"{side}speaker_role"] else []
    if row[f"{side}authority"]:
        who.append(f"on the authority of {row[f'{side}authority']}")
    name = row["other_id"] if side else row["claim_id"]
    moment = row[f"{side}said_at"]
    return join(
        desk.edition.text(_said(said), 400),
        tag(
            "span",
            desk.edition.text(f"{name} · {', '.join(who)}", 300),
            join(" · ", desk.clock.show(moment)) if moment is not None else "",
            class_="meta",
        ),
    )


def _stated(desk: Desk) -> Markup | None:
    if not value_of(desk.ask(STATED)):
        return None
    # Words of investigators may name people: the public gets the count.
    if desk.edition.is_public:
        return tag("p", "People set a status on ", desk.number(STATED), " claims.")
    listed = stated(5 * desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            tag("span", desk.edition.text(row["claim_id"], 40), class_="fixed"),
            desk.edition.text(_said(row), 400),
            row["status"],
            join(
                desk.edition.text(row["note"], 600),
                tag("span", desk.edition.text(row["evidence_ids"], 400), class_="meta"),
            ),
            join(
                desk.edition.text(row["author"], 80),
                tag("span", desk.clock.show(row["said_at"].replace(microsecond=0)), class_="meta"),
            ),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        *(("Claim", "word"), ("Said", "wide"), ("Status", "word"), ("Because", "wide")),
        ("Said by", "who"),
    )
    told = Listing("What people say of the claims", heads, listed, STATED, "claim_word")
    return listing(desk, told, rows)


def _said(row: Mapping[str, Any]) -> str:
    columns = (row["measure"], row["subject"], row["value_text"])
    return row["statement"] or " ".join(part for part in columns if part)


def _again(desk: Desk, row: Mapping[str, Any], rank: int) -> Markup | None:
    """The mark of the claim's own query, which an audit asks again."""
    if row["query_sql"] is None:
        return None
    params = json.loads(row["query_params"])
    label = f"The collection on claim {row['claim_id'][:40]}"
    if desk.edition.is_public:
        label = f"The collection on claim {rank + 1}"
    return desk.mark(Figure(f"claim_{rank}", label, row["query_sql"], params, Keeps.DIGEST, 1e-9))


def _breakout(desk: Desk) -> Markup:
    listed = criteria(5 * desk.limits.rows)
    signed = {row["object_id"]: row for row in desk.ask(SIGNED).rows}
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["object_id"], 80),
            row["criterion"].replace("_", " "),
            row["needed_for"],
            row["outcome"].replace("_", " "),
            row["detail"],
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        *(("Object", "wide"), ("Criterion", "word"), ("Level", "word"), ("Outcome", "word")),
        ("Evidence", "wide"),
    )
    names = dict.fromkeys(row["object_id"] for row in desk.ask(listed).rows)
    return join(
        tag("h3", "How far it broke out"),
        note("The program computes no level of the breakout scale: a person signs it."),
        table(heads, rows, caption=join(listed.label, desk.mark(listed))),
        tag(
            "ul",
            *(tag("li", *_level(desk, name, signed.get(name))) for name in names),
            data_figure=desk.trace(listed),
        ),
    )


def _level(desk: Desk, name: str, row: Mapping[str, Any] | None) -> tuple[Content, ...]:
    what = desk.edition.text(name, 80)
    if row is None:
        return what, ": no level is signed."
    told: tuple[Content, ...] = (what, f": level {row['level']}", desk.mark(SIGNED))
    if desk.edition.is_public:
        return (*told, ", signed by a person who worked on the case.")
    return (
        *told,
        ", signed by ",
        desk.edition.text(row["author"], 80),
        ", ",
        desk.clock.show(row["signed_at"].replace(microsecond=0)),
        ": ",
        desk.edition.text(row["note"], 600),
    )
