"""Invented calls to act and ordinary posts that look like them, in eight languages."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILLS = {
    "tag": ("#FerroMails", "#noirlac", "#Leak_2031", "#verdania", "#WahlDaten", "#fuga2"),
    "url": ("https://paste.example/a1", "https://files.example/x/9", "https://news.example/s"),
    "time": ("20:00", "21:30", "19:45", "22:15"),
    "account": ("@verdan_press", "@ferro_team", "@noirlac77"),
    "n": ("3", "12", "47", "260"),
}
_EACH = {"calls": 5, "ordinary": 11}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One invented post: whether it calls to act, and the template it was made of."""

    text: str
    language: str
    is_call: bool
    template: str


@cache
def templates() -> dict[str, dict[str, list[str]]]:
    """Templates by language and label."""
    path = Path(__file__).with_name("calls.json")
    told: dict[str, dict[str, list[str]]] = json.loads(path.read_text(encoding="utf-8"))
    return told


def labelled(half: str, seed: int = 1) -> list[Labelled]:
    """The posts of one half, `tuning` or `report`; no template is in both.

    Limits    written by the project that wrote the patterns: it bounds what they miss from above
    """
    rng = random.Random(f"{seed} {half}")
    found = []
    for language, kinds in templates().items():
        for label, texts in kinds.items():
            for text in texts[{"tuning": 0, "report": 1}[half] :: 2]:
                for _ in range(_EACH[label]):
                    fills = {name: rng.choice(values) for name, values in _FILLS.items()}
                    said = _worn(text.format(**fills), rng)
                    found.append(Labelled(said, language, label == "calls", text))
    return found


def _worn(text: str, rng: random.Random) -> str:
    """The text as people leave it: in capitals, without its full stop, with marks behind it."""
    way = rng.randrange(5)
    if way == 0 and "http" not in text:
        return text.upper()
    return text + ("", "!!", " \U0001f525", "\n\n", " ...")[way]
