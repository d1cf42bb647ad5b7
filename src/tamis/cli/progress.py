"""Progress on standard error: counts, rates and time left, one line at a time."""

from __future__ import annotations

import sys
import time

import click

_REFRESH_S = 0.2


class Console:
    """A progress for people; a terminal sees one line redrawn, a file the results only."""

    def __init__(self) -> None:
        """Begin with no stage running."""
        self._is_terminal = sys.stderr.isatty()
        self._stage = ""
        self._unit = ""
        self._total: int | None = None
        self._done = 0
        self._others: dict[str, int] = {}
        self._started = 0.0
        self._drawn = 0.0

    def start(self, stage: str, *, total: int | None = None, unit: str = "items") -> None:
        """Begin a stage."""
        self._stage, self._unit, self._total, self._done = stage, unit, total, 0
        self._others = {}
        self._started = time.monotonic()
        self._drawn = 0.0
        self._draw()

    def advance(self, count: int) -> None:
        """Count, and redraw at most five times a second."""
        self._done += count
        if time.monotonic() - self._drawn >= _REFRESH_S:
            self._draw()

    def also(self, count: int, unit: str) -> None:
        """Count in another unit."""
        self._others[unit] = self._others.get(unit, 0) + count

    def note(self, message: str) -> None:
        """Print one line."""
        self._wipe()
        click.echo(f"  {message}", err=True)

    def finish(self, summary: str = "") -> None:
        """Print the stage's result with its duration and rate."""
        self._wipe()
        elapsed = time.monotonic() - self._started
        told = summary or f"{amount(self._done, self._unit)}"
        rate = ""
        if self._done and elapsed > 1:
            rate = f", {amount(self._done / elapsed, self._unit)}/s{self._other_rates(elapsed)}"
        click.echo(f"{self._stage}: {told}  ({elapsed:.1f} s{rate})", err=True)

    def _draw(self) -> None:
        if not self._is_terminal:
            return
        self._drawn = time.monotonic()
        elapsed = self._drawn - self._started
        line = f"{self._stage}: {amount(self._done, self._unit)}"
        if self._total:
            line += f" of {amount(self._total, self._unit)} ({self._done / self._total:.0%})"
        if self._done and elapsed > 1:
            rate = self._done / elapsed
            line += f", {amount(rate, self._unit)}/s{self._other_rates(elapsed)}"
            if self._total and self._total > self._done:
                line += f", {(self._total - self._done) / rate:.0f} s left"
        click.echo(f"\r\x1b[K{line[:200]}", err=True, nl=False)

    def _other_rates(self, elapsed: float) -> str:
        return "".join(
            f", {amount(count / elapsed, unit)}/s" for unit, count in self._others.items() if count
        )

    def _wipe(self) -> None:
        if self._is_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


def amount(count: float, unit: str) -> str:
    """A count with its unit, bytes in the largest fitting binary unit."""
    if unit != "bytes":
        return f"{count:,.0f} {unit}"
    for name in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or name == "GiB":
            return f"{count:,.0f} {name}" if name == "B" else f"{count:,.1f} {name}"
        count /= 1024
    raise AssertionError  # pragma: no cover - the loop always returns
