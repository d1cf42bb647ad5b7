"""What an `add` did, as numbers and as lines for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.syntax.media_names import media_name
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.case import Head

_STATUSES = ("read", "partly", "refused", "failed")
_WIDTH, _LABEL = 100, 34
_REASONS = 30


@dataclass(slots=True)
class FormatCount:
    """Files of one format, by status, and the items that came out of them."""

    files: int = 0
    items: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class IntakeReport:
    """Every file that was found is in exactly one status of one format, or was known before."""

    formats: dict[str, FormatCount] = field(default_factory=dict)
    item_statuses: Counter[str] = field(default_factory=Counter)
    reasons: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    reason_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    found_count: int = 0
    known_count: int = 0
    byte_count: int = 0
    generation: int = 0
    head: Head | None = None
    isolation: str = ""

    @property
    def file_count(self) -> int:
        """Files that were taken in now, whatever became of them."""
        return sum(one.files for one in self.formats.values())

    def file(self, label: str, status: str, reason: str | None, path: str) -> None:
        """Count one file."""
        one = self.formats.setdefault(label, FormatCount())
        one.files += 1
        one.statuses[status] += 1
        self.why(status, reason, path)

    def items(self, label: str, count: int) -> None:
        """Count items that came out of files of one format."""
        self.formats.setdefault(label, FormatCount()).items += count

    def why(self, status: str, reason: str | None, path: str) -> None:
        """Keep a reason with up to three places where it holds."""
        if reason is None:
            return
        key = (status, reason)
        self.reason_counts[key] += 1
        shown = self.reasons.setdefault(key, [])
        if len(shown) < 3:
            shown.append(path)

    def lines(self) -> Iterator[str]:
        """What happened, for a terminal: reasons, remarks, rows, and at the end the formats."""
        yield (
            f"{self.found_count:,} files: {self.file_count:,} taken in "
            f"({self.byte_count:,} bytes), {self.known_count:,} there already"
        )
        yield from self._why()
        yield from self.notes
        if self.rows:
            told = ", ".join(f"{n:,} {name}" for name, n in sorted(self.rows.items()))
            yield from textwrap.wrap(f"rows: {told}", _WIDTH, subsequent_indent="      ")
        yield from self._table()
        if self.head is not None:
            yield f"generation {self.generation}, custody head {self.head.hash} ({self.head.count})"

    def _why(self) -> Iterator[str]:
        """Each reason with its count and a place where it holds, failures first."""
        rank = {status: place for place, status in enumerate(reversed(_STATUSES))}
        ordered = sorted(
            self.reason_counts.items(), key=lambda one: (rank.get(one[0][0], 9), -one[1], one[0])
        )
        for (status, reason), count in ordered[:_REASONS]:
            lead = f"{status:<8}{count:>6,}  "
            told = textwrap.wrap(show_hidden(reason, limit=300), _WIDTH - len(lead)) or [""]
            for position, line in enumerate(told):
                yield (lead if position == 0 else " " * len(lead)) + line
            places = self.reasons[status, reason]
            more = f" and {count - 1:,} more" if count > 1 else ""
            room = _WIDTH - len(lead) - len(more) - 3
            yield f"{' ' * len(lead)}in {_middle_cut(show_hidden(places[0]), room)}{more}"
        if len(ordered) > _REASONS:
            yield (
                f"… {len(ordered) - _REASONS:,} more reasons: tamis show CASE item "
                "--where \"status <> 'read'\""
            )

    def _table(self) -> Iterator[str]:
        """One line a format: files, what came out of them, and what became of the files."""
        if not self.formats:
            return
        yield ""
        heads = " ".join(f"{status:>8}" for status in _STATUSES)
        yield f"{'format':<{_LABEL}} {'files':>8} {'items out':>10} {heads}"
        # Formats that no reader took go by their type, and come last.
        for label, one in sorted(self.formats.items(), key=lambda pair: ("/" in pair[0], pair[0])):
            shown = _middle_cut(media_name(label), _LABEL)
            yield _line(shown, f"{one.files:,}", f"{one.items:,}", one.statuses)
        files: Counter[str] = Counter()
        for one in self.formats.values():
            files.update(one.statuses)
        items = sum(one.items for one in self.formats.values())
        yield _line("all files", f"{self.file_count:,}", f"{items:,}", files)
        if self.item_statuses:
            yield _line("different items, inside too", "", "", self.item_statuses)


def _line(label: str, files: str, items: str, statuses: Mapping[str, int]) -> str:
    counts = " ".join(f"{statuses.get(status, 0):>8,}" for status in _STATUSES)
    return f"{label:<{_LABEL}} {files:>8} {items:>10} {counts}"


def _middle_cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, its beginning and its end kept."""
    if len(text) <= limit:
        return text
    tail = limit // 2
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"
