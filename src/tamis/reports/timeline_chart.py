"""The timeline as SVG: one row a platform, posts filled, actions as a line, two clocks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.reports.markup import Markup, tag
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.reports.moments import Clock

_WIDTH, _LEFT, _RIGHT = 1000, 150, 12
_ROW, _GAP, _TOP, _BOTTOM = 84, 26, 26, 26
_LABELS = 9
_STEPS_S = tuple(
    hours * 3600 for hours in (1, 2, 3, 4, 6, 12, 24, 48, 96, 168, 336, 720, 1440, 2160, 4320, 8760)
)


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one platform, bin after bin."""

    posts: list[int]
    actions: list[int]


def timeline(
    series: Mapping[str, Series],
    low: dt.datetime,
    width_h: int,
    clock: Clock,
    bands: Sequence[tuple[dt.datetime, dt.datetime]] = (),
) -> Markup:
    """The picture of all platforms over one axis, which shows UTC and the display zone.

    `bands` are spans of time that are shaded behind everything else.
    """
    count = max((len(one.posts) for one in series.values()), default=1)
    bottom = _TOP + len(series) * (_ROW + _GAP) - _GAP
    two_clocks = clock.zone_name != "UTC"
    height = bottom + (_BOTTOM if two_clocks else 8)
    shapes = [_band(low, count * width_h * 3600, bottom, band) for band in bands]
    shapes = [shape for shape in shapes if shape]
    shapes += _ticks(low, count * width_h * 3600, bottom, clock)
    for rank, (name, one) in enumerate(series.items()):
        shapes += _row(name, one, _TOP + rank * (_ROW + _GAP))
    return tag(
        "svg",
        tag("title", f"Posts and actions over time on {len(series)} platforms"),
        tag("desc", "The totals stand in the table below."),
        *shapes,
        viewBox=f"0 0 {_WIDTH} {height}",
        class_="timeline",
        role="img",
    )


def _band(
    low: dt.datetime, span_s: int, bottom: int, band: tuple[dt.datetime, dt.datetime]
) -> Markup:
    """A shaded span, as far as it lies within the picture."""
    wide = _WIDTH - _LEFT - _RIGHT
    first, last = (
        min(max((moment - low).total_seconds() / span_s, 0.0), 1.0) * wide for moment in band
    )
    if last <= first:
        return Markup("")
    return tag(
        "rect",
        x=f"{_LEFT + first:.1f}",
        y=18,
        width=f"{last - first:.1f}",
        height=bottom - 18,
        class_="silence",
    )


def _row(name: str, one: Series, top: int) -> list[Markup]:
    floor = top + _ROW
    shapes = [
        tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=floor, y2=floor, class_="axis"),
        tag("text", show_hidden(name, limit=14), x=0, y=top + 14, class_="platform"),
    ]
    posts, actions = max(one.posts, default=0), max(one.actions, default=0)
    shapes.append(tag("text", f"posts ≤ {posts:,}", x=0, y=top + 32, class_="scale-posts"))
    if posts:
        shapes.append(tag("path", d=_area(one.posts, posts, floor), class_="posts"))
    if actions:
        shapes.append(
            tag("text", f"actions ≤ {actions:,}", x=0, y=top + 48, class_="scale-actions")
        )
        shapes.append(tag("path", d=_steps(one.actions, actions, floor), class_="actions"))
    return shapes


def _points(counts: Sequence[int], largest: int, floor: int) -> list[tuple[float, float, float]]:
    width = (_WIDTH - _LEFT - _RIGHT) / len(counts)
    return [
        (_LEFT + rank * width, _LEFT + (rank + 1) * width, floor - _ROW * count / largest)
        for rank, count in enumerate(counts)
    ]


def _steps(counts: Sequence[int], largest: int, floor: int) -> str:
    points = _points(counts, largest, floor)
    return "M" + "L".join(f"{a:.1f},{y:.1f}L{b:.1f},{y:.1f}" for a, b, y in points)


def _area(counts: Sequence[int], largest: int, floor: int) -> str:
    points = _points(counts, largest, floor)
    return (
        f"M{points[0][0]:.1f},{floor}L{_steps(counts, largest, floor)[1:]}"
        f"L{points[-1][1]:.1f},{floor}Z"
    )


def _ticks(low: dt.datetime, span_s: int, bottom: int, clock: Clock) -> list[Markup]:
    step = next((step for step in _STEPS_S if span_s / step <= _LABELS), _STEPS_S[-1] * 4)
    start = int(low.timestamp())
    first = -(-start // step) * step
    shapes = []
    for moment_s in range(first, start + span_s + 1, step):
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * (moment_s - start) / span_s
        # The last label would run out of the picture.
        if x > _WIDTH - 40:
            continue
        moment = dt.datetime.fromtimestamp(moment_s, dt.UTC)
        shapes.append(tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=18, y2=bottom, class_="grid"))
        shapes.append(tag("text", _label(moment, step), x=f"{x:.1f}", y=12, class_="tick"))
        if clock.zone_name != "UTC":
            local = _label(moment.astimezone(clock.zone), step)
            shapes.append(tag("text", local, x=f"{x:.1f}", y=bottom + 18, class_="tick"))
    shapes.append(tag("text", "UTC", x=0, y=12, class_="tick zone-name"))
    if clock.zone_name != "UTC":
        name = show_hidden(clock.zone_name, limit=16)
        shapes.append(tag("text", name, x=0, y=bottom + 18, class_="tick zone-name"))
    return shapes


def _label(moment: dt.datetime, step_s: int) -> str:
    if step_s >= 720 * 3600:
        return moment.strftime("%b %Y")
    if step_s >= 24 * 3600:
        return moment.strftime("%d %b %Y")
    return moment.strftime("%d %b %H:%M")
