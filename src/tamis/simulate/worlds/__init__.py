"""Worlds of actions with known truth: who acts together by agreement, and who does not.

`planted(seed, plan)` holds cells among a crowd; `organic(seed, plan)` holds no cell at all, but
every honest habit that looks like one.
"""

from __future__ import annotations

from tamis.simulate.worlds.organic import OrganicPlan, organic
from tamis.simulate.worlds.planted import PlantedPlan, planted
from tamis.simulate.worlds.world import World

__all__ = ["OrganicPlan", "PlantedPlan", "World", "organic", "planted"]
