"""Strings of behaviour in the alphabet of BLOC: what an account did, and how long it paused."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.analyses.coordination.walk.text import Array

# Pauses up to a minute, five minutes, an hour, a day, a week, a month, a year, and longer ones.
_BORDERS = (60.0, 300.0, 3_600.0, 86_400.0, 604_800.0, 2_629_746.0, 31_556_952.0)
_SIGNS = ("", "□", "⚀", "⚁", "⚂", "⚃", "⚄", "⚅")


def actions(seconds: Array, letters: Sequence[str], weeks: Sequence[object] | None = None) -> str:
    """The string of actions, oldest first; with `weeks` (one value an action) a bar between them.

    Input     seconds: times in order; letters: T post, p reply, r repost, π and ρ of its own posts
    Source    BLOC (Nwala, Flammini, Menczer 2023), the language of actions, with a blank mark of
              one minute and a minute mark of five; friends are not known here, so that the
              letters for friends never come
    Limits    a string tells what was done when; people and programs write the same ones
    """  # noqa: RUF002 - the alphabet is Greek
    classes = np.searchsorted(_BORDERS, np.diff(seconds), "left")
    pauses = ["", *(_SIGNS[place] for place in classes)]
    if weeks is None:
        return "".join(pause + letter for pause, letter in zip(pauses, letters, strict=True))
    bars = [
        "",
        *(" | " if one != other else "" for one, other in pairwise(weeks)),
    ]
    parts = zip(bars, pauses, letters, strict=True)
    return "".join(bar + pause + letter for bar, pause, letter in parts) + " "
