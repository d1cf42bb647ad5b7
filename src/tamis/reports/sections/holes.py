"""What the dump itself says should be there and is not: messages, attachments, months."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, quiet, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, months, named
from tamis.reports.untrusted import untrusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

HOLES = Figure("holes", "Holes of any kind", "SELECT count(*) AS holes FROM hole")
MESSAGES = Figure(
    "holes_messages",
    "Messages that others point to and the dump does not hold",
    "SELECT count(*) AS messages FROM hole WHERE kind = 'message'",
)
REPLIED = Figure(
    "holes_messages_replied",
    "Of these, messages that a message of the dump answers directly",
    "SELECT count(*) AS messages FROM hole WHERE kind = 'message' AND direct_count > 0",
)
KNOWN = Figure(
    "holes_messages_in_reference",
    "Of these, messages that the reference originals hold",
    "SELECT count(*) AS messages FROM hole WHERE kind = 'message' AND is_in_reference",
)
ATTACHMENTS = Figure(
    "holes_attachments",
    "Attachments that a message says it has and that are not there",
    "SELECT count(*) AS attachments FROM hole WHERE kind = 'attachment'",
)
MONTHS = Figure(
    "holes_months",
    "Months of a mailbox without a message, between earlier and later ones",
    "SELECT count(*) AS months FROM hole WHERE kind = 'month'",
)
GAPPED = Figure(
    "holes_months_mailboxes",
    "Mailboxes with such months",
    "SELECT count(DISTINCT mailbox_id) AS mailboxes FROM hole WHERE kind = 'month'",
)
ENTRIES = Figure(
    "holes_containers",
    "Containers that do not give all that they declare",
    "SELECT count(*) AS containers FROM hole WHERE kind = 'ledger'",
)
_STRETCHES = 6


def missing_messages(limit: int) -> Figure:
    """The missing messages, those first that most others point to, each with one that does."""
    return Figure(
        "hole_message_list",
        "Missing messages, each with one message that points to it",
        f"""
        WITH named AS ({NAMED}), chosen AS (
            SELECT * FROM hole WHERE kind = 'message'
            ORDER BY direct_count DESC, pointing_count DESC, subject, hole_id LIMIT $row_limit
        )
        SELECT chosen.subject AS missing_id, chosen.pointing_count AS pointing_count,
            chosen.direct_count AS direct_count, chosen.is_in_reference AS is_in_reference,
            named.item_id AS item_id, named.is_message AS is_message, named.subject AS subject,
            named.from_address AS from_address, named.from_name AS from_name,
            named.sent_at AS sent_at, named.sent_offset_s AS sent_offset_s, named.path AS path
        FROM chosen LEFT JOIN named ON named.item_id = chosen.evidence_ids[1]
        ORDER BY direct_count DESC, pointing_count DESC, missing_id, chosen.hole_id
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def missing_attachments(limit: int) -> Figure:
    """The missing attachments with the messages that lost them."""
    return Figure(
        "hole_attachment_list",
        "Missing attachments, each with its message",
        f"""
        WITH named AS ({NAMED}), chosen AS (
            SELECT * FROM hole WHERE kind = 'attachment'
            ORDER BY subject, hole_id LIMIT $row_limit
        )
        SELECT chosen.subject AS missing_name, chosen.detail AS detail, named.item_id AS item_id,
            named.is_message AS is_message, named.subject AS subject,
            named.from_address AS from_address, named.from_name AS from_name,
            named.sent_at AS sent_at, named.sent_offset_s AS sent_offset_s, named.path AS path
        FROM chosen LEFT JOIN named ON named.item_id = chosen.item_id
        ORDER BY missing_name, chosen.hole_id
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def missing_months(limit: int) -> Figure:
    """The mailboxes that lack months, those first that lack the smallest part of their span."""
    return Figure(
        "hole_month_list",
        "Months without a message, by mailbox",
        """
        WITH gap AS (
            SELECT mailbox_id, count(*) AS month_count, list(subject ORDER BY subject) AS months
            FROM hole WHERE kind = 'month' GROUP BY mailbox_id
        )
        SELECT profile.path AS path, gap.month_count AS month_count, gap.months AS months,
            profile.message_count AS message_count,
            date_diff('month', profile.first_at, profile.last_at) + 1 AS span_months
        FROM gap LEFT JOIN (SELECT * FROM mailbox_profile WHERE kind = 'leak') AS profile
            ON profile.mailbox_id = gap.mailbox_id
        ORDER BY gap.month_count / (date_diff('month', profile.first_at, profile.last_at) + 1),
            profile.message_count DESC, profile.path, gap.mailbox_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on holes; nothing when there is none."""
    if not value_of(desk.ask(HOLES)):
        return None
    # Names of what is missing are text of the dump: the public gets counts.
    parts = () if desk.edition.is_public else (_messages, _attachments, _months)
    lists = [part(desk) for part in parts]
    return tag(
        "section",
        tag("h2", "What is missing"),
        _lead(desk),
        note(
            "None of this says that anybody took something out: people answer mail that they got "
            "elsewhere, delete, and go on holiday. It is where to ask what the dump leaves out."
        ),
        *lists,
        id="holes",
    )


def _lead(desk: Desk) -> Markup:
    return tag(
        "p",
        "Messages that others answer or refer to and that the dump does not hold: ",
        desk.number(MESSAGES),
        "; answered directly: ",
        desk.number(REPLIED),
        "; held by the reference originals: ",
        desk.number(KNOWN),
        ". Missing attachments: ",
        desk.number(ATTACHMENTS),
        ". Months without mail inside the span of a mailbox: ",
        desk.number(MONTHS),
        ", in ",
        desk.number(GAPPED),
        " mailboxes. Containers that do not give all they declare: ",
        desk.number(ENTRIES),
        ".",
    )


def _messages(desk: Desk) -> Markup | None:
    listed = missing_messages(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["missing_id"]),
            quiet(row["direct_count"]),
            shown(row["pointing_count"]),
            shown(row["is_in_reference"]),
            named(desk, row) if row["item_id"] else "",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Message-ID", "who"),
        ("Direct replies", "n"),
        ("Pointed to by", "n"),
        ("In the reference", "word"),
        ("For example", "wide"),
    )
    told = Listing("Missing messages", heads, listed, MESSAGES, _whole("message"))
    return listing(desk, told, rows)


def _attachments(desk: Desk) -> Markup | None:
    listed = missing_attachments(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["missing_name"]),
            desk.edition.remark(row["detail"]),
            named(desk, row) if row["item_id"] else "",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Attachment", "who"), ("Why it counts as missing", ""), ("Message", "wide"))
    told = Listing("Missing attachments", heads, listed, ATTACHMENTS, _whole("attachment"))
    return listing(desk, told, rows)


def _months(desk: Desk) -> Markup | None:
    listed = missing_months(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["path"]),
            shown(row["message_count"]),
            _of_span(row),
            _which(row["months"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Mailbox", "who"),
        ("Messages", "n"),
        ("Months without mail", "sum"),
        ("Which", "wide"),
    )
    told = Listing("Months without mail", heads, listed, GAPPED, _whole("month"))
    return listing(desk, told, rows)


def _which(names: list[str]) -> Markup:
    stretches = months(names)
    told = [untrusted(one) for one in stretches[:_STRETCHES]]
    if len(stretches) > _STRETCHES:
        told.append(tag("span", f"and {len(stretches) - _STRETCHES:,} more", class_="cut"))
    return join(*told, by=", ")


def _whole(kind: str) -> str:
    return f"hole --where \"kind = '{kind}'\""


def _of_span(row: Mapping[str, Any]) -> str:
    if row["span_months"] is None:
        return shown(row["month_count"])
    return f"{row['month_count']:,} of {row['span_months']:,}"
