"""A small drawing of pairs of accounts: connected groups side by side, dots and lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.reports.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH = 1000
_PAD = 14
_MOST_GROUPS = 60
_ROUNDS = 80


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    y: float


def network(groups: Sequence[Sequence[str]], pairs: Sequence[tuple[str, str, int]]) -> Markup:
    """Groups laid out one by one and packed in rows, largest first; lines thicker with weight.

    Limits    positions mean nothing beyond "joined"; at most 60 groups are drawn, and said
    """
    drawn = groups[:_MOST_GROUPS]
    kept = {account for group in drawn for account in group}
    lines = [pair for pair in pairs if pair[0] in kept and pair[1] in kept]
    places, height = _pack(drawn, lines)
    heaviest = max((weight for _, _, weight in lines), default=1)
    shapes = [
        tag(
            "line",
            x1=f"{places[a].x:.1f}",
            y1=f"{places[a].y:.1f}",
            x2=f"{places[b].x:.1f}",
            y2=f"{places[b].y:.1f}",
            stroke_width=f"{1 + 3 * weight / heaviest:.1f}",
            class_="edge",
        )
        for a, b, weight in lines
    ]
    shapes += [
        tag("circle", cx=f"{place.x:.1f}", cy=f"{place.y:.1f}", r=5, class_="node")
        for place in places.values()
    ]
    left_out = f"; {len(groups) - len(drawn)} small groups are not drawn" * (
        len(groups) > len(drawn)
    )
    return tag(
        "svg",
        tag("title", f"Network of {len(kept)} accounts in {len(drawn)} groups{left_out}"),
        *shapes,
        viewBox=f"0 0 {_WIDTH} {height:.0f}",
        class_="network",
        role="img",
    )


def _pack(
    groups: Sequence[Sequence[str]], pairs: Sequence[tuple[str, str, int]]
) -> tuple[dict[str, _Place], float]:
    """The place of every account, groups in rows, and the height that takes."""
    places: dict[str, _Place] = {}
    left = top = row_height = 0.0
    for group in groups:
        side = 2 * _PAD + 46 * math.sqrt(len(group))
        if left + side > _WIDTH and left > 0:
            left, top, row_height = 0.0, top + row_height, 0.0
        for account, (x, y) in _layout(group, pairs).items():
            span = side - 2 * _PAD
            places[account] = _Place(left + _PAD + x * span, top + _PAD + y * span)
        left += side
        row_height = max(row_height, side)
    return places, top + row_height


def _layout(
    group: Sequence[str], pairs: Sequence[tuple[str, str, int]]
) -> Mapping[str, tuple[float, float]]:
    """Positions in the unit square by springs from a circle, the same on every run."""
    import numpy as np  # noqa: PLC0415 - not needed to import the package

    index = {account: rank for rank, account in enumerate(group)}
    count = len(group)
    turn = np.arange(count) * (2 * math.pi / count)
    at = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if count > 3:
        links = np.array([(index[a], index[b]) for a, b, _ in pairs if a in index and b in index])
        ideal = 2 / math.sqrt(count)
        for round_ in range(_ROUNDS):
            apart = at[:, None, :] - at[None, :, :]
            distance = np.sqrt((apart**2).sum(axis=2)) + 1e-6
            push = (apart / distance[..., None] ** 2 * ideal**2).sum(axis=1)
            for end, other in ((0, 1), (1, 0)):
                pull = at[links[:, other]] - at[links[:, end]]
                length = np.sqrt((pull**2).sum(axis=1, keepdims=True)) + 1e-6
                np.add.at(push, links[:, end], pull * length / ideal)
            step = np.sqrt((push**2).sum(axis=1, keepdims=True)) + 1e-9
            at = at + push / step * np.minimum(step, 0.2 * (1 - round_ / _ROUNDS))
    low, high = at.min(axis=0), at.max(axis=0)
    scaled = (at - low) / np.maximum(high - low, 1e-6)
    return {
        account: (float(scaled[rank, 0]), float(scaled[rank, 1])) for account, rank in index.items()
    }
