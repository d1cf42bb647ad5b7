"""The cell: a bounded pool of workers that die instead of us."""

from __future__ import annotations

import secrets
import selectors
import shutil
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tamis.cell import harvest, reason
from tamis.cell.frames import Answer, FrameError
from tamis.cell.handle import Handle, Ticket
from tamis.cell.job import Isolation, Job, Limits, Outcome
from tamis.cell.nursery import Nursery, settings_for
from tamis.cell.reason import Failure
from tamis.cell.watch import Watch
from tamis.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

RECYCLE_AFTER = 2000


@dataclass(frozen=True, slots=True)
class Trial:
    """What only tests of the cell itself ask for: it widens, and never by default.

    `allow` names modules outside tamis whose functions may be tasks, `paths` says where they
    lie, `without` leaves walls out, to see that the others hold and that the report says so:
    network, landlock, seccomp, capabilities.
    """

    allow: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Cell:
    """Warm workers in which hostile bytes are parsed.

    `jobs` workers at most run at once; `spool` is a folder of the caller, who removes it when
    the outcomes' files are no longer needed; `readable` are folders that tasks may read besides
    their inputs; `preload` are modules that every worker finds already loaded.

    Errors    CellError, with a remedy, when workers cannot be started or kept alive.
    Limits    A parser that is taken over can still write a false result about its own items,
              and about later items of the same worker; it cannot reach others, the case or
              the network as far as `isolation` says so.
    """

    def __init__(  # noqa: PLR0913  names that callers read; only two are positional
        self,
        jobs: int,
        spool: Path,
        limits: Limits | None = None,
        *,
        readable: tuple[Path, ...] = (),
        preload: tuple[str, ...] = ("pyarrow",),
        trial: Trial | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._trial = trial or Trial()
        self._most = max(1, jobs)
        self._home = spool / f"cell-{secrets.token_hex(4)}"
        self._settings = settings_for(self._limits, readable, preload, self._trial)
        self._nursery: Nursery | None = None
        self._idle: list[Handle] = []
        self._busy: dict[int, Handle] = {}
        self._again: deque[Ticket] = deque()
        self._ready: deque[Outcome] = deque()
        self._isolation = Isolation()
        self._count = 0
        self._is_running = False

    def __enter__(self) -> Self:
        """Start the server and the first worker, which finds out what isolation there is."""
        (self._home / "out").mkdir(parents=True, mode=0o700)
        self._nursery = Nursery(self._settings, self._trial.paths)
        self._watch = Watch(self._nursery.kill)
        self._selector = selectors.DefaultSelector()
        try:
            self._nursery.wait_ready()
            handle, self._isolation = self._start()
        except BaseException:
            self.close()
            raise
        self._idle.append(handle)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def isolation(self) -> Isolation:
        """What holds the workers on this machine."""
        return self._isolation

    def close(self) -> None:
        """End every process; the files of outcomes stay in the spool."""
        if self._nursery is None:
            return
        nursery, self._nursery = self._nursery, None
        self._watch.close()
        nursery.close()
        for handle in (*self._idle, *self._busy.values()):
            handle.close()
            shutil.rmtree(handle.folder, ignore_errors=True)
        self._idle.clear()
        self._busy.clear()
        self._selector.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Outcomes in the order they come; jobs are pulled only when a worker is free.

        Leaving the iterator early, or an interrupt, stops the workers that are busy.
        Errors    CellError when the cell is not open, or cannot be kept alive.
        """
        if self._nursery is None or self._is_running:
            raise CellError("the cell is not open, or already running; use `with Cell(…)` once")
        self._is_running = True
        waiting = iter(jobs)
        try:
            while self._fill(waiting) or self._ready:
                while self._ready:
                    yield self._ready.popleft()
                    self._fill(waiting)
                self._wait()
        finally:
            self._is_running = False
            self._abandon()

    def _fill(self, waiting: Iterator[Job]) -> bool:
        """Give every free worker a call; whether any worker is busy."""
        while len(self._busy) < self._most:
            if self._again:
                ticket = self._again.popleft()
            elif (job := next(waiting, None)) is not None:
                ticket = Ticket(job)
            else:
                break
            self._dispatch(ticket)
        return bool(self._busy)

    def _dispatch(self, ticket: Ticket) -> None:
        handle = self._worker(ticket.needs_fresh)
        try:
            handle.give(ticket, self._limits)
        except OSError:
            # It died, or does not listen, before it saw this call: the call is not to blame.
            self._end(handle)
            if handle.served == 1:
                raise CellError("a new worker took no work; see whether memory suffices") from None
            self._again.appendleft(Ticket(ticket.job, needs_fresh=True))
            return
        except BaseException:
            self._end(handle)
            raise
        cpu_s, wall_s = self._limits.seconds(ticket.input_bytes)
        handle.deadline = time.monotonic() + wall_s
        self._watch.guard(handle, cpu_s, wall_s, self._limits.output_bytes)
        self._busy[handle.number] = handle
        self._selector.register(handle.channel, selectors.EVENT_READ, handle)

    def _worker(self, needs_fresh: bool) -> Handle:
        while self._idle:
            handle = self._idle.pop()
            is_usable = handle.is_silent and handle.served < RECYCLE_AFTER
            if is_usable and not (needs_fresh and handle.served):
                return handle
            self._end(handle)
        return self._start()[0]

    def _start(self) -> tuple[Handle, Isolation]:
        self._count += 1
        return self._open_nursery.start(self._count, self._home / f"worker-{self._count}")

    def _wait(self) -> None:
        if not self._busy:
            return
        for key, _ in self._selector.select(timeout=0.5):
            self._hear(key.data)
        now = time.monotonic()
        for handle in [h for h in self._busy.values() if h.buffer and h.deadline < now]:
            self._fail(handle, self._spent(handle, "wall"))

    def _hear(self, handle: Handle) -> None:
        try:
            frame = handle.hear()
            if frame is not None:
                self._take(handle, Answer.read(frame, handle.token))
                return
        except FrameError as error:
            self._fail(handle, reason.lied(str(error)))
            return
        if handle.is_gone:
            self._fail(handle, None)

    def _take(self, handle: Handle, answer: Answer) -> None:
        ticket = _ticket(handle)
        if answer.status == "failed":
            if answer.kind == "error":
                self._rest(handle)
                self._blame(ticket, reason.told(answer.reason), was_fresh=True)
            else:
                kind: Any = "cpu" if answer.kind == "time" else answer.kind
                self._fail(handle, self._spent(handle, kind))
            return
        target = self._home / "out" / secrets.token_hex(8)
        files = harvest.collect(answer, ticket.job, handle.folder, target, self._limits)
        self._rest(handle)
        self._ready.append(Outcome(ticket.job, "done", None, answer.result, files))

    def _rest(self, handle: Handle) -> None:
        """Let a worker that has answered wait for the next call."""
        self._leave(handle)
        harvest.sweep(handle.folder)
        self._idle.append(handle)

    def _fail(self, handle: Handle, failure: Failure | None) -> None:
        """Stop a worker and blame its call; without a failure, for the way the worker ended."""
        ticket, was_fresh = _ticket(handle), handle.served == 1
        spent = self._leave(handle)
        code, peak_bytes = self._end(handle)
        if spent:
            failure = reason.spent(spent, self._limits, ticket.input_bytes)
        if failure is None:
            failure = reason.ended(code, peak_bytes, self._limits, ticket.input_bytes)
        self._blame(ticket, failure, was_fresh=was_fresh)

    def _blame(self, ticket: Ticket, failure: Failure, *, was_fresh: bool) -> None:
        """Find the item that did it: divide first, then ask a worker that read nothing else."""
        if len(ticket.job.items) > 1:
            self._again.extend(Ticket(job) for job in ticket.job.singly())
        elif failure.may_be_inherited and not was_fresh:
            self._again.append(Ticket(ticket.job, needs_fresh=True))
        else:
            self._ready.append(Outcome(ticket.job, "failed", failure.reason))

    def _spent(self, handle: Handle, kind: Any) -> Failure:
        return reason.spent(kind, self._limits, _ticket(handle).input_bytes)

    def _leave(self, handle: Handle) -> Any:
        if self._busy.pop(handle.number, None) is not None:
            self._selector.unregister(handle.channel)
        return self._watch.release(handle)

    def _end(self, handle: Handle) -> tuple[int, int]:
        """Make sure that a worker is dead and leaves nothing; how it ended."""
        handle.close()
        if not handle.is_gone:
            self._open_nursery.kill(handle.number)
        try:
            return self._open_nursery.end_of(handle.number)
        finally:
            shutil.rmtree(handle.folder, ignore_errors=True)

    def _abandon(self) -> None:
        self._again.clear()
        self._ready.clear()
        for handle in list(self._busy.values()):
            self._leave(handle)
            with suppress(CellError):
                if self._nursery is not None:
                    self._end(handle)

    @property
    def _open_nursery(self) -> Nursery:
        if self._nursery is None:
            raise CellError("the cell is closed; use it inside its `with` block")
        return self._nursery


def _ticket(handle: Handle) -> Ticket:
    if handle.ticket is None:
        raise CellError("a worker without work cannot fail at it")
    return handle.ticket
