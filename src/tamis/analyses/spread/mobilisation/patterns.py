"""The patterns that tell a call to act: one list in `patterns.json`, open to everybody."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS = ("use_tag", "spread", "raid", "report", "schedule")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern (RE2) over small letters without accents, and a call that it tells."""

    pattern_id: str
    language: str
    kind: str
    pattern: str
    example: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands before or right after a hit of the language that is no call (`don't share`)."""

    language: str
    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of them; `gate` tells the posts that can hold a hit from most others.

    `code` is what looks like a hashtag in software talk.
    """

    gate: str
    code: str
    patterns: tuple[Pattern, ...]
    refusals: tuple[Refusal, ...]

    def languages(self) -> dict[str, tuple[Pattern, ...]]:
        """The patterns by language, in their order."""
        found: dict[str, tuple[Pattern, ...]] = {}
        for one in self.patterns:
            found[one.language] = (*found.get(one.language, ()), one)
        return found


@cache
def patterns() -> Patterns:
    """The patterns of the program."""
    told = json.loads(Path(__file__).with_name("patterns.json").read_text(encoding="utf-8"))
    return Patterns(
        f"(?i)(?:^|[^\\pL])(?:{'|'.join(map(_accented, told['gate']))}|{told['times']})",
        told["code"],
        tuple(Pattern(**{**one, "pattern": folded(one["pattern"])}) for one in told["patterns"]),
        tuple(
            Refusal(one["language"], folded(one["before"]), one["after"] and folded(one["after"]))
            for one in told["refusals"]
        ),
    )


# The gate looks at posts as they are, so that a letter stands for its accented forms as well.
_FORMS = {
    "a": "aàáâãäå",
    "c": "cç",
    "e": "eèéêë",
    "i": "iìíîï",
    "n": "nñ",
    "o": "oòóôõöø",
    "u": "uùúûü",
    "\u0438": "\u0438\u0439",
    "\u0435": "\u0435\u0451",
}


def _accented(stem: str) -> str:
    """A stem of the gate whose letters stand for their accented forms, classes left alone."""
    if "[" in stem or "\\" in stem:
        return stem
    return "".join(f"[{_FORMS[one]}]" if one in _FORMS else one for one in stem)


def folded(text: str) -> str:
    """`text` without accents, as the database folds posts; small letters are left to it."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(one for one in parts if unicodedata.category(one) != "Mn")
