"""Who carried others' posts furthest: accounts by what they reposted, and how fast."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

_ROWS = f"(SELECT * FROM amplifier WHERE run_id = ({latest('amplifier')}))"

AMPLIFIERS = Figure(
    "amplifiers",
    "Accounts that carried posts of others",
    f"SELECT count(*) AS accounts FROM {_ROWS} AS rows_now WHERE repost_count > 0",
)


def carriers(limit: int) -> Figure:
    """The accounts that carried most posts of others."""
    return Figure(
        "amplifier_list",
        "Accounts that carried most posts of others",
        f"""
        SELECT account_id, handle, repost_count, target_count, early_count, median_lag_s,
            received_count
        FROM {_ROWS} AS rows_now WHERE repost_count > 0
        ORDER BY repost_count DESC, early_count DESC, account_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on amplifiers; nothing when nobody reposted."""
    if not value_of(desk.ask(AMPLIFIERS)):
        return None
    listed = carriers(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.account(row["account_id"], row["handle"]),
            shown(row["repost_count"]),
            shown(row["target_count"]),
            shown(row["early_count"]),
            duration(row["median_lag_s"]),
            shown(row["received_count"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Account", ""),
        ("Reposts, quotes, forwards", "n"),
        ("Different posts", "n"),
        ("Within 60 s", "n"),
        ("Median delay", "n"),
        ("Reposts received", "n"),
    )
    return tag(
        "section",
        tag("h2", "Who carried it further"),
        note(
            "Reposting much or fast is what enthusiasts, newsrooms and schedulers do as well. "
            "This list says who carried posts of others in this collection, not why.",
            kind="limit",
        ),
        table(heads, rows, caption=join("Accounts by reposts made", desk.mark(listed))),
        desk.showing(listed, AMPLIFIERS, "amplifier"),
        id="amplifiers",
    )
