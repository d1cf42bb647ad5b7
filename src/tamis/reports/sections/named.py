"""Lists of items: how an item is named, how a list is headed and cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.reports.desk import Desk
    from tamis.reports.figures import Figure


@dataclass(frozen=True, slots=True)
class Listing:
    """A list under its heading: its figure, that of the count it is cut from, where all is."""

    title: str
    headings: tuple[tuple[str, str], ...]
    listed: Figure
    total: Figure
    whole: str
    classes: str = ""


def listing(desk: Desk, told: Listing, rows: list[tuple[Content, ...]]) -> Markup | None:
    """The list with how many of its rows stand here; nothing without rows."""
    if not rows:
        return None
    return join(
        tag("h3", told.title),
        table(
            told.headings,
            rows,
            caption=join(told.listed.label, desk.mark(told.listed)),
            classes=told.classes,
        ),
        desk.showing(told.listed, told.total, told.whole),
    )


def named(desk: Desk, row: Mapping[str, Any]) -> Markup:
    """An item's subject, sender and date, or its path, with the head of its hash.

    Input     the columns of `intake_figures.NAMED`
    """
    edition = desk.edition
    if not row["is_message"]:
        return join(edition.text(row["path"]), " ", identity(row["item_id"]))
    return join(
        edition.text(row["subject"]),
        tag(
            "span",
            edition.person(row["from_address"], row["from_name"]),
            " · ",
            edition.sent(row["sent_at"], row["sent_offset_s"]),
            " · ",
            identity(row["item_id"]),
            class_="meta",
        ),
    )


def several(entries: Iterable[Markup], limit: int) -> Markup:
    """A short list inside a cell, cut after `limit` with the count of what is left out."""
    kept = list(entries)
    if not kept:
        return Markup('<span class="none">nothing</span>')
    items = [tag("li", entry) for entry in kept[:limit]]
    if len(kept) > limit:
        items.append(tag("li", f"… and {len(kept) - limit:,} more", class_="cut"))
    return tag("ul", *items, class_="few")


def months(names: Iterable[str]) -> tuple[str, ...]:
    """Months (YYYY-MM, ascending) as stretches: `2017-01 to 2017-03`, `2017-07`."""
    stretches: list[tuple[str, str]] = []
    for name in names:
        if stretches and _next(stretches[-1][1]) == name:
            stretches[-1] = (stretches[-1][0], name)
        else:
            stretches.append((name, name))
    return tuple(first if first == last else f"{first} to {last}" for first, last in stretches)


def _next(month: str) -> str:
    year, _, number = month.partition("-")
    if not (year.isdecimal() and number.isdecimal()):
        return ""
    count = int(year) * 12 + int(number)
    return f"{count // 12:04}-{count % 12 + 1:02}"
