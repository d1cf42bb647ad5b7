"""Sealed decoys in the dump: those proven, those only asserted, and texts that share words."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

MATCHED = Figure(
    "decoy_matches",
    "Items of the dump that are a sealed file or share its words",
    "SELECT count(*) AS matches FROM decoy_match",
)
SEALED = Figure(
    "decoys_sealed",
    "Items that are byte for byte a file sealed before the leak",
    "SELECT count(DISTINCT item_id) AS items FROM decoy_match WHERE standing = 'decoy'",
)
ASSERTED = Figure(
    "decoys_asserted",
    "Items that are called decoys without a trusted time before the leak",
    """
    SELECT count(DISTINCT item_id) AS items FROM decoy_match
    WHERE standing = 'decoy_asserted'
        AND item_id NOT IN (SELECT item_id FROM decoy_match WHERE standing = 'decoy')
    """,
)
SHARING = Figure(
    "decoys_sharing",
    "Items that only share words with one",
    """
    SELECT count(DISTINCT item_id) AS items FROM decoy_match
    WHERE item_id NOT IN (SELECT item_id FROM decoy_match WHERE relation = 'same_bytes')
    """,
)
_STANDING = {"decoy": "decoy", "decoy_asserted": "asserted", None: "shares words"}


def matches(limit: int) -> Figure:
    """The matches, proven ones first."""
    return Figure(
        "decoy_match_list",
        "Each match with what stands behind it",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, found.decoy_id AS decoy_id, found.standing AS standing,
            found.shared_count AS shared_count, found.detail AS detail
        FROM decoy_match AS found JOIN named ON named.item_id = found.item_id
        ORDER BY found.standing IS DISTINCT FROM 'decoy', found.standing IS NULL,
            found.shared_count DESC NULLS LAST, found.item_id, found.decoy_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on decoys; nothing when none was shown or found."""
    if not value_of(desk.ask(MATCHED)):
        return None
    return tag(
        "section",
        tag("h2", "Decoys"),
        tag(
            "p",
            "Byte for byte a file that its owner sealed before the leak: ",
            desk.number(SEALED),
            ". Called so without a trusted time before it: ",
            desk.number(ASSERTED),
            ". Sharing words with one, which says nothing of who wrote them first: ",
            desk.number(SHARING),
            ".",
        ),
        _each(desk),
        note(
            "A seal says that the owner called a file a decoy in time; not that what it says is "
            "invented. Nothing is called a decoy by inference."
        ),
        id="decoys",
    )


def _each(desk: Desk) -> Markup | None:
    listed = matches(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            named(desk, row),
            _STANDING.get(row["standing"], ""),
            shown(row["shared_count"]),
            join(desk.edition.remark(row["detail"], 300)),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Item", "who"), ("Standing", "word"), ("Runs shared", "n"), ("Why", ""))
    return listing(desk, Listing("The matches", heads, listed, MATCHED, "decoy_match"), rows)
