"""What the case answers of the law's clock and of the vote."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.gate.answer import Answered, told
from tamis.reports.moments import duration
from tamis.reports.sections.silence import UNKNOWN
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from tamis.reports.desk import Desk
    from tamis.reports.markup import Content

WINDOWS = Figure(
    "gate_windows",
    "Windows of silence that are known for the case, by rule and territory",
    f"SELECT count(*) AS windows FROM silence_window WHERE run_id = ({latest('silence_window')})",
)
JURISDICTIONS = Figure(
    "gate_jurisdictions",
    "Jurisdictions with such a window",
    "SELECT count(DISTINCT jurisdiction) AS jurisdictions FROM silence_window "
    f"WHERE run_id = ({latest('silence_window')})",
)
ANSWERING = Figure(
    "gate_answering",
    "Campaign silences against the first sight, and the time that was left to answer",
    f"""
    WITH timed AS (
        SELECT * FROM answer_time WHERE run_id = ({latest("answer_time")}) AND kind = 'campaign'
    ), sight AS (
        SELECT sight, object_id FROM timed
        ORDER BY array_position(['leak_at', 'leaked_item', 'selector'], sight), first_high_at,
            object_id LIMIT 1
    )
    SELECT min(sight) AS sight, count(*) FILTER (WHERE answer_high_s <= 0) AS running,
        count(*) FILTER (WHERE answer_low_s > 0) AS ahead,
        count(*) FILTER (WHERE NOT coalesce(answer_low_s > 0 OR answer_high_s <= 0, false))
            AS unsure,
        min(answer_low_s) FILTER (WHERE answer_low_s > 0) AS least_s
    FROM timed WHERE (sight, object_id) IN (SELECT (sight, object_id) FROM sight)
    """,
    keeps=Keeps.ROWS,
)


_SIGHTS = {
    "leak_at": "as the case states it",
    "leaked_item": "first post that carries an item of it",
    "selector": "first post of what was searched for",
}


def silence(desk: Desk) -> Answered:
    """Question 9."""
    if not value_of(desk.ask(WINDOWS)):
        return told(
            9,
            *("No window of silence is known for the case: its jurisdictions and polling days "),
            *("stand in case.toml, and rules that tamis does not hold can be added. Not known is "),
            *("not free.", desk.mark(WINDOWS)),
            anchors=("silence",),
        )
    row = desk.ask(ANSWERING).rows[0]
    parts: list[Content] = [
        *("Windows of silence that are known, by rule and territory: ", desk.number(WINDOWS)),
        *(", in jurisdictions: ", desk.number(JURISDICTIONS), ". "),
        f"By the time of the leak ({_SIGHTS.get(row['sight'], 'not known')}), ",
        f"{row['running']:,} campaign silences ran, {row['ahead']:,} were ahead and for ",
        f"{row['unsure']:,} it cannot be said",
    ]
    if row["least_s"] is not None:
        parts.append(f"; the nearest left {duration(row['least_s'])} to answer")
    unknown = desk.ask(UNKNOWN).rows
    if unknown and unknown[0]["unknown"]:
        parts.append(f"; not established for {unknown[0]['unknown']}")
    return told(
        9,
        *parts,
        desk.mark(ANSWERING),
        ". For whom, on which acts, by which article: see the windows.",
        anchors=("silence", "timeline"),
        rows=("silence_window",),
    )


SWING_COUNT = Figure(
    "swing_gate_rows", "Rows of the swing gauge", "SELECT count(*) AS gauge_rows FROM swing"
)
SWING = Figure(
    "swing_gate",
    "Swing needed for a tie by the newest polls, in a sentence",
    """
    SELECT sentence FROM swing WHERE moment = 'last'
    ORDER BY vote_day DESC, scope DESC, spread, tail, effect_points LIMIT 1
    """,
    keeps=Keeps.DIGEST,
)


def swing(desk: Desk) -> Answered:
    """Question 16; the reason alone while a rule on polls may run."""
    if desk.withheld is not None:
        return told(16, desk.withheld, ".", anchors=("swing",))
    if not value_of(desk.ask(SWING_COUNT)):
        return told(
            16,
            "No polls on a polling day of the case were added, so no swing can be held against ",
            "past errors: ",
            desk.number(SWING_COUNT),
            " rows.",
            anchors=("swing",),
        )
    return told(
        16,
        *(row["sentence"] for row in desk.ask(SWING).rows),
        desk.mark(SWING),
        anchors=("swing",),
        rows=("swing",),
    )
