"""What every archive reader holds to: nothing swells without end, and every entry is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis.errors import MemberError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tamis.registry import Sink, Source

MAX_RATIO = 200
FREE_BYTES = 64 << 20
PIECE_BYTES = 256 << 10
ENCRYPTED = "encrypted: no password in the list opened it"
# What is told of each entry in table `property`, before only the entries themselves are.
MAX_TOLD = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Tally:
    """The entries of one container: what it declares, what came out, what did not and why."""

    sink: Sink
    expected: int | None = None
    emitted: int = 0
    failed: int = 0
    position: int = 0
    notes: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    _told: int = 0
    _refused: int = 0

    def take(self, name: str, pieces: Iterable[bytes], **place: Any) -> str:
        """Hand one entry over in pieces; its id, or that of its place if it does not come out."""
        watched = _Watched(pieces)
        made = self.sink.child(
            name, content=watched.run(), position=self.position, is_path=True, **place
        )
        self._count(watched.lost, is_refused=watched.is_refused)
        if watched.damage:
            self.reasons[watched.damage] += 1
        return made

    def span(self, name: str, start: int, end: int, **place: Any) -> str:
        """Hand one entry over that lies in the container as it is."""
        made = self.sink.child(
            name, byte_start=start, byte_end=end, position=self.position, is_path=True, **place
        )
        self._count(None)
        return made

    def absent(self, name: str, status: str, reason: str, **place: Any) -> str:
        """List one entry that does not come out."""
        made = self.sink.absent(name, status, reason, position=self.position, is_path=True, **place)
        self._count(reason, is_refused=status == "refused")
        return made

    def tell(self, namespace: str, name: str, value: str, entry: str, **more: Any) -> None:
        """Note in table `property` what the container says of one entry."""
        self._told += 1
        if self._told <= MAX_TOLD:
            self.sink.row(
                "property",
                {"namespace": namespace, "name": name, "value": value, "part_name": entry, **more},
            )

    def close(
        self, media_type: str, *, trouble: str | None = None, is_refused: bool = False
    ) -> None:
        """State what became of the container: its ledger, its status, and why."""
        told = [trouble] if trouble else []
        told += [f"{count} entries: {why}" for why, count in self.reasons.most_common(5)]
        if len(self.reasons) > 5:
            told.append(f"{len(self.reasons) - 5} further reasons stand with the entries")
        count = self.emitted + self.failed
        if self.expected is not None and self.expected != count:
            self.notes.append(
                f"it declares {self.expected:,} entries, {count:,} were found: "
                "entries are missing or hidden"
            )
        is_partly = bool(told) or (self.expected is not None and self.expected != count)
        status = "read" if not is_partly else "partly" if self.emitted else "failed"
        if status == "failed" and (self._refused or is_refused):
            status = "refused"
        reason = "; ".join((*told, *(self.notes if is_partly else ()))) or None
        self.sink.row("item", {"status": status, "media_type": media_type, "reason": reason})
        note = "; ".join((*self.notes, *told)) or None
        self.sink.row(
            "ledger",
            {
                "expected_count": self.expected,
                "emitted_count": self.emitted,
                "failed_count": self.failed,
                "note": note,
            },
        )

    def _count(self, lost: str | None, *, is_refused: bool = False) -> None:
        self.position += 1
        self._refused += is_refused
        if lost is None:
            self.emitted += 1
        else:
            self.failed += 1
            self.reasons[lost] += 1


class _Watched:
    """Pieces on their way to the sink, and how they ended."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.lost: str | None = None
        self.is_refused = False
        self.damage: str | None = None

    def run(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except MemberError as problem:
            if problem.status == "partly":
                self.damage = str(problem)
            else:
                self.lost = str(problem)
                self.is_refused = problem.status == "refused"
            raise


def metered(pieces: Iterable[bytes], packed_bytes: int) -> Iterator[bytes]:
    """The same pieces, until they have swollen beyond what honest data does.

    Errors    MemberError (refused) beyond 64 MiB when there is 200 times as much as went in
    """
    limit = max(FREE_BYTES, MAX_RATIO * packed_bytes)
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > limit:
            raise MemberError(
                "refused",
                f"it swells to over {MAX_RATIO} times its packed size of {packed_bytes:,} bytes "
                f"(stopped at {count:,}): a decompression bomb, or extract it yourself",
            )
        yield piece


def passwords(source: Source) -> list[str]:
    """The investigator's list."""
    given = source.options.get("passwords")
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


def unix_time(seconds: float) -> datetime | None:
    """A moment from seconds since 1970, None outside the calendar."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def file_time(ticks: int) -> datetime | None:
    """A moment from tenths of microseconds since 1601, None for zero or outside the calendar."""
    try:
        return _FILETIME_EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None


def moment_text(options: Mapping[str, int]) -> str:
    """A local time without a zone, as the archive states it, even when no calendar has it."""
    return "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}".format_map(options)


def dos_time(stated: int) -> str:
    """The local time in an MS-DOS time stamp (date in the upper half), in two-second steps."""
    date, clock = stated >> 16, stated & 0xFFFF
    return moment_text(
        {
            "year": 1980 + (date >> 9),
            "month": date >> 5 & 15,
            "day": date & 31,
            "hour": clock >> 11,
            "minute": clock >> 5 & 63,
            "second": (clock & 31) * 2,
        }
    )
