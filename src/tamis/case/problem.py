"""One thing that an audit found wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Where it is, what was expected, what was found, and what to do."""

    place: str
    expected: str
    found: str
    remedy: str

    def __str__(self) -> str:
        """All of it as one line for people."""
        return f"{self.place}: expected {self.expected}, found {self.found}; {self.remedy}"
