"""The set of known items is held to Python's own set."""

from __future__ import annotations

import random

import pytest

from tamis.run import intake_known
from tamis.run.intake_known import KnownItems


def _id(number: int) -> str:
    """Digests with zero bytes at both ends among them, which some comparisons drop."""
    return f"{number % 7:02x}" + f"{number:060x}"[::-1] + f"{number % 3:02x}"


@pytest.mark.parametrize("most", [0, 3, 50_000])
def test_it_knows_what_a_set_knows(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_known, "_MOST_WAITING", most)
    dice = random.Random(5)
    every = [_id(number) for number in range(300)]
    plain = set(every[:40])
    known = KnownItems(every[:40])
    for _ in range(200):
        some = dice.sample(every, 9)
        assert known.new_of(some) == [one for one in some if one not in plain]
        assert all((one in known) == (one in plain) for one in some)
        known.update(some[:3])
        plain.update(some[:3])
        known.discard(some[4])
        plain.discard(some[4])
    assert known.new_of([]) == []


def test_nothing_is_known_at_first() -> None:
    assert _id(1) not in KnownItems([])
