"""All X posts of the incident in order of time, with little in memory."""

from __future__ import annotations

import heapq
from itertools import chain
from typing import TYPE_CHECKING

from tamis.simulate import clock, crowd
from tamis.simulate.cell import Cell
from tamis.simulate.story import LEAK_SHARE, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate.posts import Post

POSTS = 10_000  # at scale 1, about
_MINUTE_MS = 60_000
_OTHERS = 0.24 + 0.06  # organic crowds and the other two platforms, as a share of all posts


class Incident2021:
    """The X side: the cell, the story and the crowds, ready to be streamed once."""

    def __init__(self, seed: int, scale: float) -> None:
        self.cell = Cell(seed, scale)
        self.story = Story(seed, scale)
        self._seed = seed
        self._scale = scale
        total = round(POSTS * scale * (1 - LEAK_SHARE - _OTHERS))
        self._chatter = crowd.Chatter(seed, max(200, total - 1_900), scale)

    def posts(self) -> Iterator[Post]:
        """Every post, in order of time, each with its id."""
        scripted = self.story.scripted(self.cell.first_reposts(self.story.first))
        plans = heapq.merge(
            [(min(p.at_ms for p in scripted), scripted)],
            sorted(((p.at_ms, [p]) for p in self.cell.posts), key=lambda plan: plan[0]),
            crowd.alerts(self._seed, self._scale),
            crowd.fandom(self._seed, self._scale),
            crowd.debates(self._seed, self._scale),
            key=lambda plan: plan[0],
        )
        waiting: list[tuple[int, int, Post]] = []
        following = next(plans, None)
        order = sequence = 0
        for start in range(clock.BEGIN_AT * 1000, clock.END_AT * 1000, _MINUTE_MS):
            end = start + _MINUTE_MS
            while following is not None and following[0] < end:
                for post in following[1]:
                    heapq.heappush(waiting, (post.at_ms, order, post))
                    order += 1
                following = next(plans, None)
            batch = list(chain(self._chatter.minute(start), self.story.minute(start)))
            while waiting and waiting[0][0] < end:
                batch.append(heapq.heappop(waiting)[2])
            batch.sort(key=_time)
            for post in batch:
                post.numbered(sequence)
                sequence += 1
                yield post


def _time(post: Post) -> int:
    return post.at_ms
