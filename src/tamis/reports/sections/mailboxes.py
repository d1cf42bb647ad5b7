"""The mailboxes: whose they are on what evidence, what they span, and when they were copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, quiet, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.named import several

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

MAILBOXES = Figure(
    "mailboxes",
    "Mailboxes of the dump",
    "SELECT count(*) AS mailboxes FROM mailbox_profile WHERE kind = 'leak'",
)
HELD = Figure(
    "mailboxes_held",
    "Mailboxes of the dump whose holder is established",
    """
    SELECT count(*) AS mailboxes FROM mailbox_profile
    WHERE kind = 'leak' AND holder_address IS NOT NULL
    """,
)
BOUND = Figure(
    "mailboxes_bound",
    "Mailboxes of the dump with a bound for the date of the theft",
    """
    SELECT count(*) AS mailboxes FROM mailbox_profile
    WHERE kind = 'leak' AND theft_not_before_at IS NOT NULL
    """,
)
LONE_BOUND = Figure(
    "mailboxes_bound_by_one",
    "Mailboxes of the dump whose bound hangs on one message alone",
    """
    SELECT count(*) AS mailboxes FROM mailbox_profile
    WHERE kind = 'leak' AND theft_not_before_at IS NOT NULL AND bound_neighbour_count = 0
    """,
)
PROFILES = Figure(
    "mailbox_sides",
    "Mailboxes of the dump and of the reference originals",
    "SELECT count(*) AS mailboxes FROM mailbox_profile",
)
_BASIS = {"delivered": "delivered to it", "named": "named in From, To, Cc or Bcc"}
_PERSONAL = {
    True: "personal: public webmail",
    False: "professional: the case's own domain",
    None: "personal or professional: not said",
}
_CLOCK = {"received": "the topmost Received field", "date": "the Date field"}


def profiles(limit: int) -> Figure:
    """The mailboxes, those of the dump first, the largest first."""
    return Figure(
        "mailbox_list",
        "Each mailbox with its holder, span, gaps and bound",
        """
        SELECT kind, path, holder_address, holder_basis, holder_share, candidates,
            candidate_delivered, candidate_named, is_personal, message_count, person_count,
            bulk_count, undated_count, implausible_count, first_at, last_at,
            theft_not_before_at, bound_clock, bound_item_id, bound_neighbour_count,
            len(gap_months) AS gap_count
        FROM mailbox_profile ORDER BY kind, message_count DESC, path, mailbox_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on mailboxes; nothing when there is none."""
    if not value_of(desk.ask(PROFILES)):
        return None
    listed = profiles(desk.limits.rows)
    rows = [_row(desk, row) for row in desk.ask(listed).rows]
    heads = (
        ("Mailbox", "who"),
        ("Holder, by its own evidence", "who"),
        ("Messages", "mid"),
        ("From, to", "sum"),
        ("Months without", "n"),
        ("Copied after", "who"),
    )
    return tag(
        "section",
        tag("h2", "The mailboxes"),
        _lead(desk),
        table(heads, rows, caption=join("Mailboxes", desk.mark(listed))),
        desk.showing(listed, PROFILES, "mailbox_profile"),
        note(
            "A holder is an address and not a person: the one its mail is delivered to, or that "
            "most of its mail names; where another fits nearly as well, none is said. “Copied "
            "after” is a lower bound, and holds only if that last message is real: a Date is what "
            "the sender's computer stated, and a Received field in a stolen dump could be written "
            "by whoever held it. Nothing bounds the theft from above."
        ),
        id="mailboxes",
    )


def _lead(desk: Desk) -> Markup:
    return tag(
        "p",
        "Mailboxes in the dump: ",
        desk.number(MAILBOXES),
        "; with an established holder: ",
        desk.number(HELD),
        ". With a bound for the date of the theft: ",
        desk.number(BOUND),
        ", of which ",
        desk.number(LONE_BOUND),
        " hang on a single message.",
    )


def _row(desk: Desk, row: Mapping[str, Any]) -> tuple[Content, ...]:
    side = "reference originals" if row["kind"] == "reference" else None
    return (
        join(desk.edition.text(row["path"]), tag("span", side, class_="meta") if side else None),
        _holder(desk, row),
        _counts(row),
        _span(row),
        quiet(row["gap_count"]),
        _bound(desk, row),
    )


def _holder(desk: Desk, row: Mapping[str, Any]) -> Markup:
    if row["holder_address"] is not None:
        basis = _BASIS.get(row["holder_basis"], row["holder_basis"])
        told = f"{row['holder_share']:.0%} of its messages: {basis}"
        return join(
            desk.edition.person(row["holder_address"]),
            tag("span", _PERSONAL[row["is_personal"]], class_="meta"),
            tag("span", told, class_="meta"),
        )
    none = Markup('<span class="none">not established</span>')
    if desk.edition.is_public:
        return none
    counts = zip(
        row["candidates"], row["candidate_delivered"], row["candidate_named"], strict=False
    )
    rivals = [
        join(desk.edition.person(address), f": delivered {delivered:,}, named {named:,}")
        for address, delivered, named in counts
    ]
    if not rivals:
        return none
    return join(none, tag("details", tag("summary", "who comes nearest"), several(rivals, 5)))


def _counts(row: Mapping[str, Any]) -> Markup:
    parts = [f"{row['person_count']:,} person to person", f"{row['bulk_count']:,} bulk"]
    if row["undated_count"]:
        parts.append(f"{row['undated_count']:,} without a Date")
    if row["implausible_count"]:
        parts.append(f"{row['implausible_count']:,} with a Date that cannot be")
    return join(shown(row["message_count"]), tag("span", ", ".join(parts), class_="meta"))


def _span(row: Mapping[str, Any]) -> Markup:
    if row["first_at"] is None:
        return Markup('<span class="none">no Date that can be</span>')
    return join(_day(row["first_at"]), tag("div", "to ", _day(row["last_at"])))


def _day(moment: dt.datetime) -> Markup:
    return tag("time", f"{moment:%Y-%m-%d}", datetime=f"{moment:%Y-%m-%d}")


def _bound(desk: Desk, row: Mapping[str, Any]) -> Markup:
    moment = row["theft_not_before_at"]
    if moment is None:
        return Markup('<span class="none">nothing can be said</span>')
    when = _day(moment) if desk.edition.is_public else desk.clock.show(moment)
    limits = [f"by {_CLOCK.get(row['bound_clock'], row['bound_clock'])}"]
    if not row["bound_neighbour_count"]:
        limits.append("no other message in the week before: it hangs on this one alone")
    return join(when, tag("span", "; ".join(limits), class_="meta"))
