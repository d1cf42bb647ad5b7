"""Published claims beside the collection, and the checklist of the breakout scale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tamis.reports.desk import note, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tamis.reports.desk import Desk

CLAIMS = Figure(
    "claims_checked",
    "Published claims held against the collection",
    "SELECT count(*) AS claims FROM claim_check",
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
    has_claims, has_criteria = value_of(desk.ask(CLAIMS)), value_of(desk.ask(CRITERIA))
    if not has_claims and not has_criteria:
        return None
    return tag(
        "section",
        tag("h2", "What was said of it"),
        _claims(desk) if has_claims else None,
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
        tag("ul", *(tag("li", *_level(desk, name, signed.get(name))) for name in names)),
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
