"""Starting and ending workers: the cell's side of the fork server."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import orjson

from tamis.cell import frames
from tamis.cell.handle import Handle
from tamis.cell.job import Isolation, Limits
from tamis.errors import CellError

START_PATIENCE_S = 60
END_PATIENCE_S = 10
_BOOT = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from tamis.cell.server import main
main(int(sys.argv[1]), json.loads(sys.argv[3]))
"""
# One thread a worker: the cell runs as many workers as there are cores, and a library that
# starts threads when it is imported cannot be forked.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_REMEDY = "check that this Python can start and import tamis, and that memory and processes suffice"


@dataclass(frozen=True, slots=True)
class Trial:
    """What only tests of the cell itself ask for: it widens, and never by default.

    `allow` names modules outside tamis whose functions may be tasks, `paths` says where they
    lie, `without` leaves walls out, to see that the others hold and that the report says so:
    network, limits, landlock, seccomp, capabilities.
    """

    allow: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every worker of one cell has in common.

    `readable` are folders that tasks may read besides their inputs; `preload` are modules that
    workers find loaded.
    """

    limits: Limits = field(default_factory=Limits)
    readable: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ("pyarrow",)
    trial: Trial = field(default_factory=Trial)


def _serve(control: int, trial: Trial, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """The process of a server at the other end of the descriptor `control`."""
    # The current folder may be the dump itself: nothing is imported from it.
    known = [*trial.paths, *(path for path in sys.path if Path(path).is_absolute())]
    settings = {"allow": list(trial.allow), "without": list(trial.without)}
    environment = dict(_ENVIRONMENT)
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    told = [str(control), json.dumps(known), json.dumps(settings)]
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, *told],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        pass_fds=(control,),
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def _isolation(frame: dict[str, Any]) -> Isolation:
    """What holds a worker, by its own first words."""
    if "refused" in frame:
        raise CellError(
            f"workers, which have no privileges, cannot read tamis ({frame['refused']}); "
            "run it as the user who installed it, or install it where everybody may read"
        )
    facts = frame["isolation"]
    return Isolation(**{**facts, "notes": tuple(facts["notes"])})


def _last(errors: IO[bytes]) -> str:
    """The last line that a server left behind, in brackets."""
    errors.seek(0)
    words = errors.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
    return f" ({words[-1][:300]})" if words else ""


def _greeting(handle: Handle) -> dict[str, Any] | None:
    """What a worker says first; None when it says nothing."""
    frame = None
    while frame is None and not handle.is_gone:
        if not select.select([handle.channel], [], [], START_PATIENCE_S)[0]:
            break
        with suppress(frames.FrameError):
            frame = handle.hear()
    return frame


def _refusal(facts: dict[str, Any]) -> CellError | None:
    if "failed" in facts:
        return CellError(f"the cell could not be started: {facts['failed']}; {_REMEDY}")
    if "refused" in facts:
        return CellError(f"no worker could be started ({facts['why']}); {_REMEDY}")
    return None


def _received(control: socket.socket) -> bytes:
    """The next message, b"" where the server is gone and has said all.

    A server that ends before it read what it was sent resets the connection; what it had said
    before can still be read then.
    """
    for _ in range(2):
        with suppress(ConnectionResetError):
            return control.recv(1 << 16)
    return b""


class Nursery:
    """The fork server, and what it says about workers; a context manager.

    It runs nothing hostile itself, so that several cells, one after the other or at once, may
    have their workers from one server: each cell's workers are its own and end with it. It
    starts at once; nobody waits for it before the first worker.
    """

    def __init__(self, trial: Trial | None = None) -> None:
        trial = trial or Trial()
        self._trial_paths = trial.paths
        self._count = 0
        self._loaded: set[str] = set()
        self._ends: dict[int, tuple[int, int]] = {}
        self._starts: dict[int, int] = {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the nursery
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process = _serve(theirs.fileno(), trial, self._errors)
        except OSError as error:
            self.control.close()
            self._errors.close()
            raise CellError(f"the cell could not be started ({error}); {_REMEDY}") from error

    def __enter__(self) -> Self:
        """The nursery itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, modules: tuple[str, ...]) -> None:
        """Nothing; workers that start from now on find the modules loaded.

        Errors    CellError when the server is gone; one that cannot load them says so when the
                  next worker is asked for.
        """
        missing = [name for name in modules if name not in self._loaded]
        if missing:
            self._loaded.update(missing)
            try:
                self.control.send(orjson.dumps({"load": missing}))
            except OSError as error:
                raise self._lost() from error

    def start(self, folder: Path, workplace: Workplace) -> tuple[Handle, Isolation]:
        """A walled-in worker and what holds it.

        Errors    CellError when it does not come up.
        """
        folder.mkdir(mode=0o700)
        self._count += 1
        number = self._count
        channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                self._ask(number, folder, theirs, workplace)
            pid = self._born(number)
        except BaseException:
            channel.close()
            raise
        channel.setblocking(False)
        handle = Handle(number, pid, channel, folder)
        return handle, self._welcome(handle)

    def _ask(self, number: int, folder: Path, channel: socket.socket, workplace: Workplace) -> None:
        """Ask for a worker at the other end of `channel`."""
        self.load(workplace.preload)
        readable = [*(str(path.resolve()) for path in workplace.readable), *self._trial_paths]
        told = {"start": number, "limits": asdict(workplace.limits), "readable": readable}
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            socket.send_fds(self.control, [orjson.dumps(told)], [channel.fileno(), place])
        except OSError as error:
            raise self._lost() from error
        finally:
            os.close(place)

    def _born(self, number: int) -> int:
        """The process of a worker that was asked for."""
        while number not in self._starts:
            if number in self._ends:
                raise CellError(f"a worker could not be started; {_REMEDY}")
            self._note(self._listen(START_PATIENCE_S))
        return self._starts.pop(number)

    def kill(self, number: int) -> None:
        """Ask for a worker's end; safe from any thread."""
        with suppress(OSError):
            self.control.send(orjson.dumps({"kill": number}))

    def end_of(self, number: int) -> tuple[int, int]:
        """How a worker that is dead or dying ended: exit code (negative: signal), peak memory."""
        until = time.monotonic() + END_PATIENCE_S
        while number not in self._ends:
            if time.monotonic() > until:
                raise CellError("a worker could not be stopped; end this program and try again")
            self._note(self._listen(END_PATIENCE_S))
        return self._ends.pop(number)

    def close(self) -> None:
        """End the server, and with it every worker."""
        self.control.close()
        try:
            self._process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _welcome(self, handle: Handle) -> Isolation:
        frame = _greeting(handle)
        if frame is None:
            handle.close()
            self.kill(handle.number)
            code, _ = self.end_of(handle.number)
            raise CellError(f"a worker ended while it started (exit code {code}); {_REMEDY}")
        if "refused" in frame:
            handle.close()
        return _isolation(frame)

    def _note(self, facts: dict[str, Any]) -> None:
        if "started" in facts:
            self._starts[facts["started"]] = facts["pid"]
        elif "ended" in facts:
            self._ends[facts["ended"]] = (facts["code"], facts["peak_bytes"])
        elif error := _refusal(facts):
            raise error

    def _listen(self, patience_s: float) -> dict[str, Any]:
        if not select.select([self.control], [], [], patience_s)[0]:
            raise self._lost()
        message = _received(self.control)
        if not message:
            raise self._lost()
        facts: dict[str, Any] = orjson.loads(message)
        return facts

    def _lost(self) -> CellError:
        """Why the server is gone: what it still said, or the last line that it left."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self.control.setblocking(False)
        with suppress(BlockingIOError):
            while message := _received(self.control):
                if error := _refusal(orjson.loads(message)):
                    return error
        return CellError(f"the cell's server ended unexpectedly{_last(self._errors)}; {_REMEDY}")
