"""A generated dump whose copies are known: nobody honest is accused, what was altered is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copies_figures import Figures, measure

from copies_corpus import TWIN_EDITS, build

if TYPE_CHECKING:
    from pathlib import Path

# Rules were written looking at seeds 1 and 101 to 104; the seeds below were not looked at.
HELD_OUT = (201, 202, 203, 204)
# A quotation that lacks a whole paragraph may be a trimmed one, and nobody can tell.
QUOTED = ("digit", "name", "inserted", "removed")


def check(figures: Figures) -> None:
    text = "\n".join(figures.lines())
    assert not figures.accused, text
    assert not figures.told, text
    assert not figures.overpraised.total(), "an altered message was supported whole\n" + text


def share(figures: Figures, kinds: list[str]) -> tuple[int, int]:
    found = sum(figures.found[kind] for kind in kinds)
    return found, sum(figures.altered[kind] for kind in kinds)


def test_a_small_dump_without_false_accusation(tmp_path: Path) -> None:
    figures = measure(tmp_path, build(7, 60))
    check(figures)
    twins = [f"twin:{edit}" for edit in TWIN_EDITS]
    assert share(figures, twins)[0] == share(figures, twins)[1] > 5
    assert figures.supported["way_reencoded"] == figures.honest["way_reencoded"] > 5


@pytest.mark.long
def test_held_out_seeds(tmp_path: Path) -> None:
    figures = Figures()
    for seed in HELD_OUT:
        figures.add(measure(tmp_path / f"{seed}", build(seed, 900)))
    print("\n" + "\n".join(figures.lines()))  # noqa: T201  the figures of docs/decisions/0018
    check(figures)
    for kinds in (
        [f"twin:{edit}" for edit in TWIN_EDITS],
        [f"quote:marked:{edit}" for edit in QUOTED],
    ):
        found, total = share(figures, kinds)
        assert total > 60
        assert found >= 0.95 * total, (found, total)
