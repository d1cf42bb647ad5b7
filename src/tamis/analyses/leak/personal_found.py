"""One piece of data about a person, where it stands, and what may be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_NEAR = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A value by its rule; `normal` is its one form, `masked` what may be shown."""

    kind: str
    rule_id: str
    start: int
    end: int
    normal: str
    masked: str


def mask_tail(value: str, shown: int = 2) -> str:
    """The last characters of a value, and how long it is."""
    return f"•• … {value[-shown:]} ({len(value)} characters)"


def mask_email(address: str) -> str:
    """The first letter and the domain of an address."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def stands_near(words: re.Pattern[str], text: str, span: tuple[int, int]) -> bool:
    """Whether one of the words stands within sixty characters."""
    return words.search(text, max(0, span[0] - _NEAR), span[1] + _NEAR) is not None
