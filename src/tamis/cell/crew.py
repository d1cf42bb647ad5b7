"""The workers of a cell as processes: idle, busy, watched, ended. Whose fault, `pool` decides."""

from __future__ import annotations

import secrets
import selectors
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tamis.cell import harvest, reason
from tamis.cell.job import Isolation
from tamis.cell.nursery import Nursery
from tamis.cell.watch import Watch, cpu_ns
from tamis.errors import CellError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.cell.frames import Answer
    from tamis.cell.handle import Handle, Ticket
    from tamis.cell.job import Limits
    from tamis.cell.nursery import Workplace
    from tamis.cell.reason import Failure
    from tamis.cell.watch import Spent

RECYCLE_AFTER = 2000
IDLE_NS = 100_000_000
_LISTEN_S = 0.5


class End(NamedTuple):
    """The limit for which the watchdog stopped a worker, its exit code (negative: the signal),
    the peak of its memory, and what it had noted that it was at.
    """

    spent: Spent | None
    code: int
    peak_bytes: int
    mark: str

    def failure(self, limits: Limits, size: int) -> Failure:
        """The failure of its call, told from how it ended."""
        return reason.ended(self.code, self.peak_bytes, limits, size)


class Crew:
    """Running workers and their watchdog; the server that forks them may have other cells' too.

    Errors    CellError, with a remedy, when workers cannot be started or stopped.
    """

    def __init__(self, home: Path, workplace: Workplace, nursery: Nursery | None) -> None:
        self._home = home
        self._workplace = workplace
        self._limits: Limits = workplace.limits
        self._idle: list[Handle] = []
        self._busy: dict[int, Handle] = {}
        self._count = 0
        self._selector = selectors.DefaultSelector()
        self._is_owner = nursery is None
        self._nursery = nursery or Nursery(workplace.trial)
        self._watch = Watch(self._nursery.kill)
        self.isolation = Isolation()

    def open(self) -> None:
        """Start one worker, which finds out what isolation there is."""
        self._idle.append(self._start())

    def close(self) -> None:
        """End every process of its own: the workers, and the server if no other cell has it."""
        self._watch.close()
        workers = (*self._idle, *self._busy.values())
        try:
            if self._is_owner:
                self._nursery.close()
            else:
                self._stop(workers)
        finally:
            for handle in workers:
                handle.close()
                shutil.rmtree(handle.folder, ignore_errors=True)
            self._idle.clear()
            self._busy.clear()
            self._selector.close()

    def _stop(self, workers: tuple[Handle, ...]) -> None:
        for handle in workers:
            self._nursery.kill(handle.number)
        for handle in workers:
            self._nursery.end_of(handle.number)

    @property
    def busy(self) -> tuple[Handle, ...]:
        """The workers that have a call."""
        return tuple(self._busy.values())

    def give(self, ticket: Ticket) -> None:
        """Hand a call to a worker that is idle or new.

        Errors    OSError when the worker did not take it; it is ended then. CellError when the
                  job is no job.
        """
        handle = self._worker(needs_fresh=ticket.needs_fresh)
        try:
            handle.give(ticket, self._limits)
        except BaseException:
            self.end(handle)
            raise
        cpu_s, wall_s = self._limits.seconds(ticket.input_bytes)
        handle.deadline = time.monotonic() + wall_s
        self._watch.guard(handle, cpu_s, wall_s, self._limits.output_bytes)
        self._busy[handle.number] = handle
        self._selector.register(handle.channel, selectors.EVENT_READ, handle)

    def listen(self) -> tuple[list[Handle], list[Handle]]:
        """Workers that have said something, and those late in the middle of an answer."""
        speaking = [key.data for key, _ in self._selector.select(timeout=_LISTEN_S)]
        now = time.monotonic()
        late = [h for h in self.busy if h.buffer and h.deadline < now and h not in speaking]
        return speaking, late

    def collect(self, handle: Handle, answer: Answer) -> dict[str, Path]:
        """The files of a worker's answer, out of its reach.

        Errors    FrameError when one of them is not what was agreed.
        """
        target = self._home / "out" / secrets.token_hex(8)
        return harvest.collect(answer, handle.current.job, handle.folder, target, self._limits)

    def rest(self, handle: Handle) -> None:
        """Let a worker that has answered wait for its next call."""
        self._leave(handle)
        handle.unfollow()
        harvest.sweep(handle.folder)
        handle.rested_ns = cpu_ns(handle.pid) or 0
        self._idle.append(handle)

    def end(self, handle: Handle) -> End:
        """Make sure that a worker is dead and leaves nothing; how it ended."""
        spent = self._leave(handle)
        handle.close()
        if not handle.is_gone:
            self._nursery.kill(handle.number)
        try:
            code, peak_bytes = self._nursery.end_of(handle.number)
            return End(spent, code, peak_bytes, harvest.mark(handle.folder))
        finally:
            shutil.rmtree(handle.folder, ignore_errors=True)

    def abandon(self) -> None:
        """End the workers that are busy."""
        for handle in self.busy:
            with suppress(CellError):
                self.end(handle)

    def _worker(self, *, needs_fresh: bool) -> Handle:
        while self._idle:
            handle = self._idle.pop()
            has_worked_ns = (cpu_ns(handle.pid) or 0) - handle.rested_ns
            is_usable = handle.is_silent and handle.served < RECYCLE_AFTER
            # Idle workers do not compute: one that does was taken over, or left threads behind.
            is_usable = is_usable and (not handle.served or has_worked_ns < IDLE_NS)
            if is_usable and not (needs_fresh and handle.served):
                return handle
            self.end(handle)
        return self._start()

    def _start(self) -> Handle:
        self._count += 1
        folder = self._home / f"worker-{self._count}"
        handle, self.isolation = self._nursery.start(folder, self._workplace)
        return handle

    def _leave(self, handle: Handle) -> Spent | None:
        if self._busy.pop(handle.number, None) is not None:
            self._selector.unregister(handle.channel)
        return self._watch.release(handle)
