"""A dump with truth: what is altered, forged, planted or damaged in it, and what could show it."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from tamis.simulate import dump_plots as plots
from tamis.simulate.dump_cast import keys_of
from tamis.simulate.dump_scene import Copy, Scene
from tamis.simulate.leak import boxes_in
from tamis.simulate.letters import Made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# How many of a hundred messages, and how they are made.
_PLOTS: tuple[tuple[float, Callable[[Scene, int], Iterator[Copy]]], ...] = (
    (0.8, plots.twin),
    (0.8, plots.quoted),
    (0.5, plots.reference),
    (0.8, plots.localised),
    (0.1, plots.untold),
    (2.0, plots.invented),
    (0.3, plots.like),
    (1.0, plots.bait),
    (7.0, plots.undoable),
    (3.0, plots.for_good),
)
_NEWSLETTERS, _LIST_POSTS = 18.0, 4.0
COLUMNS = (
    *("path", "position", "sha256", "sha256_unquoted", "message_id", "mailbox", "side"),
    *("true_class", "made_as", "evidence", "is_undoable", "key"),
)


def write_dump(folder: Path, *, seed: int, count: int = 5_000) -> list[dict[str, object]]:
    """The truth about about `count` messages written below `folder`: a row for each copy.

    Output    `leak/mailboxes/…`; `keys/keys.json`; `reference/`, the originals that one holder
              hands in; `truth.csv`
    Source    shares after issue 4: keys for six signed messages of ten, one of ten signed with a
              key that is gone, 3 % altered, 2 % forged, 1 % decoys, 10 % damaged on their way
    Limits    Invented mail: what people and programs do besides is not in it.
    """
    (folder / "reference").mkdir(parents=True)
    (folder / "keys").mkdir()
    boxes = boxes_in(folder / "leak")
    rows: list[dict[str, object]] = []
    for copy in _copies(Scene(seed, count)):
        made = Made(copy.mail, copy.made_as, copy.true_class, (), "", at_s=copy.at_s)
        rows.append({
            **boxes[copy.holder][copy.side == "sent"].add(made), "side": copy.side,
            "message_id": copy.message_id, "mailbox": copy.holder,
            "true_class": copy.true_class, "made_as": copy.made_as, "evidence": copy.evidence,
            "is_undoable": copy.is_undoable,
            "key": copy.key,
        })  # fmt: skip
        if copy.original is not None:
            kept = copy.original.topped(("X-Export", "owner"))
            (folder / "reference" / f"{len(rows):06d}.eml").write_bytes(kept.render())
    for pair in boxes.values():
        for box in pair:
            box.close()
    (folder / "keys" / "keys.json").write_text(json.dumps(keys_of(seed), indent=1))
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n", extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return rows


def _copies(scene: Scene) -> Iterator[Copy]:
    """Every message of the dump, the plots first."""
    made = 0
    for share, plot in _PLOTS:
        done = rank = 0
        while done < max(1, round(scene.count * share / 100)):
            for copy in plot(scene, rank):
                done += copy.true_class != "honest"
                made += 1
                yield copy
            rank += 1
    for share, mass in ((_NEWSLETTERS, scene.newsletter), (_LIST_POSTS, scene.list_post)):
        for _ in range(round(scene.count * share / 100)):
            made += 1
            yield from mass()
    while made < scene.count:
        for copy in scene.thread():
            made += 1
            yield copy
