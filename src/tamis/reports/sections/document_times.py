"""Documents dated after the message that carries them, and the life that documents tell."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

CONFLICTS = Figure(
    "time_conflicts",
    "Times that a document states after its message was sent and received",
    "SELECT count(*) AS conflicts FROM document_time_conflict",
)
DOCUMENTS = Figure(
    "time_conflict_documents",
    "Documents that state such a time",
    "SELECT count(DISTINCT item_id) AS documents FROM document_time_conflict",
)
EVENTS = Figure(
    "revision_events",
    "Events in the life of documents, as the documents tell them",
    "SELECT count(*) AS events FROM revision_event",
)
# The lives worth a page: of documents that a conflict or a cohort points at.
_POINTED = """
    SELECT item_id FROM document_time_conflict
    UNION
    SELECT cohort_member.item_id FROM cohort_member
        JOIN cohort ON cohort.cohort_id = cohort_member.cohort_id WHERE cohort.is_differing
"""
POINTED_EVENTS = Figure(
    "revision_events_pointed",
    "Of these, events of documents that a conflict of times or a differing group points at",
    f"SELECT count(*) AS events FROM revision_event WHERE item_id IN ({_POINTED})",
)


def conflicts(limit: int) -> Figure:
    """The conflicts, the longest lag first."""
    return Figure(
        "time_conflict_list",
        "Documents that state a time after their message was sent",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, conflict.carrier_item_id AS carrier_item_id, conflict.lag_s AS lag_s,
            conflict.detail AS detail
        FROM document_time_conflict AS conflict JOIN named ON named.item_id = conflict.item_id
        ORDER BY conflict.lag_s DESC, conflict.conflict_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def lives(limit: int) -> Figure:
    """The lives of the documents pointed at, event by event."""
    return Figure(
        "revision_event_list",
        "The life of documents that a conflict or a differing group points at",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, event.happened_at AS happened_at, event.stated AS stated,
            event.author AS author, event.what AS what, event.source AS source
        FROM revision_event AS event JOIN named ON named.item_id = event.item_id
        WHERE event.item_id IN ({_POINTED})
        ORDER BY event.item_id, event.position LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on times of documents; nothing where no document tells any."""
    if not value_of(desk.ask(EVENTS)) and not value_of(desk.ask(CONFLICTS)):
        return None
    return tag(
        "section",
        tag("h2", "When the documents say they were made"),
        tag(
            "p",
            desk.number(EVENTS),
            " events are told by the documents themselves: made, saved, printed, changed, "
            "commented. Times after the message that carries the document had been sent and "
            "received: ",
            desk.number(CONFLICTS),
            ", in ",
            desk.number(DOCUMENTS),
            " documents.",
        ),
        note(
            "Clocks are often wrong, and times are easily set; stores, gateways and exports save "
            "attachments anew. A time without a zone counts only where every zone would conflict. "
            "None of this says that content was changed, nor by whom."
        ),
        *(() if desk.edition.is_public else (_conflicts(desk), _lives(desk))),
        id="times",
    )


def _conflicts(desk: Desk) -> Markup | None:
    listed = conflicts(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (named(desk, row), desk.edition.remark(row["detail"])) for row in desk.ask(listed).rows
    ]
    heads = (("Document", "wide"), ("What conflicts", "wide"))
    told = Listing("Dated after the mail", heads, listed, CONFLICTS, "document_time_conflict")
    return listing(desk, told, rows)


def _lives(desk: Desk) -> Markup | None:
    listed = lives(3 * desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            named(desk, row),
            desk.clock.show(row["happened_at"])
            if row["happened_at"]
            else desk.edition.text(row["stated"], 40),
            desk.edition.text(row["author"], 80),
            desk.edition.text(row["what"], 200),
            desk.edition.remark(row["source"], 60),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        *(("Document", "wide"), ("When", "when"), ("Who", "who"), ("What", "wide")),
        ("Where it stands", ""),
    )
    told = Listing("Their lives", heads, listed, POINTED_EVENTS, "revision_event")
    part = listing(desk, told, rows)
    if part is None:
        return None
    return tag("details", tag("summary", "the life of each document pointed at"), part)
