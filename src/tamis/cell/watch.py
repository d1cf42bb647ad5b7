"""The watchdog: a thread of the cell's owner that stops workers which use up their limits."""

from __future__ import annotations

import os
import select
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.cell.handle import Handle

TICK_S = 0.1
_OUTPUT_EVERY = 5

Spent = Literal["cpu", "wall", "output"]


@dataclass(slots=True)
class _Guarded:
    handle: Handle
    deadline: float
    cpu_deadline_ns: int
    output_bytes: int
    spent: Spent | None = None


class Watch:
    """Who is guarded; `kill` is called with a worker's number once it has used up a limit.

    It works while the owner of the cell is busy with something else, because a worker that
    spins or floods the disk does not wait for the next outcome to be asked for.
    """

    def __init__(self, kill: Callable[[int], None]) -> None:
        self._kill = kill
        self._lock = threading.Lock()
        self._guarded: dict[int, _Guarded] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tamis-cell-watch", daemon=True)
        self._thread.start()

    def guard(self, handle: Handle, cpu_s: float, wall_s: float, output_bytes: int) -> None:
        """Begin to watch a worker that has just been given a call."""
        now = time.monotonic()
        cpu_deadline = (cpu_ns(handle.pid) or 0) + int(cpu_s * 1e9)
        guarded = _Guarded(handle, now + wall_s, cpu_deadline, output_bytes)
        with self._lock:
            self._guarded[handle.number] = guarded

    def release(self, handle: Handle) -> Spent | None:
        """Stop watching a worker; the limit for which it was stopped, if it was."""
        with self._lock:
            guarded = self._guarded.pop(handle.number, None)
        return guarded.spent if guarded else None

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        round_number = 0
        while not self._stop.wait(TICK_S):
            round_number += 1
            with self._lock:
                for guarded in self._guarded.values():
                    if guarded.spent is None:
                        guarded.spent = _spent(
                            guarded, looks_at_output=round_number % _OUTPUT_EVERY == 0
                        )
                        if guarded.spent:
                            self._kill(guarded.handle.number)


def _spent(guarded: _Guarded, *, looks_at_output: bool) -> Spent | None:
    used = cpu_ns(guarded.handle.pid)
    if used is not None and used > guarded.cpu_deadline_ns:
        return "cpu"
    if looks_at_output and _size(guarded.handle.folder) > guarded.output_bytes:
        return "output"
    # A worker that has begun to answer waits for its owner, not the other way round.
    if time.monotonic() > guarded.deadline and not _has_spoken(guarded.handle):
        return "wall"
    return None


def _has_spoken(handle: Handle) -> bool:
    poll = select.poll()
    poll.register(handle.channel.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def cpu_ns(pid: int) -> int | None:
    """CPU time that a process has used; None when there is none of that number."""
    # The kernel's clock id of another process's CPU time (clock_getcpuclockid).
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


def _size(folder: os.PathLike[str]) -> int:
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        pass
    return total
