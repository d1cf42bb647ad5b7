"""The cell: a bounded pool of workers that die instead of us."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from tamis.cell import harvest, reason
from tamis.cell.crew import Crew
from tamis.cell.frames import Answer, FrameError
from tamis.cell.handle import Handle, Ticket
from tamis.cell.job import Isolation, Job, Outcome
from tamis.cell.nursery import Workplace
from tamis.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tamis.cell.nursery import Nursery
    from tamis.cell.reason import Failure


# A job under way, how many bytes of its only input are read, and the worker's mark: its word.
Heed = Callable[[Job, int, str], None]
_HEED_S = 0.5


class _Following:
    """Says now and then how far calls of single items have come."""

    def __init__(self, crew: Crew, heed: Heed | None) -> None:
        self._crew = crew
        self._heed = heed
        self._told = time.monotonic()

    def tell(self) -> None:
        """Tell of every busy worker, unless that was done a moment ago."""
        now = time.monotonic()
        if self._heed is None or now - self._told < _HEED_S:
            return
        self._told = now
        for handle in self._crew.busy:
            job = handle.current.job
            if len(job.items) == 1:
                self._heed(job, handle.read_bytes, harvest.mark(handle.folder))


class Cell:
    """Warm workers in which hostile bytes are parsed.

    `jobs` workers at most run at once; `spool` is a folder that the caller removes after use;
    workers come from `nursery` if given.

    Errors    CellError, with a remedy, when workers cannot be started or kept alive.
    Limits    A parser that is taken over can still write a false result about its own items,
              and about later items of the same worker; it cannot reach others, the case or
              the network as far as `isolation` says so.
    """

    def __init__(
        self,
        jobs: int,
        spool: Path,
        workplace: Workplace | None = None,
        *,
        nursery: Nursery | None = None,
    ) -> None:
        self._most = max(1, jobs)
        self._home = spool / f"cell-{secrets.token_hex(4)}"
        self._workplace = workplace or Workplace()
        self._nursery = nursery
        self._crew: Crew | None = None
        self._isolation = Isolation()
        self._again: deque[Ticket] = deque()
        self._ready: deque[Outcome] = deque()
        self._is_running = False

    def __enter__(self) -> Self:
        """Start the first worker, which finds out what isolation there is."""
        (self._home / "out").mkdir(parents=True, mode=0o700)
        self._crew = Crew(self._home, self._workplace, self._nursery)
        try:
            self._crew.open()
        except BaseException:
            self.close()
            raise
        self._isolation = self._crew.isolation
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def isolation(self) -> Isolation:
        """What holds the workers on this machine; known once the cell is open."""
        return self._isolation

    def close(self) -> None:
        """End every process of its own; the files of outcomes stay in the spool."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.close()

    def run(self, jobs: Iterable[Job], heed: Heed | None = None) -> Iterator[Outcome]:
        """Outcomes in the order they come; a job is pulled only when a worker is free for it.

        At most `jobs` outcomes wait here: the caller sets the pace. Leaving early, or an
        interrupt, stops the workers that are busy; `heed` hears of each twice a second.
        Errors    CellError when the cell is not open, or cannot be kept alive.
        """
        crew = self._crew
        if crew is None or self._is_running:
            raise CellError("the cell is not open, or already running; use `with Cell(…)` once")
        self._is_running, waiting, follow = True, map(Ticket, jobs), _Following(crew, heed)
        try:
            while self._fill(crew, waiting) or self._ready:
                while self._ready:
                    # The workers go on while the caller takes this outcome in.
                    yield self._ready.popleft()
                    self._fill(crew, waiting)
                if crew.busy:
                    self._listen(crew, follow)
        finally:
            self._is_running = False
            self._again.clear()
            self._ready.clear()
            if self._crew:
                crew.abandon()

    def _fill(self, crew: Crew, waiting: Iterator[Ticket]) -> bool:
        """Give every free worker a call; whether any worker is busy."""
        while len(crew.busy) < self._most:
            ticket = self._again.popleft() if self._again else next(waiting, None)
            if ticket is None:
                break
            try:
                crew.give(ticket)
            except OSError as error:
                # A worker that died, or did not listen, before it saw the call.
                if ticket.needs_fresh:
                    raise CellError(f"a new worker took no work ({error}); try again") from error
                self._again.appendleft(Ticket(ticket.job, needs_fresh=True))
        return bool(crew.busy)

    def _listen(self, crew: Crew, follow: _Following) -> None:
        speaking, late = crew.listen()
        for handle in speaking:
            self._hear(crew, handle)
        for handle in late:
            self._fail(crew, handle, "wall")
        follow.tell()

    def _hear(self, crew: Crew, handle: Handle) -> None:
        try:
            frame = handle.hear()
            if frame is not None:
                self._take(crew, handle, Answer.read(frame, handle.token))
            elif handle.is_gone:
                self._fail(crew, handle)
        except FrameError as error:
            self._fail(crew, handle, reason.lied(str(error)))

    def _take(self, crew: Crew, handle: Handle, answer: Answer) -> None:
        ticket = handle.current
        if answer.status == "done":
            files = crew.collect(handle, answer)
            crew.rest(handle)
            self._ready.append(Outcome(ticket.job, "done", None, answer.result, files))
        elif answer.kind == "error":
            crew.rest(handle)
            self._blame(ticket, reason.told(answer.reason), was_fresh=True)
        else:
            self._fail(crew, handle, "memory" if answer.kind == "memory" else "output")

    def _fail(
        self, crew: Crew, handle: Handle, why: Failure | reason.Spendable | None = None
    ) -> None:
        """Stop a worker and blame its call; without a why, for the way the worker ended."""
        ticket, was_fresh = handle.current, handle.served == 1
        end = crew.end(handle)
        failure = end.spent or why or end.failure(self._workplace.limits, ticket.input_bytes)
        if isinstance(failure, str):
            failure = reason.spent(failure, self._workplace.limits, ticket.input_bytes)
        self._blame(ticket, failure, end.mark, was_fresh=was_fresh)

    def _blame(self, ticket: Ticket, failure: Failure, mark: str = "", *, was_fresh: bool) -> None:
        """Find the item that did it: divide first, then ask a worker that read nothing else."""
        if len(ticket.job.items) > 1:
            self._again.extend(Ticket(job) for job in ticket.job.singly())
        elif failure.may_be_inherited and not was_fresh:
            self._again.append(Ticket(ticket.job, needs_fresh=True))
        else:
            self._ready.append(Outcome(ticket.job, "failed", failure.reason, mark=mark))
