"""Data about people in the dump by kind, and documents that reach outside when opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

VALUES = Figure(
    "personal_values",
    "Different values about people that stand readable",
    "SELECT count(DISTINCT value_hash) AS values_found FROM personal_data",
)
ITEMS = Figure(
    "personal_items",
    "Messages and documents they stand in",
    "SELECT count(DISTINCT item_id) AS items FROM personal_data",
)
THIRD = Figure(
    "personal_third",
    "Values of third parties",
    """
    SELECT count(DISTINCT value_hash) AS values_found FROM personal_data
    WHERE standing = 'third_party'
    """,
)
BEACONS = Figure(
    "beacon_items",
    "Documents and messages that would ask another machine as soon as they are opened",
    "SELECT count(DISTINCT item_id) AS items FROM beacon WHERE is_on_opening",
)
BY_KIND = Figure(
    "personal_by_kind",
    "Kinds of data about people",
    """
    SELECT kind, count(DISTINCT value_hash) AS value_count,
        count(DISTINCT value_hash) FILTER (WHERE standing = 'third_party') AS third_count,
        count(DISTINCT item_id) AS item_count
    FROM personal_data GROUP BY kind ORDER BY value_count DESC, kind
    """,
    keeps=Keeps.ROWS,
)


def render(desk: Desk) -> Markup | None:
    """The section on what must be hidden before publication; nothing when nothing was found."""
    has_values, has_beacons = value_of(desk.ask(VALUES)), value_of(desk.ask(BEACONS))
    if not has_values and not has_beacons:
        return None
    return tag(
        "section",
        tag("h2", "Before anything is published"),
        tag(
            "p",
            "Different values about people that stand readable: ",
            desk.number(VALUES),
            ", of third parties or of whom nothing is known ",
            desk.number(THIRD),
            ", in ",
            desk.number(ITEMS),
            " messages and documents. Messages and documents that would ask another machine ",
            "when opened: ",
            desk.number(BEACONS),
            ".",
        ),
        _kinds(desk) if has_values else None,
        note(
            "No value is kept or shown. Names of people are not searched. Nothing was opened with "
            "a program that fetches."
        ),
        id="personal",
    )


def _kinds(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["kind"].replace("_", " "), 40),
            shown(row["value_count"]),
            shown(row["third_count"]),
            shown(row["item_count"]),
        )
        for row in desk.ask(BY_KIND).rows
    ]
    heads = (("Kind", "word"), ("Values", "n"), ("Of third parties", "n"), ("In items", "n"))
    return table(heads, rows, caption=join("By kind", desk.mark(BY_KIND)), classes="narrow")
