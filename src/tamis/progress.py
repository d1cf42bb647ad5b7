"""How far a stage has come, told to whoever shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a stage calls while it works; only `cli` and `web` implement it visibly.

    Units are words for people ("bytes", "rows", "messages"); a total of None is unknown.
    """

    def start(self, stage: str, *, total: int | None = None, unit: str = "items") -> None:
        """Say that a stage begins."""

    def advance(self, count: int) -> None:
        """Say that `count` more units of the running stage are done."""

    def also(self, count: int, unit: str) -> None:
        """Say that `count` of another unit came out of the running stage, shown with its rate.

        A negative count takes back what was told too early.
        """

    def note(self, message: str) -> None:
        """Say one line that a person should see now."""

    def finish(self, summary: str = "") -> None:
        """Say that the running stage has ended, with its result in one line."""


class Silent:
    """A progress that shows nothing, for tests and for use as a library."""

    def start(self, stage: str, *, total: int | None = None, unit: str = "items") -> None:
        """Show nothing."""

    def advance(self, count: int) -> None:
        """Show nothing."""

    def also(self, count: int, unit: str) -> None:
        """Show nothing."""

    def note(self, message: str) -> None:
        """Show nothing."""

    def finish(self, summary: str = "") -> None:
        """Show nothing."""
