"""The dump beside the victim's own originals: what is there, differs, or is missing, and where."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named, several
from tamis.reports.untrusted import untrusted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

MATCHED = Figure(
    "reference_matched",
    "Messages of the dump held against the reference originals",
    "SELECT count(*) AS messages FROM reference_match",
)
OUTCOMES = Figure(
    "reference_outcomes",
    "Messages of the dump beside the reference originals, by outcome and ground",
    """
    SELECT outcome, coalesce(basis, '') AS basis, count(*) AS message_count FROM reference_match
    GROUP BY outcome, coalesce(basis, '') ORDER BY outcome, message_count DESC, basis
    """,
    keeps=Keeps.ROWS,
)
COVERED = Figure(
    "reference_covered",
    "Addresses and directions that the reference originals cover at some time",
    """
    SELECT count(*) AS pairs FROM (
        SELECT DISTINCT address, direction FROM reference_coverage) AS covered
    """,
)
# In the order in which a reader asks: what it says, and what it does not.
_OUTCOMES = (
    (
        "in_reference",
        "in the originals",
        (
            "The originals hold the same message. That it is harmless, or was sent by a person, is "
            "another question."
        ),
    ),
    (
        "differs",
        "differs",
        (
            "The originals hold this message otherwise: who changed it, and on which side, is not "
            "said. What is marked undecided is changed by gateways, lists and stores as well."
        ),
    ),
    (
        "not_in_reference",
        "not in the originals",
        (
            "It falls into a stretch that the originals cover, and they lack it. Its holder may "
            "have deleted it before the export."
        ),
    ),
    (
        "outside_coverage",
        "outside the coverage",
        "The originals could not be expected to hold it: nothing is said.",
    ),
    (
        "not_compared",
        "not compared",
        "The comparison was not possible: neither cleared nor accused.",
    ),
)
_STRETCHES = 4
_BASIS = {
    "same_bytes": "same bytes",
    "same_message_id": "same Message-ID",
    "same_fields": "same fields, another Message-ID or none",
    "through_list": "but for what a list adds",
    "mailbox": "by its mailbox",
    "address": "by its addresses",
}


def of_outcome(outcome: str) -> Figure:
    """How many messages have one outcome."""
    return Figure(
        f"reference_{outcome}",
        f"Messages of the dump beside the originals: {outcome.replace('_', ' ')}",
        "SELECT count(*) AS messages FROM reference_match WHERE outcome = $outcome",
        {"outcome": outcome},
    )


def coverage(limit: int) -> Figure:
    """The stretches that the originals cover, by address and direction."""
    return Figure(
        "reference_coverage",
        "When the originals can be expected to hold a message",
        """
        SELECT address, direction, CAST(sum(message_count) AS BIGINT) AS message_count,
            list(first_at ORDER BY first_at, coverage_id) AS firsts,
            list(last_at ORDER BY first_at, coverage_id) AS lasts,
            max(narrowed_by) AS narrowed_by
        FROM reference_coverage GROUP BY address, direction
        ORDER BY address, direction LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def matches(outcome: str, limit: int) -> Figure:
    """The messages of one outcome by stated date, with what differs."""
    return Figure(
        f"reference_list_{outcome}",
        f"The first messages by date: {outcome.replace('_', ' ')}",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, found.differing AS differing, found.undecided AS undecided,
            found.similarity AS similarity,
            found.changes AS changes, found.is_cut AS is_cut, found.detail AS detail,
            found.reference_item_id AS reference_item_id
        FROM reference_match AS found JOIN named ON named.item_id = found.item_id
        WHERE found.outcome = $outcome
        ORDER BY named.sent_at NULLS LAST, named.item_id LIMIT $row_limit
        """,
        {"outcome": outcome, "row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on the reference originals; nothing without a comparison."""
    if not value_of(desk.ask(MATCHED)):
        return None
    return tag(
        "section",
        tag("h2", "The dump beside the originals"),
        tag(
            "p",
            desk.number(MATCHED),
            " messages of the dump were held against the originals that their owners gave.",
        ),
        _outcomes(desk),
        _coverage(desk),
        _differing(desk),
        _missing(desk),
        id="reference",
    )


def _outcomes(desk: Desk) -> Markup:
    grounds: dict[str, list[str]] = {}
    for row in desk.ask(OUTCOMES).rows:
        if row["basis"]:
            ground = _BASIS.get(row["basis"], row["basis"])
            grounds.setdefault(row["outcome"], []).append(f"{row['message_count']:,} {ground}")
    rows: list[tuple[Content, ...]] = [
        (name, desk.number(of_outcome(outcome)), "; ".join(grounds.get(outcome, ())), says)
        for outcome, name, says in _OUTCOMES
    ]
    heads = (
        ("Outcome", "mid"),
        ("Messages", "n"),
        ("On which ground", "mid"),
        ("What it says", "wide"),
    )
    return table(heads, rows, caption=join("Outcomes", desk.mark(OUTCOMES)))


def _coverage(desk: Desk) -> Markup | None:
    listed = coverage(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.person(row["address"]),
            row["direction"],
            shown(row["message_count"]),
            _stretches(row),
            desk.edition.remark(row["narrowed_by"], 120) if row["narrowed_by"] else "",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Address", "who"),
        ("What it", "word"),
        ("Originals", "n"),
        ("In these stretches", "wide"),
        ("Narrowed by", ""),
    )
    told = Listing("The coverage", heads, listed, COVERED, "reference_coverage")
    return join(
        listing(desk, told, rows)
        or tag("p", "The originals cover nothing: addresses: ", desk.number(COVERED), "."),
        note(
            "Missing is said only inside these stretches: per address, sent and received apart, "
            "from the first to the last original without a long silence between."
        ),
    )


def _stretches(row: Mapping[str, Any]) -> Markup:
    spans = [
        join(_day(first), " to ", _day(last))
        for first, last in zip(row["firsts"], row["lasts"], strict=False)
    ]
    if len(spans) <= _STRETCHES:
        return several(spans, _STRETCHES)
    told = f"{len(spans):,} stretches, {row['firsts'][0]:%Y-%m-%d} to {max(row['lasts']):%Y-%m-%d}"
    return tag("details", tag("summary", told), several(spans, 10 * _STRETCHES))


def _differing(desk: Desk) -> Markup | None:
    listed = matches("differs", desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            named(desk, row),
            desk.edition.remark(_what(row), 240),
            _changes(desk, row),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Message", "who"),
        ("What differs", "word"),
        ("Original (\N{MINUS SIGN}), dump (+)", "wide"),
    )
    whole = "reference_match --where \"outcome = 'differs'\""
    total = of_outcome("differs")
    return listing(desk, Listing("Messages that differ", heads, listed, total, whole), rows)


def _what(row: Mapping[str, Any]) -> str:
    """What differs; what gateways and stores change as well is marked."""
    return ", ".join(
        f"{one} (undecided)" if one in row["undecided"] else one for one in row["differing"]
    )


def _changes(desk: Desk, row: Mapping[str, Any]) -> Markup:
    """The differing lines: the original's marked with a minus, the dump's with a plus."""
    text = row["changes"]
    if text is None or desk.edition.is_public:
        return desk.edition.text(text)
    lines = text.split("\n")
    limit = desk.limits.change_lines
    kinds = {"-": "was", "+": "now"}
    told = [
        tag("span", untrusted(line, 300), class_=f"change {kinds.get(line[:1], 'same')}")
        for line in lines[:limit]
    ]
    if len(lines) > limit or row["is_cut"]:
        more = len(lines) - limit
        rest = f"{more:,} lines more" if more > 0 else "the list was cut for its length"
        told.append(tag("span", f"… {rest}: see reference_match", class_="cut"))
    return tag("div", *told, class_="changes")


def _missing(desk: Desk) -> Markup | None:
    outcome = "not_in_reference"
    listed = matches(outcome, desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (named(desk, row), desk.edition.remark(row["detail"])) for row in desk.ask(listed).rows
    ]
    heads = (("Message", "wide"), ("Why it counts as missing there", "wide"))
    whole = f"reference_match --where \"outcome = '{outcome}'\""
    title = "Messages that the originals lack"
    return listing(desk, Listing(title, heads, listed, of_outcome(outcome), whole), rows)


def _day(moment: dt.datetime) -> Markup:
    return tag("time", f"{moment:%Y-%m-%d}", datetime=f"{moment:%Y-%m-%d}")
