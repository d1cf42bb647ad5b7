"""Small pictures as SVG without script or style attributes: bars, strips, a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

_BAR = 120
_STRIP = 1000


def bar(count: int, largest: int, kind: str) -> Markup | None:
    """One bar beside its number, as long as its share of the largest; nothing for zero."""
    if count <= 0 or largest <= 0:
        return None
    # A count that exists is never drawn as nothing.
    width = max(1.5, _BAR * count / largest)
    shape = tag("rect", width=f"{width:.1f}", height=6, rx=1, class_=f"fill {kind}")
    return tag(
        "svg",
        shape,
        viewBox=f"0 0 {_BAR} 6",
        class_="bar",
        aria_hidden="true",
        preserveAspectRatio="xMinYMid meet",
    )


def strip(parts: Sequence[tuple[str, int]], description: str) -> Markup:
    """One bar divided by counts, in the given order; its numbers stand beside it as text."""
    total = sum(count for _, count in parts)
    shapes = []
    start = 0.0
    for kind, count in parts:
        if not count:
            continue
        width = _STRIP * count / total
        shapes.append(
            tag(
                "rect",
                x=f"{start:.1f}",
                width=f"{max(width - 2, 1):.1f}",
                height=28,
                class_=f"fill {kind}",
            )
        )
        start += width
    if not shapes:
        shapes.append(tag("rect", width=_STRIP, height=28, class_="fill nothing"))
    return tag(
        "svg",
        tag("title", description),
        *shapes,
        viewBox=f"0 0 {_STRIP} 28",
        class_="strip",
        role="img",
        preserveAspectRatio="none",
    )
