"""Worlds are the same for the same seed, and their truth is what their actions show."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tamis.simulate.worlds import OrganicPlan, PlantedPlan, World, organic, planted

SMALL = PlantedPlan(actions=20_000, cells=3, members=6, communities=5)


def _same(one: World, other: World) -> bool:
    return one.cells == other.cells and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("objects", "accounts", "times", "origins", "published")
    )


def test_a_seed_decides_everything() -> None:
    assert _same(planted(7, SMALL), planted(7, SMALL))
    assert not _same(planted(7, SMALL), planted(8, SMALL))
    assert _same(organic(7), organic(7))
    assert not _same(organic(7), organic(8))


@pytest.mark.parametrize("spread_s", [10.0, 600.0])
def test_cells_push_together_as_planned(spread_s: float) -> None:
    plan = dataclasses.replace(SMALL, spread_s=spread_s, exclusive_share=1.0)
    world = planted(3, plan)
    members = set(world.cells[0])
    first_own = world.object_count - plan.cells * plan.pushes
    for thing in range(first_own, first_own + plan.pushes):
        rows = world.objects == thing
        assert set(world.accounts[rows].tolist()) <= members
        assert np.ptp(world.times[rows]) <= spread_s * 1e6
        lag = world.times[rows].min() - world.published[thing]
        assert plan.order_s[0] * 1e6 <= lag <= (plan.order_s[1] + spread_s) * 1e6


def test_members_are_people_of_the_crowd_and_of_one_cell() -> None:
    world = planted(5, SMALL)
    everybody = [member for cell in world.cells for member in cell]
    assert len(set(everybody)) == len(everybody) == 18
    assert len(world.planted_pairs()) == 3 * 15
    assert all(one < other for one, other in world.planted_pairs())


def test_worlds_are_well_formed() -> None:
    for world in (planted(1, SMALL), organic(1)):
        assert len(world.objects) == len(world.accounts) == len(world.times)
        assert world.objects.max() < world.object_count == len(world.published)
        assert world.accounts.max() < world.account_count
        assert (np.diff(world.times) >= 0).all()
        assert len(world.objects) > 5_000
    assert organic(1).cells == ()
    assert organic(1).planted_pairs() == set()


def test_nobody_acts_before_publication() -> None:
    for world in (planted(1, SMALL), organic(1)):
        assert (world.times >= world.published[world.objects]).all()


def test_each_habit_adds_what_it_is_named_for() -> None:
    plain = organic(2, OrganicPlan(habits=()))
    for habit in ("sessions", "alerts", "influencers", "feed_bursts", "quick_people", "aggregator"):
        world = organic(2, OrganicPlan(habits=(habit,)))
        assert len(world.objects) > len(plain.objects) + 200, habit
