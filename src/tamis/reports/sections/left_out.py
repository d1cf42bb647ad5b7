"""What was too common to be compared: things left out of the pairs, by name."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table
from tamis.reports.moments import duration
from tamis.reports.sections.timeline import latest
from tamis.reports.words import LAYERS

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

_LEFT_OUT = (
    f"(SELECT * FROM co_action_left_out WHERE run_id = ({latest('co_action_left_out')}) "
    "AND reason = 'too_many_pairs')"
)
LARGE = Figure(
    "objects_left_out",
    "Things left out because too many pairs of actions on them lie within the window",
    f"SELECT count(DISTINCT object_id) AS objects FROM {_LEFT_OUT} AS left_out_now",
)
LARGE_ROWS = Figure(
    "objects_left_out_rows",
    "The same, each counted once for every layer and window",
    f"SELECT count(*) AS object_rows FROM {_LEFT_OUT} AS left_out_now",
)


def large(limit: int) -> Figure:
    """The things that were left out, those with most pairs of actions first."""
    return Figure(
        "objects_left_out_list",
        "The things left out that are printed",
        f"""
        WITH things AS (
            SELECT object_id, min(kind) AS kind, min(display) AS display FROM object
            GROUP BY object_id
        )
        SELECT gone.layer AS layer, gone.window_s AS window_s, gone.object_id AS object_id,
            gone.action_count AS action_count, gone.pair_count AS pair_count,
            things.kind AS kind, things.display AS display
        FROM {_LEFT_OUT} AS gone LEFT JOIN things ON things.object_id = gone.object_id
        ORDER BY gone.pair_count DESC, gone.layer, gone.window_s, gone.object_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """What the rule on viral things left out; nothing where it left out nothing."""
    figure = large(desk.limits.rows)
    found = desk.ask(figure).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.object(
                row["kind"] or "object", row["display"] or row["object_id"], row["object_id"], None
            ),
            LAYERS.get(row["layer"], desk.edition.remark(row["layer"], 40)),
            duration(row["window_s"]),
            shown(row["action_count"]),
            shown(row["pair_count"]),
        )
        for row in found
    ]
    heads = (
        *(("Left out", ""), ("Layer", ""), ("Window", "n")),
        *(("Actions", "n"), ("Pairs of actions", "n")),
    )
    return join(
        note(
            "Left out were things so common that they would join nearly everybody: ",
            desk.number(LARGE),
            ". Without each of them a pair can lack one shared thing, and pairs that share "
            "nothing else are not here.",
            kind="limit",
        ),
        table(heads, rows, caption=join("Left out", desk.mark(figure))),
        desk.showing(figure, LARGE_ROWS, "co_action_left_out"),
    )
