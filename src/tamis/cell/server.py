"""The fork server: one thread, nothing hostile, and the only parent of every worker.

The cell starts it as a fresh interpreter, so threads of the program that owns the cell never
reach a fork. It loads the modules it is told to, forks a worker for every request, reaps it,
and says how it ended; several cells may have their workers from it. When the owner's end of the
control socket closes, however that came about, it kills every worker and leaves.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from tamis.cell import confine, kernel, worker
from tamis.cell.job import Limits

MAX_CONTROL = 1 << 16
_USERS = Path("/proc/self/ns/user")


class _NoPandas:
    """An importer that says pandas is absent.

    Where it is installed, Arrow loads it at the first list it converts: a third of a second in
    every new worker, for something that no task uses.
    """

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


class _Server:
    """State of the server: which worker is which process."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self._control = control
        self._settings = settings
        self._walls = confine.Walls((), frozenset(), False, False, os.getpid(), ())
        self._own_peak = 0
        self._pids: dict[int, int] = {}

    def prepare(self) -> None:
        """Cut the network off, and load what every worker needs."""
        kernel.adopt_orphans()
        sys.meta_path.insert(0, _NoPandas())
        self._walls = self._build_walls()
        self._load(["tamis.records"])

    def _load(self, modules: list[str]) -> None:
        """Load what workers that start from now on shall have loaded."""
        try:
            for module in modules:
                importlib.import_module(module)
            threads = len(list(Path("/proc/self/task").iterdir()))
            if threads != 1:
                message = f"the modules to load beforehand started {threads - 1} threads"
                raise RuntimeError(message)  # noqa: TRY301  told to the cell like any other
        except Exception as error:  # noqa: BLE001  whatever a module raises is told to the cell
            self._say(failed=f"{type(error).__name__}: {error}"[:2000])
            self.end()
            os._exit(70)
        gc.collect()
        gc.freeze()
        self._own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def _build_walls(self) -> confine.Walls:
        without = frozenset(self._settings["without"])
        notes, before = [], _USERS.stat().st_ino
        if "network" in without:
            notes.append("network was left out")
        else:
            try:
                kernel.leave_network()
            except OSError as error:
                notes.append(f"network namespace: {error.strerror}")
        return confine.Walls(
            readable=confine.libraries(),
            without=without,
            has_no_network=not notes,
            has_own_users=_USERS.stat().st_ino != before,
            parent=os.getpid(),
            notes=tuple(notes),
        )

    def serve(self) -> None:
        """Answer requests until the cell is gone."""
        woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                events = selector.select()
                for key, _ in events:
                    if key.fd == woken:
                        with suppress(BlockingIOError):
                            os.read(woken, 4096)
                        self._reap()
                    elif not self._answer():
                        return

    def end(self) -> None:
        """Kill and reap whatever is left."""
        for pid in self._pids.values():
            _kill(pid)
        with suppress(ChildProcessError):
            while True:
                kernel.kill_children()
                os.waitpid(-1, 0)

    def _answer(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, MAX_CONTROL, 2)
        if not message:
            return False
        request = orjson.loads(message)
        if "start" in request:
            self._start(request, descriptors)
        elif "load" in request:
            self._load(request["load"])
        elif request["kill"] in self._pids:
            _kill(self._pids[request["kill"]])
        return True

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        worker_id: int = request["start"]
        try:
            pid = os.fork()
        except OSError as error:
            self._say(refused=worker_id, why=error.strerror)
        else:
            if pid == 0:
                self._become_worker(request, *descriptors)
            self._pids[worker_id] = pid
            self._say(started=worker_id, pid=pid)
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_worker(self, request: dict[str, Any], channel: int, folder: int) -> None:
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            confine.close_all_but({channel, folder})
            worker.live(
                socket.socket(fileno=channel),
                folder,
                Limits(**request["limits"]),
                replace(self._walls, readable=(*self._walls.readable, *request["readable"])),
                tuple(self._settings["allow"]),
            )
            code = 0
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            # While it is not yet reaped, nobody else can have its number.
            _kill(found.si_pid)
            pid, status, usage = os.wait4(found.si_pid, 0)
            for worker_id in [known for known, its in self._pids.items() if its == pid]:
                del self._pids[worker_id]
                kernel.kill_children(spared=frozenset(self._pids.values()))
                peak = max(0, usage.ru_maxrss - self._own_peak)
                code = os.waitstatus_to_exitcode(status)
                self._say(ended=worker_id, code=code, peak_bytes=peak * 1024)

    def _say(self, **facts: object) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._control.send(orjson.dumps(facts))


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main(descriptor: int, settings: dict[str, Any]) -> None:
    """Serve the cell whose control socket is `descriptor`, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as control:
        server = _Server(control, settings)
        try:
            server.prepare()
            server.serve()
        finally:
            server.end()
    # Nothing is left to be written or closed: an interpreter that takes itself apart costs time.
    os._exit(0)
