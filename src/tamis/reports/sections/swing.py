"""Could it still matter: the swing needed for a tie, beside how far polls were off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_MOMENTS = {"before_leak": "polls that ended before the leak", "last": "all polls"}
_SCOPES = {"whole": "one margin", "regions": "electors by region"}

# Every figure here is called `swing_…`: `tamis show CASE figure` withholds them by that name.
SWING = Figure("swing_rows", "Rows of the swing gauge", "SELECT count(*) AS gauge_rows FROM swing")
NEEDED = Figure(
    "swing_needed",
    "Swing needed for a tie, by the polls that are counted",
    """
    SELECT DISTINCT vote_day, moment, last_poll_day, days_left, leader, runner_up, margin_points,
        undecided_points, pollsters, span_days, sentence, limits
    FROM swing ORDER BY vote_day, moment
    """,
    keeps=Keeps.ROWS,
    tolerance=1e-9,
)
KEPT = Figure(
    "swing_kept",
    "Share of polling errors under which the lead stays, by supposed effect",
    """
    SELECT vote_day, moment, scope, spread, spread_points, spread_basis, tail,
        min(kept_share) FILTER (WHERE effect_points = 0) AS kept_none,
        min(kept_share) FILTER (WHERE effect_points = 2) AS kept_two,
        min(kept_share) FILTER (WHERE effect_points = 4) AS kept_four
    FROM swing GROUP BY vote_day, moment, scope, spread, spread_points, spread_basis, tail
    ORDER BY vote_day, moment, scope DESC, spread, tail
    """,
    keeps=Keeps.ROWS,
    tolerance=1e-9,
)


def render(desk: Desk) -> Markup | None:
    """The section on the swing; the reason alone while a rule on polls runs."""
    heading = tag("h2", "Could it still matter")
    if desk.withheld is not None:
        return tag("section", heading, note(desk.withheld, kind="limit"), id="swing")
    if not value_of(desk.ask(SWING)):
        return None
    needed = desk.ask(NEEDED).rows
    sentence = next(row for row in reversed(needed) if row["moment"] == "last")["sentence"]
    return tag(
        "section",
        heading,
        tag("p", sentence, desk.mark(NEEDED), data_figure=desk.trace(NEEDED)),
        note(needed[0]["limits"], kind="limit"),
        _needed(desk),
        _kept(desk),
        tag("p", "All rows: ", desk.whole("swing"), class_="showing"),
        id="swing",
    )


def _needed(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            _MOMENTS.get(row["moment"], row["moment"]),
            _pair(row),
            f"{row['margin_points']:.1f}",
            f"{row['undecided_points']:.1f}",
            f"{row['last_poll_day']}, {row['days_left']} days before the vote",
            f"{len(row['pollsters'])} in {row['span_days']} days: {', '.join(row['pollsters'])}",
        )
        for row in desk.ask(NEEDED).rows
    ]
    heads = (
        *(("Counted", ""), ("Pair", "wide"), ("Swing for a tie, points", "n")),
        *(("Undecided, points", "n"), ("Newest poll", ""), ("Pollsters", "wide")),
    )
    return table(heads, rows, caption=join("What a tie would need", desk.mark(NEEDED)))


def _pair(row: Mapping[str, Any]) -> str:
    # A margin that is printed as 0.0 is a tie.
    how = "before" if row["margin_points"] >= 0.05 else "level with"
    return f"{row['leader']} {how} {row['runner_up']}"


def _kept(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            f"{_MOMENTS.get(row['moment'], row['moment'])}, {_SCOPES.get(row['scope'], '')}",
            f"{row['spread_points']:g} points: {row['spread_basis']}",
            "normal" if row["tail"] == "normal" else "heavy (t, three degrees)",
            *(_share(row, name) for name in ("kept_none", "kept_two", "kept_four")),
        )
        for row in desk.ask(KEPT).rows
    ]
    heads = (
        *(("Counted", "wide"), ("Error of polls", "wide"), ("Tail", "")),
        *(("No effect", "n"), ("2 points", "n"), ("4 points", "n")),
    )
    caption = join(
        "Of errors of that size and shape, the share under which the lead stays", desk.mark(KEPT)
    )
    return table(heads, rows, caption=caption)


def _share(row: Mapping[str, Any], name: str) -> str:
    # Three digits: the exact share hangs on the tail, and more would look like knowledge.
    return f"{row[name]:.3f}"
