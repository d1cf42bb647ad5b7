"""A world without any cell, made of the honest habits that look like one.

Chatter in time-zone communities; people who sit down in the same half hour every evening and go
through the same feed in the same order; push alerts; influencers whose followers repost at once,
some of them with notifications on; feeds that bring a thing back to many at once; people who are
always quick. Nobody has agreed on anything with anybody.

Not among the usual habits: `aggregator`, a handful of people whom one app alerts to the things of
many publishers. They look like a cell in every respect, and are no cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamis.simulate.worlds.world import DAY_S, Array, World, awake, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

_ZONES = np.asarray([-5.0, 0.0, 2.0])
_HABITS = (
    "sessions",
    "alerts",
    "influencers",
    "feed_bursts",
    "quick_people",
)


@dataclass(frozen=True, slots=True)
class OrganicPlan:
    """How many people there are, and which habits besides chatter they have."""

    accounts: int = 400
    days: int = 14
    chatter: int = 8_000
    habits: tuple[str, ...] = _HABITS


class _Book:
    """Objects as they are published: when, and by whom."""

    def __init__(self) -> None:
        self.origins: list[Array] = []
        self.births: list[Array] = []
        self.count = 0

    def publish(self, births: Array, origins: Array) -> Array:
        """Codes for new objects."""
        codes = np.arange(self.count, self.count + len(births))
        self.births.append(births)
        self.origins.append(np.broadcast_to(origins, births.shape))
        self.count += len(births)
        return codes


_Part = tuple[Array, Array, Array]


def organic(seed: int, plan: OrganicPlan | None = None) -> World:
    """A world of honest habits; the same for the same seed and plan."""
    plan = plan or OrganicPlan()
    rng = np.random.default_rng([seed, 2])
    zones = _ZONES[rng.integers(0, len(_ZONES), plan.accounts)]
    book = _Book()
    parts = [_chatter(rng, plan, book, zones)]
    parts += [_MAKERS[habit](rng, plan, book) for habit in plan.habits]
    things = (np.concatenate(book.origins), np.concatenate(book.births))
    return world_of(parts, things, plan.accounts)


def _chatter(rng: np.random.Generator, plan: OrganicPlan, book: _Book, zones: Array) -> _Part:
    """Zipf things among neighbours of one time zone, with a lag of hours."""
    sizes = np.minimum(rng.zipf(1.9, plan.chatter), 200)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), plan.chatter)) + 1]
    births = rng.random(len(sizes)) * plan.days * DAY_S
    codes = np.repeat(book.publish(births, 100 + rng.integers(0, 150, len(sizes))), sizes)
    place = codes - codes[0]
    scales = (4_000 * np.exp(0.9 * rng.standard_normal(len(sizes))))[place]
    loud = (np.arange(1, plan.accounts + 1) ** -0.7)[rng.permutation(plan.accounts)]
    people = rng.choice(plan.accounts, len(codes), p=loud / loud.sum())
    homes = _ZONES[rng.integers(0, len(_ZONES), len(sizes))][place]
    stranger = (zones[people] != homes) & (rng.random(len(codes)) < 0.7)
    for zone in _ZONES:
        local = np.flatnonzero(zones == zone)
        rows = np.flatnonzero(stranger & (homes == zone))
        weight = loud[local] / loud[local].sum()
        people[rows] = rng.choice(local, len(rows), p=weight)
    return codes, people, awake(rng, births[place], scales, zones[people])


def _sessions(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """Groups who sit down in one half hour each evening and go down one feed, from its top."""
    parts = []
    for group in range(3):
        people = rng.permutation(plan.accounts)[:25]
        hour = (18 + group) * 3600
        for day in range(plan.days):
            length = int(rng.integers(8, 16))
            births = day * DAY_S + hour - rng.random(length) * 6 * 3600
            feed = book.publish(np.sort(births)[::-1], 100 + rng.integers(0, 150, length))
            there = people[rng.random(len(people)) < 0.75]
            # Half of them sit down in the minutes after a programme ends.
            late = np.where(
                rng.random(len(there)) < 0.5,
                rng.exponential(120, len(there)),
                rng.random(len(there)) * 1_800,
            )
            pace = rng.uniform(12, 25, len(there))
            steps = (pace[:, None] * rng.uniform(0.7, 1.3, (len(there), length))).cumsum(axis=1)
            times = day * DAY_S + hour + late[:, None] + steps
            acts = rng.random(times.shape) < 0.4
            parts.append(_flat(feed[None, :], there[:, None], times, acts))
    return _joined(parts)


def _alerts(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """Papers with an app: their readers react within seconds of the alert, others never."""
    parts = []
    for paper, readers in enumerate((200, 60, 20)):
        who = rng.permutation(plan.accounts)[: min(readers, plan.accounts)]
        births = rng.random(24) * plan.days * DAY_S
        codes = book.publish(births, np.asarray(10 + paper))
        lags = 2 + rng.exponential(18, (len(births), len(who)))
        acts = rng.random(lags.shape) < 0.4
        parts.append(_flat(codes[:, None], who[None, :], births[:, None] + lags, acts))
    return _joined(parts)


def _influencers(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """Followers repost at once; a handful has notifications on and is quicker still."""
    parts = []
    for influencer in range(3):
        who = rng.permutation(plan.accounts)[:60]
        births = rng.random(40) * plan.days * DAY_S
        codes = book.publish(births, np.asarray(influencer))
        shape = (len(births), len(who))
        u = rng.random(shape)
        lags = 3 + np.minimum(90 * u / (1 - u), 2 * DAY_S)
        chance = np.full(len(who), 0.35)
        lags[:, :8] = 4 + rng.exponential(20, (len(births), 8))
        chance[:8] = 0.7
        acts = rng.random(shape) < chance[None, :]
        parts.append(_flat(codes[:, None], who[None, :], births[:, None] + lags, acts))
    return _joined(parts)


def _feed_bursts(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """A feed shows an old thing to many at once, who then use it within two minutes."""
    count = 30
    births = rng.random(count) * plan.days * DAY_S
    codes = book.publish(births, 100 + rng.integers(0, 150, count))
    parts = []
    for code, birth in zip(codes, births, strict=True):
        who = rng.permutation(plan.accounts)[: int(rng.integers(15, 50))]
        times = birth + rng.random(len(who)) * 120
        parts.append((np.full(len(who), code), who, times))
    return _joined(parts)


def _quick_people(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """A dozen people who follow many and are always first: quick on whatever there is."""
    who = rng.permutation(plan.accounts)[:12]
    births = np.concatenate(book.births)
    some = np.flatnonzero(rng.random(len(births)) < 0.15)
    lags = 3 + rng.exponential(25, (len(some), len(who)))
    acts = rng.random(lags.shape) < 0.25
    return _flat(some[:, None], who[None, :], births[some][:, None] + lags, acts)


def _aggregator(rng: np.random.Generator, plan: OrganicPlan, book: _Book) -> _Part:
    """Fifteen people with one app that alerts them, and nobody else, to things of the crowd."""
    who = rng.permutation(plan.accounts)[:15]
    births = np.concatenate(book.births)
    some = rng.permutation(len(births))[:60]
    alerts = births[some] + rng.uniform(60, 3_600, len(some))
    lags = 2 + rng.exponential(5, (len(some), len(who)))
    acts = rng.random(lags.shape) < 0.5
    return _flat(some[:, None], who[None, :], alerts[:, None] + lags, acts)


def _flat(codes: Array, people: Array, times: Array, acts: Array) -> _Part:
    shape = times.shape
    return (
        np.broadcast_to(codes, shape)[acts],
        np.broadcast_to(people, shape)[acts],
        times[acts],
    )


def _joined(parts: list[_Part]) -> _Part:
    objects, people, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    return objects, people, times


_MAKERS: dict[str, Callable[[np.random.Generator, OrganicPlan, _Book], _Part]] = {
    "sessions": _sessions,
    "alerts": _alerts,
    "influencers": _influencers,
    "feed_bursts": _feed_bursts,
    "quick_people": _quick_people,
    "aggregator": _aggregator,
}
