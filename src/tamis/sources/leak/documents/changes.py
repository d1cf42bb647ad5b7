"""Tracked changes of a document: who, when by the editor's clock, of which kind, how often."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import moments

if TYPE_CHECKING:
    from tamis.sources.leak.documents.facts import Facts

_MAX_KINDS = 2_000
_MAX_DELETED = 200


class Changes:
    """What was counted in one part of a document, until it is told.

    Limits    Word writes the editor's local time and puts a Z behind it: only a time from its
              newer field, which is in UTC, becomes a moment.
    """

    def __init__(self, part: str) -> None:
        """Count the changes of `part`."""
        self.part = part
        self._found: Counter[tuple[str, str, str, str]] = Counter()
        self._deleted: list[tuple[str, list[str]]] = []

    def add(self, kind: str, author: str, written: str = "", utc: str = "") -> None:
        """Count one change; every kind, author and time is told once."""
        key = (kind, author[:200], written[:64], utc[:64])
        if key in self._found or len(self._found) < _MAX_KINDS:
            self._found[key] += 1
        else:
            self._found[kind, "", "", ""] += 1

    def delete(self, author: str) -> None:
        """Begin a stretch of deleted text."""
        self._deleted.append((author[:200], []))

    def deleted(self, text: str) -> None:
        """Add to the stretch begun last."""
        if self._deleted and len(self._deleted) <= _MAX_DELETED:
            self._deleted[-1][1].append(text)

    def tell(self, facts: Facts) -> None:
        """Add a count by kind, the authors, each change, and the text that was deleted."""
        kinds: Counter[str] = Counter()
        for (kind, *_), count in self._found.items():
            kinds[kind] += count
        for kind, count in sorted(kinds.items()):
            facts.add("revision", f"{kind}_count", count, part=self.part)
        for author in sorted({one[1] for one in self._found if one[1]}):
            facts.add("revision", "author", author, part=self.part)
        for (kind, author, written, utc), count in self._found.items():
            often = f"{count} times" if count > 1 else ""
            told = ", ".join(one for one in (author, utc or written, often) if one)
            facts.add("revision", kind, told, part=self.part, at=moments.zoned(utc))
        for author, pieces in self._deleted[:_MAX_DELETED]:
            text = "".join(pieces)
            if text.strip():
                facts.add("revision", "deleted_text", f"{author}: {text}", part=self.part)
