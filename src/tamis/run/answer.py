"""One line of the demo: a sentence about the incident, what is true, and whether they agree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence about the incident, what is true, and whether they agree."""

    sentence: str
    truth: str
    agrees: bool
