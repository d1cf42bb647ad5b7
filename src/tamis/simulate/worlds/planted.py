"""A crowd with cells in it: Zipf objects and accounts, fourteen days, communities of interest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tamis.simulate.worlds.world import DAY_S, Array, World, awake, world_of

_LARGEST = 3_000
_VIRAL, _ROWS_A_VIRAL = 10_000, 100_000
_ROWS_AN_ACCOUNT = 20
_ZONES = (-5.0, 0.0, 1.0, 3.0)
_OWN_COMMUNITY = 0.8


@dataclass(frozen=True, slots=True)
class PlantedPlan:
    """How large the crowd is, and how its cells behave.

    `spread_s`: within how many seconds the members of a cell act; `turnout`: the share of a cell
    that acts each time (low is rotating members); `exclusive_share`: pushes of things that nobody
    else ever touches, the others are things of the crowd.
    """

    actions: int = 1_000_000
    days: int = 14
    communities: int = 0
    cells: int = 20
    members: int = 12
    pushes: int = 40
    spread_s: float = 10.0
    turnout: float = 0.85
    exclusive_share: float = 0.5
    order_s: tuple[float, float] = (120.0, 7_200.0)


def planted(seed: int, plan: PlantedPlan | None = None) -> World:
    """The crowd and its cells; the same for the same seed and plan."""
    plan = plan or PlantedPlan()
    rng = np.random.default_rng([seed, 1])
    accounts = max(50, plan.actions // _ROWS_AN_ACCOUNT)
    objects, people, seconds, things = _crowd(rng, plan, accounts)
    # Members are everyday accounts: neither the loudest hundredth nor the silent half.
    eligible = np.arange(accounts // 100, accounts // 2)
    members = rng.permutation(eligible)[: plan.cells * plan.members]
    cells = members.reshape(plan.cells, plan.members)
    pushed, at = _pushes(rng, plan, cells, (objects, seconds), len(things[0]))
    own = rng.integers(0, int(things[0].max(initial=0)) + 1, len(at))
    ordered = at - rng.uniform(*plan.order_s, len(at))
    return world_of(
        ((objects, people, seconds), pushed),
        (np.concatenate([things[0], own]), np.concatenate([things[1], ordered])),
        accounts,
        cells.tolist(),
    )


def _crowd(
    rng: np.random.Generator, plan: PlantedPlan, accounts: int
) -> tuple[Array, Array, Array, tuple[Array, Array]]:
    """Objects, accounts and seconds of every action; each object's origin and publication."""
    objects = _objects(rng, plan.actions)
    count = int(objects.max(initial=0)) + 1
    births = rng.random(count) * plan.days * DAY_S
    scales = 6_200.0 * np.exp(0.7 * rng.standard_normal(count))
    share = np.arange(1, accounts + 1) ** -0.8
    edges = np.cumsum(share / share.sum())
    people = np.minimum(np.searchsorted(edges, rng.random(plan.actions)), accounts - 1)
    if plan.communities:
        # Rank and community are independent: rank r lives in community r mod n.
        home = rng.integers(0, plan.communities, count)[objects]
        near = rng.random(plan.actions) < _OWN_COMMUNITY
        moved = people - people % plan.communities + home
        people = np.where(near, np.minimum(moved, accounts - 1), people)
    zones = np.asarray(_ZONES)[rng.integers(0, len(_ZONES), accounts)]
    seconds = awake(rng, births[objects], scales[objects], zones[people])
    inside = seconds < plan.days * DAY_S
    authors = max(10, accounts // 10)
    origins = np.minimum((authors * rng.random(count) ** 3).astype(np.int64), authors - 1)
    return objects[inside], people[inside], seconds[inside], (origins, births)


def _objects(rng: np.random.Generator, size: int) -> Array:
    viral = np.repeat(np.arange(size // _ROWS_A_VIRAL), _VIRAL)
    rest = size - len(viral)
    sizes = np.minimum(rng.zipf(2.0, rest), _LARGEST)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), rest)) + 1]
    first = len(viral) // _VIRAL
    return np.concatenate([viral, np.repeat(np.arange(first, first + len(sizes)), sizes)[:rest]])


def _pushes(
    rng: np.random.Generator,
    plan: PlantedPlan,
    cells: Array,
    crowd: tuple[Array, Array],
    first_own: int,
) -> tuple[tuple[Array, Array, Array], Array]:
    """What the cells do, and when: at each push most members act on one thing in `spread_s`."""
    count = plan.cells * plan.pushes
    objects, seconds = crowd
    # A thing of the crowd is pushed some minutes after somebody used it.
    seed_rows = rng.integers(0, len(objects), count)
    own = rng.random(count) < plan.exclusive_share
    thing = np.where(own, first_own + np.arange(count), objects[seed_rows])
    at = np.where(
        own, rng.random(count) * plan.days * DAY_S, seconds[seed_rows] + 900 * rng.random(count)
    )
    who = np.repeat(cells, plan.pushes, axis=0)
    offsets = rng.random(who.shape) * plan.spread_s
    acts = rng.random(who.shape) < plan.turnout
    rows = np.broadcast_to(thing[:, None], who.shape)[acts]
    return (rows, who[acts], (at[:, None] + offsets)[acts]), at
