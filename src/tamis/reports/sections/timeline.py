"""When it happened: posts and actions over time, by platform."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tamis.reports.desk import shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.silence import DRAWN
from tamis.reports.timeline_chart import Series, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_BINS = 168
_PLATFORMS = 6
_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760)


def latest(table_name: str) -> str:
    """The SELECT of the newest run_id that a result table holds: older rows are never added up."""
    return f"""
        SELECT found.run_id FROM (SELECT DISTINCT run_id FROM {table_name}) AS found
            LEFT JOIN (SELECT run_id, max(started_at) AS started_at FROM run GROUP BY run_id)
                AS known ON known.run_id = found.run_id
        ORDER BY known.started_at DESC NULLS LAST, found.run_id DESC LIMIT 1
    """


_ROWS = f"(SELECT * FROM tally WHERE run_id = ({latest('tally')}))"

POSTS = Figure(
    "posts",
    "Posts with a known time",
    f"""
    SELECT CAST(coalesce(sum(count_in_hour), 0) AS BIGINT) AS posts
    FROM {_ROWS} AS rows_now WHERE kind = 'post'
    """,
)
UNDATED = Figure(
    "posts_undated",
    "Posts without a usable time",
    """
    SELECT count(*) AS posts FROM (
        SELECT coalesce(edited_of, post_id) AS root_id FROM post
        GROUP BY root_id HAVING count(posted_at) = 0
    ) AS undated
    """,
)
POSTS_HELD = Figure(
    "posts_held",
    "Posts in the collection, each counted once with all its versions",
    "SELECT count(DISTINCT coalesce(edited_of, post_id)) AS posts FROM post",
)
SPAN = Figure(
    "timeline_span",
    "First and last hour with posts or actions, and the span that holds 99 % of them",
    f"""
    WITH hours AS (
        SELECT hour_at, sum(count_in_hour) AS row_count FROM {_ROWS} AS rows_now GROUP BY hour_at
    ), running AS (
        SELECT hour_at, sum(row_count) OVER (ORDER BY hour_at) AS up_to,
            sum(row_count) OVER () AS total
        FROM hours
    )
    SELECT min(hour_at) AS low_at, max(hour_at) AS high_at,
        min(hour_at) FILTER (WHERE up_to >= total * 0.005) AS core_low_at,
        min(hour_at) FILTER (WHERE up_to >= total * 0.995) AS core_high_at
    FROM running
    """,
    keeps=Keeps.ROWS,
)
PLATFORMS = Figure(
    "timeline_platforms",
    "Posts and actions by platform",
    f"""
    SELECT platform,
        CAST(coalesce(sum(count_in_hour) FILTER (WHERE kind = 'post'), 0) AS BIGINT) AS post_count,
        CAST(coalesce(sum(count_in_hour) FILTER (WHERE kind <> 'post'), 0) AS BIGINT)
            AS action_count,
        min(hour_at) AS first_hour_at, max(hour_at) AS last_hour_at
    FROM {_ROWS} AS rows_now GROUP BY platform
    ORDER BY post_count DESC, action_count DESC, platform
    """,
    keeps=Keeps.ROWS,
)


def bins(low: dt.datetime, high: dt.datetime, width_h: int) -> Figure:
    """Posts and actions in bins of some hours, between two moments."""
    return Figure(
        "timeline_bins",
        f"Posts and actions by platform, in bins of {width_h:,} h",
        f"""
        SELECT platform,
            CAST(floor((epoch(hour_at) - $low_s) / $width_s) AS BIGINT) AS bin,
            CAST(coalesce(sum(count_in_hour) FILTER (WHERE kind = 'post'), 0) AS BIGINT)
                AS post_count,
            CAST(coalesce(sum(count_in_hour) FILTER (WHERE kind <> 'post'), 0) AS BIGINT)
                AS action_count
        FROM {_ROWS} AS rows_now
        WHERE epoch(hour_at) >= $low_s AND epoch(hour_at) <= $high_s
        GROUP BY platform, bin ORDER BY platform, bin
        """,
        {
            "low_s": int(low.timestamp()),
            "high_s": int(high.timestamp()),
            "width_s": width_h * 3600,
        },
        Keeps.ROWS,
    )


def outside(low: dt.datetime, high: dt.datetime) -> Figure:
    """Posts and actions that the picture leaves out."""
    return Figure(
        "timeline_outside",
        "Posts and actions before or after the hours drawn",
        f"""
        SELECT CAST(coalesce(sum(count_in_hour), 0) AS BIGINT) AS outside_count
        FROM {_ROWS} AS rows_now
        WHERE epoch(hour_at) < $low_s OR epoch(hour_at) > $high_s
        """,
        {"low_s": int(low.timestamp()), "high_s": int(high.timestamp())},
    )


def render(desk: Desk) -> Markup:
    """The section on time."""
    heading = tag("h2", "When it spread")
    span = desk.ask(SPAN).rows[0]
    if span["low_at"] is None:
        return tag("section", heading, _nothing(desk), id="timeline")
    low, high = _drawn(span)
    width_h = _width(low, high)
    intro = tag(
        "p",
        desk.number(POSTS),
        " posts have a known time; ",
        desk.number(UNDATED),
        " have none and are not drawn. Each step is ",
        tag("span", _hours(width_h), class_="fixed"),
        " wide. Posts and actions before or after the hours drawn: ",
        desk.number(outside(low, high)),
        ".",
    )
    return tag(
        "section", heading, intro, _picture(desk, low, high, width_h), _table(desk), id="timeline"
    )


def _nothing(desk: Desk) -> Markup:
    told = join("Posts in the collection: ", desk.number(POSTS_HELD), ".")
    if value_of(desk.ask(POSTS_HELD)) == value_of(desk.ask(UNDATED)):
        return tag("p", "No posts with a known time. ", told)
    command = tag("code", f"tamis run {desk.case_name} --only spread")
    return tag("p", told, " Their spread has not been computed in this generation: ", command)


def _drawn(span: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """The hours drawn: all, unless stray dates would press the bulk into a corner."""
    low, high = span["low_at"], span["high_at"]
    core_low, core_high = span["core_low_at"], span["core_high_at"]
    margin = max((core_high - core_low) * 0.1, dt.timedelta(hours=6))
    if high - low <= 3 * (core_high - core_low + margin):
        return low, high
    return max(low, _hour(core_low - margin)), min(high, _hour(core_high + margin))


def _hour(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _width(low: dt.datetime, high: dt.datetime) -> int:
    hours = (high - low).total_seconds() / 3600 + 1
    return next((step for step in _STEPS_H if hours / step <= _BINS), _STEPS_H[-1])


def _hours(width_h: int) -> str:
    return f"{width_h} h" if width_h < 48 else f"{width_h // 24} days"


def _picture(desk: Desk, low: dt.datetime, high: dt.datetime, width_h: int) -> Markup:
    figure = bins(low, high, width_h)
    drawn = [row["platform"] for row in desk.ask(PLATFORMS).rows[:_PLATFORMS]]
    count = int((high - low).total_seconds() // (width_h * 3600)) + 1
    series = {name: Series([0] * count, [0] * count) for name in drawn}
    for row in desk.ask(figure).rows:
        if row["platform"] in series and 0 <= row["bin"] < count:
            series[row["platform"]].posts[row["bin"]] = row["post_count"]
            series[row["platform"]].actions[row["bin"]] = row["action_count"]
    caption = join(
        "Posts (filled) and actions such as reposts and replies (line), by platform. "
        "Each platform has its own scale. Times: UTC",
        f" above, {desk.clock.zone_name} below" if desk.clock.zone_name != "UTC" else None,
        desk.mark(figure),
    )
    more = len(desk.ask(PLATFORMS).rows) - len(drawn)
    rest = (
        tag("p", "Further platforms stand in the table only.", class_="showing")
        if more > 0
        else None
    )
    silences = desk.ask(DRAWN).rows
    bands = [(row["start_low_at"], row["end_high_at"]) for row in silences]
    picture = timeline(series, low, width_h, desk.clock, bands)
    shaded = None
    if bands:
        shaded = tag(
            "p",
            "Shaded: campaign and broadcast silence, darker where it runs in more territories; "
            "where a border is not established, the widest span.",
            desk.mark(DRAWN),
            class_="showing",
        )
    chart = tag("div", picture, class_="scroll")
    return tag("figure", tag("figcaption", caption), chart, shaded, rest)


def _table(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["platform"], 40),
            shown(row["post_count"]),
            shown(row["action_count"]),
            desk.clock.show(row["first_hour_at"], "minutes"),
            desk.clock.show(row["last_hour_at"], "minutes"),
        )
        for row in desk.ask(PLATFORMS).rows
    ]
    heads = (
        ("Platform", ""),
        ("Posts", "n"),
        ("Actions", "n"),
        ("First hour", ""),
        ("Last hour", ""),
    )
    return table(heads, rows, caption=join("By platform", desk.mark(PLATFORMS)))
