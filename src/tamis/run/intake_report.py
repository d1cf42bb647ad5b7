"""What an `add` did, as numbers and as lines for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.case import Head

_STATUSES = ("read", "partly", "refused", "failed")


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
        """The counts by format, the reasons, the rows, and the custody head."""
        yield (
            f"{self.found_count:,} files: {self.file_count:,} taken in "
            f"({self.byte_count:,} bytes), {self.known_count:,} there already"
        )
        if self.formats:
            yield f"{'format':<28} {'files':>8} {'items out':>10} " + " ".join(
                f"{status:>8}" for status in _STATUSES
            )
        for label, one in sorted(self.formats.items()):
            counts = " ".join(f"{one.statuses[status]:>8,}" for status in _STATUSES)
            yield f"{label[:28]:<28} {one.files:>8,} {one.items:>10,} {counts}"
        for (status, reason), count in self.reason_counts.most_common(40):
            places = ", ".join(self.reasons[status, reason])
            yield f"{status} {count:,}x: {reason[:300]} [{places[:300]}]"
        if len(self.reason_counts) > 40:
            yield f"… and {len(self.reason_counts) - 40:,} more reasons: see table item"
        if self.rows:
            yield "rows: " + ", ".join(f"{n:,} {name}" for name, n in sorted(self.rows.items()))
        yield from self.notes
        if self.head is not None:
            yield f"generation {self.generation}, custody head {self.head.hash} ({self.head.count})"
