"""Secrets that stand readable in the dump: masked, whose they are, and whom to warn."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named, several

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

EXPOSED = Figure(
    "exposures",
    "Secrets and account numbers that stand readable and look alive",
    "SELECT count(*) AS exposures FROM exposure",
)
ITEMS = Figure(
    "exposure_items",
    "Messages and documents they stand in",
    "SELECT count(DISTINCT item_id) AS items FROM exposure",
)
WARNED = Figure(
    "exposure_addresses",
    "Addresses to warn",
    """
    SELECT count(DISTINCT address) AS addresses
    FROM (SELECT unnest(warn_addresses) AS address FROM exposure) AS told
    """,
)
OWNERLESS = Figure(
    "exposures_ownerless",
    "Secrets of which nothing says whose they are",
    "SELECT count(*) AS exposures FROM exposure WHERE whose IS NULL",
)
BY_KIND = Figure(
    "exposures_by_kind",
    "What kinds of secrets stand readable",
    """
    SELECT kind, count(*) AS exposure_count, count(DISTINCT item_id) AS item_count,
        count(DISTINCT whose) AS owner_count
    FROM exposure GROUP BY kind ORDER BY exposure_count DESC, kind
    """,
    keeps=Keeps.ROWS,
)
_BASIS = {
    "beside_it": "the address stands beside it",
    "sender": "the sender of the message",
    "mailbox": "the holder of the mailbox",
}
_FIELDS = {"body_text": "body", "subject": "subject", "text": "text"}
_PEOPLE = 4


def warned(limit: int) -> Figure:
    """The addresses to warn, those first whom most concerns."""
    return Figure(
        "exposure_warn_list",
        "Whom to warn, of how many secrets, and of which kinds",
        """
        WITH told AS (
            SELECT unnest(warn_addresses) AS address, kind, whose FROM exposure
        )
        SELECT address, count(*) FILTER (WHERE whose = address) AS own_count,
            count(*) AS exposure_count, list_sort(list(DISTINCT kind)) AS kinds
        FROM told GROUP BY address
        ORDER BY own_count DESC, exposure_count DESC, address LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def exposures(limit: int) -> Figure:
    """The secrets, masked: those first of which somebody is known to warn."""
    return Figure(
        "exposure_list",
        "Each secret, masked, with its place",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, found.kind AS kind, found.masked AS masked, found.whose AS whose,
            found.whose_basis AS whose_basis, found.warn_addresses AS warn_addresses,
            found.field_name AS field_name, found.char_start AS char_start,
            found.char_end AS char_end, found.reason AS reason
        FROM exposure AS found JOIN named ON named.item_id = found.item_id
        ORDER BY found.whose IS NULL, found.kind, found.item_id, found.field_name,
            found.char_start, found.rule_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on exposed secrets; nothing when none was found."""
    if not value_of(desk.ask(EXPOSED)):
        return None
    # Where a secret stands is a map for whoever holds the dump too: the public gets counts.
    lists = (_warned(desk), _each(desk)) if not desk.edition.is_public else (_withheld(),)
    return tag(
        "section",
        tag("h2", "Whom to warn"),
        tag(
            "p",
            "Secrets and account numbers that stand readable and look alive: ",
            desk.number(EXPOSED),
            ", in ",
            desk.number(ITEMS),
            " messages and documents. Addresses to warn: ",
            desk.number(WARNED),
            ". Nothing says whose they are for ",
            desk.number(OWNERLESS),
            ".",
        ),
        _kinds(desk),
        *lists,
        note(
            "No value is kept or shown, and none was tried: “looks alive” is said of its form. "
            "Whose it is rests on what stands beside it, and may be wrong. Warn first, then "
            "publish."
        ),
        id="exposure",
    )


def _kinds(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["kind"].replace("_", " "), 40),
            shown(row["exposure_count"]),
            shown(row["item_count"]),
            shown(row["owner_count"]),
        )
        for row in desk.ask(BY_KIND).rows
    ]
    heads = (("Kind", "word"), ("Found", "n"), ("In items", "n"), ("Of addresses", "n"))
    caption = join("By kind", desk.mark(BY_KIND))
    return table(heads, rows, caption=caption, classes="narrow")


def _withheld() -> Markup:
    return tag("p", "Where they stand and whose they are is not in the public edition.")


def _warned(desk: Desk) -> Markup | None:
    listed = warned(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.person(row["address"]),
            shown(row["own_count"]),
            shown(row["exposure_count"]),
            desk.edition.remark(", ".join(row["kinds"]).replace("_", " "), 120),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Address", "who"),
        ("Seem to be theirs", "n"),
        ("They wrote, read or own", "n"),
        ("Kinds", ""),
    )
    return listing(desk, Listing("The people", heads, listed, WARNED, "exposure"), rows)


def _each(desk: Desk) -> Markup | None:
    listed = exposures(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            _masked(desk, row),
            _whose(desk, row),
            several((desk.edition.person(one) for one in row["warn_addresses"]), _PEOPLE),
            join(named(desk, row), _place(row)),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("What, masked, and why it looks alive", "who"),
        ("Whose it seems to be", "who"),
        ("Whom to warn", "who"),
        ("Where", "who"),
    )
    return listing(desk, Listing("The secrets", heads, listed, EXPOSED, "exposure"), rows)


def _masked(desk: Desk, row: Mapping[str, Any]) -> Markup:
    kind = row["kind"].replace("_", " ")
    told = row["masked"] if kind in row["masked"] else f"{kind}, {row['masked']}"
    why = tag("span", desk.edition.remark(row["reason"], 200), class_="meta")
    return join(desk.edition.remark(told, 160), why)


def _whose(desk: Desk, row: Mapping[str, Any]) -> Markup:
    if row["whose"] is None:
        return Markup('<span class="none">nothing says</span>')
    basis = _BASIS.get(row["whose_basis"], "")
    return join(desk.edition.person(row["whose"]), tag("span", basis, class_="meta"))


def _place(row: Mapping[str, Any]) -> Markup:
    field = _FIELDS.get(row["field_name"], "text")
    told = f"{field}, characters {row['char_start']:,} to {row['char_end']:,}"
    return tag("span", told, class_="meta")
